import { type Clock, GatewayError, type Log, messageOf, type Metrics } from '../../../kernel/index.ts';
import { type FullHashAnswer, FullHashCache } from '../../../protocols/safe-browsing/index.ts';
import type { FeedsConfig, LookAsideConfig } from '../../config/index.ts';
import type { Egress } from '../../egress/index.ts';
import type { FeedClient } from '../http/client.io.ts';
import { nextAfterFailure } from '../schedule.ts';
import type { SecretStore } from '../secrets.io.ts';
import { limitsOf, scheduleOf } from '../settings.ts';
import type { Subscription } from '../subscription.ts';
import type { Route } from '../sync.io.ts';
import { UPDATE_API } from './back-off.ts';

/** What came of a question. `none`: nobody was asked, or nobody answered. */
export type HashesFound =
  | { readonly kind: 'answer'; readonly answers: readonly FullHashAnswer[] }
  | { readonly kind: 'none'; readonly reason: 'unknown-feed' | 'busy' | 'quota' | 'resting' | 'failed' };

export interface FullHashesOptions {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly config: () => FeedsConfig & { readonly lineBytesMax: number };
  readonly lookAside: () => LookAsideConfig;
  readonly agentName: string;
  feed(name: string): Subscription | undefined;
  openEgress(route: Route): Egress;
}

/** Prefixes of one URL: 42 expressions. More is a mistake of ours. */
const PREFIXES_MAX = 64;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** One server, while its subscription stays as it is. */
interface Server {
  readonly print: string;
  readonly feed: Subscription;
  readonly cache: FullHashCache;
  readonly quota: Quota;
  /** Connections are kept between questions; `undefined`: none was needed yet. */
  open: { readonly client: FeedClient; readonly egress: Egress } | undefined;
  asking: number;
  failures: number;
  restsUntilMs: number;
}

/**
 * Asks Safe Browsing servers for the full hashes behind prefixes, for all edges: keys stay in control, and so do quota and
 * back-off. What a server says is kept for as long as it says.
 */
export class FullHashes {
  readonly #options: FullHashesOptions;
  readonly #servers = new Map<string, Server>();
  readonly #stop = new AbortController();

