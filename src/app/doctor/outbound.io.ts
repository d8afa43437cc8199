import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import {
  Egress,
  egressMetrics,
  type ProxyError,
  readParents,
  WireStream,
} from '../../engines/egress/index.ts';
import { createMetrics } from '../../engines/telemetry/index.ts';
import { messageOf } from '../../kernel/index.ts';
import { systemClock } from '../../platform/index.ts';
import { machineAddresses, ownSockets } from '../own-sockets.ts';
import { stoppedGateway } from '../control/gateway.ts';
import { type Examination, isRecord } from './finding.ts';

/** A place that the gateway fetches from. */
export interface Outside {
  /** What wants it: `feed urls`, `upstream vt`. */
  readonly wantedBy: string;
  readonly url: URL;
  readonly caFile: string | undefined;
}

/** What was seen on the way to one place. */
export type Probe =
  | { readonly outcome: 'open'; readonly outside: Outside; readonly dateMs: number | undefined }
  | {
      readonly outcome: 'unreachable';
      readonly outside: Outside;
      readonly error: ProxyError;
      readonly reason: string;
    }
  /** TLS is up, and the certificate is not one that we trust. */
  | {
      readonly outcome: 'untrusted';
      readonly outside: Outside;
      readonly issuer: string;
      readonly code: string;
      readonly dateMs: number | undefined;
    };

const PROBE_MS = 5000;
const HEAD_BYTES_MAX = 16_384;

/** Everything outside that the configuration names; each host and port once. */
export async function outsidePlaces({ config, ask }: Examination): Promise<readonly Outside[]> {
  const document = await ask('show config').catch(() => ({}));
  const feeds = isRecord(document) && isRecord(document['feeds']) ? Object.entries(document['feeds']) : [];
  const found = [
    ...feeds.flatMap(([name, feed]) =>
      isRecord(feed) && feed['enabled'] !== false ? [place(`feed ${name}`, feed['url'], feed['caFile'])] : [],
    ),
    ...config.lookAside.upstreams.map(({ name, url, caFile }) => place(`upstream ${name}`, url, caFile)),
  ].filter((each) => each !== undefined);
  return [...new Map(found.map((each) => [each.url.host, each])).values()];
}

export function place(wantedBy: string, url: unknown, caFile: unknown): Outside | undefined {
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined;
  return { wantedBy, url: parsed, caFile: typeof caFile === 'string' ? caFile : undefined };
}

/** Goes to each place as a fetch would: guard, names, parents, TLS; and reads the head of one answer. */
export async function probeAll(
  { config, log }: Pick<Examination, 'config' | 'log'>,
  places: readonly Outside[],
): Promise<readonly Probe[]> {
  const egress = new Egress({
    config: config.egress,
    parents: readParents(config.egress.parents),
    clock: systemClock,
    log,
    metrics: createMetrics(egressMetrics),
    own: ownSockets(stoppedGateway(config).ports()),
    machine: machineAddresses(),
  });
  try {
    return await Promise.all(places.map((each) => probe(egress, each)));
  } finally {
    egress.close();
  }
}

async function probe(egress: Egress, outside: Outside): Promise<Probe> {
  const { hostname, port, protocol } = outside.url;
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'https:';
  const upstream = await egress.tunnel({ host, port: port === '' ? (secure ? 443 : 80) : Number(port) });
  if (upstream.kind === 'failure') {
    return { outcome: 'unreachable', outside, error: upstream.error, reason: upstream.detail };
  }
  const stream = new WireStream(upstream.wire, upstream.early);
  try {
    if (!secure) return { outcome: 'open', outside, dateMs: await dateOf(stream, outside) };
    const tls = await handshake(stream, host, outside.caFile);
    const dateMs = await dateOf(tls, outside);
    if (tls.authorized) return { outcome: 'open', outside, dateMs };
    const code = tls.authorizationError;
    return {
      outcome: 'untrusted',
      outside,
      issuer: topIssuer(tls.getPeerCertificate(true)),
      code: code instanceof Error && 'code' in code ? String(code.code) : String(code),
      dateMs,
    };
  } catch (error) {
    return { outcome: 'unreachable', outside, error: 'connection_terminated', reason: messageOf(error) };
  } finally {
    stream.destroy();
  }
}

/** The chain is looked at, not trusted: nothing but a request without secrets is sent. */
function handshake(stream: WireStream, host: string, caFile: string | undefined): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const tls = connectTls({
    socket: stream,
    host,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
  });
  const timer = setTimeout(() => reject(new Error('the TLS handshake does not end')), PROBE_MS);
  tls.once('secureConnect', () => resolve(tls));
  tls.on('error', reject);
  return promise.finally(() => clearTimeout(timer));
}

/** The server's clock, from the Date field of whatever it answers (RFC 9110 §6.6.1). */
function dateOf(stream: WireStream | TLSSocket, { url }: Outside): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const timer = setTimeout(() => resolve(undefined), PROBE_MS);
  let head = '';
  stream.on('data', (bytes: Buffer) => {
    head += bytes.toString('latin1');
    if (head.includes('\r\n\r\n') || head.length > HEAD_BYTES_MAX) resolve(dateIn(head));
  });
  stream.once('end', () => resolve(dateIn(head)));
  stream.once('error', () => resolve(undefined));
  stream.write(`HEAD / HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
  return promise.finally(() => clearTimeout(timer));
}

export function dateIn(head: string): number | undefined {
  const text = /^date:[ \t]*(.+?)\r?$/im.exec(head)?.[1];
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Who signed the last certificate of the chain that the other side sent. */
function topIssuer(certificate: PeerCertificate & { readonly issuerCertificate?: unknown }): string {
  let top: PeerCertificate = certificate;
  for (let depth = 0; depth < 16; depth++) {
    const next =
      'issuerCertificate' in top
        ? (top as { issuerCertificate?: PeerCertificate }).issuerCertificate
        : undefined;
    if (next === undefined || next === top || next.fingerprint256 === top.fingerprint256) break;
    top = next;
  }
  const { CN, O } = top.issuer ?? {};
  return (
    [CN, O]
      .flat()
      .filter((part) => part !== undefined)
      .join(', ') || 'an unnamed authority'
  );
}
