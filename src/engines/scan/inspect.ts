import { createHash, hash, type Hash } from 'node:crypto';
import type {
  Clock,
  FilePrediction,
  FileType,
  Finding,
  Incomplete,
  IncompleteReason,
} from '../../kernel/index.ts';
import { type InnerFile, type Source, type SpoolFile, type Trait, unpack } from '../content/index.ts';
import { EICAR_BYTES, eicarFinding, isEicar } from './eicar.ts';
import type { Found, InnerHashes, Inspected, JobResult, Link, WorkerSettings } from './job.ts';
import { NO_WEAK_HASHES, weakHashesOf } from './hashes.ts';
import { linksIn } from './links.ts';
import type { Judge } from './judge.ts';
import type { RuleMatcher } from './yara.ts';

export interface InspectParts {
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  /** `undefined`: no rules, or no library. */
  readonly rules: RuleMatcher | undefined;
  /** `undefined`: nothing is judged. */
  readonly judge: Judge | undefined;
  spool(): SpoolFile | undefined;
  found(found: Found): void;
}

/** Everything that is done with the bytes of one file: what is inside, rules over each part, hashes and links. */
export async function inspect(job: Inspected, source: Source, parts: InspectParts): Promise<JobResult> {
  const work = new Inspection(job, parts);
  await work.run(source);
  return work.result();
}

/** How much of one part is searched for links. */
const LINK_BYTES = 4 * 1024 * 1024;
const WHOLE_HASH_BYTES = 8 * 1024 * 1024;
/** Troubles of one file that are listed; a damaged archive can have one for each of its entries. */
const TROUBLES_MAX = 100;

/** Of what is left of its time, for unpacking. */
const WITHIN = 0.9;
const PREDICTIONS_MAX = 8;
/** An opinion is not worth a timeout: an archive of ten thousand large programs is judged by its first ones. */
const PREDICT_MS_MAX = 5_000;

class Inspection {
  readonly #job: Inspected;
  readonly #parts: InspectParts;
  readonly #inner: InnerHashes[] = [];
  readonly #links = new Map<string, Link>();
  readonly #predictions: FilePrediction[] = [];
  #predictMs = 0;
  #findings = 0;
  #troubles = 0;
  #yaraMs = 0;
  #yaraFailed = '';
  #totalMs = 0;

  constructor(job: Inspected, parts: InspectParts) {
    this.#job = job;
    this.#parts = parts;
  }

  async run(source: Source): Promise<void> {
    const { clock, settings } = this.#parts;
    const begun = clock.monotonic();
    const job = this.#job;
    this.#look({ path: '', type: job.type, source, depth: 0 });
    if (job.unpack) {
      // Before whoever waits for the thread ends it: what was found is told either way, the rest is not.
      const until = begun + Math.min(settings.unpack.timeoutMs, job.withinMs * WITHIN);
      await unpack(
        source,
        job.type,
        {
          ...settings.unpack,
          wholeMax: WHOLE_MAX,
          expired: () => clock.monotonic() > until,
          spool: () => this.#parts.spool(),
        },
        {
          file: (file) => this.#member(file),
          trouble: (path, { reason, detail }) => this.#incomplete(reason, 'unpack', path, detail),
          trait: (path, trait) => this.#finding(traitFinding(trait, path)),
        },
        job,
      );
    }
    this.#totalMs = clock.monotonic() - begun;
  }

