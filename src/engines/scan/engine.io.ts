import { hash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Clock, Health, HealthCode, Log, Metrics, Prevalence } from '../../kernel/index.ts';
import type { PredictionConfig, ScanConfig, ScanStage } from '../config/index.ts';
import { createPredictor, type Predictor } from '../prediction/index.ts';
import type { VerdictEngine } from '../verdict/index.ts';
import { VerdictCache } from './cache.ts';
import { Clamd } from './clamd.io.ts';
import { countersOf } from './counters.ts';
import { Decoder } from './decoder.ts';
import { FileScan } from './file-scan.io.ts';
import { IcapScanner } from './icap-scanner.io.ts';
import type { ScanParts } from './parts.ts';
import type { WorkerSettings } from './job.ts';
import { createJudge } from './judge.ts';
import { type PoolOptions, WorkerPool } from './pool.io.ts';
import { RulesInForce } from './rules-in-force.io.ts';
import { Room, type StoreLimits } from './store.io.ts';
import { Turns } from './turns.io.ts';
import type { ScanEngine, ScanRequest } from './types.ts';

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
const CODE_VERSION = 'scan/3';
const EVERYTHING: readonly ScanStage[] = ['hashes', 'unpack', 'yara', 'clamd', 'icap', 'urls', 'prediction'];

export function createScanEngine(options: ScanEngineOptions): ScanEngine {
  return new Engine(options);
}

class Engine implements ScanEngine {
  readonly #options: ScanEngineOptions;
  readonly #profiles: ReadonlyMap<string, ReadonlySet<ScanStage>>;
  readonly #pool: WorkerPool;
  readonly #rules: RulesInForce;
  readonly #clamd: Clamd | undefined;
  readonly #icap: IcapScanner | undefined;
  readonly #parts: ScanParts;
  readonly #settings: string;
  /** `undefined`: nothing is judged. */
  readonly #predictor: Predictor | undefined;
  readonly #ready: Promise<void>;
  #versionOf = { key: '', text: '', version: '' };

  constructor(options: ScanEngineOptions) {
    const { config, prediction } = options;
    this.#options = options;
    this.#settings = hash('sha256', JSON.stringify([config, prediction])).slice(0, 8);
    this.#profiles = profilesOf(config);
    this.#predictor = judgesOf(options) === undefined ? undefined : predictorOf(options);
    this.#rules = new RulesInForce(config, options);
    const inspection = inspectionOf(options);
    this.#pool = this.#openPool(inspection);
    this.#clamd = openClamd(options);
    this.#icap = openIcap(options);
    this.#parts = this.#partsOf(inspection);
    this.#ready = this.#start();
  }

