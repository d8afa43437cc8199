import { createHmac } from 'node:crypto';
import type { Clock } from '../../kernel/index.ts';
import { passwordFits } from './password.ts';

/** What control answers to `identity.verifyPassword`. */
export type PasswordAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'unknown' | 'banned' | 'unavailable' };

export interface Attempt {
  readonly user: string;
  readonly password: string;
  readonly source: string;
}

export interface LoginsOptions {
  readonly clock: Clock;
  readonly random: (count: number) => Uint8Array;
  /** Read at every attempt, so that a reload takes effect at once. */
  readonly limits: () => { readonly failuresMax: number; readonly banMs: number };
  /** The PHC string of a user; `undefined`: no such user. */
  readonly lookup: (user: string) => Promise<string | null | undefined>;
  readonly onBan: (attempt: Omit<Attempt, 'password'>) => void;
}

/** Derivations at once: each takes a core and 16 MiB for a tenth of a second. */
const WORKING_MAX = 2;
const WAITING_MAX = 64;
/** Of those that wait, from one source: one machine that guesses must not keep all others out. */
const WAITING_PER_SOURCE_MAX = 8;
/**
 * Pairs of source and user whose failures are counted. To push a ban out of it, a guesser must spend ten
 * thousand derivations, which takes longer than the ban.
 */
const PAIRS_MAX = 10_000;

interface Pair {
  failures: number;
  working: number;
  /** Until then it is banned, or after then its failures are forgotten. */
  until: number;
  banned: boolean;
}

/** Checks passwords, counts failures of each source and user, and bans. One for the whole gateway. */
export class Logins {
  readonly #options: LoginsOptions;
  readonly #key: Uint8Array;
  readonly #pairs = new Map<string, Pair>();
  readonly #same = new Map<string, Promise<PasswordAnswer>>();
  readonly #bySource = new Map<string, number>();
  readonly #queue: (() => void)[] = [];
  #working = 0;

  constructor(options: LoginsOptions) {
    this.#options = options;
    this.#key = options.random(32);
  }

  /** Equal attempts at the same time are one: a browser opens several connections with one password. */
  verify(attempt: Attempt): Promise<PasswordAnswer> {
    const { user, password, source } = attempt;
    const key = createHmac('sha256', this.#key).update(`${source}\0${user}\0${password}`).digest('base64');
    const same = this.#same.get(key);
    if (same !== undefined) return same;
    const answer = this.#attempt(attempt).finally(() => this.#same.delete(key));
    this.#same.set(key, answer);
    return answer;
  }

  async #attempt(attempt: Attempt): Promise<PasswordAnswer> {
    const { source, user } = attempt;
    const pair = this.#pair(`${source}\0${user}`);
    if (pair.banned) return { ok: false, reason: 'banned' };
    // Those that are being checked count as failures: parallel guesses get no more tries than serial ones.
    if (pair.failures + pair.working >= this.#options.limits().failuresMax) {
      return { ok: false, reason: 'unavailable' };
    }
    const waiting = this.#bySource.get(source) ?? 0;
    if (waiting >= WAITING_PER_SOURCE_MAX || this.#queue.length >= WAITING_MAX) {
      return { ok: false, reason: 'unavailable' };
    }
    pair.working++;
    this.#bySource.set(source, waiting + 1);
    try {
      return await this.#turn(() => this.#check(attempt, pair));
    } finally {
      pair.working--;
      const left = (this.#bySource.get(source) ?? 1) - 1;
      if (left === 0) this.#bySource.delete(source);
      else this.#bySource.set(source, left);
    }
  }

  async #check({ user, password, source }: Attempt, pair: Pair): Promise<PasswordAnswer> {
    const phc = await this.#options.lookup(user);
    if (password !== '' && (await passwordFits(password, phc))) {
      pair.failures = 0;
      return { ok: true };
    }
    const { failuresMax, banMs } = this.#options.limits();
    pair.failures++;
    pair.until = this.#options.clock.monotonic() + banMs;
    if (pair.failures >= failuresMax && !pair.banned) {
      pair.banned = true;
      // Of names that do not exist nothing is told: a guesser would fill the audit with them.
      if (phc !== undefined) this.#options.onBan({ user, source });
    }
    return { ok: false, reason: 'unknown' };
  }

  #pair(key: string): Pair {
    const now = this.#options.clock.monotonic();
    const known = this.#pairs.get(key);
    if (known !== undefined && (known.working > 0 || known.until > now)) return known;
    this.#pairs.delete(key);
    if (this.#pairs.size >= PAIRS_MAX) {
      const [oldest] = this.#pairs.keys();
      if (oldest !== undefined) this.#pairs.delete(oldest);
    }
    const pair: Pair = { failures: 0, working: 0, until: now + this.#options.limits().banMs, banned: false };
    this.#pairs.set(key, pair);
    return pair;
  }

  async #turn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#working >= WORKING_MAX) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#queue.push(resolve);
      await promise;
    } else this.#working++;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#working--;
      else next();
    }
  }
}