  result(): JobResult {
    const stages = [];
    if (this.#job.unpack)
      stages.push({ stage: 'unpack', tookMs: this.#totalMs - this.#yaraMs - this.#predictMs, failed: '' });
    if (this.#job.yara) stages.push({ stage: 'yara', tookMs: this.#yaraMs, failed: this.#yaraFailed });
    if (this.#job.predict) stages.push({ stage: 'prediction', tookMs: this.#predictMs, failed: '' });
    return { inner: this.#inner, links: [...this.#links.values()], stages, predictions: this.#predictions };
  }

  #member(file: InnerFile): boolean {
    this.#inner.push({ path: file.path, ...hashesOf(file.source, this.#job.weak) });
    if (isEicar(file.source.read(0, EICAR_BYTES))) this.#finding(eicarFinding(file.path));
    this.#look(file);
    return true;
  }

  #look({ path, type, source }: InnerFile): void {
    if (this.#job.yara) this.#match(path, type, source);
    if (this.#job.predict) this.#judge(path, type, source);
    if (this.#job.urls && this.#links.size < this.#parts.settings.urlsMax && hasLinks(type)) {
      for (const url of linksIn(source.read(0, LINK_BYTES))) {
        if (this.#links.size >= this.#parts.settings.urlsMax) break;
        if (!this.#links.has(url)) this.#links.set(url, { url, path });
      }
    }
  }

  /** The worst ones are kept: an archive may hold ten thousand harmless programs. */
  #judge(path: string, type: FileType, source: Source): void {
    const { judge, clock } = this.#parts;
    if (judge === undefined || this.#predictMs > PREDICT_MS_MAX) return;
    const begun = clock.monotonic();
    const found = judge(type, source, path);
    this.#predictMs += clock.monotonic() - begun;
    if (found === undefined) return;
    const kept = this.#predictions;
    kept.push(found);
    kept.sort((a, b) => b.score - a.score);
    kept.length = Math.min(kept.length, PREDICTIONS_MAX);
  }

  #match(path: string, type: FileType, source: Source): void {
    const { rules, clock } = this.#parts;
    if (rules === undefined) return;
    const begun = clock.monotonic();
    const name = path === '' ? (this.#job.name ?? '') : path;
    const outcome = rules.match(source, type, name);
    for (const match of outcome.matches) this.#finding({ stage: 'yara', path, ...match });
    if (outcome.problem !== undefined) {
      this.#yaraFailed ||= outcome.problem.detail;
      this.#incomplete(outcome.problem.reason, 'yara', path, outcome.problem.detail);
    }
    this.#yaraMs += clock.monotonic() - begun;
  }

  #finding(finding: Finding): void {
    if (++this.#findings > this.#parts.settings.findingsMax) return;
    this.#parts.found({ findings: [finding], incomplete: [] });
  }

  #incomplete(reason: IncompleteReason, stage: string, path: string, detail: string): void {
    if (++this.#troubles > TROUBLES_MAX) return;
    const one: Incomplete = { reason, stage, path, detail };
    this.#parts.found({ findings: [], incomplete: [one] });
  }
}

/** What must be in memory as a whole to be read: a PDF, a message, a 7z archive. */
const WHOLE_MAX = 32 * 1024 * 1024;

const TRAIT_FINDINGS: Readonly<Record<Trait, Finding['severity']>> = {
  macros: 'low',
  'pdf-javascript': 'low',
  'external-template': 'low',
  'pdf-launch': 'low',
};

function traitFinding(trait: Trait, path: string): Finding {
  return { stage: 'unpack', name: trait, source: 'built-in', severity: TRAIT_FINDINGS[trait], path };
}

function hasLinks({ name, family }: FileType): boolean {
  return family === 'text' || family === 'script' || family === 'mail' || name === 'pdf' || name === 'rtf';
}

function hashesOf(source: Source, weak: boolean): Omit<InnerHashes, 'path'> {
  if (source.size <= WHOLE_HASH_BYTES) {
    const bytes = source.read(0, source.size);
    return { sha256: hash('sha256', bytes), ...(weak ? weakHashesOf(bytes) : NO_WEAK_HASHES) };
  }
  const sha256 = createHash('sha256');
  const others: readonly [Hash, Hash] | undefined = weak
    ? [createHash('md5'), createHash('sha1')]
    : undefined;
  for (let at = 0; at < source.size; at += 1 << 20) {
    const piece = source.read(at, 1 << 20);
    for (const each of [sha256, ...(others ?? [])]) each.update(piece);
  }
  return {
    sha256: sha256.digest('hex'),
    md5: others?.[0].digest('hex') ?? '',
    sha1: others?.[1].digest('hex') ?? '',
  };
}
