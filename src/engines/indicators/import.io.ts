import { statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Clock, GatewayError, type Severity } from '../../kernel/index.ts';
import {
  type CsvMapping,
  DETECT_BYTES,
  detectFormat,
  isListFormat,
  LIST_FORMATS,
  type ListEntry,
  type ListFormat,
  type ListParser,
  type ListProblem,
  openListParser,
} from '../../protocols/lists/index.ts';
import { indicatorErrors } from './errors.ts';
import type { IndicatorKind } from './keys.ts';
import { openListFile, type ListFile } from './list-file.io.ts';
import { acquireLock } from './lock.io.ts';
import { type FeedInfo, isFeedName, type Manifest } from './manifest.ts';
import { Segment } from './segment.io.ts';
import { SegmentWriter } from './segment-writer.io.ts';
import { readManifest, removeWaste, syncFolder, writeManifest } from './store.io.ts';

export interface ImportOptions {
  readonly dir: string;
  readonly file: string;
  readonly feed: string;
  /** A format by name, or `auto`. */
  readonly format: string;
  readonly action: 'allow' | 'block';
  /** For entries whose list names none. */
  readonly category: string;
  readonly severity: Severity;
  readonly licence: string;
  readonly priority: number;
  readonly mapping: CsvMapping;
  readonly limits: ImportLimits;
}

export interface ImportLimits {
  readonly lineBytesMax: number;
  /** Problems kept in the report; all are counted. */
  readonly problemsMax: number;
  readonly entriesMax: number;
  readonly listBytesMax: number;
  readonly documentBytesMax: number;
  readonly expansionMax: number;
  /** How long to wait for another import. */
  readonly waitMs: number;
}

/** Plain data: travels from the import process. */
export interface ImportReport {
  readonly feed: string;
  readonly format: ListFormat;
  readonly action: 'allow' | 'block';
  readonly entries: number;
  readonly kinds: Readonly<Record<IndicatorKind, number>>;
  readonly duplicates: number;
  readonly rejected: number;
  /** Reasons with their counts, the most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  readonly problems: readonly ListProblem[];
  readonly seconds: number;
  readonly generation: string;
}

/** `done` and `total` in bytes of the file. */
export type ImportProgress = (step: 'wait' | 'read' | 'write', done: number, total: number) => void;

/** Different reasons that are counted apart; the rest shares one. */
const REASONS_MAX = 100;
const PROGRESS_MS = 250;
const MANIFEST_WAIT_MS = 10_000;

/**
 * Imports one list as one feed and swaps the manifest. Killed at any moment it leaves the old state or the
 * new one. Nothing is changed when it throws.
 */
export async function importFeed(
  options: ImportOptions,
  clock: Clock,
  progress: ImportProgress,
): Promise<ImportReport> {
  if (!isFeedName(options.feed)) throw indicatorErrors.INDICATORS_FEED_NAME({ name: options.feed });
  if (options.format !== 'auto' && !isListFormat(options.format)) {
    const formats = `auto, ${LIST_FORMATS.join(', ')}`;
    throw indicatorErrors.INDICATORS_FORMAT_UNKNOWN({ format: options.format, formats });
  }
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  progress('wait', 0, 0);
  const lock = await acquireLock(options.dir, 'import', options.limits.waitMs);
  try {
    removeWaste(options.dir, readManifest(options.dir));
    return await new Import(options, clock, progress).run();
  } finally {
    lock.release();
  }
}

class Import {
  readonly #options: ImportOptions;
  readonly #clock: Clock;
  readonly #progress: ImportProgress;
  readonly #segment: string;
  readonly #values: string;
  readonly #problems: ListProblem[] = [];
  readonly #reasons = new Map<string, number>();
  #rejected = 0;
  #format: ListFormat = 'plain';

  constructor(options: ImportOptions, clock: Clock, progress: ImportProgress) {
    this.#options = options;
    this.#clock = clock;
    this.#progress = progress;
    // Readers tell files by their names: the generation makes them unique, the rest after a fresh start.
    const generation = readManifest(options.dir).generation + 1;
    const name = `${options.feed}-${generation}-${clock.now().toString(36)}-${process.pid}`;
    this.#segment = `${name}.seg`;
    this.#values = `${name}.val`;
  }