  constructor(options: FullHashesOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async find(name: string, prefixes: readonly string[], states: readonly Uint8Array[]): Promise<HashesFound> {
    const server = this.#server(name);
    if (server === undefined || prefixes.length > PREFIXES_MAX) return none('unknown-feed');
    const now = this.#options.clock.now();
    const known: FullHashAnswer[] = [];
    const wanted: string[] = [];
    for (const prefix of new Set(prefixes)) {
      const answer = server.cache.answer(prefix, now);
      if (answer === undefined) wanted.push(prefix);
      else known.push(answer);
    }
    if (wanted.length === 0) return { kind: 'answer', answers: known };
    const refusal = this.#refusal(server, now);
    if (refusal !== undefined) return this.#counted(server, none(refusal));
    server.asking++;
    try {
      const answers = await this.#ask(server, wanted, states);
      return this.#counted(server, { kind: 'answer', answers: [...known, ...answers] });
    } catch (error) {
      this.#failed(server, error);
      return this.#counted(server, none('failed'));
    } finally {
      server.asking--;
    }
  }

  close(): void {
    this.#stop.abort();
    for (const server of this.#servers.values()) closeServer(server);
    this.#servers.clear();
  }

  #server(name: string): Server | undefined {
    const feed = this.#options.feed(name);
    const before = this.#servers.get(name);
    const print = JSON.stringify(feed);
    if (before !== undefined && before.print === print) return before;
    if (before !== undefined) closeServer(before);
    this.#servers.delete(name);
    if (feed?.type !== 'safe-browsing') return undefined;
    const server: Server = {
      print,
      feed,
      cache: new FullHashCache(this.#options.lookAside().cacheEntriesMax),
      quota: new Quota(feed),
      open: undefined,
      asking: 0,
      failures: 0,
      restsUntilMs: 0,
    };
    this.#servers.set(name, server);
    return server;
  }

  #refusal(server: Server, now: number): 'busy' | 'quota' | 'resting' | undefined {
    if (server.restsUntilMs > now) return 'resting';
    if (server.asking >= this.#options.lookAside().waitingMax) return 'busy';
    return server.quota.take(now) ? undefined : 'quota';
  }

  async #ask(
    server: Server,
    wanted: readonly string[],
    states: readonly Uint8Array[],
  ): Promise<readonly FullHashAnswer[]> {
    const { clock } = this.#options;
    // The client and the messages are loaded at the first question: a start does not need them.
    const [{ readBody }, { readSearch, searchRequest }, { urlOf }] = await Promise.all([
      import('../http/spool.io.ts'),
      import('./api.ts'),
      import('../sync.io.ts'),
    ]);
    const { feed } = server;
    const place = { ...feed, url: urlOf(feed, this.#options.secrets.of(feed.name)) };
    const client = await this.#client(server, place.url);
    const answer = await client.get(searchRequest(place, wanted, states));
    const config = this.#options.config();
    const limits = {
      ...limitsOf(config, config.lineBytesMax),
      idleMs: feed.lookupTimeoutMs,
      expandedBytesMax: this.#options.lookAside().answerBytesMax,
    };
    const body = await readBody(answer, limits);
    const read = readSearch(place, body, wanted);
    if (!read.ok) throw new Error(`the answer cannot be read: ${read.reason}`);
    const { answers, waitMs } = read.value;
    for (const each of answers) server.cache.learn(each, clock.now());
    if (server.failures > 0) this.#options.log.info('feed.full-hashes-back', { feed: feed.name });
    server.failures = 0;
    server.restsUntilMs = clock.now() + waitMs;
    return answers;
  }

  async #client(server: Server, url: string): Promise<FeedClient> {
    const { openClient, routeOf } = await import('../sync.io.ts');
    if (server.open !== undefined) return server.open.client;
    const { feed } = server;
    const secrets = this.#options.secrets.of(feed.name);
    const egress = this.#options.openEgress(routeOf(feed, secrets));
    const wait = feed.lookupTimeoutMs;
    const config = { ...this.#options.config(), connectMs: wait, responseHeadMs: wait, redirectsMax: 0 };
    try {
      const client = openClient({ ...this.#options, feed, secrets, config }, url, egress, this.#stop.signal);
      server.open = { client, egress };
      return client;
    } catch (error) {
      egress.close();
      throw error;
    }
  }

  /**
   * A server that answers, but not with success, is left alone as the Update API says; one that does not answer rests as
   * other upstreams do.
   */
  #failed(server: Server, error: unknown): void {
    const { clock, log, chance, lookAside } = this.#options;
    const { failuresMax, failurePauseMs } = lookAside();
    server.failures++;
    const known = error instanceof GatewayError ? error : undefined;
    const isAnswer = known !== undefined && ANSWERS.has(known.code);
    const now = clock.now();
    if (isAnswer) {
      const asked = known.details['retryAfterMs'];
      const schedule = { ...scheduleOf(this.#options.config()), ...UPDATE_API };
      const retryAfterMs = typeof asked === 'number' ? asked : undefined;
      server.restsUntilMs = nextAfterFailure(now, server.failures, retryAfterMs, chance(), schedule);
    } else if (server.failures >= failuresMax) server.restsUntilMs = now + failurePauseMs;
    if (server.restsUntilMs <= now) return;
    log.warn('feed.full-hashes-resting', {
      feed: server.feed.name,
      reason: messageOf(error),
      until: new Date(server.restsUntilMs).toISOString(),
      hint: 'requests go on without this list meanwhile; see feed show',
    });
  }

  #counted(server: Server, found: HashesFound): HashesFound {
    const result =
      found.kind === 'none'
        ? found.reason
        : found.answers.some((answer) => answer.found.length > 0)
          ? 'found'
          : 'nothing';
    this.#options.metrics.counter('feeds_full_hash_queries_total', server.feed.name, result).add();
    return found;
  }
}

/** What is thrown for answers that are no success. */
const ANSWERS: ReadonlySet<string> = new Set([
  'FEEDS_STATUS',
  'FEEDS_CREDENTIALS',
  'FEEDS_NOT_ACCEPTABLE',
  'FEEDS_SLOW_DOWN',
  'FEEDS_REDIRECT',
]);

function closeServer({ open }: Server): void {
  open?.client.close();
  open?.egress.close();
}

function none(reason: Extract<HashesFound, { kind: 'none' }>['reason']): HashesFound {
  return { kind: 'none', reason };
}

/** By minute and by day, as other upstreams are counted. In memory: a restart of the gateway begins anew. */
class Quota {
  readonly #perMinute: number;
  readonly #perDay: number;
  #minute = 0;
  #day = 0;
  #inMinute = 0;
  #inDay = 0;

  constructor({ perMinute, perDay }: Subscription) {
    this.#perMinute = perMinute;
    this.#perDay = perDay;
  }

  take(nowMs: number): boolean {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const day = Math.floor(nowMs / DAY_MS);
    if (minute !== this.#minute) [this.#minute, this.#inMinute] = [minute, 0];
    if (day !== this.#day) [this.#day, this.#inDay] = [day, 0];
    if (this.#perMinute > 0 && this.#inMinute >= this.#perMinute) return false;
    if (this.#perDay > 0 && this.#inDay >= this.#perDay) return false;
    this.#inMinute++;
    this.#inDay++;
    return true;
  }
}
