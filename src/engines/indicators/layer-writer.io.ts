import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseNetwork } from '../../kernel/index.ts';
import { AttributeDictionary, type AttributeSet } from './attributes.ts';
import { Fingerprints } from './fingerprints.ts';
import {
  hashTable,
  type IndicatorKind,
  KEY_BYTES,
  KIND_NUMBER,
  keyText,
  KINDS,
  noKinds,
  TABLES,
  writeKey,
} from './keys.ts';
import type { LayerInfo } from './manifest.ts';
import { Previous } from './previous.io.ts';
import { PrintStore } from './print-store.io.ts';
import type { Duplicates } from './record-sorter.ts';
import { RunStore } from './run-store.io.ts';
import { baseOf, expiryHours, FLAG_ALLOW, FLAG_REMOVED, NEVER, TAIL } from './segment-format.ts';
import { SegmentWriter } from './segment-writer.io.ts';
import type { Segment } from './segment.io.ts';
import { type EntryTexts, TEXT_MAX } from './values-format.ts';
import { ValuesWriter } from './values-writer.io.ts';

export interface LayerPlace {
  readonly dir: string;
  /** Unique in the folder; files are called after it. */
  readonly name: string;
  readonly feed: string;
  readonly nowS: number;
  /** Of the feed, for lists with more attributes than a segment can tell apart. */
  readonly defaults: Pick<AttributeSet, 'category' | 'confidence' | 'tlp'>;
  /** Records sorted in memory at a time; tests make it small. */
  readonly runRecords?: number | undefined;
}

export interface WrittenLayer {
  readonly info: LayerInfo;
  /** How the number of entries of the feed changes by it; for a base, what it has. */
  readonly kinds: Readonly<Record<IndicatorKind, number>>;
  readonly added: number;
  /** Entries that were there before and are not any more. */
  readonly removed: number;
  readonly duplicates: number;
}

/**
 * Writes one layer of a feed out of entries as they come. Everything large is sorted in runs and spilled, so
 * memory does not grow with the list. Nothing refers to the files before the manifest does.
 */
export class LayerWriter {
  readonly #place: LayerPlace;
  readonly #baseS: number;
  readonly #values: ValuesWriter;
  readonly #runs: RunStore;
  readonly #prints: PrintStore;
  readonly #sets: AttributeDictionary;
  readonly #fingerprints = new Fingerprints();
  readonly #prefixes = { 4: new Set<number>(), 6: new Set<number>() };
  #segment: SegmentWriter | undefined;
  /** Lines so far, duplicates and those that take out included. */
  count = 0;

  constructor(place: LayerPlace, duplicates: Duplicates) {
    this.#place = place;
    this.#baseS = baseOf(place.nowS);
    this.#values = new ValuesWriter(pathOf(place, 'val'));
    this.#runs = new RunStore(pathOf(place, 'run'), duplicates, place.runRecords);
    this.#prints = new PrintStore(pathOf(place, 'prints'));
    this.#sets = new AttributeDictionary(place.defaults);
  }

