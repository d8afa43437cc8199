import { mkdir } from 'node:fs/promises';
import { type Clock, GatewayError } from '../../kernel/index.ts';
import { isListFormat, LIST_FORMATS, type ListFormat, type ListSink } from '../../protocols/lists/index.ts';
import { compactLayers, isCompactionDue } from './compaction.io.ts';
import { indicatorErrors } from './errors.ts';
import { FeedSource } from './feed-source.ts';
import type { FeedAction, ImportOptions, ImportProgress, ImportReport } from './import-types.ts';
import { Intake, tooManyEntries } from './intake.ts';
import { KINDS, noKinds } from './keys.ts';
import { type LayerPlace, LayerWriter, removeLayer, type WrittenLayer } from './layer-writer.io.ts';
import { openListFile } from './list-file.io.ts';
import { type ListFacts, ListReader } from './list-reader.io.ts';
import { acquireLock } from './lock.io.ts';
import { changeManifest, clearWaste } from './manifest-change.io.ts';
import { type FeedInfo, isFeedName, type LayerInfo } from './manifest.ts';
import { openLayersSync, releaseAll } from './open-layers.io.ts';
import type { Segment } from './segment.io.ts';
import { readManifest, syncFolder } from './store.io.ts';
import { Suppression } from './suppression.ts';
import { importTree, isUt1Tree } from './ut1-import.io.ts';

/** Fewer entries than this may come and go as they like. */
const SHRINK_ENTRIES = 1000;
/**
 * Lists of these formats are lines of values. One of which most lines are rejected, and that has fewer entries
 * than this, is something else: a page that says "not found", a list of another kind.
 */
const LINE_FORMATS: readonly ListFormat[] = ['plain', 'hosts', 'dnsmasq', 'csv'];
const CONVINCING_ENTRIES = 100;

