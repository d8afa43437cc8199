import { type Clock, GatewayError, type Log, messageOf, type Metrics } from '../../kernel/index.ts';
import type { FeedsConfig } from '../config/index.ts';
import type { Egress } from '../egress/index.ts';
import type { IndicatorAdmin } from '../indicators/index.ts';
import type { GatewayEvent } from '../telemetry/index.ts';
import { shownUrl } from './names.ts';
import { UPDATE_API } from './safe-browsing/back-off.ts';
import { nextAfterFailure, nextAfterSuccess } from './schedule.ts';
import type { SecretStore } from './secrets.io.ts';
import { scheduleOf } from './settings.ts';
import type { Cursor, Fetched } from './sources/source.ts';
import type { FeedStatus } from './status.ts';
import type { Subscription } from './subscription.ts';
import type { Route, TakenReport } from './sync.io.ts';

export interface SyncResult {
  readonly feed: string;
  readonly result: 'changed' | 'unchanged';
  readonly entries: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly generation: string | undefined;
  readonly suppressed: number;
  readonly notes: readonly string[];
}

/** Where lists of hash prefixes go; each file is taken whole or not at all. */
export interface PrefixFeeds {
  has(name: string): boolean;
  /** Rejects where the file is none that `sources/safe-browsing.io.ts` writes. */
  install(name: string, file: string): Promise<{ readonly entries: number; readonly version: string }>;
  /** Nothing, when there is none of that name. */
  remove(name: string): Promise<void>;
}

/** Where sets of YARA rules go; each is taken whole or not at all. */
export interface RuleFeeds {
  has(name: string): boolean;
  /** Rejects with what is wrong with the rules; those of before stay in force then. */
  install(name: string, file: string): Promise<{ readonly rules: number; readonly version: string }>;
  /** Nothing, when there is none of that name. */
  remove(name: string): Promise<void>;
}

export interface RunnerOptions {
  readonly rules: RuleFeeds;
  readonly prefixes: PrefixFeeds;
  readonly indicators: Pick<IndicatorAdmin, 'importFile' | 'feeds'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly config: () => FeedsConfig & { readonly lineBytesMax: number };
  readonly agentName: string;
  /** `DATA_DIR/feeds`. */
  readonly folder: string;
  readonly secrets: SecretStore;
  openEgress(route: Route): Egress;
  event(event: GatewayEvent): void;
  save(feed: string, status: FeedStatus): Promise<void>;
}

export interface How {
  /** As if for the first time, and whatever the list lost. */
  readonly force: boolean;
  readonly actor: string;
  readonly signal: AbortSignal;
  progress(step: string, done: number, total: number | undefined): void;
}

