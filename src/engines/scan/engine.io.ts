import { hash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Clock, FileVerdict, Health, Log, Metrics, Prevalence } from '../../kernel/index.ts';
import type { PredictionConfig, ScanConfig, ScanStage } from '../config/index.ts';
import { createPredictor, type Predictor } from '../prediction/index.ts';
import type { VerdictEngine } from '../verdict/index.ts';
import { VerdictCache } from './cache.ts';
import { Clamd } from './clamd.io.ts';
import { FileScan, type ScanParts } from './file-scan.io.ts';
import type { WorkerSettings } from './job.ts';
import { createJudge } from './judge.ts';
import { type PoolOptions, WorkerPool } from './pool.io.ts';
import { QuickRules } from './quick-rules.ts';
import { allRules, shippedRules } from './rule-files.io.ts';
import { Room } from './store.io.ts';
import type { ScanEngine, ScanRequest } from './types.ts';
import { loadYara } from './yara-library.io.ts';
import { compileRules, rulesVersion, usesNames } from './yara.ts';

export interface ScanEngineOptions {
  readonly config: ScanConfig;
  readonly dataDir: string;
  /** Where files go that do not fit into memory; default: `DATA_DIR/spool`. */
  readonly spoolDir?: string;
  readonly verdicts: VerdictEngine;
  /** Generation of the indicators: verdicts of another one are not remembered. */
  indicatorsVersion(): string;
  /** Default: nothing is judged. */
  readonly prediction?: PredictionConfig;
  /** The models in force, where somebody has read them already. */
  readonly predictor?: Predictor;
  /** Counts how often a file is seen; default: nobody does. */
  seen?(sha256: string, source: string): Promise<Prevalence | undefined>;
  /** Whether a list has MD5 or SHA-1 hashes; default: they may. */
  weakHashesListed?(): boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For tests: how a thread is started. */
  readonly startThread?: PoolOptions['start'];
}

/** Changed when a stage finds other things in the same bytes: what was remembered before is forgotten. */
const CODE_VERSION = 'scan/1';
const EVERYTHING: readonly ScanStage[] = ['hashes', 'unpack', 'yara', 'clamd', 'urls', 'prediction'];

export function createScanEngine(options: ScanEngineOptions): ScanEngine {
  return new Engine(options);
}

class Engine implements ScanEngine {
  readonly #options: ScanEngineOptions;
  readonly #profiles: ReadonlyMap<string, ReadonlySet<ScanStage>>;
  readonly #pool: WorkerPool;
  readonly #clamd: Clamd | undefined;
  readonly #parts: ScanParts;
  readonly #settings: string;
  /** `undefined`: nothing is judged. */
  readonly #predictor: Predictor | undefined;
  readonly #ready: Promise<void>;
  readonly #shippedVersion = rulesVersion(shippedRules());
  #rules = 'none';
  #asked = { version: '', usesNames: false, shippedOnly: false };
  /** The shipped rules for small files, matched in this thread: what they cost at worst is known. */
  readonly #shipped: QuickRules | undefined;
  #loading: Promise<void> = Promise.resolve();
  #usesNames = false;
  /** Why YARA cannot be used; `undefined`: it can, or it is off. */
  #noYara: string | undefined;
  #versionOf = { key: '', text: '', version: '' };

