import type { FileType, FileVerdict, MaybePromise, Verdict } from '../../kernel/index.ts';
import { FILE_TYPES } from '../../protocols/file-type/index.ts';
import { formBoundary } from '../../protocols/form-data/index.ts';
import type { ScanStage } from '../config/index.ts';
import { type Codings, readCodings } from '../content/index.ts';
import type { Content } from './decoded.ts';
import { EICAR_BYTES, eicarFinding, isEicar } from './eicar.ts';
import { scanErrors } from './errors.ts';
import { BodyHashes, type WeakHashes } from './hashes.ts';
import type { ReadRequest, ScanParts } from './parts.ts';
import { runStages } from './stages.ts';
import { BodyStore } from './store.io.ts';
import type { Scan, ScanContent, ScanRequest } from './types.ts';

const NOTHING = Buffer.alloc(0);
/** Families of files of which prevalence is kept. */
const COUNTED: ReadonlySet<string> = new Set(['executable', 'script', 'document', 'archive', 'disk-image']);

/** One file: hashed and kept while it arrives, judged when it is whole. */
export class FileScan implements Scan {
  readonly #request: ScanRequest;
  readonly #stages: ReadonlySet<ScanStage>;
  readonly #parts: ScanParts;
  readonly #store: BodyStore;
  readonly #hashes = new BodyHashes();
  readonly #wantsWeak: boolean;
  #start: Buffer = NOTHING;
  #bytes = 0;
  #early: FileVerdict | undefined;
  #finished: Promise<FileVerdict> | undefined;
  #isWhole = false;
  #closed = false;

  constructor(request: ScanRequest, stages: ReadonlySet<ScanStage>, parts: ScanParts) {
    this.#request = request;
    this.#stages = stages;
    this.#parts = parts;
    this.#store = new BodyStore(parts.limits);
    this.#wantsWeak = request.sha256Only !== true || parts.weakHashesListed();
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
    if (this.#closed || this.#isWhole || bytes.length === 0) return;
    this.#bytes += bytes.length;
    if (this.#wantsWeak && !this.#store.fits(bytes.length)) this.#hashes.beginWeak(this.#store.pieces);
    this.#hashes.update(bytes);
    if (this.#start.length < EICAR_BYTES) this.#beginning(bytes);
    return this.#store.append(bytes);
  }

  #beginning(bytes: Uint8Array): void {
    const first = bytes.subarray(0, EICAR_BYTES - this.#start.length);
    this.#start = this.#start.length === 0 ? Buffer.from(first) : Buffer.concat([this.#start, first]);
    if (this.#stages.size === 0 || !isEicar(this.#start)) return;
    this.#early ??= this.#document(
      { verdict: 'malicious', score: 100, matches: [] },
      { findings: [eicarFinding('')], type: FILE_TYPES.text },
    );
  }

  sha256(): string {
    this.#isWhole = true;
    return this.#hashes.sha256();
  }

  finish(): Promise<FileVerdict> {
    this.#isWhole = true;
    return (this.#finished ??= this.#judge());
  }

  async *replay(): AsyncGenerator<Uint8Array> {
    await this.#store.settled();
    const { lost } = this.#store;
    if (lost !== undefined) throw scanErrors.SCAN_NOT_KEPT({ why: lost.why });
    yield* this.#store.replay();
  }

  async content(): Promise<ScanContent | undefined> {
    const { codings } = readRequest(this.#request);
    if (codings === undefined || codings.trouble !== undefined || this.#closed) return undefined;
    const { clock, config, decoder } = this.#parts;
    this.#store.hold();
    try {
      await this.#store.settled();
      if (this.#store.lost !== undefined) return undefined;
      const body = this.#content(this.sha256(), false);
      const { contents, incomplete } = await decoder.decode(
        body,
        codings,
        clock.monotonic() + config.timeoutMs,
      );
      const [content, ...more] = contents;
      if (content === undefined || content === body) return undefined;
      const { store, sha256 } = content;
      if (more.length > 0 || incomplete.length > 0) {
        store.close();
        return undefined;
      }
      const replay = (): AsyncIterable<Uint8Array> => store.replay();
      return { sha256, bytes: store.bytes, coding: namesOf(codings), replay, close: () => store.close() };
    } finally {
      this.#store.release();
    }
  }

  close(): void {
    this.#closed = true;
    this.#store.close();
    this.#parts.metrics.spool.set(this.#parts.limits.spool.used);
  }

  async #judge(): Promise<FileVerdict> {
    const { clock, config, metrics, limits } = this.#parts;
    const begun = clock.monotonic();
    // The store stays until the verdict, whoever closes the scan meanwhile.
    this.#store.hold();
    try {
      await this.#store.settled();
      metrics.spool.set(limits.spool.used);
      const sha256 = this.#hashes.sha256();
      const verdict = await runStages({
        parts: this.#parts,
        request: readRequest(this.#request),
        wanted: this.#stages,
        body: this.#content(sha256, this.#wantsWeak),
        base: this.#document(unknownVerdict(), { sha256 }),
        deadlineMs: begun + config.timeoutMs,
      });
      this.#count(verdict, clock.monotonic() - begun);
      return await this.#withPrevalence(verdict);
    } finally {
      this.#store.release();
    }
  }

  /** Of what can do harm by itself; pictures and texts are not counted, which would cost a question to control each. */
  async #withPrevalence(verdict: FileVerdict): Promise<FileVerdict> {
    const { source } = this.#request;
    if (source === undefined || !COUNTED.has(verdict.type.family)) return verdict;
    const prevalence = await this.#parts.seen(verdict.sha256, source);
    return prevalence === undefined ? verdict : { ...verdict, prevalence };
  }

  #content(sha256: string, wantsWeak: boolean): Content {
    return {
      store: this.#store,
      sha256,
      weak: wantsWeak ? () => this.#weak() : undefined,
      isEicar: isEicar(this.#start),
    };
  }

  #weak(): WeakHashes {
    return this.#hashes.weak(() => {
      const source = this.#store.source();
      return source.read(0, source.size);
    });
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

/** What its client says of the body, as far as the stages need it. */
function readRequest({ name, profile, mediaType, contentEncoding }: ScanRequest): ReadRequest {
  const codings = readCodings(contentEncoding);
  const coding = [...codings.packings, codings.trouble?.detail ?? ''].join('+');
  return {
    name,
    profile,
    codings: codings.packings.length === 0 && codings.trouble === undefined ? undefined : codings,
    coding,
    boundary: formBoundary(mediaType),
  };
}

/** As Content-Encoding says it: what was done first stands first. */
function namesOf({ packings }: Codings): string {
  return packings
    .toReversed()
    .map((packing) => (packing === 'brotli' ? 'br' : packing))
    .join(', ');
}

function unknownVerdict(): Verdict {
  return { verdict: 'unknown', score: 50, matches: [] };
}

function tooLong(bytesMax: number): string {
  return `longer than ${bytesMax} bytes (scan.bytesMax)`;
}
