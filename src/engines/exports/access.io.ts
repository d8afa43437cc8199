import { open, utimes, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type ControlLink, GatewayError } from '../../kernel/index.ts';
import type { ExportGroup } from '../../protocols/exports/index.ts';
import type { ExportSnapshot } from './admin.ts';
import { type Artifact, isArtifact } from './artifact.ts';
import { readArtifact } from './cache.io.ts';
import {
  allExports,
  digest,
  exportable,
  type ExportDefinition,
  type ExportShape,
  findExport,
  limitedTo,
  TLP_PUBLIC,
  variantKey,
} from './definition.ts';
import type { CollectionDefinition } from './document.ts';
import { type ExportReader, fingerprint } from './source.ts';

export interface ExportAccessOptions {
  readonly cacheDir: string;
  readonly reader: ExportReader;
  readonly link: ControlLink;
  readonly clock: Clock;
  readonly shape: ExportShape;
  /** How long control may take to render before the client is told to come back. */
  readonly answerMs: number;
}

/** What somebody asks for. */
export interface ExportRequest {
  readonly name: string;
  readonly format: string;
  readonly group?: ExportGroup | undefined;
  /** Only what everybody may see. */
  readonly anonymous: boolean;
}

/** A rendered export, open for reading: it stays readable until `close`, whatever happens to the cache. */
export interface OpenExport {
  readonly artifact: Artifact;
  /** Control is away, and this is what it had rendered before a change. */
  readonly isStale: boolean;
  readonly files: { readonly plain: FileHandle; readonly other: FileHandle | undefined };
  close(): Promise<void>;
}

/** Exports as an edge sees them. What was rendered once is sent without asking control. */
export interface ExportAccess {
  apply(snapshot: unknown): void;
  list(): readonly ExportDefinition[];
  find(name: string): ExportDefinition | undefined;
  collections(): readonly CollectionDefinition[];
  /** Rejects with the error of control when it cannot be rendered now. `other`: the packed file or the index too. */
  open(request: ExportRequest, other: 'gzip' | 'index' | undefined): Promise<OpenExport>;
}

export function createExportAccess(options: ExportAccessOptions): ExportAccess {
  return new Access(options);
}

/** Artifacts whose description is kept in memory. */
const KNOWN_MAX = 256;
/** How exact the time of last use is. */
const USED_MS = 60_000;
/** An expired entry may still be in a list for this long: else every second would be a rendering. */
const EXPIRY_GRACE_MS = 60_000;
const NOTHING: ExportSnapshot = { exports: [], collections: [] };

class Access implements ExportAccess {
  readonly #options: ExportAccessOptions;
  #snapshot = NOTHING;
  readonly #known = new Map<string, { artifact: Artifact; usedAtMs: number }>();
  /** The last one of every variant, for when control is away. */
  readonly #last = new Map<string, Artifact>();
  /** Fingerprints of the present generation. */
  #prints = { generation: '', of: new Map<string, string>() };

  constructor(options: ExportAccessOptions) {
    this.#options = options;
  }

  apply(snapshot: unknown): void {
    if (typeof snapshot !== 'object' || snapshot === null || !('exports' in snapshot))
      throw new TypeError('the topic exports has an unknown shape');
    // Control publishes an `ExportSnapshot`.
    this.#snapshot = snapshot as ExportSnapshot;
    this.#prints.of.clear();
  }

