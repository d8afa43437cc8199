import type { Clock, ControlLink, Log, Match, MaybePromise, Metrics } from '../../kernel/index.ts';
import type { CanonicalUrl } from '../../protocols/url/index.ts';
import type { LookAsideConfig, LookAsideKind } from '../config/index.ts';
import type { Egress } from '../egress/index.ts';
import { matchOf } from './answer.ts';
import { AnswerCache } from './cache.ts';
import { createJsonClient } from './http-client.io.ts';
import {
  addressQuestion,
  fileQuestion,
  hostQuestion,
  privacyRule,
  type Question,
  urlQuestion,
} from './question.ts';
import { readUpstreamSecrets } from './secrets.io.ts';
import { Upstream } from './upstream.ts';

/**
 * Asks others about what this gateway does not know. Answers at once from memory where it can, and with no
 * match where nobody may be asked or nobody answers: it never fails.
 */
export interface LookAside {
  /** Whether anybody is ever asked about such things. */
  asks(kind: LookAsideKind): boolean;
  /** MD5, SHA-1 or SHA-256 in lower-case hexadecimal. */
  file(hash: string): MaybePromise<readonly Match[]>;
  url(url: CanonicalUrl): MaybePromise<readonly Match[]>;
  /** A canonical host. */
  host(host: string): MaybePromise<readonly Match[]>;
  address(address: string): MaybePromise<readonly Match[]>;
  /** Names of the upstreams that rest now. */
  resting(): readonly string[];
  close(): void;
}

export interface LookAsideOptions {
  readonly config: LookAsideConfig;
  readonly egress: Pick<Egress, 'tunnel'>;
  readonly link: Pick<ControlLink, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const NONE: readonly Match[] = Object.freeze([]);

/** Throws when a file that an upstream names cannot be used. */
export function createLookAside(options: LookAsideOptions): LookAside {
  const { config } = options;
  const upstreams = config.upstreams.map((settings) => {
    const { token, ca } = readUpstreamSecrets(settings);
    const client = createJsonClient({
      egress: options.egress,
      url: settings.url,
      ca,
      timeoutMs: settings.timeoutMs,
      answerBytesMax: config.answerBytesMax,
      connectionsMax: config.waitingMax,
    });
    return new Upstream({ ...options, settings, limits: config, token, client });
  });
  return new Asking(options, upstreams);
}

class Asking implements LookAside {
  readonly #options: LookAsideOptions;
  readonly #upstreams: readonly Upstream[];
  readonly #kinds: ReadonlySet<LookAsideKind>;
  readonly #isPrivate: (question: Question) => boolean;
  readonly #cache: AnswerCache;
  readonly #waiting = new Map<string, Promise<readonly Match[]>>();

  constructor(options: LookAsideOptions, upstreams: readonly Upstream[]) {
    this.#options = options;
    this.#upstreams = upstreams;
    this.#kinds = new Set(upstreams.flatMap(({ settings }) => settings.kinds));
    this.#isPrivate = privacyRule(options.config);
    this.#cache = new AnswerCache(options.config.cacheEntriesMax);
  }

  asks(kind: LookAsideKind): boolean {
    return this.#kinds.has(kind);
  }

  file(hash: string): MaybePromise<readonly Match[]> {
    return this.asks('file') ? this.#find(fileQuestion(hash)) : NONE;
  }

  url(url: CanonicalUrl): MaybePromise<readonly Match[]> {
    return this.asks('url') ? this.#find(urlQuestion(url)) : NONE;
  }

  host(host: string): MaybePromise<readonly Match[]> {
    if (!this.asks('domain') && !this.asks('ip')) return NONE;
    return this.#find(hostQuestion(host));
  }

  address(address: string): MaybePromise<readonly Match[]> {
    return this.asks('ip') ? this.#find(addressQuestion(address)) : NONE;
  }

  resting(): readonly string[] {
    return this.#upstreams.filter((upstream) => upstream.rests).map(({ name }) => name);
  }

  close(): void {
    for (const upstream of this.#upstreams) upstream.close();
  }

  #find(question: Question): MaybePromise<readonly Match[]> {
    if (!this.asks(question.kind)) return NONE;
    if (this.#isPrivate(question)) return this.#told('private', NONE);
    const key = `${question.kind} ${question.value}`;
    const kept = this.#cache.get(key, this.#options.clock.monotonic());
    if (kept !== undefined) return this.#told('cache', kept);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return this.#told('joined', waiting);
    if (this.#waiting.size >= this.#options.config.waitingMax) return this.#told('busy', NONE);
    const asked = this.#ask(question, key).finally(() => void this.#waiting.delete(key));
    this.#waiting.set(key, asked);
    return this.#told('asked', asked);
  }

  /** In order, until one knows it. That nobody knows is kept only when everybody was asked and has answered. */
  async #ask(question: Question, key: string): Promise<readonly Match[]> {
    const { clock, config, log } = this.#options;
    let isWhole = true;
    for (const upstream of this.#upstreams) {
      if (!upstream.takes(question)) continue;
      try {
        const answer = await upstream.ask(question);
        if (answer?.kind === 'known') {
          const expiresAtMs = clock.now() + config.positiveTtlMs;
          const matches = answer.findings.map((each) => matchOf(upstream.name, each, clock, expiresAtMs));
          this.#cache.set(key, matches, clock.monotonic() + config.positiveTtlMs);
          return matches;
        }
        isWhole &&= answer?.kind === 'unknown';
      } catch (error) {
        // A bug of ours in the way of an optional question must not stop the answer that is already there.
        log.error('look-aside.bug', { upstream: upstream.name, error });
        isWhole = false;
      }
    }
    if (isWhole) this.#cache.set(key, NONE, clock.monotonic() + config.negativeTtlMs);
    return NONE;
  }

  #told<T>(how: string, answer: T): T {
    this.#options.metrics.counter('look_aside_answers_total', how).add();
    return answer;
  }
}