  add(texts: EntryTexts, set: AttributeSet, expiresAtS: number | undefined): void {
    const { note, reference } = texts;
    const isLong = note.length > TEXT_MAX || reference.length > TEXT_MAX;
    const entry = this.#values.add(
      isLong ? { ...texts, note: note.slice(0, TEXT_MAX), reference: reference.slice(0, TEXT_MAX) } : texts,
    );
    this.#record(texts.kind, texts.value, {
      entry,
      set: this.#sets.numberOf(set),
      flags: set.action === 'allow' ? FLAG_ALLOW : 0,
      expiry: expiryHours(expiresAtS, this.#baseS),
    });
  }

  /** Takes an entry out that older layers may have. */
  remove(kind: IndicatorKind, value: string): void {
    // A segment without sets could not say what a record has.
    if (this.#sets.sets.length === 0)
      this.#sets.numberOf({ ...this.#place.defaults, action: 'block', severity: 'high' });
    this.#record(kind, value, { entry: this.#values.count, set: 0, flags: FLAG_REMOVED, expiry: NEVER });
  }

  /** The first layer of a feed, or one that replaces all others. What `previous` knows keeps its age. */
  finishBase(previous: readonly Segment[], previousEntries: number): WrittenLayer {
    let known = 0;
    const written = this.#finish(previous, ({ isRemoved, before }) => {
      if (!isRemoved && before.isKnown) known++;
      return !isRemoved;
    });
    const total = KINDS.reduce((sum, kind) => sum + written.kinds[kind], 0);
    return { ...written, added: total - known, removed: Math.max(0, previousEntries - known) };
  }

  /** A layer over those that the feed has. Takes out only what is there. */
  finishDelta(previous: readonly Segment[]): WrittenLayer {
    const kinds = noKinds();
    let added = 0;
    let removed = 0;
    const written = this.#finish(previous, ({ kind, isRemoved, before }) => {
      if (isRemoved && !before.isKnown) return false;
      if (isRemoved) {
        removed++;
        kinds[kind]--;
      } else if (!before.isKnown) {
        added++;
        kinds[kind]++;
      }
      return true;
    });
    return { ...written, kinds, added, removed };
  }

  /** Removes what sorting needed and closes the files; safe at any time. */
  destroy(): void {
    this.#runs.destroy();
    this.#prints.destroy();
    this.#values.destroy();
    this.#segment?.destroy();
  }

  #record(
    kind: IndicatorKind,
    value: string,
    tail: { entry: number; set: number; flags: number; expiry: number },
  ): void {
    const network = kind === 'network' ? parseNetwork(value) : undefined;
    if (network !== undefined) this.#prefixes[network.family].add(network.prefix);
    this.#fingerprints.entry(kind, value, network, this.#prints.add);
    const table = (kind === 'hash' ? hashTable(value.length) : undefined) ?? 'keys';
    const sorter = this.#runs.into(table);
    let at = sorter.add();
    const { bytes } = sorter;
    writeKey(keyText(kind, value), table, bytes, at);
    at += KEY_BYTES[table];
    writeWord(bytes, at + TAIL.entry, tail.entry);
    writeWord(bytes, at + TAIL.addedAt, 0);
    bytes[at + TAIL.set] = tail.set & 255;
    bytes[at + TAIL.set + 1] = tail.set >>> 8;
    bytes[at + TAIL.kind] = KIND_NUMBER[kind];
    bytes[at + TAIL.flags] = tail.flags;
    bytes[at + TAIL.expiry] = tail.expiry & 255;
    bytes[at + TAIL.expiry + 1] = tail.expiry >>> 8;
    this.count++;
  }

  #finish(
    previous: readonly Segment[],
    keep: (record: { kind: IndicatorKind; isRemoved: boolean; before: Previous }) => boolean,
  ): Pick<WrittenLayer, 'info' | 'kinds' | 'duplicates'> {
    const { feed } = this.#place;
    const values = this.#values.finish();
    const segment = new SegmentWriter(pathOf(this.#place, 'seg'));
    this.#segment = segment;
    for (const table of TABLES) {
      const most = this.#runs.records(table);
      if (most === 0) continue;
      const before = new Previous(previous, table, this.#place.nowS);
      const asked = { kind: KINDS[0] as IndicatorKind, isRemoved: false, before };
      segment.table(table, most, (record) => {
        this.#runs.each(table, (bytes, at) => {
          const tail = at + KEY_BYTES[table];
          before.ask(bytes, at);
          asked.kind = KINDS[bytes[tail + TAIL.kind]!]!;
          asked.isRemoved = (bytes[tail + TAIL.flags]! & FLAG_REMOVED) !== 0;
          if (!keep(asked)) return;
          writeWord(bytes, tail + TAIL.addedAt, before.addedAtS ?? this.#place.nowS);
          record(bytes, at);
        });
      });
    }
    const directory = segment.finish({
      feed,
      entries: this.#values.count,
      baseS: this.#baseS,
      sets: this.#sets.sets,
      prefixes4: descending(this.#prefixes[4]),
      prefixes6: descending(this.#prefixes[6]),
      prints: this.#prints,
      blocks: values.starts,
      valuesBytes: values.bytes,
    });
    const records = directory.tables.reduce((sum, table) => sum + table.records, 0);
    return {
      info: layerInfo(this.#place, records),
      kinds: directory.kinds,
      duplicates: this.#runs.duplicates,
    };
  }
}

export function pathOf({ dir, name }: Pick<LayerPlace, 'dir' | 'name'>, ending: string): string {
  return join(dir, `${name}.${ending}`);
}

export function layerInfo(place: Pick<LayerPlace, 'dir' | 'name'>, records: number): LayerInfo {
  const { name } = place;
  return {
    segment: `${name}.seg`,
    values: `${name}.val`,
    records,
    bytes: statSync(pathOf(place, 'seg')).size,
  };
}

export function removeLayer(place: Pick<LayerPlace, 'dir' | 'name'>): void {
  for (const ending of ['seg', 'val']) rmSync(pathOf(place, ending), { force: true });
}

export function descending(lengths: ReadonlySet<number>): readonly number[] {
  return [...lengths].toSorted((x, y) => y - x);
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word & 255;
  bytes[at + 1] = (word >>> 8) & 255;
  bytes[at + 2] = (word >>> 16) & 255;
  bytes[at + 3] = word >>> 24;
}
