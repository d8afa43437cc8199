import { isIP } from 'node:net';
import { formatCef } from '../../protocols/cef/index.ts';
import { formatLeef } from '../../protocols/leef/index.ts';
import type { OtlpRecord } from '../../protocols/otlp/index.ts';
import { formatSyslog } from '../../protocols/syslog/index.ts';
import type { EventItem } from '../events/index.ts';
import { detectionTypeOf, malwareTypeOf } from './detection.ts';
import type { Format, LogTarget } from './target.ts';

/** Who speaks. */
export interface Speaker {
  readonly hostname: string;
  readonly version: string;
  readonly pid: number;
}

const VENDOR = 'Sallyport';
const PRODUCT = 'Service Gateway';
const SYSLOG_SEVERITY = { info: 6, warn: 4, error: 3 } as const;
const OTLP_SEVERITY = { info: 9, warn: 13, error: 17 } as const;

export function syslogText(item: EventItem, target: LogTarget, speaker: Speaker): string {
  return formatSyslog({
    facility: target.facility,
    severity: SYSLOG_SEVERITY[item.severity],
    timeMs: Date.parse(item.time),
    hostname: speaker.hostname,
    appName: 'sallyport',
    procId: String(speaker.pid),
    msgId: item.type,
    // RFC 5424 §7.2.
    data: { origin: { software: 'sallyport', swVersion: speaker.version } },
    text: textOf(item, target.format, speaker),
  });
}

export function textOf(item: EventItem, format: Format, speaker: Speaker): string {
  switch (format) {
    case 'cef':
      return cefText(item, speaker);
    case 'leef':
      return leefText(item, speaker);
    case 'json':
      return JSON.stringify(item);
  }
}

/** The keys are those that log collectors of the commercial product know: `act`, `wrsScore`, `policyName` … */
function cefText(item: EventItem, { version, hostname }: Speaker): string {
  const { details } = item;
  const action = actionOf(item);
  const destination = placeOf(details['destination']);
  const path = text(details['path']);
  return formatCef({
    vendor: VENDOR,
    product: PRODUCT,
    version,
    classId: item.type,
    name: nameOf(item.type),
    severity: cefSeverity(item, action),
    extension: {
      rt: Date.parse(item.time),
      externalId: item.id,
      act: action,
      app: item.door,
      cat: text(details['category']),
      suser: item.user,
      devicePayloadId: text(details['id']),
      src: item.source,
      dvchost: hostname,
      dst: destination?.address,
      dpt: destination?.port,
      dhost: hostIn(item.target),
      in: number(details['bytesIn']),
      out: number(details['bytesOut']),
      proto: item.door === undefined ? undefined : 'TCP',
      // 1: it stands for several ("Implementing ArcSight Common Event Format", `type`).
      type: item.type.startsWith('aggregate.') ? 1 : 0,
      request: item.target,
      requestMethod: text(details['method']),
      requestClientApplication: text(details['agent']),
      requestContext: text(details['referrer']),
      reason: item.reason,
      outcome: action === 'block' || action === 'warn' || isFailure(item.type) ? 'failure' : 'success',
      cnt: item.count > 1 ? item.count : undefined,
      ...labelled('cn1', 'malwareType', malwareTypeOf(item)),
      ...labelled('cn2', 'wrsScore', number(details['score'])),
      ...labelled('cn3', 'detectionType', detectionTypeOf(item)),
      ...labelled('cs1', 'malwareName', text(details['finding'])),
      ...labelled('cs2', 'policyName', item.rule),
      ...labelled('cs3', 'profileName', item.feed),
      ...labelled('cs5', 'fileHashSha256', text(details['sha256'])),
      ...labelled('cs6', 'userGroupName', names(details['groups'])),
      fname: text(details['fileName']) ?? path?.slice(path.lastIndexOf('/') + 1),
      filePath: path,
      fileType: text(details['fileType']),
      fsize: number(details['bytes']),
      fileHash: text(details['sha1']),
    },
  });
}

/** Severity 0 for what was allowed, 1 for what was watched or warned of, 2 for what was refused. */
function cefSeverity({ type, severity }: EventItem, action: string): number {
  if (action === 'block' || severity === 'error') return 2;
  return severity === 'warn' || /\.(monitor|warn|predicted|quarantine)$/.test(type) ? 1 : 0;
}

