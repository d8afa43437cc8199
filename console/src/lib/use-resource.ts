import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Resource<T> {
  /** What came last; stays while a newer one is asked for. */
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  reload(): void;
  /** The same; settles when the answer is shown, or what went wrong. */
  reloaded(): Promise<void>;
}

export interface ResourceOptions {
  /** Asks again after so long, while the page can be seen. */
  readonly everyMs?: number;
  /** Nothing is asked while false. */
  readonly enabled?: boolean;
}

const NOTHING = { data: undefined, error: undefined };

/**
 * What a page shows of the gateway. Asked again when `key` changes; an answer that comes too late is dropped. An answer
 * that takes longer than `everyMs` is waited for: asking anew each time would never show anything on a slow line.
 */
export function useResource<T>(
  key: string,
  ask: (signal: AbortSignal) => Promise<T>,
  { everyMs, enabled = true }: ResourceOptions = {},
): Resource<T> {
  const [state, setState] = useState<{ key: string; data?: T | undefined; error?: Error | undefined }>({
    key,
  });
  const [loading, setLoading] = useState(enabled);
  const asking = useRef(ask);
  asking.current = ask;
  const running = useRef<AbortController | undefined>(undefined);
  const isAsking = useRef(false);

  const load = useCallback(async () => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    isAsking.current = true;
    setLoading(true);
    try {
      const data = await asking.current(own.signal);
      if (!own.signal.aborted) setState({ key, data });
    } catch (error) {
      if (own.signal.aborted) return;
      setState((before) => ({
        key,
        data: before.key === key ? before.data : undefined,
        error: error as Error,
      }));
    } finally {
      if (!own.signal.aborted) {
        isAsking.current = false;
        setLoading(false);
      }
    }
  }, [key]);

  useEffect(() => {
    if (!enabled) return undefined;
    void load();
    const again = (): void => {
      if (document.visibilityState === 'visible' && !isAsking.current) void load();
    };
    const timer = everyMs === undefined ? undefined : setInterval(again, everyMs);
    return () => {
      clearInterval(timer);
      running.current?.abort();
    };
  }, [load, enabled, everyMs]);

  const { data, error } = state.key === key ? state : NOTHING;
  const reload = useCallback(() => void load(), [load]);
  return { data, error, loading, reload, reloaded: load };
}
