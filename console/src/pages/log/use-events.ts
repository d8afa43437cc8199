import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { gateway, pathOf } from '../../lib/api.ts';
import { followStream } from '../../lib/stream.ts';
import type { StoredEvent } from '../../lib/types.ts';

/** The first page fills a screen and is there soon, on a slow line too. */
const FIRST = 50;
const PAGE = 100;
/** More rows than anybody reads; a browser stays quick with them. */
const ROWS_MAX = 3000;

export interface Events {
  readonly items: readonly StoredEvent[];
  readonly error: Error | undefined;
  readonly loading: boolean;
  /** There may be more: `more` asks for it. */
  readonly hasMore: boolean;
  /** How far a search for text came before its time was over. */
  readonly scannedTo: string | undefined;
  /** The stream was interrupted and is being opened again. */
  readonly broken: boolean;
  more(): void;
  again(): void;
}

interface State {
  readonly key: string;
  readonly items: readonly StoredEvent[];
  readonly cursor: string | undefined;
  readonly scannedTo: string | undefined;
  readonly error: Error | undefined;
}

const BEGINNING: Omit<State, 'key'> = {
  items: [],
  cursor: undefined,
  scannedTo: undefined,
  error: undefined,
};

/** Pages of events by their cursor, newest first; live, what happens now comes in above. */
export function useEvents(question: Readonly<Record<string, string | undefined>>, isLive: boolean): Events {
  const key = JSON.stringify(question);
  const [state, setState] = useState<State>({ key, ...BEGINNING });
  const [loading, setLoading] = useState(true);
  const [broken, setBroken] = useState(false);
  const running = useRef<AbortController | undefined>(undefined);

  const ask = useCallback(
    async (cursor: string | undefined) => {
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      setLoading(true);
      try {
        const query = {
          ...(JSON.parse(key) as Record<string, string>),
          limit: cursor === undefined ? FIRST : PAGE,
          cursor,
        };
        const page = await gateway.call('GET /api/v1/events', { query, signal: own.signal });
        // Read already when it was given up: it belongs to another key, or would come twice.
        if (own.signal.aborted) return;
        setState((before) => ({
          key,
          items:
            cursor === undefined
              ? [...arrivedSince(page.items, before.key === key ? before.items : []), ...page.items]
              : [...before.items, ...page.items],
          cursor: page.cursor ?? undefined,
          scannedTo: page.complete ? undefined : (page.scannedTo ?? undefined),
          error: undefined,
        }));
      } catch (error) {
        if (own.signal.aborted) return;
        setState((before) => ({
          ...(before.key === key ? before : { key, ...BEGINNING }),
          error: error as Error,
        }));
      }
      if (!own.signal.aborted) setLoading(false);
    },
    [key],
  );

  useEffect(() => {
    void ask(undefined);
    return () => running.current?.abort();
  }, [ask]);

  useEffect(() => {
    setBroken(false);
    if (!isLive) return undefined;
    const { since: _, until: __, ...filters } = JSON.parse(key) as Record<string, string>;
    return followStream(pathOf('/api/v1/events/stream', filters), {
      onOpen() {
        setBroken(false);
        // What happened before the stream was open, or while it was interrupted.
        void ask(undefined);
      },
      onBroken: () => setBroken(true),
      onMessage(data) {
        const arrived = data as StoredEvent;
        setState((before) => {
          const of = before.key === key ? before : { key, ...BEGINNING };
          return of.items.some(({ id }) => id === arrived.id)
            ? of
            : { ...of, items: [arrived, ...of.items].slice(0, ROWS_MAX) };
        });
      },
    });
  }, [ask, key, isLive]);

  const { items, cursor, scannedTo, error } = state.key === key ? state : BEGINNING;
  return {
    items,
    error,
    // Another question is asked after the next drawing.
    loading: loading || state.key !== key,
    scannedTo,
    broken,
    hasMore: cursor !== undefined && items.length < ROWS_MAX,
    more: () => void (cursor !== undefined && !loading && ask(cursor)),
    again: () => void ask(undefined),
  };
}

/** What came over the stream after the first page was read and before it was here: newer than its first event. */
function arrivedSince(page: readonly StoredEvent[], shown: readonly StoredEvent[]): readonly StoredEvent[] {
  const newest = page[0]?.time ?? '';
  const ids = new Set(page.map(({ id }) => id));
  return shown.filter(({ id, time }) => time >= newest && !ids.has(id));
}
