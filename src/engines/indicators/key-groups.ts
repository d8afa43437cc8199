import type { FeedSource } from './feed-source.ts';
import { compareKeys, isExpressionKind, KEY_BYTES, KINDS } from './keys.ts';
import type { LocalList } from './local-list.ts';
import { specificityOf, type Standing } from './precedence.ts';
import type { RecordCursor } from './record-cursor.io.ts';
import { RecordHeap, type RecordStream } from './record-heap.ts';
import { RECORD_BYTES, TAIL } from './segment-format.ts';
import type { Found, Segment } from './segment.io.ts';

const KEY = KEY_BYTES.keys;

/** One entry of an expression, with who has it. */
export interface Holder extends Standing {
  readonly found: Found;
  /** The layer with its texts, or the local lists. */
  readonly layer: Segment | undefined;
  readonly local: LocalList | undefined;
}

/** All entries of one expression; `key` is valid until the next one. */
export interface KeyGroup {
  readonly key: Uint8Array;
  readonly holders: readonly Holder[];
}

/**
 * All expressions of all sources in the order of their keys, from `start` on: each with what the newest layer of
 * every source says of it. What has expired is among them.
 */
export function* keyGroups(
  sources: readonly (FeedSource | LocalList)[],
  start?: Uint8Array,
): Generator<KeyGroup> {
  let order = 0;
  const walks = sources.flatMap((source): Walk[] =>
    source.isLocal
      ? [new LocalWalk(source, order++, start)]
      : source.layers.map((layer) => new LayerWalk(source, layer, order++, start)),
  );
  const heap = new RecordHeap(
    walks,
    (x, y) => compareKeys(x.bytes, x.at, y.bytes, y.at, KEY) || kindOf(x) - kindOf(y) || x.order - y.order,
  );
  const key = new Uint8Array(KEY);
  let holders: Holder[] = [];
  // The newest layer of a source comes first and hides what the others say of the same kind.
  let lastFeed = '';
  let lastKind = -1;
  for (let top = heap.top; top !== undefined; top = heap.top) {
    const kind = kindOf(top);
    if (isExpressionKind(KINDS[kind]!)) {
      if (compareKeys(key, 0, top.bytes, top.at, KEY) !== 0) {
        if (holders.length > 0) yield { key, holders };
        for (let byte = 0; byte < KEY; byte++) key[byte] = top.bytes[top.at + byte]!;
        holders = [];
        lastKind = -1;
      }
      if (kind !== lastKind || top.feed !== lastFeed) {
        const holder = top.holder();
        if (!holder.found.isRemoved) holders.push(holder);
      }
      lastKind = kind;
      lastFeed = top.feed;
    }
    heap.advance();
  }
  if (holders.length > 0) yield { key, holders };
}

interface Walk extends RecordStream {
  readonly feed: string;
  readonly order: number;
  holder(): Holder;
}

class LayerWalk implements Walk {
  readonly feed: string;
  readonly order: number;
  readonly #source: FeedSource;
  readonly #layer: Segment;
  readonly #cursor: RecordCursor;
  /** The record that was looked for from the start, before the first `next`. */
  #sought: boolean | undefined;

  constructor(source: FeedSource, layer: Segment, order: number, start: Uint8Array | undefined) {
    this.feed = source.feed;
    this.order = order;
    this.#source = source;
    this.#layer = layer;
    this.#cursor = layer.cursor('keys');
    if (start !== undefined) this.#sought = this.#cursor.seek(start, 0);
  }

  get bytes(): Uint8Array {
    return this.#cursor.bytes;
  }

  get at(): number {
    return this.#cursor.at;
  }

  next(): boolean {
    const sought = this.#sought;
    this.#sought = undefined;
    return sought ?? this.#cursor.next();
  }

  holder(): Holder {
    const found = this.#layer.foundAt(this.#cursor.bytes, this.#cursor.at + KEY);
    const { feed, priority } = this.#source;
    return { ...standing(found), feed, priority, isLocal: false, layer: this.#layer, local: undefined };
  }
}

class LocalWalk implements Walk {
  readonly feed: string;
  readonly order: number;
  readonly bytes: Uint8Array;
  readonly #list: LocalList;
  at = -RECORD_BYTES.keys;

  constructor(list: LocalList, order: number, start: Uint8Array | undefined) {
    this.feed = list.feed;
    this.order = order;
    this.#list = list;
    this.bytes = list.expressionRecords();
    if (start === undefined) return;
    while (this.next() && compareKeys(this.bytes, this.at, start, 0, KEY) < 0);
    this.at -= RECORD_BYTES.keys;
  }

  next(): boolean {
    this.at += RECORD_BYTES.keys;
    return this.at < this.bytes.length;
  }

  holder(): Holder {
    const { feed, priority } = this.#list;
    const found = this.#list.foundOf(readWord(this.bytes, this.at + KEY + TAIL.entry));
    return { ...standing(found), feed, priority, isLocal: true, layer: undefined, local: this.#list };
  }
}

function standing(found: Found): Pick<Holder, 'found' | 'action' | 'severity' | 'specificity'> {
  const { action, severity } = found.set;
  // Entries of one expression have the same length: the kind alone decides.
  return { found, action, severity, specificity: specificityOf(found.kind, '') };
}

function kindOf({ bytes, at }: RecordStream): number {
  return bytes[at + KEY + TAIL.kind]!;
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
