import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ListEntry } from '../../../protocols/lists/index.ts';
import { LineWriter, linesOf } from './lines.io.ts';

/** What an object of a server (a STIX object, a MISP event) said, as lines of format `sallyport`. */
export interface ObjectEntry extends Partial<ListEntry> {
  readonly kind: ListEntry['kind'];
  readonly value: string;
}

interface Stored {
  readonly id: string;
  readonly version: string;
  /** `null`: the object is gone. None: it is known, and says nothing that can be used. */
  readonly entries: readonly ObjectEntry[] | null;
}

export interface ObjectDelta {
  readonly file: string;
  readonly mode: 'replace' | 'merge';
  /** Objects that are new or changed, and those that are gone. */
  readonly changed: number;
  readonly gone: number;
  /** Lines of the file: entries, and entries to take out. */
  readonly lines: number;
  commit(): void;
}

const CACHE_FILE = 'objects.ndjson';

/**
 * Turns changes of objects into changes of entries. The same value may come from several objects, so an entry is
 * taken out only when no object says it any more: the cache holds what each object said, one a line. Memory
 * grows with the changes, not with the feed; all files are read and written from front to back.
 */
export class ObjectChanges {
  readonly #cache: string;
  readonly #workDir: string;
  readonly #log: LineWriter;
  readonly #logFile: string;
  /** The change that counts for each object, by its number in the log. */
  readonly #winners = new Map<string, { readonly number: number; readonly version: string }>();

  readonly #newestWins: boolean;

  /**
   * `fresh`: what was known before does not count. `newestWins`: versions compare as texts, and an older one
   * than is known is passed over; otherwise what comes last counts.
   */
  constructor(
    cacheDir: string,
    workDir: string,
    { fresh, newestWins }: { readonly fresh: boolean; readonly newestWins: boolean },
  ) {
    this.#newestWins = newestWins;
    const cache = join(cacheDir, CACHE_FILE);
    this.#cache = !fresh && existsSync(cache) ? cache : '';
    this.#workDir = workDir;
    this.#logFile = join(workDir, 'changes.ndjson');
    this.#log = new LineWriter(this.#logFile);
  }

  /** Without it a cursor says nothing: what it goes on from is gone. */
  static isThere(cacheDir: string): boolean {
    return existsSync(join(cacheDir, CACHE_FILE));
  }

  /** Objects with a version; a cache that is not there knows none. */
  static async known(cacheDir: string): Promise<ReadonlyMap<string, string>> {
    const file = join(cacheDir, CACHE_FILE);
    const known = new Map<string, string>();
    if (!existsSync(file)) return known;
    for await (const line of linesOf(file)) {
      const { id, version } = stored(line);
      known.set(id, version);
    }
    return known;
  }

  get count(): number {
    return this.#winners.size;
  }

  /** `undefined`: the object is gone. */
  add(id: string, version: string, entries: readonly ObjectEntry[] | undefined): void {
    const before = this.#winners.get(id);
    if (before !== undefined && this.#newestWins && before.version > version) return;
    this.#winners.set(id, { number: this.#log.count, version });
    this.#log.write(JSON.stringify({ id, version, entries: entries ?? null } satisfies Stored));
  }

  abandon(): void {
    this.#log.abandon();
  }

  /** What is to be imported. Nothing is kept before `commit`. */
  async finish(cacheDir: string): Promise<ObjectDelta> {
    this.#log.close();
    const next = new LineWriter(join(this.#workDir, 'objects.next'));
    const file = join(this.#workDir, 'delta.ndjson');
    const out = new LineWriter(file);
    const leaving = await this.#keepUnchanged(next);
    const counts = { changed: 0, gone: 0 };
    let number = 0;
    for await (const line of linesOf(this.#logFile)) {
      const object = stored(line);
      const wins = this.#winners.get(object.id)?.number === number;
      number++;
      if (!wins) continue;
      if (object.entries === null) {
        counts.gone++;
        continue;
      }
      counts.changed++;
      next.write(line);
      for (const entry of object.entries) {
        leaving.delete(keyOf(entry));
        out.write(JSON.stringify(entry));
      }
    }
    for (const { kind, value } of leaving.values()) out.write(JSON.stringify({ kind, value, remove: true }));
    next.close();
    out.close();
    return {
      file,
      mode: this.#cache === '' ? 'replace' : 'merge',
      ...counts,
      lines: out.count,
      commit: () => renameSync(join(this.#workDir, 'objects.next'), join(cacheDir, CACHE_FILE)),
    };
  }

  /** Copies what stays as it is; answers entries that only objects said which have changed. */
  async #keepUnchanged(next: LineWriter): Promise<Map<string, ObjectEntry>> {
    const leaving = new Map<string, ObjectEntry>();
    if (this.#cache === '') return leaving;
    for await (const line of linesOf(this.#cache)) {
      const object = stored(line);
      const winner = this.#winners.get(object.id);
      if (winner === undefined || (this.#newestWins && winner.version < object.version)) {
        // A page that was read again brings nothing new.
        if (winner !== undefined) this.#winners.delete(object.id);
        next.write(line);
      } else for (const entry of object.entries ?? []) leaving.set(keyOf(entry), entry);
    }
    if (leaving.size === 0) return leaving;
    for await (const line of linesOf(this.#cache)) {
      const object = stored(line);
      if (this.#winners.has(object.id)) continue;
      for (const entry of object.entries ?? []) leaving.delete(keyOf(entry));
    }
    return leaving;
  }
}

function stored(line: string): Stored {
  // Only this file writes the cache and the log.
  return JSON.parse(line) as Stored;
}

function keyOf({ kind, value }: ObjectEntry): string {
  return `${kind} ${value}`;
}
