import { useEffect, useRef, useState } from 'preact/hooks';
import { gateway, pathOf } from '../../lib/api.ts';
import { followStream } from '../../lib/stream.ts';
import { joined, type Level, type Line, lineOf } from './line.ts';

/** Control keeps a few thousand; more than these nobody reads. */
const ASKED = 300;
const LINES_MAX = 1000;

export interface Lines {
  /** Newest first. */
  readonly items: readonly Line[];
  readonly error: Error | undefined;
  readonly loading: boolean;
  readonly broken: boolean;
}

/** The newest lines, and those that come; of a level and worse. */
export function useLines(level: Level): Lines {
  const [items, setItems] = useState<readonly Line[]>([]);
  const [error, setError] = useState<Error | undefined>(undefined);
  const [loading, setLoading] = useState(true);
  const [broken, setBroken] = useState(false);
  const arrived = useRef<readonly Line[]>([]);
  useEffect(() => {
    const own = new AbortController();
    setItems([]);
    setLoading(true);
    const ask = async () => {
      try {
        const lines = await gateway.call('GET /api/v1/log', { query: { lines: ASKED }, signal: own.signal });
        if (own.signal.aborted) return;
        setError(undefined);
        setItems(joined(lines.map(lineOf).toReversed(), arrived.current, LINES_MAX));
      } catch (thrown) {
        if (!own.signal.aborted) setError(thrown as Error);
      }
      if (!own.signal.aborted) setLoading(false);
    };
    const close = followStream(pathOf('/api/v1/log/stream', { level }), {
      onOpen() {
        setBroken(false);
        arrived.current = [];
        // What was said before the stream was open, or while it was interrupted.
        void ask();
      },
      onBroken: () => setBroken(true),
      onMessage(data) {
        const line = lineOf(data);
        arrived.current = [line, ...arrived.current].slice(0, LINES_MAX);
        setItems((before) => [line, ...before].slice(0, LINES_MAX));
      },
    });
    return () => {
      own.abort();
      close();
    };
  }, [level]);
  return { items, error, loading, broken };
}