  #openPool(settings: WorkerSettings): WorkerPool {
    const { config, log, metrics, startThread } = this.#options;
    const lost = metrics.counter('scan_workers_lost_total');
    return new WorkerPool({
      workers: config.workers,
      queueMax: config.queueMax,
      heapMax: config.workerHeapMax,
      settings,
      log,
      waiting: metrics.gauge('scan_waiting'),
      onLost: () => lost.add(1),
      ...(startThread === undefined ? {} : { start: startThread }),
      onRules: (version, problem) => this.#rules.said(version, problem),
    });
  }

  #partsOf(inspection: WorkerSettings): ScanParts {
    const { config, clock, verdicts, metrics, prediction, seen, weakHashesListed } = this.#options;
    const judges = judgesOf(this.#options);
    const limits: StoreLimits = {
      memoryMax: config.memoryMax,
      bytesMax: config.bytesMax,
      dir: inspection.spoolDir,
      memory: new Room(config.memoryTotal),
      spool: new Room(config.spoolMax),
    };
    const turns = new Turns(config.decodersMax, metrics.gauge('scan_decoders_waiting'));
    return {
      config,
      clock,
      verdicts,
      pool: this.#pool,
      clamd: this.#clamd,
      icap: this.#icap,
      prediction: prediction?.files ?? 'off',
      judge:
        this.#predictor === undefined || judges === undefined
          ? undefined
          : createJudge(this.#predictor, judges),
      seen: (sha256, source) => seen?.(sha256, source) ?? Promise.resolve(undefined),
      cache: new VerdictCache(config.cacheEntries, config.cacheForMs, clock),
      limits,
      decoder: new Decoder({ clock, config, limits, turns }),
      metrics: countersOf(metrics),
      noYara: () => this.#rules.why,
      matcher: () => this.#rules.quick(),
      inspection,
      pause: () => setImmediate(),
      weakHashesListed: () => weakHashesListed?.() ?? true,
      version: () => this.#current().text,
      cacheKey: (sha256, { profile, name, coding, boundary }) =>
        `${sha256} ${this.version} ${profile} ${coding} ${boundary ?? ''} ${this.#rules.usesNames ? (name ?? '') : ''}`,
    };
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
    const { why } = this.#rules;
    const faults: (readonly [HealthCode, string])[] = [];
    if (config.yara.enabled && why !== undefined)
      faults.push(['yara-off', `YARA rules are not matched: ${why}`]);
    for (const health of [this.#clamd?.health(), this.#icap?.health()]) {
      if (health !== undefined && health.state !== 'ok') faults.push([health.code, health.reason]);
    }
    if (this.#pool.trouble !== undefined) faults.push(['scan-workers', this.#pool.trouble]);
    if (spool.used > config.spoolMax * 0.95)
      faults.push(['scan-spool', 'the spool of scanned files is almost full (scan.spoolMax)']);
    const [first] = faults;
    if (first === undefined) return { state: 'ok' };
    return { state: 'degraded', code: first[0], reason: faults.map(([, reason]) => reason).join('; ') };
  }

  reloadRules(): Promise<void> {
    return this.#rules.reload(this.#pool);
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
    this.#icap?.close();
    await this.#pool.close();
  }

  async #start(): Promise<void> {
    await Promise.all([this.reloadRules(), this.#clamd?.start(), this.#icap?.start()]);
  }

  /** Asked for every file: joined again only when a part has changed. */
  #current(): { readonly text: string; readonly version: string } {
    const indicators = this.#options.indicatorsVersion();
    const clamav = this.#clamd?.version ?? 'none';
    const icap = this.#icap?.version ?? 'none';
    const model = this.#predictor?.version('files') ?? 'none';
    const rules = this.#rules.version;
    const key = `${rules} ${clamav} ${icap} ${indicators} ${model}`;
    if (this.#versionOf.key !== key) {
      const text = `${CODE_VERSION} yara:${rules} clamav:${clamav}${this.#icap === undefined ? '' : ` icap:${icap}`} files:${model} indicators:${indicators} settings:${this.#settings}`;
      this.#versionOf = { key, text, version: hash('sha256', text).slice(0, 16) };
    }
    return this.#versionOf;
  }
}

function judgesOf({ prediction }: ScanEngineOptions): PredictionConfig | undefined {
  return prediction === undefined || prediction.files === 'off' ? undefined : prediction;
}

function predictorOf({ predictor, dataDir, log }: ScanEngineOptions): Predictor {
  return predictor ?? createPredictor({ dataDir, log });
}

/** What every thread is told. */
function inspectionOf(options: ScanEngineOptions): WorkerSettings {
  const { config, dataDir, spoolDir } = options;
  const judges = judgesOf(options);
  return {
    unpack: config.unpack,
    urlsMax: config.urls.urlsMax,
    windowMax: config.yara.windowMax,
    yaraTimeoutMs: config.yara.timeoutMs,
    findingsMax: config.findingsMax,
    spoolDir: spoolDir ?? join(dataDir, 'spool'),
    judge:
      judges === undefined
        ? undefined
        : { dataDir, suspiciousFrom: judges.suspiciousFrom, maliciousFrom: judges.maliciousFrom },
  };
}

/** `undefined`: none is configured. */
function openClamd({ config, log, clock }: ScanEngineOptions): Clamd | undefined {
  const { socket, host } = config.clamd;
  if (socket === undefined && host === undefined) return undefined;
  return new Clamd(config.clamd, { log, now: () => clock.monotonic(), onVersion: () => {} });
}

/** `undefined`: none is configured. */
function openIcap({ config, log, clock }: ScanEngineOptions): IcapScanner | undefined {
  return config.icap && new IcapScanner(config.icap, { log, now: () => clock.monotonic() });
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
