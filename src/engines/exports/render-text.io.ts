import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../kernel/index.ts';
import {
  EXPORT_FORMATS,
  EXPORT_GROUPS,
  type ExportEntryKind,
  type ExportFacts,
  type ExportFormat,
  exportFormat,
} from '../../protocols/exports/index.ts';
import type { IndicatorReader } from '../indicators/index.ts';
import { type Artifact, skippedText } from './artifact.ts';
import type { ExportDefinition, ExportShape } from './definition.ts';
import { exportErrors } from './errors.ts';
import { Output, packFile } from './output.io.ts';
import type { RenderJob, Slicer } from './render-job.ts';
import { type VariantEntries, variantEntries } from './source.ts';

export interface TextWork {
  readonly job: RenderJob;
  readonly reader: IndicatorReader;
  readonly clock: Clock;
  readonly temporary: string;
  readonly stem: string;
  readonly facts: ExportFacts;
  readonly slice: Slicer;
}

/** What a rendering says of its file; the rest of the artifact is known before. */
export type Made = Omit<
  Artifact,
  'key' | 'variant' | 'name' | 'format' | 'group' | 'generation' | 'builtAtMs' | 'changedAtMs' | 'tookMs'
>;

/** Writes a list in a text format: one file, and the same packed. */
export async function writeText(work: TextWork): Promise<Made> {
  const { job, reader, clock, temporary, stem } = work;
  const { variant, cacheDir } = job;
  const format = exportFormat(variant.format);
  if (format === undefined) {
    const formats = EXPORT_FORMATS.map(({ name }) => name).join(', ');
    throw exportErrors.EXPORT_FORMAT_UNKNOWN({ format: variant.format, formats });
  }
  const entries = variantEntries(variant, reader, clock);
  const written = await writeEntries(work, format, entries);
  const { sha256, bytes, gzipBytes } = await packFile(temporary, join(cacheDir, `${stem}.gz.tmp`));
  renameSync(join(cacheDir, `${stem}.gz.tmp`), join(cacheDir, `${stem}.txt.gz`));
  renameSync(temporary, join(cacheDir, `${stem}.txt`));
  return {
    ...written,
    type: format.type,
    etag: sha256.slice(0, 32),
    bytes,
    gzipBytes,
    allowed: entries.allowed,
    validUntilMs: entries.endsAtS === undefined ? undefined : entries.endsAtS * 1000,
    file: `${stem}.txt`,
    gzip: `${stem}.txt.gz`,
    index: undefined,
  };
}

type Written = Pick<Made, 'entries' | 'skipped' | 'beyond' | 'headBytes' | 'lines' | 'marks' | 'parts'>;

async function writeEntries(
  { job, temporary, facts, slice }: TextWork,
  format: ExportFormat,
  entries: VariantEntries,
): Promise<Written> {
  const { definition } = job.variant;
  const out = new Output(temporary, job.fileBytesMax);
  const tooLarge = (): Error => {
    const { name } = definition;
    return exportErrors.EXPORT_TOO_LARGE({ name, format: format.name, bytes: job.fileBytesMax });
  };
  const writer = format.create(facts, out);
  const parts = partCounter(definition.split, format, job.shape);
  const tally = new Tally(format, definition);
  let isFinished = false;
  try {
    writer.head();
    const headBytes = out.offset;
    const marks = format.paged ? out.startLines() : [];
    for (let pass = 0; pass < (writer.passes ?? 1); pass++) {
      tally.start(pass);
      for (const entry of entries.each()) {
        if (slice.isDue()) await turn();
        if (!tally.offers(entry.kind)) continue;
        const [start, line] = [out.offset, out.lines];
        if (!writer.entry(entry, pass)) tally.skip(entry.kind);
        else parts?.add(start, out.offset, out.lines - line);
        if (out.isTooLarge) throw tooLarge();
      }
      writer.end?.(pass);
    }
    const { written, skipped, beyond } = tally;
    const left = skippedText(skipped);
    const own = out.finish(
      `${written} entries${left === '' ? '' : `; not in this format and left out: ${left}`}`,
    );
    isFinished = true;
    if (out.isTooLarge) throw tooLarge();
    return {
      entries: written,
      skipped,
      beyond,
      headBytes,
      lines: out.lines,
      marks,
      parts: parts?.parts(headBytes) ?? own,
    };
  } finally {
    if (!isFinished) out.abandon();
  }
}

/** Counts what becomes of the entries. Every pass is offered the same ones. */
class Tally {
  readonly skipped: Partial<Record<ExportEntryKind, number>> = {};
  readonly #kinds: ReadonlySet<string>;
  readonly #limit: number;
  beyond = 0;
  #pass = 0;
  #offered = 0;
  #refused = 0;

  constructor({ groups }: ExportFormat, { limit }: ExportDefinition) {
    this.#kinds = new Set(groups.flatMap((group) => EXPORT_GROUPS[group]));
    this.#limit = limit ?? Infinity;
  }

  get written(): number {
    return this.#offered - this.#refused;
  }

  start(pass: number): void {
    this.#pass = pass;
    this.#offered = 0;
  }

  /** False: the format has no form for the kind, or the export is full. */
  offers(kind: ExportEntryKind): boolean {
    const isKnown = this.#kinds.has(kind);
    const isFull = this.#offered >= this.#limit;
    if (isKnown && !isFull) {
      this.#offered++;
      return true;
    }
    if (this.#pass === 0 && !isKnown) this.#count(kind);
    else if (this.#pass === 0) this.beyond++;
    return false;
  }

  /** The writer has no form for what was offered. */
  skip(kind: ExportEntryKind): void {
    this.#refused++;
    this.#count(kind);
  }

  #count(kind: ExportEntryKind): void {
    this.skipped[kind] = (this.skipped[kind] ?? 0) + 1;
  }
}

/** Cuts a list of lines into parts of so many lines, and bytes where the receiver bounds those too. */
function partCounter(split: number | undefined, format: ExportFormat, shape: ExportShape) {
  const isFortinet = format.name === 'fortinet';
  if (!format.paged || (split === undefined && !isFortinet)) return undefined;
  const linesMax = split ?? shape.fortinetPartLinesMax;
  const bytesMax = isFortinet ? shape.fortinetPartBytesMax : Infinity;
  const found: { name: string; offset: number; length: number; entries: number }[] = [];
  return {
    add(start: number, end: number, lines: number): void {
      const last = found.at(-1);
      if (last === undefined || last.entries + lines > linesMax || end - last.offset > bytesMax) {
        found.push({ name: String(found.length + 1), offset: start, length: end - start, entries: lines });
      } else {
        last.length = end - last.offset;
        last.entries += lines;
      }
    },
    parts: (headBytes: number) =>
      found.length === 0 ? [{ name: '1', offset: headBytes, length: 0, entries: 0 }] : found,
  };
}
