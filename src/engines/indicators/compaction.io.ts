import { parseNetwork } from '../../kernel/index.ts';
import { AttributeDictionary } from './attributes.ts';
import { Fingerprints } from './fingerprints.ts';
import { compareKeys, KEY_BYTES, TABLES, type TableName } from './keys.ts';
import { descending, layerInfo, type LayerPlace, pathOf, type WrittenLayer } from './layer-writer.io.ts';
import type { LayerInfo } from './manifest.ts';
import { PrintStore } from './print-store.io.ts';
import type { RecordCursor } from './record-cursor.io.ts';
import { RecordHeap } from './record-heap.ts';
import { isSameRecord } from './record-sorter.ts';
import { baseOf, expiryHours, expirySeconds, FLAG_REMOVED, TAIL } from './segment-format.ts';
import { SegmentWriter } from './segment-writer.io.ts';
import type { Segment } from './segment.io.ts';
import { readValue } from './values-format.ts';
import { ValuesWriter } from './values-writer.io.ts';

/** No entry has it: a layer has fewer. */
const NO_ENTRY = 0xffff_ffff;
/** More layers than this cost look-ups more than compaction does. */
const LAYERS_MAX = 8;
/** Deltas that together are larger than this part of the base are merged into it. */
const DELTA_PART = 4;

/** Whether the layers of a feed, the newest first, should become one. */
export function isCompactionDue(layers: readonly LayerInfo[]): boolean {
  const deltas = layers.slice(0, -1).reduce((sum, layer) => sum + layer.records, 0);
  return layers.length > LAYERS_MAX || deltas * DELTA_PART > (layers.at(-1)?.records ?? 0);
}

/**
 * Merges the layers of a feed into one new base. Records come sorted, so nothing is sorted again; entries that
 * were taken out, replaced or have ended stay behind, and the others get new numbers.
 */
export function compactLayers(
  place: LayerPlace,
  layers: readonly Segment[],
): Pick<WrittenLayer, 'info' | 'kinds'> {
  const numbers = layers.map((layer) => new Uint32Array(layer.directory.entries).fill(NO_ENTRY));
  const counts = new Map<TableName, number>();
  for (const table of TABLES) {
    let count = 0;
    eachLive(layers, table, place.nowS, (cursor, layer) => {
      numbers[layer]![entryOf(cursor)] = 0;
      count++;
    });
    counts.set(table, count);
  }
  const values = new ValuesWriter(pathOf(place, 'val'));
  const prints = new PrintStore(pathOf(place, 'prints'));
  let segment: SegmentWriter | undefined;
  try {
    const prefixes = copyTexts(layers, numbers, values, prints);
    const { starts, bytes: valuesBytes } = values.finish();
    const sets = new AttributeDictionary(place.defaults);
    const baseS = baseOf(place.nowS);
    segment = new SegmentWriter(pathOf(place, 'seg'));
    for (const table of TABLES) {
      const most = counts.get(table) ?? 0;
      if (most === 0) continue;
      const keyBytes = KEY_BYTES[table];
      segment.table(table, most, (record) => {
        eachLive(layers, table, place.nowS, (cursor, layer) => {
          const { bytes, at } = cursor;
          const tail = at + keyBytes;
          const { directory } = layers[layer]!;
          const expiresAtS = expirySeconds(bytes.readUInt16LE(tail + TAIL.expiry), directory.baseS);
          bytes.writeUInt32LE(numbers[layer]![entryOf(cursor)]!, tail + TAIL.entry);
          bytes.writeUInt16LE(
            sets.numberOf(directory.sets[bytes.readUInt16LE(tail + TAIL.set)]!),
            tail + TAIL.set,
          );
          bytes.writeUInt16LE(expiryHours(expiresAtS, baseS), tail + TAIL.expiry);
          record(bytes, at);
        });
      });
    }
    const directory = segment.finish({
      feed: place.feed,
      entries: values.count,
      baseS,
      sets: sets.sets,
      prefixes4: descending(prefixes[4]),
      prefixes6: descending(prefixes[6]),
      prints,
      blocks: starts,
      valuesBytes,
    });
    return { info: layerInfo(place, values.count), kinds: directory.kinds };
  } finally {
    prints.destroy();
    values.destroy();
    segment?.destroy();
  }
}

/** Copies what is still counted and notes its new number. */
function copyTexts(
  layers: readonly Segment[],
  numbers: readonly Uint32Array[],
  values: ValuesWriter,
  prints: PrintStore,
): Readonly<Record<4 | 6, ReadonlySet<number>>> {
  const prefixes = { 4: new Set<number>(), 6: new Set<number>() };
  const fingerprints = new Fingerprints();
  for (const [layer, segment] of [...layers.entries()].toReversed()) {
    for (const { entry, block, start, end } of segment.values.each()) {
      if (numbers[layer]![entry] === NO_ENTRY) continue;
      numbers[layer]![entry] = values.copy(block, start, end);
      const { kind, value } = readValue(block, start);
      const network = kind === 'network' ? parseNetwork(value) : undefined;
      if (network !== undefined) prefixes[network.family].add(network.prefix);
      fingerprints.entry(kind, value, network, prints.add);
    }
  }
  return prefixes;
}

/** Walks the newest record of every entry, without what was taken out or has ended. */
function eachLive(
  layers: readonly Segment[],
  table: TableName,
  nowS: number,
  visit: (cursor: RecordCursor, layer: number) => void,
): void {
  const layerOf = new Map(layers.map((layer, at) => [layer.cursor(table), at]));
  const keyBytes = KEY_BYTES[table];
  const heap = new RecordHeap([...layerOf.keys()], (x, y) => {
    const difference = compareKeys(x.bytes, x.at, y.bytes, y.at, keyBytes) || kindOf(x) - kindOf(y);
    return difference === 0 ? layerOf.get(x)! - layerOf.get(y)! : difference;
  });
  const last = Buffer.alloc(keyBytes + TAIL.kind + 1);
  let isFirst = true;
  for (let top = heap.top; top !== undefined; top = heap.top) {
    if (isFirst || !isSameRecord(last, 0, top.bytes, top.at, keyBytes)) {
      isFirst = false;
      top.bytes.copy(last, 0, top.at, top.at + last.length);
      const layer = layerOf.get(top)!;
      const tail = top.at + keyBytes;
      const expiresAtS = expirySeconds(
        top.bytes.readUInt16LE(tail + TAIL.expiry),
        layers[layer]!.directory.baseS,
      );
      const isRemoved = (top.bytes[tail + TAIL.flags]! & FLAG_REMOVED) !== 0;
      if (!isRemoved && (expiresAtS === undefined || expiresAtS > nowS)) visit(top, layer);
    }
    heap.advance();
  }
}

function entryOf(cursor: RecordCursor): number {
  return cursor.bytes.readUInt32LE(cursor.at + cursor.keyBytes + TAIL.entry);
}

function kindOf(cursor: RecordCursor): number {
  return cursor.bytes[cursor.at + cursor.keyBytes + TAIL.kind]!;
}
