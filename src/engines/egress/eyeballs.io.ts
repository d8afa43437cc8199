import type { Attempt, Dialer, DialFailure, SocketWire } from '../../platform/index.ts';

export interface EyeballTimes {
  readonly connectMs: number;
  readonly connectTotalMs: number;
  readonly attemptDelayMs: number;
}

/**
 * Happy Eyeballs (RFC 8305 §5): the next address is tried beside the first when that one is slow, at
 * once when it fails; the first connection wins and the others are given up.
 */
export function connectAny(
  dialer: Dialer,
  addresses: readonly string[],
  port: number,
  times: EyeballTimes,
): Promise<SocketWire | DialFailure> {
  const [first] = addresses;
  if (first !== undefined && addresses.length === 1) {
    return dialer.dial(first, port, Math.min(times.connectMs, times.connectTotalMs)).result;
  }
  return new Promise((resolve) => {
    const running = new Set<Attempt>();
    let at = 0;
    let delay: NodeJS.Timeout | undefined;
    let last: DialFailure = 'unreachable';
    let done = false;
    const total = setTimeout(finish, times.connectTotalMs, 'timeout');
    next();

    function next(): void {
      clearTimeout(delay);
      const address = addresses[at++];
      if (address === undefined) {
        if (running.size === 0) finish(last);
        return;
      }
      const attempt = dialer.dial(address, port, times.connectMs);
      running.add(attempt);
      delay = setTimeout(next, times.attemptDelayMs);
      void attempt.result.then((result) => {
        running.delete(attempt);
        if (typeof result === 'string') {
          last = result;
          if (!done) next();
        } else if (done) result.destroy();
        else finish(result);
      });
    }

    function finish(result: SocketWire | DialFailure): void {
      if (done) return;
      done = true;
      clearTimeout(delay);
      clearTimeout(total);
      for (const attempt of running) attempt.cancel();
      resolve(result);
    }
  });
}
