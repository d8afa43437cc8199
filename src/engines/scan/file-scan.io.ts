import { createHash, type Hash } from 'node:crypto';
import type {
  Clock,
  Counter,
  FileType,
  FileVerdict,
  Gauge,
  Histogram,
  IncompleteReason,
  MaybePromise,
  Verdict,
} from '../../kernel/index.ts';
import { FILE_TYPES } from '../../protocols/file-type/index.ts';
import type { ScanConfig, ScanStage } from '../config/index.ts';
import { typeOfSource } from '../content/index.ts';
import type { VerdictEngine } from '../verdict/index.ts';
import type { VerdictCache } from './cache.ts';
import type { Clamd } from './clamd.io.ts';
import { EICAR_BYTES, eicarFinding, isEicar } from './eicar.ts';
import { scanErrors } from './errors.ts';
import type { WorkerPool } from './pool.io.ts';
import { runStages } from './stages.ts';
import { BodyStore, type StoreLimits } from './store.io.ts';
import type { Scan, ScanRequest } from './types.ts';

export interface ScanParts {
  readonly config: ScanConfig;
  readonly clock: Clock;
  readonly verdicts: VerdictEngine;
  readonly pool: Pick<WorkerPool, 'run'>;
  readonly clamd: Pick<Clamd, 'scan'> | undefined;
  readonly cache: VerdictCache;
  readonly limits: StoreLimits;
  readonly metrics: ScanMetrics;
  /** Why YARA rules are not matched; `undefined`: they are. */
  noYara(): string | undefined;
  /** In full, for verdicts. */
  version(): string;
  cacheKey(sha256: string, profile: string, name: string | undefined): string;
}

export interface ScanMetrics {
  readonly verdicts: Readonly<Record<FileVerdict['verdict'], Counter>>;
  readonly incomplete: Readonly<Record<IncompleteReason, Counter>>;
  readonly failures: Readonly<Record<'unpack' | 'yara' | 'clamd', Counter>>;
  readonly bytes: Counter;
  readonly cached: Counter;
  readonly seconds: Histogram;
  readonly spool: Gauge;
}

export interface Hashes {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
}

/** One file: hashed and kept while it arrives, judged when it is whole. */
export class FileScan implements Scan {
  readonly #request: ScanRequest;
  readonly #stages: ReadonlySet<ScanStage>;
  readonly #parts: ScanParts;
  readonly #store: BodyStore;
  readonly #md5: Hash = createHash('md5');
  readonly #sha1: Hash = createHash('sha1');
  readonly #sha256: Hash = createHash('sha256');
  #start: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #early: FileVerdict | undefined;
  #finished: Promise<FileVerdict> | undefined;
  #closed = false;

  constructor(request: ScanRequest, stages: ReadonlySet<ScanStage>, parts: ScanParts) {
    this.#request = request;
    this.#stages = stages;
    this.#parts = parts;
    this.#store = new BodyStore(parts.limits);
    const { bytesMax } = parts.config;
    if (stages.size > 0 && request.bytes !== undefined && request.bytes > bytesMax) {
      this.#early = this.#document(unknownVerdict(), {
        incomplete: [{ reason: 'limit', stage: 'receive', path: '', detail: tooLong(bytesMax) }],
      });
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get early(): FileVerdict | undefined {
    return this.#early;
  }

  get replayable(): boolean {
    return this.#store.lost === undefined;
  }

  write(bytes: Uint8Array): MaybePromise<void> {
    if (this.#closed || this.#finished !== undefined || bytes.length === 0) return;
    this.#bytes += bytes.length;
    this.#md5.update(bytes);
    this.#sha1.update(bytes);
    this.#sha256.update(bytes);
    if (this.#start.length < EICAR_BYTES) this.#beginning(bytes);
    return this.#store.append(bytes);
  }

  #beginning(bytes: Uint8Array): void {
    this.#start = Buffer.concat([this.#start, bytes.subarray(0, EICAR_BYTES - this.#start.length)]);
    if (this.#stages.size === 0 || !isEicar(this.#start)) return;
    this.#early ??= this.#document(
      { verdict: 'malicious', score: 100, matches: [] },
      { findings: [eicarFinding('')], type: FILE_TYPES.text },
    );
  }

  finish(): Promise<FileVerdict> {
    return (this.#finished ??= this.#judge());
  }

  async *replay(): AsyncGenerator<Uint8Array> {
    await this.#store.settled();
    const { lost } = this.#store;
    if (lost !== undefined) throw scanErrors.SCAN_NOT_KEPT({ why: lost.why });
    yield* this.#store.replay();
  }

  close(): void {
    this.#closed = true;
    this.#store.close();
    this.#parts.metrics.spool.set(this.#parts.limits.spool.used);
  }

  async #judge(): Promise<FileVerdict> {
    const { clock, metrics, limits } = this.#parts;
    const begun = clock.monotonic();
    // The store stays until the verdict, whoever closes the scan meanwhile.
    this.#store.hold();
    try {
      await this.#store.settled();
      metrics.spool.set(limits.spool.used);
      const hashes = {
        md5: this.#md5.digest('hex'),
        sha1: this.#sha1.digest('hex'),
        sha256: this.#sha256.digest('hex'),
      };
      const type = typeOfSource(this.#store.source());
      const verdict = await runStages({
        parts: this.#parts,
        request: this.#request,
        wanted: this.#stages,
        store: this.#store,
        hashes,
        isEicar: isEicar(this.#start),
        base: this.#document(unknownVerdict(), { ...hashes, type }),
      });
      this.#count(verdict, clock.monotonic() - begun);
      return verdict;
    } finally {
      this.#store.release();
    }
  }

  #count(verdict: FileVerdict, tookMs: number): void {
    const { metrics } = this.#parts;
    metrics.verdicts[verdict.verdict].add(1);
    metrics.bytes.add(verdict.bytes);
    if (verdict.cached) metrics.cached.add(1);
    metrics.seconds.observe(tookMs / 1000);
    for (const { reason } of verdict.incomplete) metrics.incomplete[reason].add(1);
  }

  #document(verdict: Verdict, known: Partial<FileVerdict> & { readonly type?: FileType }): FileVerdict {
    return {
      ...verdict,
      sha256: '',
      sha1: '',
      md5: '',
      bytes: this.#bytes,
      type: FILE_TYPES.unknown,
      findings: [],
      incomplete: [],
      stages: [],
      version: this.#parts.version(),
      cached: false,
      ...known,
    };
  }
}

function unknownVerdict(): Verdict {
  return { verdict: 'unknown', score: 50, matches: [] };
}

function tooLong(bytesMax: number): string {
  return `longer than ${bytesMax} bytes (scan.bytesMax)`;
}