  async run(): Promise<ImportReport> {
    const { dir, feed, limits } = this.#options;
    const start = this.#clock.monotonic();
    const segmentPath = join(dir, this.#segment);
    const file = await openListFile(this.#options.file, limits);
    const writer = new SegmentWriter(feed, segmentPath, join(dir, this.#values));
    try {
      await this.#read(file, writer);
      if (writer.count === 0) throw this.#nothing();
      this.#progress('write', file.bytes, file.bytes);
      const previous = this.#previous();
      const nowS = Math.floor(this.#clock.now() / 1000);
      const { directory, duplicates } = writer.finish(nowS, previous);
      previous?.close();
      syncFolder(dir);
      const info = this.#info(directory.records, directory.kinds, duplicates);
      const manifest = await this.#swap(info);
      return {
        feed,
        format: this.#format,
        action: info.action,
        entries: info.entries,
        kinds: info.kinds,
        duplicates,
        rejected: this.#rejected,
        reasons: this.#countedReasons(),
        problems: this.#problems,
        seconds: Math.round(this.#clock.monotonic() - start) / 1000,
        generation: String(manifest.generation),
      };
    } catch (error) {
      await Promise.all([rm(segmentPath, { force: true }), rm(join(dir, this.#values), { force: true })]);
      throw error;
    } finally {
      writer.destroy();
      file.close();
    }
  }

  async #read(file: ListFile, writer: SegmentWriter): Promise<void> {
    const { limits, severity } = this.#options;
    const sink = {
      entry: (entry: ListEntry): void => {
        if (writer.count >= limits.entriesMax) {
          const reason = `it has more than ${limits.entriesMax} entries`;
          throw indicatorErrors.INDICATORS_FILE_TOO_LARGE({ path: this.#options.file, reason });
        }
        writer.add(
          {
            kind: entry.kind,
            value: entry.value,
            action: entry.action,
            category: entry.category,
            severity: entry.severity ?? severity,
          },
          entry.note,
        );
      },
      problem: (problem: ListProblem): void => this.#problem(problem),
    };
    let parser: ListParser | undefined;
    let held: Buffer[] = [];
    let heldBytes = 0;
    let reportedMs = this.#clock.monotonic();
    const open = async (): Promise<ListParser> => {
      const opened = await this.#openParser(Buffer.concat(held), sink);
      for (const chunk of held) opened.receive(chunk);
      held = [];
      return opened;
    };
    for await (const chunk of file.chunks) {
      if (parser !== undefined) parser.receive(chunk);
      else {
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes >= DETECT_BYTES) parser = await open();
      }
      const nowMs = this.#clock.monotonic();
      if (nowMs - reportedMs >= PROGRESS_MS) {
        reportedMs = nowMs;
        this.#progress('read', Math.min(file.read(), file.bytes), file.bytes);
      }
    }
    parser ??= await open();
    parser.receiveEnd();
  }

  async #openParser(start: Buffer, sink: Parameters<typeof openListParser>[1]): Promise<ListParser> {
    const { format, action, category, mapping, limits, file } = this.#options;
    const text = start.toString('utf8', 0, DETECT_BYTES);
    this.#format = isListFormat(format) ? format : detectFormat(basename(file), text);
    return openListParser(
      {
        format: this.#format,
        defaults: { action, category },
        mapping,
        start: text,
        lineBytesMax: limits.lineBytesMax,
        documentBytesMax: limits.documentBytesMax,
      },
      sink,
    );
  }

  #problem(problem: ListProblem): void {
    this.#rejected++;
    if (this.#problems.length < this.#options.limits.problemsMax) this.#problems.push(problem);
    const reason =
      this.#reasons.size < REASONS_MAX || this.#reasons.has(problem.reason) ? problem.reason : 'other';
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  #countedReasons(): ImportReport['reasons'] {
    return [...this.#reasons]
      .map(([reason, count]) => ({ reason, count }))
      .toSorted((x, y) => y.count - x.count || (x.reason < y.reason ? -1 : 1));
  }

  #nothing(): Error {
    const [first] = this.#problems;
    return indicatorErrors.INDICATORS_NOTHING_IMPORTED({
      path: this.#options.file,
      format: this.#format,
      rejected: this.#rejected,
      first: first === undefined ? '' : `, the first is line ${first.line}: ${first.reason}`,
    });
  }

  /** The segment that this import replaces; a damaged one is replaced without its dates. */
  #previous(): Segment | undefined {
    const { dir, feed } = this.#options;
    const info = readManifest(dir).feeds.find((each) => each.name === feed);
    if (info === undefined) return undefined;
    let segment: Segment | undefined;
    try {
      segment = new Segment(feed, join(dir, info.segment), join(dir, info.values));
      segment.verifySync();
      return segment;
    } catch (error) {
      segment?.close();
      if (error instanceof GatewayError && error.code === 'INDICATORS_SEGMENT_DAMAGED') return undefined;
      throw error;
    }
  }

  async #swap(info: FeedInfo): Promise<Manifest> {
    const { dir } = this.#options;
    return changeManifest(dir, (manifest) => ({
      ...manifest,
      feeds: [...manifest.feeds.filter((feed) => feed.name !== info.name), info].toSorted((x, y) =>
        x.name < y.name ? -1 : 1,
      ),
    }));
  }

  #info(entries: number, kinds: FeedInfo['kinds'], duplicates: number): FeedInfo {
    const { dir, feed, action, category, severity, licence, priority, file } = this.#options;
    return {
      name: feed,
      action,
      category,
      severity,
      licence,
      priority,
      format: this.#format,
      source: basename(file),
      entries,
      kinds,
      duplicates,
      rejected: this.#rejected,
      importedAt: new Date(this.#clock.now()).toISOString(),
      segment: this.#segment,
      values: this.#values,
      bytes: statSync(join(dir, this.#segment)).size,
    };
  }
}

/** Reads, changes and swaps the manifest under its lock; then removes what is no longer named. */
export async function changeManifest(
  dir: string,
  change: (manifest: Manifest) => Manifest,
): Promise<Manifest> {
  const lock = await acquireLock(dir, 'manifest', MANIFEST_WAIT_MS);
  try {
    const old = readManifest(dir);
    const changed = { ...change(old), generation: old.generation + 1 };
    writeManifest(dir, changed);
    await Promise.all(replacedFiles(old, changed).map((name) => rm(join(dir, name), { force: true })));
    return changed;
  } finally {
    lock.release();
  }
}

function replacedFiles(old: Manifest, changed: Manifest): readonly string[] {
  const filesOf = (manifest: Manifest): readonly string[] => [
    ...manifest.feeds.flatMap((feed) => [feed.segment, feed.values]),
    ...(manifest.local === undefined ? [] : [manifest.local]),
  ];
  const kept = new Set(filesOf(changed));
  return filesOf(old).filter((name) => !kept.has(name));
}