  constructor(options: ScanEngineOptions) {
    const { config, clock, log, metrics, dataDir } = options;
    this.#options = options;
    const { prediction } = options;
    this.#settings = hash('sha256', JSON.stringify([config, prediction])).slice(0, 8);
    const judges = prediction === undefined || prediction.files === 'off' ? undefined : prediction;
    this.#predictor =
      judges === undefined ? undefined : (options.predictor ?? createPredictor({ dataDir, log }));
    this.#profiles = profilesOf(config);
    const spoolDir = options.spoolDir ?? join(dataDir, 'spool');
    const lost = metrics.counter('scan_workers_lost_total');
    const inspection: WorkerSettings = {
      unpack: config.unpack,
      urlsMax: config.urls.urlsMax,
      windowMax: config.yara.windowMax,
      yaraTimeoutMs: config.yara.timeoutMs,
      findingsMax: config.findingsMax,
      spoolDir,
      judge:
        judges === undefined
          ? undefined
          : { dataDir, suspiciousFrom: judges.suspiciousFrom, maliciousFrom: judges.maliciousFrom },
    };
    this.#pool = new WorkerPool({
      workers: config.workers,
      queueMax: config.queueMax,
      heapMax: config.workerHeapMax,
      timeoutMs: config.timeoutMs,
      settings: inspection,
      log,
      waiting: metrics.gauge('scan_waiting'),
      onLost: () => lost.add(1),
      ...(options.startThread === undefined ? {} : { start: options.startThread }),
      onRules: (version, problem) => this.#rulesSaid(version, problem),
    });
    const { socket, host } = config.clamd;
    this.#clamd =
      socket === undefined && host === undefined
        ? undefined
        : new Clamd(config.clamd, { log, now: () => clock.monotonic(), onVersion: () => {} });
    const library = config.yara.enabled ? loadYara() : undefined;
    if (library !== undefined && 'why' in library) this.#noYara = library.why;
    // Compiled before anything is served: later it would hold up what is.
    if (library !== undefined && !('why' in library) && config.inlineMax > 0) {
      const rules = compileRules(library, shippedRules(), {
        windowMax: config.yara.windowMax,
        timeoutMs: config.yara.timeoutMs,
      });
      this.#shipped = new QuickRules(rules, clock);
    }
    this.#parts = {
      config,
      clock,
      verdicts: options.verdicts,
      pool: this.#pool,
      clamd: this.#clamd,
      prediction: prediction?.files ?? 'off',
      judge:
        this.#predictor === undefined || judges === undefined
          ? undefined
          : createJudge(this.#predictor, judges),
      seen: (sha256, source) => options.seen?.(sha256, source) ?? Promise.resolve(undefined),
      cache: new VerdictCache(config.cacheEntries, config.cacheForMs, clock),
      limits: {
        memoryMax: config.memoryMax,
        bytesMax: config.bytesMax,
        dir: spoolDir,
        memory: new Room(config.memoryTotal),
        spool: new Room(config.spoolMax),
      },
      metrics: metricsOf(metrics),
      noYara: () => this.#noYara,
      matcher: () => this.#quickRules(),
      inspection,
      pause: () => setImmediate(),
      weakHashesListed: () => options.weakHashesListed?.() ?? true,
      version: () => this.#current().text,
      cacheKey: (sha256, profile, name) =>
        `${sha256} ${this.version} ${profile} ${this.#usesNames ? (name ?? '') : ''}`,
    };
    this.#ready = this.#start();
  }

  get version(): string {
    return this.#current().version;
  }

  get profiles(): readonly string[] {
    return [...this.#profiles.keys()];
  }

  open(request: ScanRequest): FileScan {
    const stages = this.#profiles.get(request.profile) ?? new Set(EVERYTHING);
    return new FileScan(request, stages, this.#parts);
  }

  health(): Health {
    const { config } = this.#options;
    const { spool } = this.#parts.limits;
    const reasons = [
      config.yara.enabled && this.#noYara !== undefined ? `YARA rules are not matched: ${this.#noYara}` : '',
      reasonOf(this.#clamd?.health()),
      this.#pool.trouble ?? '',
      spool.used > config.spoolMax * 0.95 ? 'the spool of scanned files is almost full (scan.spoolMax)' : '',
    ].filter((reason) => reason !== '');
    return reasons.length === 0 ? { state: 'ok' } : { state: 'degraded', reason: reasons.join('; ') };
  }

  /** One after the other: two sets that arrive together must not overtake each other. */
  reloadRules(): Promise<void> {
    this.#loading = this.#loading.then(() =>
      this.#loadRules().catch((error: unknown) => {
        this.#noYara = 'the rule sets cannot be read';
        this.#options.log.error('scan.rules-unreadable', { error });
      }),
    );
    return this.#loading;
  }

  async #loadRules(): Promise<void> {
    if (!this.#options.config.yara.enabled || 'why' in loadYara()) return;
    const sources = allRules(this.#options.dataDir);
    const version = rulesVersion(sources);
    if (version === this.#rules) return;
    this.#asked = { version, usesNames: usesNames(sources), shippedOnly: version === this.#shippedVersion };
    const problem = await this.#pool.useRules(sources, version);
    if (problem === undefined) this.#options.log.info('scan.rules', { version, files: sources.length });
    else {
      this.#noYara = problem;
      this.#options.log.error('scan.rules-refused', { reason: problem.slice(0, 500) });
    }
  }

  /** Also later than it was waited for: a thread that comes up after others have died. */
  #rulesSaid(version: string, problem: string | undefined): void {
    if (version !== this.#asked.version) return;
    this.#noYara = problem;
    if (problem !== undefined) return;
    this.#rules = version;
    this.#usesNames = this.#asked.usesNames;
  }

  #quickRules(): QuickRules | undefined {
    const inForce = this.#asked.shippedOnly && this.#rules === this.#asked.version;
    return inForce && this.#shipped?.isPaused === false ? this.#shipped : undefined;
  }

  reloadModels(): void {
    this.#predictor?.reload();
    this.#pool.useModels();
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async close(): Promise<void> {
    this.#clamd?.close();
    await this.#pool.close();
  }

  async #start(): Promise<void> {
    await Promise.all([this.reloadRules(), this.#clamd?.start()]);
  }

  /** Asked for every file: joined again only when a part has changed. */
  #current(): { readonly text: string; readonly version: string } {
    const indicators = this.#options.indicatorsVersion();
    const clamav = this.#clamd?.version ?? 'none';
    const model = this.#predictor?.version('files') ?? 'none';
    const key = `${this.#rules} ${clamav} ${indicators} ${model}`;
    if (this.#versionOf.key !== key) {
      const text = `${CODE_VERSION} yara:${this.#rules} clamav:${clamav} files:${model} indicators:${indicators} settings:${this.#settings}`;
      this.#versionOf = { key, text, version: hash('sha256', text).slice(0, 16) };
    }
    return this.#versionOf;
  }
}

function profilesOf({ profiles }: ScanConfig): ReadonlyMap<string, ReadonlySet<ScanStage>> {
  const all = new Map<string, ReadonlySet<ScanStage>>([
    ['full', new Set(EVERYTHING)],
    ['hashes', new Set<ScanStage>(['hashes'])],
    ['off', new Set<ScanStage>()],
  ]);
  for (const { name, stages } of profiles) all.set(name, new Set(stages));
  return all;
}

function reasonOf(health: Health | undefined): string {
  return health === undefined || health.state === 'ok' ? '' : health.reason;
}

function metricsOf(metrics: Metrics): ScanParts['metrics'] {
  const by = <T extends string>(name: string, values: readonly T[]) =>
    // One slot for each of the values.
    Object.fromEntries(values.map((value) => [value, metrics.counter(name, value)])) as Record<
      T,
      ReturnType<Metrics['counter']>
    >;
  return {
    verdicts: by<FileVerdict['verdict']>('scan_files_total', ['clean', 'suspicious', 'malicious', 'unknown']),
    incomplete: by('scan_incomplete_total', ['encrypted', 'damaged', 'limit', 'timeout', 'unavailable']),
    failures: by('scan_stage_failures_total', ['unpack', 'yara', 'clamd']),
    predictions: by('scan_predictions_total', ['suspicious', 'malicious']),
    bytes: metrics.counter('scan_bytes_total'),
    cached: metrics.counter('scan_cached_total'),
    seconds: metrics.histogram('scan_seconds'),
    spool: metrics.gauge('scan_spool_bytes'),
  };
}
