import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandIo } from '../../kernel/index.ts';
import type { LookAsideConfig } from '../config/index.ts';
import {
  type JsonObject,
  putDocument,
  removeDocument,
  type SectionDocument,
  type State,
  type StateTransaction,
} from '../state/index.ts';
import { feedErrors } from './errors.ts';
import { FullHashes, type HashesFound } from './safe-browsing/full-hashes.io.ts';
import { FeedRunner, type How, type RunnerOptions, type SyncResult } from './runner.io.ts';
import { dueAtMs, type FeedHealth, healthOf, staleAtMs } from './schedule.ts';
import { type FeedSecrets, openSecrets, type SecretStore } from './secrets.io.ts';
import { type FeedStatus, openStatusStore, type StatusStore } from './status.ts';
import {
  feedsSection,
  problemsOf,
  type Subscription,
  subscriptionOf,
  SUBSCRIPTIONS,
} from './subscription.ts';

/** A subscription as `feed show` tells it. */
export interface FeedView {
  readonly feed: Subscription;
  readonly status: FeedStatus;
  readonly health: FeedHealth;
  readonly running: boolean;
}

/** Subscribed feeds, in control: kept, fetched on time, imported, and watched. */
export interface Feeds {
  /** Makes its table and takes over what is subscribed. Once. */
  open(): Promise<void>;
  /** Fetches on time from now on; again: nothing. */
  start(): void;
  list(): readonly FeedView[];
  get(name: string): FeedView;
  add(name: string, body: JsonObject, secrets: FeedSecrets, actor: string): Promise<Subscription>;
  /** Members that are `undefined` go back to their default. */
  edit(
    name: string,
    change: Readonly<Record<string, JsonObject[string] | undefined>>,
    secrets: FeedSecrets,
    actor: string,
  ): Promise<Subscription>;
  /** Ends the subscription; what was imported stays, but for rules. False: there was none. */
  unsubscribe(name: string, actor: string): Promise<boolean>;
  /** Fetches now. `force`: as if for the first time, and whatever the list lost. */
  sync(name: string, force: boolean, io: CommandIo): Promise<SyncResult>;
  health(): readonly FeedHealth[];
  /**
   * Full hashes behind prefixes (hexadecimal) of a Safe Browsing feed, whose lists have these states: from memory, else from its server, within quota and
   * back-off. Never rejects.
   */
  findHashes(name: string, prefixes: readonly string[], states: readonly Uint8Array[]): Promise<HashesFound>;
  close(): Promise<void>;
}

export interface FeedsOptions extends Omit<RunnerOptions, 'folder' | 'secrets' | 'save'> {
  /** Bounds of questions for full hashes. */
  readonly lookAside: () => LookAsideConfig;
  readonly dataDir: string;
  readonly state: State;
  /** Told at the start and whenever the health of a feed changes. */
  unwell(feeds: readonly FeedHealth[]): void;
}

/** A timer of Node waits no longer; and the ages in the metrics are not older than this. */
const WAKE_MS_MAX = 60_000;
const SCHEDULE = 'schedule';

export function createFeeds(options: FeedsOptions): Feeds {
  return new FeedEngine(options);
}

class FeedEngine implements Feeds {
  readonly #options: FeedsOptions;
  readonly #folder: string;
  readonly #secrets: SecretStore;
  readonly #statuses: StatusStore;
  readonly #stop = new AbortController();
  readonly #runner: FeedRunner;
  readonly #fullHashes: FullHashes;
  readonly #running = new Map<string, Running>();
  #feeds: ReadonlyMap<string, Subscription> = new Map();
  #status = new Map<string, FeedStatus>();
  #timer: NodeJS.Timeout | undefined;
  #told = '';
  #started = false;

