import { formatCef } from '../../protocols/cef/index.ts';
import { formatLeef } from '../../protocols/leef/index.ts';
import type { OtlpRecord } from '../../protocols/otlp/index.ts';
import { formatSyslog } from '../../protocols/syslog/index.ts';
import type { EventItem } from '../events/index.ts';
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
  const host = hostIn(item.target);
  return formatCef({
    vendor: VENDOR,
    product: PRODUCT,
    version,
    classId: item.type,
    name: nameOf(item.type),
    severity: cefSeverity(item),
    extension: {
      rt: Date.parse(item.time),
      externalId: item.id,
      act: actionOf(item.type),
      app: item.door,
      cat: text(details['category']),
      suser: item.user,
      src: item.source,
      dvchost: hostname,
      dhost: host,
      request: item.target,
      requestMethod: text(details['method']),
      requestClientApplication: text(details['agent']),
      reason: item.reason,
      outcome: actionOf(item.type) === 'block' ? 'failure' : 'success',
      cnt: item.count > 1 ? item.count : undefined,
      ...labelled('cn2', 'wrsScore', number(details['score'])),
      ...labelled('cs1', 'malwareName', text(details['finding'])),
      ...labelled('cs2', 'policyName', item.rule),
      ...labelled('cs3', 'profileName', item.feed),
      ...labelled('cs5', 'fileHashSha256', text(details['sha256'])),
      fname: text(details['path']) ?? text(details['fileName']),
      fileType: text(details['fileType']),
      fsize: number(details['bytes']),
    },
  });
}

/** Severity 0 for what was allowed, 1 for what was watched or warned of, 2 for what was refused. */
function cefSeverity({ type, severity }: EventItem): number {
  if (type.endsWith('.block') || type === 'verdict.malicious' || severity === 'error') return 2;
  return severity === 'warn' || /\.(monitor|warn|quarantine)$/.test(type) ? 1 : 0;
}

function leefText(item: EventItem, { version }: Speaker): string {
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
      url: item.target,
      action: actionOf(item.type),
      policy: item.rule,
      reason: item.reason,
      list: item.feed,
      count: item.count > 1 ? item.count : undefined,
      sha256: text(item.details['sha256']),
      finding: text(item.details['finding']),
      eventIdentifier: item.id,
    },
  });
}

export function otlpRecord(item: EventItem): OtlpRecord {
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
      'sallyport.id': item.id,
      'sallyport.door': item.door,
      'sallyport.rule': item.rule,
      'sallyport.reason': item.reason,
      'sallyport.feed': item.feed,
      'sallyport.count': item.count,
      'sallyport.details': JSON.stringify(item.details),
    },
  };
}

function actionOf(type: string): string {
  if (type === 'aggregate.allow') return 'allow';
  const [kind, what = ''] = type.split('.');
  return kind === 'decision' ? what : type;
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

function labelled(key: string, label: string, value: string | number | undefined) {
  return value === undefined ? {} : { [`${key}Label`]: label, [key]: value };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
