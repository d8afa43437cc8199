import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Resource<T> {
  /** What came last; stays while a newer one is asked for. */
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  reload(): void;
}

export interface ResourceOptions {
  /** Asks again after so long, while the page can be seen. */
  readonly everyMs?: number;
  /** Nothing is asked while false. */
  readonly enabled?: boolean;
}

/** What a page shows of the gateway. Asked again when `key` changes; an answer that comes too late is dropped. */
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

  const load = useCallback(async () => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
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
      if (!own.signal.aborted) setLoading(false);
    }
  }, [key]);

  useEffect(() => {
    if (!enabled) return undefined;
    void load();
    const timer =
      everyMs === undefined
        ? undefined
        : setInterval(() => void (document.visibilityState === 'visible' && load()), everyMs);
    return () => {
      clearInterval(timer);
      running.current?.abort();
    };
  }, [load, enabled, everyMs]);

  const reload = useCallback(() => void load(), [load]);
  return { data: state.key === key ? state.data : undefined, error: state.error, loading, reload };
}