  list(): readonly ExportDefinition[] {
    return allExports(this.#snapshot.exports, this.#feeds());
  }

  find(name: string): ExportDefinition | undefined {
    return findExport(this.#snapshot.exports, this.#feeds(), name);
  }

  collections(): readonly CollectionDefinition[] {
    return this.#snapshot.collections;
  }

  async open(request: ExportRequest, other: 'gzip' | 'index' | undefined): Promise<OpenExport> {
    const found = this.find(request.name);
    if (found === undefined) throw new TypeError(`no export ${request.name}`);
    const definition = request.anonymous ? limitedTo(found, TLP_PUBLIC) : found;
    const own = variantKey({ definition, format: request.format, group: request.group }, this.#options.shape);
    const key = digest(`${own} ${this.#fingerprint(definition)}`);
    const ready = this.#ready(key);
    if (ready !== undefined) {
      const opened = await this.#openFiles(ready, other, false);
      if (opened !== undefined) return opened;
      // Evicted since; it is rendered again.
      this.#known.delete(key);
    }
    return this.#rendered(own, request, other);
  }

  async #rendered(
    own: string,
    request: ExportRequest,
    other: 'gzip' | 'index' | undefined,
  ): Promise<OpenExport> {
    const { link, answerMs } = this.#options;
    const { name, format, group } = request;
    const tlp = request.anonymous ? TLP_PUBLIC : undefined;
    let artifact: unknown;
    try {
      artifact = await link.call('exports.render', { name, format, group, tlp }, answerMs);
    } catch (error) {
      const last = this.#last.get(own);
      const isAway = error instanceof GatewayError && error.kind === 'unavailable';
      const stale = last === undefined || !isAway ? undefined : await this.#openFiles(last, other, true);
      if (stale === undefined) throw error;
      return stale;
    }
    if (!isArtifact(artifact)) throw new TypeError('control answers with an unknown shape');
    this.#keep(artifact);
    const opened = await this.#openFiles(artifact, other, false);
    if (opened === undefined) throw new TypeError(`the rendered export ${name} is gone already`);
    return opened;
  }

  #ready(key: string): Artifact | undefined {
    const known = this.#known.get(key)?.artifact;
    if (known !== undefined && !this.#isOver(known)) return known;
    // Another edge may have asked for it meanwhile.
    const stored = readArtifact(this.#options.cacheDir, key);
    if (stored === undefined || this.#isOver(stored)) return undefined;
    this.#keep(stored);
    return stored;
  }

  #isOver({ validUntilMs, builtAtMs }: Artifact): boolean {
    const nowMs = this.#options.clock.now();
    return validUntilMs !== undefined && nowMs > Math.max(validUntilMs, builtAtMs + EXPIRY_GRACE_MS);
  }

  #keep(artifact: Artifact): void {
    const { key, variant } = artifact;
    const usedAtMs = this.#known.get(key)?.usedAtMs ?? 0;
    this.#known.delete(key);
    this.#known.set(key, { artifact, usedAtMs });
    this.#last.delete(variant);
    this.#last.set(variant, artifact);
    for (const map of [this.#known, this.#last]) {
      const [oldest] = map.keys();
      if (map.size > KNOWN_MAX && oldest !== undefined) map.delete(oldest);
    }
  }

  async #openFiles(
    artifact: Artifact,
    other: 'gzip' | 'index' | undefined,
    isStale: boolean,
  ): Promise<OpenExport | undefined> {
    const { cacheDir } = this.#options;
    const otherName = other === 'index' ? artifact.index?.file : other === 'gzip' ? artifact.gzip : undefined;
    const handles: FileHandle[] = [];
    try {
      handles.push(await open(join(cacheDir, artifact.file)));
      if (otherName !== undefined) handles.push(await open(join(cacheDir, otherName)));
    } catch (error) {
      await Promise.all(handles.map((handle) => handle.close()));
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    await this.#used(artifact);
    const [plain, second] = handles;
    return {
      artifact,
      isStale,
      files: { plain: plain!, other: second },
      close: async () => void (await Promise.all(handles.map((handle) => handle.close()))),
    };
  }

  /** Control removes what was not used for longest. */
  async #used({ key }: Artifact): Promise<void> {
    const known = this.#known.get(key);
    const nowMs = this.#options.clock.now();
    if (known === undefined || nowMs - known.usedAtMs < USED_MS) return;
    known.usedAtMs = nowMs;
    const now = nowMs / 1000;
    // Evicted between the two: then nobody needs to know.
    await utimes(join(this.#options.cacheDir, `${key}.json`), now, now).catch(() => undefined);
  }

  #feeds(): readonly string[] {
    return exportable(this.#options.reader.feeds);
  }

  #fingerprint(definition: ExportDefinition): string {
    const { reader } = this.#options;
    if (this.#prints.generation !== reader.generation)
      this.#prints = { generation: reader.generation, of: new Map() };
    const name = JSON.stringify(definition.filter.feeds);
    let print = this.#prints.of.get(name);
    if (print === undefined) {
      print = fingerprint(definition, reader);
      this.#prints.of.set(name, print);
    }
    return print;
  }
}
