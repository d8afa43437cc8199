import type { Finding } from './conditions.ts';
import type { AlertRule } from './rule.ts';

/** Something that a rule has found, from the first time until it is over. Plain data: it survives a restart. */
export interface Alarm {
  readonly rule: string;
  readonly key: string;
  readonly severity: 'warn' | 'error';
  readonly text: string;
  /** Milliseconds since 1970: found first. */
  readonly sinceMs: number;
  /** It has lasted long enough to be told; `undefined`: not yet. */
  readonly raisedAtMs: number | undefined;
  /** `undefined`: nobody was told, because the rule is silent. */
  readonly toldAtMs: number | undefined;
  /** Not found any more since then. */
  readonly overSinceMs: number | undefined;
}

export type NoticeKind = 'raised' | 'repeated' | 'resolved' | 'test';

export interface Notice {
  readonly kind: NoticeKind;
  readonly alarm: Alarm;
  readonly atMs: number;
}

export interface Judged {
  readonly alarms: readonly Alarm[];
  readonly notices: readonly Notice[];
}

/** Alarms of one rule at once; further ones are not followed. */
const ALARMS_MAX = 200;

/**
 * What becomes of a rule's alarms with what it finds now. A thing must be there, and be over, for the rule's time:
 * what flaps is told once. Silence keeps the alarm and tells nobody; when it ends, what lasts is told.
 */
export function judge(
  rule: AlertRule,
  before: readonly Alarm[],
  findings: readonly Finding[],
  { nowMs, silent }: { readonly nowMs: number; readonly silent: boolean },
): Judged {
  const alarms: Alarm[] = [];
  const notices: Notice[] = [];
  const left = new Map(findings.slice(0, ALARMS_MAX).map((finding) => [finding.key, finding]));
  const tell = (kind: NoticeKind, alarm: Alarm): Alarm => {
    if (silent) return alarm;
    const told = { ...alarm, toldAtMs: nowMs };
    notices.push({ kind, alarm: told, atMs: nowMs });
    return told;
  };
  const lasts = (alarm: Alarm): Alarm => {
    const isDue = alarm.raisedAtMs !== undefined || nowMs - alarm.sinceMs >= rule.forMs;
    if (!isDue) return alarm;
    const raised = { ...alarm, raisedAtMs: alarm.raisedAtMs ?? nowMs };
    if (raised.toldAtMs === undefined) return tell('raised', raised);
    const isRepeat = rule.repeatMs > 0 && nowMs - raised.toldAtMs >= rule.repeatMs;
    return isRepeat ? tell('repeated', raised) : raised;
  };
  for (const alarm of before) {
    const finding = left.get(alarm.key);
    left.delete(alarm.key);
    if (finding !== undefined) {
      alarms.push(lasts({ ...alarm, severity: rule.severity, text: finding.text, overSinceMs: undefined }));
      continue;
    }
    const over = { ...alarm, overSinceMs: alarm.overSinceMs ?? nowMs };
    if (alarm.raisedAtMs !== undefined && nowMs - over.overSinceMs < rule.forMs) alarms.push(over);
    else if (alarm.toldAtMs !== undefined) tell('resolved', over);
  }
  for (const { key, text } of left.values()) {
    alarms.push(
      lasts({
        rule: rule.name,
        key,
        severity: rule.severity,
        text,
        sinceMs: nowMs,
        raisedAtMs: undefined,
        toldAtMs: undefined,
        overSinceMs: undefined,
      }),
    );
  }
  return { alarms, notices };
}
