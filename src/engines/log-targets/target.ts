import { isIP } from 'node:net';
import { documentSection, type JsonObject } from '../state/index.ts';

export const TRANSPORTS = ['syslog+tls', 'syslog+tcp', 'syslog+udp', 'otlp', 'file'] as const;
export type Transport = (typeof TRANSPORTS)[number];
export const FORMATS = ['cef', 'leef', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** Where events go, as it is kept in the state store. */
export interface LogTarget {
  readonly name: string;
  readonly transport: Transport;
  /** Host and port of syslog; of OTLP the whole URL; of a file its path. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly format: Format;
  /** RFC 6587 §3.4.1 counts octets; `line` is for old receivers. UDP has no frame. */
  readonly framing: 'octets' | 'line';
  /** Types that go there: `decision.block`, `decision.`; empty: all but allows. */
  readonly types: readonly string[];
  /** This one and worse. */
  readonly severity: 'info' | 'warn' | 'error';
  readonly facility: number;
  readonly caFile: string | undefined;
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly enabled: boolean;
}

const SEVERITIES = ['info', 'warn', 'error'] as const;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const SYSLOG_PORTS = { 'syslog+tls': 6514, 'syslog+tcp': 601, 'syslog+udp': 514 } as const;
const KEYS = [
  'url',
  'format',
  'framing',
  'types',
  'severity',
  'facility',
  'caFile',
  'certificateFile',
  'keyFile',
  'enabled',
];

/** A target out of its document, or a sentence about what is wrong with it. */
export function readTarget(name: string, body: JsonObject): LogTarget | string {
  if (!NAME.test(name)) return 'a name has lower-case letters, digits and hyphens, at most 63';
  const unknown = Object.keys(body).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `it has no member ${unknown}`;
  const place = placeOf(body['url']);
  if (typeof place === 'string') return place;
  const format = body['format'] ?? (place.transport === 'file' ? 'json' : 'cef');
  if (!isOneOf(FORMATS, format)) return `format is one of ${FORMATS.join(', ')}`;
  const framing = body['framing'] ?? 'octets';
  if (!isOneOf(['octets', 'line'] as const, framing)) return 'framing is octets or line';
  const severity = body['severity'] ?? 'info';
  if (!isOneOf(SEVERITIES, severity)) return 'severity is info, warn or error';
  const types = body['types'] ?? [];
  if (
    !Array.isArray(types) ||
    !types.every((type) => typeof type === 'string' && /^[a-z][a-z0-9.-]{0,99}$/.test(type))
  ) {
    return 'types are words such as decision.block, or decision. for all of a kind';
  }
  const facility = body['facility'] ?? 16;
  if (typeof facility !== 'number' || !Number.isInteger(facility) || facility < 0 || facility > 23) {
    return 'facility is a number from 0 to 23 (16 is local0)';
  }
  const files = {
    caFile: body['caFile'],
    certificateFile: body['certificateFile'],
    keyFile: body['keyFile'],
  };
  for (const [key, value] of Object.entries(files)) {
    if (value !== undefined && value !== null && typeof value !== 'string') return `${key} is a path`;
  }
  const path = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined;
  return {
    name,
    ...place,
    format,
    framing,
    types: types.map(String),
    severity,
    facility,
    caFile: path(files.caFile),
    certificateFile: path(files.certificateFile),
    keyFile: path(files.keyFile),
    enabled: body['enabled'] !== false,
  };
}

/** Says whether a target wants an event of a type and severity. Allows go only where they are asked for by name. */
export function filterOf({
  types,
  severity,
  enabled,
}: LogTarget): (type: string, severity: string) => boolean {
  const least = SEVERITIES.indexOf(severity);
  const known = new Map<string, boolean>();
  const wantsType = (type: string): boolean =>
    types.length === 0
      ? type !== 'aggregate.allow' && type !== 'decision.allow'
      : types.some((each) => (each.endsWith('.') ? type.startsWith(each) : type === each));
  return (type, level) => {
    if (!enabled || SEVERITIES.indexOf(level as LogTarget['severity']) < least) return false;
    // Types are ours, and few.
    let wanted = known.get(type);
    if (wanted === undefined) known.set(type, (wanted = wantsType(type)));
    return wanted;
  };
}

function placeOf(given: unknown): Pick<LogTarget, 'transport' | 'url' | 'host' | 'port'> | string {
  const url = typeof given === 'string' ? URL.parse(given) : null;
  const advice =
    'url is syslog+tls://HOST:PORT, syslog+tcp://HOST:PORT, syslog+udp://HOST:PORT, https://HOST/v1/logs (OTLP) or file:///PATH';
  if (url === null || url.username !== '' || url.password !== '') return advice;
  const scheme = url.protocol.slice(0, -1);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (scheme === 'file') {
    const path = decodeURIComponent(url.pathname);
    return host === '' && path.length > 1 ? { transport: 'file', url: path, host: '', port: 0 } : advice;
  }
  if (host === '' || (isIP(host) === 0 && !/^[a-zA-Z0-9._-]+$/.test(host))) return advice;
  if (scheme === 'https' || scheme === 'http') {
    const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
    return { transport: 'otlp', url: url.href, host, port };
  }
  if (!isOneOf(['syslog+tls', 'syslog+tcp', 'syslog+udp'] as const, scheme)) return advice;
  const port = url.port === '' ? SYSLOG_PORTS[scheme] : Number(url.port);
  return { transport: scheme, url: url.href, host, port };
}

function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value);
}

/** Part of the configuration: exported, compared, rolled back. */
export const logTargetsSection = documentSection('log-targets', (document) =>
  Object.entries(document).flatMap(([name, body]) => {
    const target = readTarget(name, body);
    return typeof target === 'string' ? [{ path: name, message: target }] : [];
  }),
);