function leefText(item: EventItem, { version }: Speaker): string {
  const { details } = item;
  const destination = placeOf(details['destination']);
  return formatLeef({
    vendor: VENDOR,
    product: PRODUCT,
    version,
    eventId: item.type,
    attributes: {
      devTime: item.time,
      devTimeFormat: "yyyy-MM-dd'T'HH:mm:ss.SSSX",
      sev: { info: 3, warn: 6, error: 9 }[item.severity],
      cat: item.door,
      src: item.source,
      usrName: item.user,
      groups: names(details['groups']),
      dst: destination?.address,
      dstPort: destination?.port,
      // Names of the format: the source is the client.
      srcBytes: number(details['bytesIn']),
      dstBytes: number(details['bytesOut']),
      proto: item.door === undefined ? undefined : 'TCP',
      url: item.target,
      method: text(details['method']),
      userAgent: text(details['agent']),
      referrer: text(details['referrer']),
      action: actionOf(item),
      policy: item.rule,
      reason: item.reason,
      list: item.feed,
      category: text(details['category']),
      score: number(details['score']),
      detectionType: detectionTypeOf(item),
      count: item.count > 1 ? item.count : undefined,
      fileName: text(details['fileName']),
      fileType: text(details['fileType']),
      fileSize: number(details['bytes']),
      sha256: text(details['sha256']),
      finding: text(details['finding']),
      exchange: text(details['id']),
      eventIdentifier: item.id,
    },
  });
}

export function otlpRecord(item: EventItem): OtlpRecord {
  const { details } = item;
  const destination = placeOf(details['destination']);
  return {
    timeMs: Date.parse(item.time),
    severityNumber: OTLP_SEVERITY[item.severity],
    severityText: item.severity.toUpperCase(),
    eventName: item.type,
    body: `${nameOf(item.type)}${item.target === undefined ? '' : `: ${item.target}`}`,
    // Names of the OpenTelemetry semantic conventions where there are some.
    attributes: {
      'client.address': item.source,
      'enduser.id': item.user,
      'url.full': item.target,
      'http.request.method': text(details['method']),
      'user_agent.original': text(details['agent']),
      'network.peer.address': destination?.address,
      'network.peer.port': destination?.port,
      'file.name': text(details['fileName']),
      'file.size': number(details['bytes']),
      'sallyport.id': item.id,
      'sallyport.door': item.door,
      'sallyport.action': actionOf(item),
      'sallyport.rule': item.rule,
      'sallyport.reason': item.reason,
      'sallyport.feed': item.feed,
      'sallyport.count': item.count,
      'sallyport.bytes.in': number(details['bytesIn']),
      'sallyport.bytes.out': number(details['bytesOut']),
      'sallyport.details': JSON.stringify(details),
    },
  };
}

/** What was done: of decisions and files the decision, else the event itself. */
function actionOf({ type, details }: EventItem): string {
  if (type === 'aggregate.allow') return 'allow';
  const [kind, what = ''] = type.split('.');
  if (kind === 'decision') return what;
  return kind === 'file' ? (text(details['decision']) ?? type) : type;
}

function isFailure(type: string): boolean {
  return /\.(failed|refused|banned|lost)$/.test(type);
}

/** `decision.block` → `Decision block`. */
function nameOf(type: string): string {
  const words = type.replace(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function hostIn(target: string | undefined): string | undefined {
  if (target === undefined) return undefined;
  return URL.parse(target)?.hostname || /^([^/\s:]+):\d+$/.exec(target)?.[1];
}

/** An address with or without its port; a parent proxy that has a name is no address. */
function placeOf(
  value: unknown,
): { readonly address: string; readonly port: number | undefined } | undefined {
  const given = text(value);
  if (given === undefined) return undefined;
  if (isIP(given) !== 0) return { address: given, port: undefined };
  const colon = given.lastIndexOf(':');
  const address = given.slice(0, Math.max(0, colon)).replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? undefined : { address, port: Number(given.slice(colon + 1)) };
}

function names(value: unknown): string | undefined {
  return Array.isArray(value) ? text(value.filter((name) => typeof name === 'string').join(',')) : undefined;
}

function labelled(key: string, label: string, value: string | number | undefined) {
  return value === undefined ? {} : { [`${key}Label`]: label, [key]: value };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