/** One fetch of one feed with everything that is to be remembered, counted and told of it. */
export class FeedRunner {
  readonly #options: RunnerOptions;
  /** Imports take turns: the store would make them wait, and give up. */
  #imports: Promise<unknown> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Rejects with why it failed; the status is kept either way. */
  async run(feed: Subscription, status: FeedStatus, how: How): Promise<SyncResult> {
    const { name } = feed;
    const { force, progress, signal } = how;
    const { clock, metrics, log } = this.#options;
    const config = this.#options.config();
    const startedAt = clock.now();
    const before = { ...status, attemptAtMs: startedAt };
    try {
      // HTTP, TLS and the clients are loaded at the first fetch: a start does not need them.
      const { fetchAndImport, fingerprintOf } = await import('./sync.io.ts');
      const fingerprint = fingerprintOf(feed);
      const { fetched, report } = await fetchAndImport(
        {
          feed,
          secrets: this.#options.secrets.of(name),
          config,
          lineBytesMax: config.lineBytesMax,
          clock,
          agentName: this.#options.agentName,
          folder: this.#options.folder,
          cursor: force ? undefined : this.#usableCursor(feed, before, fingerprint),
          signal,
          openEgress: (route) => this.#options.openEgress(route),
          progress,
        },
        (found) => this.#take(feed, found, how),
      );
      const now = clock.now();
      const result = report === undefined ? 'unchanged' : 'changed';
      const entries = report?.entries ?? before.entries ?? 0;
      await this.#options.save(name, {
        sinceMs: before.sinceMs,
        attemptAtMs: startedAt,
        successAtMs: now,
        changedAtMs: report === undefined ? before.changedAtMs : now,
        nextAtMs: Math.max(
          nextAfterSuccess(now, feed.everyMs, this.#options.chance(), scheduleOf(config)),
          fetched.notBeforeMs ?? 0,
        ),
        failures: 0,
        fingerprint,
        cursor: fetched.cursor,
        entries,
        bytes: fetched.wireBytes,
        generation: report?.generation ?? before.generation,
      });
      metrics.counter('feeds_sync_total', name, result).add();
      metrics.counter('feeds_fetched_bytes_total', name).add(fetched.wireBytes);
      const seconds = Math.round((now - startedAt) / 10) / 100;
      log.info('feed.synced', { feed: name, result, entries, bytes: fetched.wireBytes, seconds });
      if (report !== undefined || before.error !== undefined) {
        this.event('feed.synced', 'info', name, result, { entries, bytes: fetched.wireBytes, seconds });
      }
      return {
        feed: name,
        result,
        entries,
        rejected: report?.rejected ?? 0,
        bytes: fetched.wireBytes,
        seconds,
        generation: report?.generation ?? before.generation,
        suppressed: (report?.suppressed ?? []).reduce((sum, { count }) => sum + count, 0),
        notes: fetched.kind === 'changed' ? fetched.notes : [],
      };
    } catch (error) {
      // Whoever stopped it knows why: that is no failure of the feed.
      if (!signal.aborted) await this.#failed(feed, before, error);
      throw error;
    }
  }

  /** Nothing, where everything is to be fetched again. */
  #usableCursor(feed: Subscription, status: FeedStatus, fingerprint: string): Cursor | undefined {
    const isThere = this.#isThere(feed);
    if (!isThere || status.fingerprint !== fingerprint) return undefined;
    // Entries that expire are renewed by an import alone, although nothing has changed.
    const { expiresAfterMs } = feed;
    const sinceMs = this.#options.clock.now() - (status.changedAtMs ?? 0);
    const isOld = expiresAfterMs !== undefined && sinceMs > expiresAfterMs / 2;
    return isOld ? undefined : status.cursor;
  }

  #isThere({ type, name }: Subscription): boolean {
    const { indicators, rules, prefixes } = this.#options;
    if (type === 'yara') return rules.has(name);
    if (type === 'safe-browsing') return prefixes.has(name);
    return indicators.feeds().some((feed) => feed.name === name);
  }

  #take(feed: Subscription, found: Extract<Fetched, { kind: 'changed' }>, how: How): Promise<TakenReport> {
    if (feed.type === 'yara') return this.#install(feed, found, how);
    if (feed.type === 'safe-browsing') return this.#installPrefixes(feed, found);
    return this.#import(feed, found, how);
  }

  async #installPrefixes(
    feed: Subscription,
    { file }: Extract<Fetched, { kind: 'changed' }>,
  ): Promise<TakenReport> {
    const { entries, version } = await this.#options.prefixes.install(feed.name, file);
    return { entries, rejected: 0, suppressed: [], generation: version };
  }

  async #install(
    feed: Subscription,
    { file }: Extract<Fetched, { kind: 'changed' }>,
    how: How,
  ): Promise<TakenReport> {
    how.progress('compiling', 0, undefined);
    const { rules, version } = await this.#options.rules.install(feed.name, file);
    return { entries: rules, rejected: 0, suppressed: [], generation: version };
  }

  #import(feed: Subscription, fetched: Extract<Fetched, { kind: 'changed' }>, how: How) {
    const { file, format, mode, upstreamAtMs } = fetched;
    const request = {
      file,
      feed: feed.name,
      format,
      mode,
      action: feed.action,
      category: feed.category,
      severity: feed.severity,
      confidence: feed.confidence,
      tlp: feed.tlp,
      licence: feed.licence,
      priority: feed.priority,
      mapping: feed.mapping,
      expiresAfterMs: feed.expiresAfterMs,
      shrinkMaxPercent: feed.shrinkMaxPercent,
      force: how.force,
      source: shownUrl(feed.url),
      upstreamAtMs,
    };
    const turn = this.#imports.then(() => {
      how.signal.throwIfAborted();
      return this.#options.indicators.importFile(request, how.actor, (step, done, total) =>
        how.progress(`import: ${step}`, done, total === 0 ? undefined : total),
      );
    });
    this.#imports = turn.catch(() => undefined);
    return turn;
  }

  async #failed(feed: Subscription, before: FeedStatus, error: unknown): Promise<void> {
    const { clock, log, metrics, chance } = this.#options;
    const known = error instanceof GatewayError ? error : undefined;
    const code = known?.code ?? 'bug';
    const message = messageOf(error);
    const failures = before.failures + 1;
    const asked = known?.details['retryAfterMs'];
    const retryAfterMs = typeof asked === 'number' ? asked : undefined;
    const config = scheduleOf(this.#options.config());
    const schedule = feed.type === 'safe-browsing' ? { ...config, ...UPDATE_API } : config;
    metrics.counter('feeds_sync_total', feed.name, 'failed').add();
    if (known === undefined || known.kind === 'bug') log.error('feed.bug', { feed: feed.name, error });
    // Once per change: a feed that is away for a week is one line, not a thousand.
    else if (before.error?.code !== code) log.warn('feed.failed', { feed: feed.name, code, message });
    this.event('feed.failed', 'warn', feed.name, code, { message, failures });
    await this.#options.save(feed.name, {
      ...before,
      failures,
      error: { code, message, hint: known?.hint ?? '' },
      nextAtMs: nextAfterFailure(clock.now(), failures, retryAfterMs, chance(), schedule),
    });
  }

  event(
    type: string,
    severity: GatewayEvent['severity'],
    feed: string,
    reason: string,
    details: GatewayEvent['details'],
  ): void {
    this.#options.event({
      timeMs: this.#options.clock.now(),
      type,
      severity,
      door: undefined,
      source: undefined,
      user: undefined,
      target: feed,
      reason,
      details,
    });
  }
}
