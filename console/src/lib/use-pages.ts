import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Paged } from './api.ts';

export interface Pages<T> {
  readonly items: readonly T[];
  readonly error: Error | undefined;
  readonly loading: boolean;
  readonly hasMore: boolean;
  more(): void;
  again(): void;
}

interface State<T> {
  readonly key: string;
  readonly items: readonly T[];
  readonly cursor: string | undefined;
  readonly error?: Error;
}

/** A list that comes in pages; another `key` begins anew. */
export function usePages<T>(
  key: string,
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Paged<T>>,
): Pages<T> {
  const [state, setState] = useState<State<T>>({ key, items: [], cursor: undefined });
  const [loading, setLoading] = useState(true);
  const asking = useRef(ask);
  asking.current = ask;
  const running = useRef<AbortController | undefined>(undefined);
  const load = useCallback(
    async (cursor: string | undefined) => {
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      setLoading(true);
      try {
        const page = await asking.current(cursor, own.signal);
        // Read already when it was given up: it belongs to another key, or would come twice.
        if (own.signal.aborted) return;
        setState((before) => ({
          key,
          items: cursor === undefined ? page.items : [...before.items, ...page.items],
          cursor: page.cursor,
        }));
      } catch (error) {
        if (own.signal.aborted) return;
        setState((before) => ({
          ...(before.key === key ? before : { key, items: [], cursor: undefined }),
          error: error as Error,
        }));
      }
      if (!own.signal.aborted) setLoading(false);
    },
    [key],
  );
  useEffect(() => {
    void load(undefined);
    return () => running.current?.abort();
  }, [load]);
  const { items, cursor, error } =
    state.key === key ? state : { items: [], cursor: undefined, error: undefined };
  return {
    items,
    error,
    // Another key is asked for after the next drawing.
    loading: loading || state.key !== key,
    hasMore: cursor !== undefined,
    more: () => void (cursor !== undefined && !loading && load(cursor)),
    again: () => void load(undefined),
  };
}
