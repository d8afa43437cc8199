import type { PrefixSet } from '../../protocols/safe-browsing/index.ts';
import type { Threat } from './categories.ts';
import type { ListState } from './token.ts';

/** One content of one list. */
export interface ListVersion {
  readonly threat: Threat;
  readonly prefixes: PrefixSet;
  readonly checksum: Uint8Array;
  readonly content: string;
}

/**
 * Contents that clients may still hold, so that they are told differences. Bounded by bytes; the one that was used
 * longest ago goes first, but never the latest one.
 */
export class VersionStore {
  readonly #bytesMax: number;
  /** In the order of their last use. */
  readonly #versions = new Map<string, ListVersion>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#versions.size;
  }

  /** Keeps it; the one that is there already when the content is the same. */
  keep(version: ListVersion): ListVersion {
    const key = keyOf(version);
    const known = this.#versions.get(key);
    if (known !== undefined) {
      this.#used(key, known);
      return known;
    }
    this.#versions.set(key, version);
    this.#bytes += version.prefixes.byteLength;
    for (const [oldest, { prefixes }] of this.#versions) {
      if (this.#bytes <= this.#bytesMax || oldest === key) break;
      this.#versions.delete(oldest);
      this.#bytes -= prefixes.byteLength;
    }
    return version;
  }

  /** What a client in that state holds; `undefined`: forgotten, or never ours. */
  held(state: ListState): PrefixSet | undefined {
    const key = keyOf(state);
    const version = this.#versions.get(key);
    if (version === undefined || state.count > version.prefixes.length) return undefined;
    this.#used(key, version);
    return version.prefixes.subarray(0, state.count);
  }

  #used(key: string, version: ListVersion): void {
    this.#versions.delete(key);
    this.#versions.set(key, version);
  }
}

function keyOf({ threat, content }: Pick<ListVersion, 'threat' | 'content'>): string {
  return `${threat}:${content}`;
}
