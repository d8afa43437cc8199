import type { FeedStatus } from './status.ts';
import type { Subscription } from './subscription.ts';

export interface ScheduleSettings {
  /** Share of the interval by which feeds are spread, 0 to 1. */
  readonly jitter: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly retryAfterMaxMs: number;
}

/** When to fetch again after a success. `chance` is from 0 to 1. */
export function nextAfterSuccess(
  nowMs: number,
  everyMs: number,
  chance: number,
  settings: ScheduleSettings,
): number {
  return Math.round(nowMs + everyMs * (1 + settings.jitter * (chance - 0.5)));
}

/**
 * When to try again after `failures` in a row: the wait doubles up to its bound, half of it by chance, so
 * that a thousand gateways do not come back at once. What the server asked for is kept, within its bound.
 */
export function nextAfterFailure(
  nowMs: number,
  failures: number,
  retryAfterMs: number | undefined,
  chance: number,
  settings: ScheduleSettings,
): number {
  const doubled = settings.backoffMinMs * 2 ** Math.min(30, Math.max(0, failures - 1));
  const wait = Math.min(doubled, settings.backoffMaxMs) * (0.5 + chance / 2);
  const asked = Math.min(retryAfterMs ?? 0, settings.retryAfterMaxMs);
  return Math.round(nowMs + Math.max(wait, asked));
}

/** RFC 9110 §10.2.3: seconds or a date. Milliseconds from now; `undefined`: it says nothing that can be read. */
export function retryAfterOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text.trim()) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/**
 * When a feed is fetched next. What was planned while the clock was ahead would wait for as long: more than any wait
 * there is means that it is due now.
 */
export function dueAtMs(
  nextAtMs: number | undefined,
  everyMs: number,
  nowMs: number,
  { backoffMaxMs, retryAfterMaxMs }: Pick<ScheduleSettings, 'backoffMaxMs' | 'retryAfterMaxMs'>,
): number {
  const longest = 2 * Math.max(everyMs, backoffMaxMs, retryAfterMaxMs);
  return nextAtMs === undefined || nextAtMs - nowMs > longest ? nowMs : nextAtMs;
}

/** When a feed becomes stale, if nothing succeeds until then. */
export function staleAtMs(feed: Subscription, status: FeedStatus): number {
  return (status.successAtMs ?? status.sinceMs) + feed.staleAfterMs;
}

export interface FeedHealth {
  readonly feed: string;
  readonly state: 'ok' | 'failed' | 'stale';
  /** A sentence; empty when it is well. */
  readonly reason: string;
}

/** Stale is worse than failed: the last good list is getting old. A disabled feed is never unwell. */
export function healthOf(feed: Subscription, status: FeedStatus, nowMs: number): FeedHealth {
  const { name } = feed;
  if (!feed.enabled) return { feed: name, state: 'ok', reason: '' };
  const cause = status.error === undefined ? '' : `: ${status.error.message}`;
  if (nowMs >= staleAtMs(feed, status)) {
    const last = status.successAtMs;
    const since =
      last === undefined ? 'it was never fetched' : `last success ${new Date(last).toISOString()}`;
    return { feed: name, state: 'stale', reason: `stale, ${since}${cause}` };
  }
  if (status.error !== undefined) {
    return { feed: name, state: 'failed', reason: `failed ${times(status.failures)}${cause}` };
  }
  return { feed: name, state: 'ok', reason: '' };
}

function times(failures: number): string {
  return failures === 1 ? 'once' : `${failures} times`;
}
