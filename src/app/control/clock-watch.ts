import type { Clock, Health } from '../../kernel/index.ts';

/** Less than this is NTP that keeps it in step. */
const JUMP_MS = 30_000;
/** From here on times in logs, and whatever ends at a time, are wrong before or after it: somebody should look. */
const LARGE_MS = 300_000;
const SHOWN_MS = 3_600_000;

/** Sees that the wall clock was set, or that the machine slept: it went on by another time than the monotonic clock. */
export class ClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;
  #last: { readonly jumpedMs: number; readonly toMs: number; readonly atMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.now() - clock.monotonic();
  }

  /** Milliseconds by which it jumped since the last look, ahead or (negative) back; 0: it did not. */
  look(): number {
    const offsetMs = this.#clock.now() - this.#clock.monotonic();
    const jumpedMs = Math.round(offsetMs - this.#offsetMs);
    if (Math.abs(jumpedMs) < JUMP_MS) return 0;
    this.#offsetMs = offsetMs;
    this.#last = { jumpedMs, toMs: this.#clock.now(), atMs: this.#clock.monotonic() };
    return jumpedMs;
  }

  /** A large jump is told for an hour. */
  health(): Health {
    if (this.#last === undefined) return { state: 'ok' };
    const { jumpedMs, toMs, atMs } = this.#last;
    if (Math.abs(jumpedMs) < LARGE_MS || this.#clock.monotonic() - atMs >= SHOWN_MS) return { state: 'ok' };
    const how = `${Math.round(Math.abs(jumpedMs) / 60_000)} minutes ${jumpedMs > 0 ? 'ahead' : 'back'}`;
    const reason = `the clock jumped ${how}, to ${new Date(toMs).toISOString()}`;
    return { state: 'degraded', code: 'clock-jumped', reason };
  }
}