/**
 * Imports one list as one feed, or into it, and swaps the manifest. Killed at any moment it leaves the old state
 * or the new one. Nothing is changed when it throws.
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
    await clearWaste(options.dir);
    if (!isUt1Tree(options.file)) return await new Import(options, clock, progress).run();
    return await importTree(options, (flat) => new Import(flat, clock, progress).run());
  } finally {
    lock.release();
  }
}

class Import {
  readonly #options: ImportOptions;
  readonly #clock: Clock;
  readonly #progress: ImportProgress;
  readonly #list: ListReader;
  readonly #nowS: number;
  readonly #name: string;
  readonly #old: FeedInfo | undefined;
  readonly #isMerge: boolean;
  #facts: ListFacts | undefined;
  #writer: LayerWriter | undefined;
  /** Layers of the feed before this import, the newest first. */
  #layers: readonly Segment[] = [];
  #suppressors: readonly FeedSource[] = [];
  #suppression: Suppression | undefined;
  #intake: Intake | undefined;

  constructor(options: ImportOptions, clock: Clock, progress: ImportProgress) {
    this.#options = options;
    this.#clock = clock;
    this.#progress = progress;
    this.#list = new ListReader(options, clock, progress);
    this.#nowS = Math.floor(clock.now() / 1000);
    const manifest = readManifest(options.dir);
    this.#old = manifest.feeds.find((feed) => feed.name === options.feed);
    this.#isMerge = options.mode === 'merge' && this.#old !== undefined;
    // Readers tell files by their names: the generation makes them unique, the rest after a fresh start.
    this.#name = `${options.feed}-${manifest.generation + 1}-${clock.now().toString(36)}-${process.pid}`;
  }

  async run(): Promise<ImportReport> {
    const startMs = this.#clock.monotonic();
    const file = await openListFile(this.#options.file, this.#options.limits);
    let isDone = false;
    try {
      await this.#list.read(file, (facts) => this.#sink(facts));
      this.#progress('write', file.bytes, file.bytes);
      const written = this.#write();
      const feed = this.#feed(written);
      this.#checkSize(feed.entries);
      syncFolder(this.#options.dir);
      const manifest = await changeManifest(this.#options.dir, (old) => ({
        ...old,
        feeds: [...old.feeds.filter((each) => each.name !== feed.name), feed].toSorted((x, y) =>
          x.name < y.name ? -1 : 1,
        ),
      }));
      isDone = true;
      removeUnnamed(this.#options.dir, [this.#name, `${this.#name}-base`], feed);
      return this.#report(feed, written, {
        generation: String(manifest.generation),
        seconds: Math.round(this.#clock.monotonic() - startMs) / 1000,
      });
    } finally {
      this.#writer?.destroy();
      if (!isDone) removeUnnamed(this.#options.dir, [this.#name, `${this.#name}-base`], undefined);
      releaseAll(this.#layers);
      for (const source of this.#suppressors) releaseAll(source.layers);
      file.close();
    }
  }

  /** Where entries go, once it is known what the list is. */
  #sink(facts: ListFacts): Omit<ListSink, 'problem'> {
    this.#facts = facts;
    this.#checkAction(facts.action);
    this.#layers = this.#openOld();
    if (facts.action === 'block') this.#openSuppressors();
    const writer = new LayerWriter(this.#place(''), facts.format === 'sallyport' ? 'last' : 'first');
    this.#writer = writer;
    const intake = new Intake({
      options: this.#options,
      nowMs: this.#clock.now(),
      isMerge: this.#isMerge,
      action: facts.action,
      writer,
      suppression: this.#suppression,
      problem: this.#list.problem,
    });
    this.#intake = intake;
    return this.#options.mode === 'merge'
      ? { entry: intake.entry, remove: intake.remove }
      : { entry: intake.entry };
  }

  /** Writes the layer and, where it is time, merges all layers into one. */
  #write(): WrittenLayer & { readonly layers: readonly LayerInfo[] } {
    const writer = this.#writer!;
    const old = this.#old;
    this.#checkList();
    if (!this.#isMerge || old === undefined) {
      const written = writer.finishBase(this.#layers, old?.entries ?? 0);
      return { ...written, layers: [written.info] };
    }
    const written = writer.finishDelta(this.#layers);
    const kinds = noKinds();
    for (const kind of KINDS) kinds[kind] = old.kinds[kind] + written.kinds[kind];
    const layers = written.info.records === 0 ? old.layers : [written.info, ...old.layers];
    if (!isCompactionDue(layers)) return { ...written, kinds, layers };
    const newest = openLayersSync(this.#options.dir, { name: old.name, layers: [written.info] });
    try {
      const base = compactLayers(this.#place('-base'), [...newest, ...this.#layers]);
      return { ...written, kinds: base.kinds, layers: [base.info] };
    } finally {
      releaseAll(newest);
    }
  }

  #place(ending: string): LayerPlace {
    const { dir, feed, confidence, tlp, limits } = this.#options;
    return {
      dir,
      feed,
      name: this.#name + ending,
      nowS: this.#nowS,
      defaults: { category: this.#facts?.category ?? '', confidence, tlp },
      runRecords: limits.runRecords,
    };
  }

  /** A damaged feed is replaced without its dates; nothing can be merged into it. */
  #openOld(): readonly Segment[] {
    if (this.#old === undefined) return [];
    try {
      return openLayersSync(this.#options.dir, this.#old);
    } catch (error) {
      const isDamaged = error instanceof GatewayError && error.code === 'INDICATORS_SEGMENT_DAMAGED';
      if (isDamaged && !this.#isMerge) return [];
      throw error;
    }
  }

  #openSuppressors(): void {
    const { dir, feed } = this.#options;
    const lists = readManifest(dir).feeds.filter((each) => each.action === 'suppress' && each.name !== feed);
    const opened: FeedSource[] = [];
    this.#suppressors = opened;
    for (const list of lists) opened.push(new FeedSource(list, openLayersSync(dir, list)));
    if (opened.length > 0) this.#suppression = new Suppression(opened, this.#nowS);
  }

  #checkAction(action: FeedAction): void {
    const before = this.#old?.action;
    if (!this.#isMerge || (action === 'suppress') === (before === 'suppress')) return;
    const reason = `feed ${this.#options.feed} has action ${String(before)}, a merge cannot make it ${action}`;
    throw indicatorErrors.INDICATORS_OPTION({
      option: 'action',
      reason,
      help: 'Import without --mode merge',
    });
  }

  /** Whether it was a list at all. */
  #checkList(): void {
    const { file: path, force } = this.#options;
    const format = this.#facts!.format;
    const { rejected, firstProblem: first, broken } = this.#list;
    if (broken !== undefined) throw indicatorErrors.INDICATORS_LIST_BROKEN({ path, format, reason: broken });
    const accepted = this.#intake?.accepted ?? 0;
    // A merge may have nothing to say, or nothing that is not suppressed.
    const isFine = this.#isMerge && (rejected === 0 || accepted > 0);
    if (this.#writer!.count === 0 && !isFine) {
      throw indicatorErrors.INDICATORS_NOTHING_IMPORTED({ path, format, rejected, first });
    }
    const isDoubtful = rejected > accepted && accepted < CONVINCING_ENTRIES && LINE_FORMATS.includes(format);
    if (isDoubtful && !force)
      throw indicatorErrors.INDICATORS_MOSTLY_REJECTED({ path, format, accepted, rejected, first });
  }

  #checkSize(after: number): void {
    const { feed, force, limits, shrinkMaxPercent: percent } = this.#options;
    if (after > limits.entriesMax) throw tooManyEntries(this.#options);
    const before = this.#old?.entries ?? 0;
    const isShrunk = before >= SHRINK_ENTRIES && (before - after) * 100 > before * percent;
    if (isShrunk && !force) throw indicatorErrors.INDICATORS_SHRUNK({ feed, before, after, percent });
  }

  #feed({ kinds, duplicates, layers }: WrittenLayer & { readonly layers: readonly LayerInfo[] }): FeedInfo {
    const { feed, severity, licence, priority, confidence, tlp, source, upstreamAtMs } = this.#options;
    const { format, action, category } = this.#facts!;
    return {
      name: feed,
      action,
      category,
      severity,
      confidence,
      tlp,
      licence,
      priority,
      format,
      source,
      entries: KINDS.reduce((sum, kind) => sum + kinds[kind], 0),
      kinds,
      duplicates,
      rejected: this.#list.rejected,
      suppressed: this.#suppression?.count ?? 0,
      importedAt: new Date(this.#clock.now()).toISOString(),
      ...(upstreamAtMs === undefined ? {} : { upstreamAt: new Date(upstreamAtMs).toISOString() }),
      layers,
      bytes: layers.reduce((sum, layer) => sum + layer.bytes, 0),
    };
  }

  #report(
    { name, format, action, entries, kinds }: FeedInfo,
    { added, removed, duplicates }: WrittenLayer,
    run: Pick<ImportReport, 'generation' | 'seconds'>,
  ): ImportReport {
    return {
      feed: name,
      // It came from the parser's own list.
      format: format as ListFormat,
      action,
      mode: this.#options.mode,
      entries,
      kinds,
      added,
      removed,
      duplicates,
      expired: this.#intake?.expired ?? 0,
      rejected: this.#list.rejected,
      suppressed: this.#suppression?.report() ?? [],
      reasons: this.#list.countedReasons(),
      problems: this.#list.problems,
      ...run,
    };
  }
}

/** Removes those of the layers that the feed does not have: a delta that was merged or is empty, all after a failure. */
function removeUnnamed(dir: string, names: readonly string[], feed: FeedInfo | undefined): void {
  for (const name of names) {
    if (feed?.layers.some((layer) => layer.segment === `${name}.seg`) !== true) removeLayer({ dir, name });
  }
}
