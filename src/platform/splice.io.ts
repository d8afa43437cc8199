import type { Wire } from '../kernel/index.ts';
import { SocketWire } from './socket-wire.io.ts';

/**
 * Joins two wires; `done` is called when both have closed. A FIN on one side becomes a FIN on the other, a
 * failure becomes a reset, so neither peer takes a cut stream for a whole one. Once one side has ended, the
 * other may be silent for `halfClosedMs` only: a client that is gone looks the same as one that listens.
 *
 * With a callback instead of a promise, so that an idle tunnel keeps no suspended function alive.
 */
export function splice(a: Wire, b: Wire, halfClosedMs: number, done: () => void): void {
  if (!(a instanceof SocketWire && b instanceof SocketWire)) {
    void Promise.all([pump(a, b), pump(b, a)]).then(done);
    return;
  }
  let open = 2;
  const closed = (): void => {
    open--;
    if (open === 0) done();
  };
  watch(a, b, closed);
  watch(b, a, closed);
  forward(a, b, halfClosedMs);
  forward(b, a, halfClosedMs);
}

function watch(one: SocketWire, other: SocketWire, closed: () => void): void {
  one.onClose((end) => {
    if (end === 'clean') other.end();
    else other.destroy(end === 'timeout' ? undefined : 'reset');
    closed();
  });
}

/** Promise-free while the other side takes the bytes at once. */
function forward(from: SocketWire, to: SocketWire, halfClosedMs: number): void {
  from.setSink((chunk) => {
    if (chunk === undefined) {
      to.end();
      from.setIdle(halfClosedMs);
      to.setIdle(halfClosedMs);
      return;
    }
    const flushed = to.write(chunk);
    if (flushed === undefined) return;
    from.pause();
    void flushed.then(() => from.resume());
  });
}

async function pump(from: Wire, to: Wire): Promise<void> {
  for (;;) {
    const chunk = await from.read();
    if (chunk === undefined) break;
    await to.write(chunk);
  }
  if (from.ended === 'clean') to.end();
  else to.destroy('reset');
}