  constructor(options: FeedsOptions) {
    this.#options = options;
    this.#folder = join(options.dataDir, 'feeds');
    this.#secrets = openSecrets(options.dataDir);
    this.#statuses = openStatusStore(options.state);
    this.#runner = new FeedRunner({
      ...options,
      folder: this.#folder,
      secrets: this.#secrets,
      save: (name, status) => this.#save(name, status),
    });
    this.#fullHashes = new FullHashes({
      ...options,
      secrets: this.#secrets,
      feed: (name) => this.#feeds.get(name),
    });
  }

  async open(): Promise<void> {
    // What a killed fetch has left.
    rmSync(join(this.#folder, 'work'), { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    await this.#statuses.open();
    this.#status = new Map(await this.#statuses.all());
    this.#options.state.onChange(() => this.#load());
    await this.#load();
    try {
      // Of subscriptions that ended while the gateway was stopped, or in a document that was applied.
      this.#secrets.keep(new Set(this.#feeds.keys()));
    } catch (error) {
      // Feeds that need none go on; the others say it when they are fetched.
      this.#options.log.error('feeds.secrets', { error });
    }
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#wake();
  }

  list(): readonly FeedView[] {
    return [...this.#feeds.values()].map((feed) => this.#view(feed));
  }

  get(name: string): FeedView {
    return this.#view(this.#known(name));
  }

  async add(name: string, body: JsonObject, secrets: FeedSecrets, actor: string): Promise<Subscription> {
    const feed = checked(name, body);
    if (this.#feeds.has(name)) throw feedErrors.FEEDS_EXISTS({ name });
    // Secrets first: a feed without its secret would fail at once, a secret without its feed harms nobody.
    this.#secrets.set(name, secrets);
    const by = { author: actor, action: 'feed.add', summary: `subscribe to ${name}`, details: { name } };
    await this.#options.state.change(by, async (tx) => {
      if (Object.hasOwn(await documentIn(tx), name)) throw feedErrors.FEEDS_EXISTS({ name });
      await putDocument(tx, SUBSCRIPTIONS, name, body);
    });
    return feed;
  }

  async edit(
    name: string,
    change: Readonly<Record<string, JsonObject[string] | undefined>>,
    secrets: FeedSecrets,
    actor: string,
  ): Promise<Subscription> {
    this.#known(name);
    const keys = Object.keys(change);
    const what = keys.length === 0 ? 'secret' : keys.join(', ');
    const by = {
      author: actor,
      action: 'feed.edit',
      summary: `change ${what} of feed ${name}`,
      details: { name, changed: keys },
    };
    const feed = await this.#options.state.change(by, async (tx) => {
      const before = (await documentIn(tx))[name];
      if (before === undefined) throw feedErrors.FEEDS_UNKNOWN({ name });
      const merged = Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined);
      // What is undefined was filtered out.
      const body = Object.fromEntries(merged) as JsonObject;
      const next = checked(name, body);
      await putDocument(tx, SUBSCRIPTIONS, name, body);
      return next;
    });
    this.#secrets.set(name, secrets);
    // Whoever changed something wants to see whether it works.
    if (keys.some((key) => key !== 'enabled') || Object.keys(secrets).length > 0) {
      await this.#save(name, { ...this.#statusOf(name), nextAtMs: undefined });
      this.#wake();
    }
    return feed;
  }

  async unsubscribe(name: string, actor: string): Promise<boolean> {
    const type = this.#feeds.get(name)?.type;
    const found = await unsubscribe(this.#options.state, name, actor);
    this.#secrets.remove(name);
    // An import that is under way would bring back what the caller removes next.
    await this.#running.get(name)?.done.catch(() => undefined);
    if (type === 'yara') await this.#options.rules.remove(name);
    if (type === 'safe-browsing') await this.#options.prefixes.remove(name);
    return found;
  }

  sync(name: string, force: boolean, io: CommandIo): Promise<SyncResult> {
    const feed = this.#known(name);
    if (this.#running.has(name)) throw feedErrors.FEEDS_RUNNING({ name });
    return this.#run(feed, {
      force,
      actor: io.actor,
      progress: (step, done, total) => io.progress(step, done, total),
    });
  }

  findHashes(name: string, prefixes: readonly string[], states: readonly Uint8Array[]): Promise<HashesFound> {
    return this.#fullHashes.find(name, prefixes, states);
  }

  health(): readonly FeedHealth[] {
    const now = this.#options.clock.now();
    return [...this.#feeds.values()].map((feed) => healthOf(feed, this.#statusOf(feed.name), now));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#fullHashes.close();
    this.#stop.abort(feedErrors.FEEDS_STOPPED());
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }

  #view(feed: Subscription): FeedView {
    const status = this.#statusOf(feed.name);
    return {
      feed,
      status,
      health: healthOf(feed, status, this.#options.clock.now()),
      running: this.#running.has(feed.name),
    };
  }

  #known(name: string): Subscription {
    const feed = this.#feeds.get(name);
    if (feed === undefined) throw feedErrors.FEEDS_UNKNOWN({ name });
    return feed;
  }

  #statusOf(name: string): FeedStatus {
    return this.#status.get(name) ?? { sinceMs: this.#options.clock.now(), failures: 0 };
  }

  async #save(name: string, status: FeedStatus): Promise<void> {
    if (!this.#feeds.has(name)) return;
    this.#status.set(name, status);
    await this.#statuses.save(name, status);
  }

  /** Takes over the subscriptions as they are now; also after an apply or a rollback. */
  async #load(): Promise<void> {
    const document = await this.#options.state.read(documentIn);
    const sound = Object.entries(document).filter(([name, body]) => {
      const [problem] = problemsOf(name, body);
      // A version before this one may have stored it.
      if (problem !== undefined) this.#options.log.warn('feed.unusable', { feed: name, ...problem });
      return problem === undefined;
    });
    this.#feeds = new Map(sound.map(([name, body]) => [name, subscriptionOf(name, body)]));
    for (const name of this.#feeds.keys()) {
      if (!this.#status.has(name)) await this.#save(name, this.#statusOf(name));
    }
    for (const name of this.#status.keys()) {
      if (this.#feeds.has(name)) continue;
      this.#running.get(name)?.abort.abort(feedErrors.FEEDS_ENDED({ name }));
      this.#status.delete(name);
      await this.#statuses.remove(name);
      rmSync(join(this.#folder, 'cache', name), { recursive: true, force: true });
    }
    this.#wake();
  }

  /** Starts what is due and sleeps until the next feed is due or stale. */
  #wake(): void {
    clearTimeout(this.#timer);
    if (this.#stop.signal.aborted) return;
    const now = this.#options.clock.now();
    this.#tell(now);
    if (!this.#started) return;
    const settings = this.#options.config();
    const waiting = [...this.#feeds.values()]
      .filter(({ name, enabled }) => enabled && !this.#running.has(name))
      .map((feed) => ({
        feed,
        atMs: dueAtMs(this.#statusOf(feed.name).nextAtMs, feed.everyMs, now, settings),
      }))
      .toSorted((a, b) => a.atMs - b.atMs);
    const { fetchesMax } = settings;
    let wakeAt = now + WAKE_MS_MAX;
    for (const { feed, atMs } of waiting) {
      if (atMs > now) wakeAt = Math.min(wakeAt, atMs);
      else if (this.#running.size < fetchesMax) {
        // Its failure is in its status, in the log and in the events.
        this.#run(feed, { force: false, actor: SCHEDULE, progress: () => {} }).catch(() => undefined);
      }
    }
    for (const feed of this.#feeds.values()) {
      const staleAt = staleAtMs(feed, this.#statusOf(feed.name));
      if (feed.enabled && staleAt > now) wakeAt = Math.min(wakeAt, staleAt);
    }
    this.#timer = setTimeout(() => this.#wake(), Math.max(1, wakeAt - now));
    this.#timer.unref();
  }

  /** Ages for the metrics; changes of health for whoever watches. */
  #tell(now: number): void {
    for (const { name } of this.#feeds.values()) {
      const { successAtMs, sinceMs } = this.#statusOf(name);
      const age = Math.max(0, now - (successAtMs ?? sinceMs)) / 1000;
      this.#options.metrics.gauge('feeds_age_seconds', name).set(age);
    }
    const unwell = this.health().filter(({ state }) => state !== 'ok');
    const told = JSON.stringify(unwell);
    if (told === this.#told) return;
    const before = new Set(stale(this.#told));
    this.#told = told;
    for (const { feed, state, reason } of unwell) {
      if (state !== 'stale' || before.has(feed)) continue;
      this.#options.log.warn('feed.stale', { feed, reason });
      this.#runner.event('feed.stale', 'warn', feed, 'stale', { reason });
    }
    this.#options.unwell(unwell);
  }

  #run(feed: Subscription, how: Omit<How, 'signal'>): Promise<SyncResult> {
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, this.#stop.signal]);
    const done = this.#runner.run(feed, this.#statusOf(feed.name), { ...how, signal }).finally(() => {
      this.#running.delete(feed.name);
      this.#wake();
    });
    this.#running.set(feed.name, { done, abort });
    return done;
  }
}

interface Running {
  readonly done: Promise<SyncResult>;
  readonly abort: AbortController;
}

/** Ends a subscription in the store alone; for a gateway that does not run. False: there was none. */
export async function unsubscribe(state: State, name: string, actor: string): Promise<boolean> {
  if (!Object.hasOwn(await state.read(documentIn), name)) return false;
  const by = { author: actor, action: 'feed.unsubscribe', summary: `end feed ${name}`, details: { name } };
  return state.change(by, (tx) => removeDocument(tx, SUBSCRIPTIONS, name));
}

function documentIn(tx: StateTransaction): Promise<SectionDocument> {
  return feedsSection.read(tx);
}

function checked(name: string, body: JsonObject): Subscription {
  const problems = problemsOf(name, body);
  if (problems.length === 0) return subscriptionOf(name, body);
  const text = problems
    .map(({ path, message }) => `${path === '' ? `"${name}"` : path}: ${message}`)
    .join('; ');
  throw feedErrors.FEEDS_FIELDS({ text, problems });
}

/** Feeds that were stale when this was told. */
function stale(told: string): readonly string[] {
  if (told === '') return [];
  // `told` was made from the health of all feeds.
  return (JSON.parse(told) as readonly FeedHealth[])
    .filter(({ state }) => state === 'stale')
    .map(({ feed }) => feed);
}
