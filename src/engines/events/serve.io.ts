import type { EdgeLinks } from '../../kernel/index.ts';
import type { MetricAggregate } from '../telemetry/index.ts';
import { AllowCounts } from './allows.ts';
import { eventErrors } from './errors.ts';
import type { EventItem } from './event.ts';
import { History, STEP_S } from './history.ts';
import { formatPosition, parsePosition } from './partition.ts';
import { readLimit, readQuery, readSearch, readText } from './read-query.ts';
import type { EventStore } from './store.io.ts';

/** A follower is answered at least this often: a call on the bus has an end. */
export const TAIL_WAIT_MS_MAX = 20_000;
const MINUTES_MAX = 1440;
const MINUTE_STEPS = 60 / STEP_S;

/** Answers the doors' questions about events. */
export function serveEvents(links: EdgeLinks, store: EventStore): void {
  links.handle('events.search', (params) => store.search(readSearch(params)));
  links.handle('events.read', (params) => readEvent(store, readText(params, 'id') ?? ''));
  links.handle('events.tail', (params) =>
    store.live.tail(readQuery(params), readText(params, 'after'), waitIn(params), readLimit(params)),
  );
}

/** The event that is stored under an id. Throws EVENT_UNKNOWN. */
async function readEvent(store: EventStore, id: string): Promise<EventItem> {
  const position = parsePosition(id);
  if (position === undefined) throw eventErrors.EVENT_UNKNOWN({ id });
  const cursor = formatPosition({ ...position, row: position.row + 1 });
  const [item] = (await store.search({ cursor, limit: 1 })).items;
  if (item?.id !== id) throw eventErrors.EVENT_UNKNOWN({ id });
  return item;
}

export interface HistorySeam {
  readonly links: EdgeLinks;
  readonly store: EventStore;
  readonly metrics: () => Promise<MetricAggregate>;
  /** Events for allows, one a minute and door; false: the doors send each. */
  readonly aggregates: () => boolean;
  readonly now: () => number;
}

/** Samples what all processes count: the curves of the dashboard, and the allows of each minute. */
export function keepHistory({ links, store, metrics, aggregates, now }: HistorySeam): { close(): void } {
  const history = new History();
  const allows = new AllowCounts();
  let steps = 0;
  const sample = async (): Promise<void> => {
    const totals = (await metrics()).totals();
    history.sample(totals, now());
    if (++steps % MINUTE_STEPS === 0 && aggregates()) store.add(allows.take(totals, now()));
  };
  // A sample that fails leaves a hole in the curves.
  const timer = setInterval(() => void sample().catch(() => undefined), STEP_S * 1000).unref();
  links.handle('history.read', (params) => {
    const series = typeof params === 'object' && params !== null && 'series' in params ? params.series : [];
    const minutes =
      typeof params === 'object' && params !== null && 'minutes' in params ? Number(params.minutes) : 60;
    return history.read(
      Array.isArray(series) ? series.map(String) : [],
      Math.max(1, Math.min(MINUTES_MAX, Number.isFinite(minutes) ? minutes : 60)),
    );
  });
  return { close: () => clearInterval(timer) };
}

function waitIn(params: unknown): number {
  const wait =
    typeof params === 'object' && params !== null && 'waitMs' in params ? Number(params.waitMs) : 0;
  return Number.isFinite(wait) ? Math.max(0, Math.min(TAIL_WAIT_MS_MAX, wait)) : 0;
}
