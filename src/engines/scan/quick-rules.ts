import type { Clock } from '../../kernel/index.ts';
import type { RuleMatcher, RuleOutcome } from './yara.ts';

/** What a thread that serves connections may be held up by one file. */
const SLOW_MS = 5;
const PAUSE_MS = 1000;

/**
 * Rules that are matched in the thread that serves. A file that takes longer than a few milliseconds, by its content
 * or because the machine is busy, sends those after it to the other threads for a second: whoever makes such files
 * slows nobody down by more than that.
 */
export class QuickRules implements RuleMatcher {
  readonly #rules: RuleMatcher;
  readonly #clock: Clock;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(rules: RuleMatcher, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  get isPaused(): boolean {
    return this.#clock.monotonic() < this.#pausedUntilMs;
  }

  match(...file: Parameters<RuleMatcher['match']>): RuleOutcome {
    const begunMs = this.#clock.monotonic();
    const outcome = this.#rules.match(...file);
    const nowMs = this.#clock.monotonic();
    if (nowMs - begunMs > SLOW_MS) this.#pausedUntilMs = nowMs + PAUSE_MS;
    return outcome;
  }
}
