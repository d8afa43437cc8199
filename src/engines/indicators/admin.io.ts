import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf } from '../../kernel/index.ts';
import { listValue } from '../../protocols/lists/index.ts';
import type { ImportRequest, IndicatorAdmin, IndicatorAdminOptions, LocalRequest } from './admin.ts';
import { indicatorErrors } from './errors.ts';
import type { ImportLimits, ImportOptions, ImportProgress, ImportReport } from './import-types.ts';
import { KINDS } from './keys.ts';
import { encodeLocal } from './local-list.ts';
import { type FeedInfo, isFeedName, LOCAL_FEED, type Manifest } from './manifest.ts';
import { readLocal } from './reader-state.io.ts';
import { readManifest, writeWhole } from './store.io.ts';
import type { LocalEntry } from './types.ts';

const DEFAULT_LIMITS: ImportLimits = {
  lineBytesMax: 65_536,
  problemsMax: 20,
  entriesMax: 20_000_000,
  listBytesMax: 4 * 1024 ** 3,
  documentBytesMax: 256 * 1024 ** 2,
  expansionMax: 100,
  waitMs: 60_000,
};
/** More belongs into a feed. */
const LOCAL_ENTRIES_MAX = 100_000;

export function createIndicatorAdmin(options: IndicatorAdminOptions): IndicatorAdmin {
  return new Admin(options);
}

