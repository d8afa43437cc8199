import { Recent } from '../../kernel/index.ts';
import type { RateLimit } from './decision.ts';

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Sources and users that are counted at once; beyond it, who has been quiet for long starts anew. */
const BUCKETS_MAX = 50_000;

/** Token buckets. Limits are of the whole gateway; each of its edges gives out its share. */
export class RateLimiter {
  readonly #shares: number;
  readonly #buckets = new Recent<string, Bucket>(BUCKETS_MAX);

  constructor(shares = 1) {
    this.#shares = Math.max(1, shares);
  }

  /** Takes one request; false: there is none left, and the next comes in `waitMs`. */
  take(limit: RateLimit, subject: string, nowMs: number): { readonly ok: boolean; readonly waitMs: number } {
    const perMs = limit.perSecond / 1000 / this.#shares;
    // An edge that may give out less than one request would never give out any.
    const burst = Math.max(1, limit.burst / this.#shares);
    const key = `${limit.rule}\n${subject}`;
    const bucket = this.#bucket(key, burst, nowMs);
    bucket.tokens = Math.min(burst, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs);
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) return { ok: false, waitMs: Math.ceil((1 - bucket.tokens) / perMs) };
    bucket.tokens--;
    return { ok: true, waitMs: 0 };
  }

  #bucket(key: string, tokens: number, atMs: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const bucket = { tokens, atMs };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
