import { formatDuration } from '../../kernel/index.ts';
import type { GatewayEvent } from '../telemetry/index.ts';
import type { Notice, NoticeKind } from './alarm.ts';

const WORDS: Readonly<Record<NoticeKind, string>> = {
  raised: 'ALERT',
  repeated: 'ALERT, still',
  resolved: 'RESOLVED',
  test: 'TEST',
};

export function subjectOf({ kind, alarm }: Notice, host: string): string {
  return `[${host}] ${WORDS[kind]}: ${alarm.text}`.slice(0, 300);
}

/** The body of a letter. */
export function letterOf({ kind, alarm, atMs }: Notice, host: string): string {
  const rows = [
    ['gateway', host],
    ['rule', alarm.rule],
    ['about', alarm.key === '' ? '-' : alarm.key],
    ['severity', alarm.severity],
    ['since', new Date(alarm.sinceMs).toISOString()],
    ...(kind === 'resolved' ? [['lasted', formatDuration(Math.max(0, atMs - alarm.sinceMs))]] : []),
    ['time', new Date(atMs).toISOString()],
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  const facts = rows.map(([name = '', value = '']) => `${name.padEnd(width)}  ${value}`).join('\n');
  return `${WORDS[kind]}: ${alarm.text}\n\n${facts}\n\nLook at it with: sallyport show alerts\nQuiet for a while: sallyport alert silence ${alarm.rule} --for 2h\n`;
}

/** What a webhook gets as JSON. */
export function documentOf(
  { kind, alarm, atMs }: Notice,
  { id, host, version }: { readonly id: string; readonly host: string; readonly version: string },
) {
  return {
    id,
    type: `alert.${kind}`,
    time: new Date(atMs).toISOString(),
    gateway: host,
    version,
    alert: {
      rule: alarm.rule,
      about: alarm.key,
      severity: alarm.severity,
      text: alarm.text,
      since: new Date(alarm.sinceMs).toISOString(),
    },
  };
}

/** For the event store, and from there for every log target. */
export function eventOf({ kind, alarm, atMs }: Notice): GatewayEvent {
  return {
    timeMs: atMs,
    type: `alert.${kind}`,
    severity: kind === 'raised' || kind === 'repeated' ? alarm.severity : 'info',
    door: undefined,
    source: undefined,
    user: undefined,
    target: alarm.key === '' ? undefined : alarm.key,
    reason: alarm.text,
    details: { rule: alarm.rule, since: new Date(alarm.sinceMs).toISOString() },
  };
}
