import { Fingerprints } from './fingerprints.ts';
import { Key } from './keys.ts';
import { parseNetwork } from '../../kernel/index.ts';
import type { Source } from './lookup.ts';
import type { FeedInfo } from './manifest.ts';
import { type Found, NOT_FOUND, type Segment } from './segment.io.ts';
import type { EntryTexts } from './values-format.ts';
import { readValue, readTexts } from './values-format.ts';
import type { IndicatorKind } from './keys.ts';
import type { StoredEntry } from './types.ts';

/** A feed as look-ups see it: its layers, the newest first. The newest layer that knows an entry decides. */
export class FeedSource implements Source {
  readonly feed: string;
  readonly info: FeedInfo;
  readonly layers: readonly Segment[];
  readonly licence: string;
  readonly priority: number;
  readonly isLocal = false;
  readonly hasWeakHashes: boolean;
  readonly prefixes4: readonly number[];
  readonly prefixes6: readonly number[];

  constructor(info: FeedInfo, layers: readonly Segment[]) {
    this.feed = info.name;
    this.info = info;
    this.layers = layers;
    this.licence = info.licence;
    this.priority = info.priority;
    this.hasWeakHashes = layers.some(({ directory }) =>
      directory.tables.some(({ name, records }) => records > 0 && (name === 'md5' || name === 'sha1')),
    );
    this.prefixes4 = together(layers.map((layer) => layer.directory.prefixes4));
    this.prefixes6 = together(layers.map((layer) => layer.directory.prefixes6));
  }

  has(a: number, b: number): boolean {
    for (const layer of this.layers) if (layer.filter.has(a, b)) return true;
    return false;
  }

  /** What is known of a key, one for each kind. `a` and `b` are its fingerprint. */
  find(key: Key, a: number, b: number): readonly Found[] {
    const [only] = this.layers;
    if (this.layers.length === 1) return only!.find(key);
    let found: readonly Found[] = NOT_FOUND;
    for (const layer of this.layers) {
      if (layer.filter.has(a, b)) found = below(found, layer.find(key));
    }
    return found === NOT_FOUND ? found : found.filter((each) => !each.isRemoved);
  }

  /** Everything that is stored of an entry, expired or not. */
  stored(kind: IndicatorKind, value: string): StoredEntry | undefined {
    const key = new Key().set(kind, value);
    for (const layer of this.layers) {
      const found = layer.read(key).find((each) => each.kind === kind);
      if (found?.isRemoved === true) return undefined;
      if (found !== undefined) return storedEntry(layer.values.texts(found.entry), found);
    }
    return undefined;
  }

  /** Layer by layer, the oldest first, in the order of the lists. Asks for every entry whether it still counts. */
  *entries(nowS: number): Generator<StoredEntry> {
    for (const layer of this.layers) layer.retain();
    try {
      for (const [at, layer] of [...this.layers.entries()].toReversed())
        yield* this.#layerEntries(layer, at, nowS);
    } finally {
      for (const layer of this.layers) layer.release();
    }
  }

  *#layerEntries(layer: Segment, at: number, nowS: number): Generator<StoredEntry> {
    const key = new Key();
    const prints = new Fingerprints();
    const newer = this.layers.slice(0, at);
    for (const { entry, block, start } of layer.values.each()) {
      const { kind, value } = readValue(block, start);
      key.set(kind, value);
      const own = layer.read(key).find((each) => each.kind === kind);
      // A duplicate of the list, or taken out again by a later line.
      if (own === undefined || own.entry !== entry || own.isRemoved) continue;
      if (own.expiresAtS !== undefined && own.expiresAtS <= nowS) continue;
      if (newer.length > 0) {
        let isReplaced = false;
        const network = kind === 'network' ? parseNetwork(value) : undefined;
        prints.entry(kind, value, network, (a, b) => {
          isReplaced ||= newer.some(
            (each) => each.filter.has(a, b) && each.read(key).some((found) => found.kind === kind),
          );
        });
        if (isReplaced) continue;
      }
      yield storedEntry(readTexts(block, start), own);
    }
  }
}

export function storedEntry(texts: EntryTexts, { set, addedAtS, expiresAtS }: Found): StoredEntry {
  return { ...texts, ...set, addedAtS, expiresAtS };
}

/** What newer layers say, and what an older one says of other kinds. */
function below(newer: readonly Found[], older: readonly Found[]): readonly Found[] {
  if (newer.length === 0) return older;
  const others = older.filter((each) => !newer.some((known) => known.kind === each.kind));
  return others.length === 0 ? newer : [...newer, ...others];
}

function together(lengths: readonly (readonly number[])[]): readonly number[] {
  return [...new Set(lengths.flat())].toSorted((x, y) => y - x);
}
