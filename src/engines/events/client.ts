import type { ControlLink } from '../../kernel/index.ts';
import type { HistoryAnswer } from './history.ts';
import type { LiveAnswer } from './live.io.ts';
import type { EventQuery, EventSearch } from './query.ts';
import type { EventPage } from './search.io.ts';

const SEARCH_MS = 10_000;
const TAIL_SLACK_MS = 5000;

/** One page of what happened. Rejects with EVENTS_* and BUS_*. */
export async function searchEvents(link: ControlLink, search: EventSearch): Promise<EventPage> {
  // The answer of `serveEvents`.
  return (await link.call('events.search', search, SEARCH_MS)) as EventPage;
}

export interface TailQuery extends EventQuery {
  /** Of the answer before; absent: from now on. */
  readonly after?: string;
  /** At most 20 s. */
  readonly waitMs: number;
  readonly limit?: number;
}

/** What came in since, at once or when it comes. */
export async function tailEvents(link: ControlLink, query: TailQuery): Promise<LiveAnswer> {
  // The answer of `serveEvents`.
  return (await link.call('events.tail', query, query.waitMs + TAIL_SLACK_MS)) as LiveAnswer;
}

export async function readHistory(
  link: ControlLink,
  series: readonly string[],
  minutes: number,
): Promise<HistoryAnswer> {
  // The answer of `keepHistory`.
  return (await link.call('history.read', { series, minutes })) as HistoryAnswer;
}
