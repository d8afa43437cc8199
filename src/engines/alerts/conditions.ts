import { type EventItem, matches } from '../events/index.ts';
import type { AlertRule } from './rule.ts';

/** One thing that a rule finds now. */
export interface Finding {
  /** Which one of its kind: a part, a feed, a certificate; empty where there is but one. */
  readonly key: string;
  /** A sentence for people. */
  readonly text: string;
}

/** The state of the gateway at one moment, as rules look at it. `undefined`: it could not be found out. */
export interface Situation {
  readonly nowMs: number;
  readonly parts:
    | readonly {
        readonly part: string;
        readonly state: string;
        readonly code?: string | undefined;
        readonly reason: string;
      }[]
    | undefined;
  readonly feeds: readonly { readonly feed: string; readonly state: string; readonly reason: string }[];
  readonly certificates: readonly {
    readonly name: string;
    readonly daysLeft: number;
    readonly notAfter: string;
  }[];
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | undefined;
}

/** What a rule finds; `undefined`: nothing can be said, all stays as it was. */
export function findingsOf(
  rule: AlertRule,
  now: Situation,
  counts: EventCounts,
): readonly Finding[] | undefined {
  switch (rule.kind) {
    case 'health':
      return now.parts
        ?.filter(({ part, state }) => isAsBad(state, rule.state) && fits(rule.part, part))
        .map(({ part, state, code, reason }) => ({
          key: part,
          text: `${part} is ${state}${code === undefined ? '' : ` (${code})`}${reason === '' ? '' : `: ${reason}`}`,
        }));
    case 'feed':
      return now.feeds
        .filter(({ state }) => state !== 'ok')
        .map(({ feed, state, reason }) => ({
          key: feed,
          text: `feed ${feed} is ${state}${reason === '' ? '' : `: ${reason}`}`,
        }));
    case 'certificate':
      return now.certificates
        .filter(({ daysLeft }) => daysLeft <= rule.days)
        .map(({ name, daysLeft, notAfter }) => ({
          key: name,
          text:
            daysLeft < 0
              ? `the certificate ${name} ended on ${notAfter}`
              : `the certificate ${name} ends in ${daysLeft} days, on ${notAfter}`,
        }));
    case 'disk': {
      if (now.disk === undefined) return undefined;
      const free = now.disk.totalBytes === 0 ? 100 : (now.disk.freeBytes / now.disk.totalBytes) * 100;
      return free >= rule.percent
        ? []
        : [{ key: '', text: `${free.toFixed(1)} % of the disk of the data directory is free` }];
    }
    case 'bans':
    case 'events':
      return counts.over(rule, now.nowMs);
    default:
      return undefined;
  }
}

function isAsBad(state: string, limit: AlertRule['state']): boolean {
  return state === 'down' || (limit === 'degraded' && state === 'degraded');
}

/** `*` stands for anything, also for nothing. Linear: a pattern is split, not compiled. */
function fits(pattern: string, part: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return part === pattern;
  if (!part.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const piece of rest) {
    const found = part.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return part.length - at >= last.length && part.endsWith(last);
}

/** Values of the field that a rule counts apart; beyond that they are counted together. */
const GROUPS_MAX = 1000;
const OTHER = '(others)';
/** A window is counted in so many steps: its end is that exact. */
const STEPS = 60;

/** Numbers of one rule: group → step of time → count. */
export type RuleCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** How many events each counting rule has seen in its window. */
export class EventCounts {
  readonly #counts = new Map<string, Map<string, Map<number, number>>>();

  /** Alerts are not counted: a rule about them would feed itself. */
  add(rules: readonly AlertRule[], items: readonly EventItem[]): void {
    const counting = rules.filter(({ kind }) => kind === 'events' || kind === 'bans');
    if (counting.length === 0) return;
    for (const item of items) {
      if (item.type.startsWith('alert.')) continue;
      for (const rule of counting) {
        if (rule.kind === 'bans' ? item.type === 'login.banned' : matches(rule.where, { ...item }))
          this.#count(rule, item);
      }
    }
  }

  over(rule: AlertRule, nowMs: number): readonly Finding[] {
    const groups = this.#counts.get(rule.name);
    const found: Finding[] = [];
    for (const [key, steps] of groups ?? []) {
      const oldest = Math.floor((nowMs - rule.windowMs) / stepMs(rule));
      let sum = 0;
      for (const [step, count] of steps) {
        if (step <= oldest) steps.delete(step);
        else sum += count;
      }
      if (steps.size === 0) groups?.delete(key);
      if (sum < rule.count) continue;
      const whose = key === '' ? '' : ` of ${rule.by ?? 'source'} ${key}`;
      const what = rule.kind === 'bans' ? `${sum} bans after wrong passwords` : `${sum} events`;
      found.push({ key, text: `${what}${whose} in ${Math.round(rule.windowMs / 1000)} s` });
    }
    return found;
  }

  /** Forgets rules that are none of these, and gives what must survive a restart. */
  dump(rules: readonly AlertRule[]): Readonly<Record<string, RuleCounts>> {
    const names = new Set(rules.map(({ name }) => name));
    for (const name of this.#counts.keys()) if (!names.has(name)) this.#counts.delete(name);
    return Object.fromEntries(
      [...this.#counts].map(([name, groups]) => [
        name,
        Object.fromEntries([...groups].map(([key, steps]) => [key, Object.fromEntries(steps)])),
      ]),
    );
  }

  load(dumped: Readonly<Record<string, RuleCounts>>): void {
    for (const [name, groups] of Object.entries(dumped)) {
      const loaded = Object.entries(groups).map(([key, steps]): [string, Map<number, number>] => [
        key,
        new Map(Object.entries(steps).map(([step, count]) => [Number(step), count])),
      ]);
      this.#counts.set(name, new Map(loaded));
    }
  }

  #count(rule: AlertRule, item: EventItem): void {
    const groups = this.#counts.get(rule.name) ?? new Map<string, Map<number, number>>();
    this.#counts.set(rule.name, groups);
    const field = rule.kind === 'bans' ? 'source' : rule.by;
    const wanted = field === undefined ? '' : (item[field] ?? '').slice(0, 200);
    const key = groups.has(wanted) || groups.size < GROUPS_MAX ? wanted : OTHER;
    const steps = groups.get(key) ?? new Map<number, number>();
    groups.set(key, steps);
    const step = Math.floor(Date.parse(item.time) / stepMs(rule));
    steps.set(step, (steps.get(step) ?? 0) + item.count);
    // Times come from other processes: whatever they say, a window has a bound.
    if (steps.size > 2 * STEPS) steps.delete(steps.keys().next().value ?? 0);
  }
}

function stepMs(rule: AlertRule): number {
  return Math.max(1000, Math.ceil(rule.windowMs / STEPS));
}