/** `/lists/Evil Hosts.txt.gz` → `evil-hosts`. */
export function feedNameOf(file: string): string {
  const name = basename(file)
    .toLowerCase()
    .replace(/\.gz$/, '')
    .replace(/\.(?:txt|csv|json|list|lst|conf|hosts|adguard|dnsmasq|domains|ip)$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
  return name === '' || name === LOCAL_FEED ? 'feed' : name;
}

class Admin implements IndicatorAdmin {
  readonly #options: IndicatorAdminOptions;
  readonly #dir: string;

  constructor(options: IndicatorAdminOptions) {
    this.#options = options;
    this.#dir = options.dir;
    if (existsSync(this.#dir)) this.#gauge(readManifest(this.#dir));
  }

  get generation(): string {
    return String(readManifest(this.#dir).generation);
  }

  feeds(): readonly FeedInfo[] {
    return readManifest(this.#dir).feeds;
  }

  ageS(feed: FeedInfo): number {
    return Math.max(0, Math.floor((this.#options.clock.now() - Date.parse(feed.importedAt)) / 1000));
  }

  local(): readonly LocalEntry[] {
    return this.#localOf(readManifest(this.#dir));
  }

  async importFile(
    request: ImportRequest,
    actor: string,
    progress: ImportProgress = () => {},
  ): Promise<ImportReport> {
    const options = this.#importOptions(request);
    // Here already, so that a slip in the path costs no process.
    if (!isFeedName(options.feed)) throw indicatorErrors.INDICATORS_FEED_NAME({ name: options.feed });
    const found = statSync(options.file, { throwIfNoEntry: false });
    if (found === undefined || !(found.isFile() || found.isDirectory())) {
      throw indicatorErrors.INDICATORS_FILE_UNREADABLE({
        path: options.file,
        reason: 'there is no such file',
      });
    }
    let report: ImportReport;
    try {
      report = await this.#runImport(options, progress);
    } catch (error) {
      this.#options.metrics?.counter('indicators_imports_total', 'failed').add();
      this.#options.log.warn('indicators.import.failed', { feed: options.feed, reason: messageOf(error) });
      throw error;
    }
    this.#options.metrics?.counter('indicators_imports_total', 'done').add();
    const { feed, format, action, mode, entries, duplicates, rejected, seconds, generation } = report;
    this.#options.log.info('indicators.imported', {
      feed,
      format,
      mode,
      entries,
      added: report.added,
      removed: report.removed,
      duplicates,
      expired: report.expired,
      suppressed: report.suppressed.reduce((sum, { count }) => sum + count, 0),
      rejected,
      seconds,
      generation,
    });
    await this.#options.audit(
      'feed.import',
      { feed, format, action, mode, entries, source: options.source, generation },
      actor,
    );
    await this.#published(readManifest(this.#dir));
    return report;
  }

  async remove(feed: string, actor: string): Promise<FeedInfo> {
    let removed: FeedInfo | undefined;
    const manifest = await this.#change((old) => {
      removed = old.feeds.find((each) => each.name === feed);
      if (removed === undefined) throw indicatorErrors.INDICATORS_FEED_UNKNOWN({ name: feed });
      return { ...old, feeds: old.feeds.filter((each) => each !== removed) };
    });
    if (removed === undefined) throw indicatorErrors.INDICATORS_FEED_UNKNOWN({ name: feed });
    this.#options.log.info('indicators.feed.removed', { feed, generation: String(manifest.generation) });
    await this.#options.audit('feed.remove', { feed, entries: removed.entries }, actor);
    await this.#published(manifest);
    return removed;
  }

  async addLocal(request: LocalRequest, actor: string): Promise<LocalEntry> {
    const { kind, value } = localValue(request.value);
    const entry: LocalEntry = {
      kind,
      value,
      action: request.action,
      category: request.category ?? (request.action === 'block' ? 'local-block' : 'local-allow'),
      severity: request.severity ?? 'high',
      confidence: 100,
      tlp: request.tlp ?? 'clear',
      note: (request.note ?? '').slice(0, 500),
      addedAt: new Date(this.#options.clock.now()).toISOString(),
      ...(request.expiresAfterMs === undefined
        ? {}
        : { expiresAt: new Date(this.#options.clock.now() + request.expiresAfterMs).toISOString() }),
    };
    const manifest = await this.#changeLocal((entries) => {
      const others = entries.filter((each) => each.kind !== kind || each.value !== value);
      const max = this.#options.localEntriesMax ?? LOCAL_ENTRIES_MAX;
      if (others.length >= max) throw indicatorErrors.INDICATORS_LOCAL_FULL({ max });
      return [...others, entry];
    });
    await this.#options.audit(
      `indicator.${request.action}`,
      { value, kind, note: entry.note, expiresAt: entry.expiresAt },
      actor,
    );
    await this.#published(manifest);
    return entry;
  }

  async removeLocal(value: string, actor: string): Promise<LocalEntry> {
    const wanted = localValue(value);
    let removed: LocalEntry | undefined;
    const manifest = await this.#changeLocal((entries) => {
      removed = entries.find((each) => each.kind === wanted.kind && each.value === wanted.value);
      if (removed === undefined) throw indicatorErrors.INDICATORS_LOCAL_UNKNOWN({ value });
      return entries.filter((each) => each !== removed);
    });
    if (removed === undefined) throw indicatorErrors.INDICATORS_LOCAL_UNKNOWN({ value });
    await this.#options.audit(
      'indicator.remove',
      { value: removed.value, kind: removed.kind, action: removed.action },
      actor,
    );
    await this.#published(manifest);
    return removed;
  }

  /** What a merge does not say is as it was. */
  #importOptions(request: ImportRequest): ImportOptions {
    const feed = request.feed ?? feedNameOf(request.file);
    const mode = request.mode ?? 'replace';
    const old = mode === 'merge' ? this.feeds().find((each) => each.name === feed) : undefined;
    return {
      dir: this.#dir,
      file: request.file,
      feed,
      mode,
      format: request.format ?? 'auto',
      action: request.action ?? old?.action,
      category: request.category ?? old?.category,
      severity: request.severity ?? old?.severity ?? 'high',
      confidence: request.confidence ?? old?.confidence ?? 100,
      tlp: request.tlp ?? old?.tlp ?? 'clear',
      licence: request.licence ?? old?.licence ?? '',
      priority: request.priority ?? old?.priority ?? 100,
      mapping: request.mapping ?? {},
      expiresAfterMs: request.expiresAfterMs,
      shrinkMaxPercent: request.shrinkMaxPercent ?? 90,
      force: request.force ?? false,
      source: request.source ?? basename(request.file),
      upstreamAtMs: request.upstreamAtMs,
      limits: { ...DEFAULT_LIMITS, ...this.#options.limits },
    };
  }

  /** The import and its list formats are loaded only where one runs: edges load this folder, too. */
  async #runImport(options: ImportOptions, progress: ImportProgress): Promise<ImportReport> {
    if (this.#options.runImports === 'child') {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      const { importInProcess } = await import('./import-process.io.ts');
      return importInProcess(options, progress);
    }
    const { importFeed } = await import('./import.io.ts');
    return importFeed(options, this.#options.clock, progress);
  }

  async #change(change: (manifest: Manifest) => Manifest): Promise<Manifest> {
    const { changeManifest } = await import('./manifest-change.io.ts');
    return changeManifest(this.#dir, change);
  }

  #changeLocal(change: (entries: readonly LocalEntry[]) => readonly LocalEntry[]): Promise<Manifest> {
    return this.#change((old) => {
      const entries = change(this.#localOf(old));
      if (entries.length === 0) return { ...old, local: undefined };
      const name = `${LOCAL_FEED}-${old.generation + 1}.local`;
      writeWhole(this.#dir, name, encodeLocal(entries));
      return { ...old, local: name };
    });
  }

  #localOf(manifest: Manifest): readonly LocalEntry[] {
    return readLocal(this.#dir, manifest.local);
  }

  async #published(manifest: Manifest): Promise<void> {
    this.#gauge(manifest);
    const generation = String(manifest.generation);
    try {
      await this.#options.publish(generation);
    } catch (error) {
      this.#options.log.error('indicators.publish.failed', { generation, reason: messageOf(error) });
      throw error;
    }
  }

  #gauge(manifest: Manifest): void {
    const { metrics } = this.#options;
    if (metrics === undefined) return;
    metrics.gauge('indicators_feeds').set(manifest.feeds.length);
    for (const kind of KINDS) {
      const count = manifest.feeds.reduce((sum, feed) => sum + feed.kinds[kind], 0);
      metrics.gauge('indicators_entries', kind).set(count);
    }
  }
}

function localValue(text: string): Pick<LocalEntry, 'kind' | 'value'> {
  const value = listValue(text);
  if (typeof value === 'string') throw indicatorErrors.INDICATORS_VALUE({ value: text, reason: value });
  return { kind: value.kind, value: value.value };
}
