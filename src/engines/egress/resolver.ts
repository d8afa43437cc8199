import { isIP } from 'node:net';
import type { Clock, MaybePromise } from '../../kernel/index.ts';
import type { DnsAnswer, DnsFailure } from '../../platform/index.ts';
import { failure, type Failure } from './failure.ts';

export interface ResolverOptions {
  readonly query: (host: string) => Promise<DnsAnswer | DnsFailure>;
  readonly clock: Clock;
  readonly entriesMax: number;
  readonly ttlMinMs: number;
  readonly ttlMaxMs: number;
  readonly failureTtlMs: number;
  /** Called for every question that went out. */
  onQuery(result: 'ok' | DnsFailure): void;
}

interface Entry {
  readonly answer: readonly string[] | Failure;
  readonly until: number;
}

/** Names to addresses with an own bounded cache; equal questions under way are asked once. */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #cache = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<readonly string[] | Failure>>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Addresses in the order to try (RFC 8305 §4: families take turns, IPv6 first). Ready at once when cached. */
  resolve(host: string): MaybePromise<readonly string[] | Failure> {
    if (isIP(host) !== 0) return [host];
    const cached = this.#cache.get(host);
    if (cached !== undefined && cached.until > this.#options.clock.monotonic()) return cached.answer;
    const before = this.#underWay.get(host);
    if (before !== undefined) return before;
    const asked = this.#ask(host).finally(() => this.#underWay.delete(host));
    this.#underWay.set(host, asked);
    return asked;
  }

  async #ask(host: string): Promise<readonly string[] | Failure> {
    const { query, onQuery, failureTtlMs, ttlMinMs, ttlMaxMs } = this.#options;
    const answer = await query(host);
    if (typeof answer === 'string') {
      onQuery(answer);
      return this.#keep(host, failureOf(answer, host), failureTtlMs);
    }
    onQuery('ok');
    const ttlMs = Math.min(Math.max(answer.ttlMs ?? 30_000, ttlMinMs), ttlMaxMs);
    return this.#keep(host, interleaved(answer.addresses), ttlMs);
  }

  #keep<Answer extends readonly string[] | Failure>(host: string, answer: Answer, ttlMs: number): Answer {
    this.#cache.delete(host);
    this.#cache.set(host, { answer, until: this.#options.clock.monotonic() + ttlMs });
    if (this.#cache.size > this.#options.entriesMax) {
      const oldest = this.#cache.keys().next().value;
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    return answer;
  }
}

function failureOf(reason: DnsFailure, host: string): Failure {
  if (reason === 'timeout') return failure('dns_timeout', `no DNS server answered for ${host}`);
  if (reason === 'not-found') return failure('dns_error', `${host} has no address`);
  return failure('dns_error', `the DNS servers failed for ${host}`);
}

function interleaved(addresses: readonly string[]): readonly string[] {
  const six = addresses.filter((address) => isIP(address) === 6);
  const four = addresses.filter((address) => isIP(address) === 4);
  const result: string[] = [];
  for (let i = 0; i < Math.max(six.length, four.length); i++) {
    if (i < six.length) result.push(six[i]!);
    if (i < four.length) result.push(four[i]!);
  }
  return result;
}
