import { parseNetwork } from '../../kernel/index.ts';
import { Fingerprints } from './fingerprints.ts';
import {
  type IndicatorKind,
  isExpressionKind,
  type Key,
  keyText,
  KIND_NUMBER,
  KEY_BYTES,
  writeKey,
} from './keys.ts';
import type { Source } from './lookup.ts';
import { LOCAL_FEED } from './manifest.ts';
import { PrintSet } from './print-set.ts';
import { RecordSorter } from './record-sorter.ts';
import { RECORD_BYTES, TAIL } from './segment-format.ts';
import { type Found, NOT_FOUND } from './segment.io.ts';
import type { LocalEntry, StoredEntry } from './types.ts';

const SHA256_DIGITS = 64;
/** Entries that are taken up before others get their turn. */
const STEP_ENTRIES = 250;

/** The local lists in memory, asked like a feed. Immutable. */
export class LocalList implements Source {
  readonly feed = LOCAL_FEED;
  readonly licence = '';
  readonly priority = 0;
  readonly isLocal = true;
  readonly list: readonly LocalEntry[];
  readonly prefixes4: readonly number[];
  readonly prefixes6: readonly number[];
  #prints = new PrintSet(0);
  #hasWeakHashes = false;
  #records: Uint8Array | undefined;
  #found: ReadonlyMap<string, Found[]> = new Map();

  private constructor(list: readonly LocalEntry[], prefixes: Readonly<Record<4 | 6, ReadonlySet<number>>>) {
    this.list = list;
    this.prefixes4 = descending(prefixes[4]);
    this.prefixes6 = descending(prefixes[6]);
  }

  /** Makes a list in steps, each far below a millisecond. */
  static *building(entries: readonly LocalEntry[]): Generator<void, LocalList> {
    const fingerprints = new Fingerprints();
    const prefixes = { 4: new Set<number>(), 6: new Set<number>() };
    // A URL has two.
    const prints = new PrintSet(2 * entries.length);
    const add = (a: number, b: number): void => prints.add(a, b);
    const byKey = new Map<string, Found[]>();
    let hasWeakHashes = false;
    for (const [at, entry] of entries.entries()) {
      const key = keyText(entry.kind, entry.value);
      const others = byKey.get(key);
      if (others === undefined) byKey.set(key, [foundOf(entry, at)]);
      else others.push(foundOf(entry, at));
      if (entry.kind === 'hash' && entry.value.length < SHA256_DIGITS) hasWeakHashes = true;
      const network = entry.kind === 'network' ? parseNetwork(entry.value) : undefined;
      if (network !== undefined) prefixes[network.family].add(network.prefix);
      fingerprints.entry(entry.kind, entry.value, network, add);
      if (at % STEP_ENTRIES === STEP_ENTRIES - 1) yield;
    }
    const list = new LocalList(entries, prefixes);
    list.#prints = prints;
    list.#found = byKey;
    list.#hasWeakHashes = hasWeakHashes;
    return list;
  }

  /** Made at once. */
  static of(entries: readonly LocalEntry[]): LocalList {
    const steps = LocalList.building(entries);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  get hasWeakHashes(): boolean {
    return this.#hasWeakHashes;
  }

  has(a: number, b: number): boolean {
    return this.#prints.has(a, b);
  }

  find(key: Key): readonly Found[] {
    return this.#found.get(key.text) ?? NOT_FOUND;
  }

  stored(kind: IndicatorKind, value: string): StoredEntry | undefined {
    const found = this.#found.get(keyText(kind, value))?.find((each) => each.kind === kind);
    return found === undefined ? undefined : storedOf(this.list[found.entry]!);
  }

  /** What the entry of that number says. */
  foundOf(entry: number): Found {
    return foundOf(this.list[entry]!, entry);
  }

  /** Records like those of a segment, for the entries that have an expression; made when first asked for. */
  expressionRecords(): Uint8Array {
    this.#records ??= recordsOf(this.list);
    return this.#records;
  }

  *entries(nowS: number): Generator<StoredEntry> {
    for (const entry of this.list) {
      const stored = storedOf(entry);
      if (stored.expiresAtS === undefined || stored.expiresAtS > nowS) yield stored;
    }
  }
}

/** The file of the local lists: one entry a line, in JSON. */
export function encodeLocal(entries: readonly LocalEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/** Reads it into `entries`, in steps. Throws where a line is none of ours. */
export function* decodingLocal(text: string, entries: LocalEntry[]): Generator<void> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    if (end < 0) throw new Error('it ends in the middle of a line');
    // Our own writer made it, and it is renamed into place whole.
    entries.push(JSON.parse(text.slice(at, end)) as LocalEntry);
    at = end + 1;
    if (entries.length % STEP_ENTRIES === 0) yield;
  }
}

function foundOf(local: LocalEntry, entry: number): Found {
  const { kind, action, category, severity, confidence, tlp } = local;
  const { addedAtS, expiresAtS } = storedOf(local);
  const set = { action, category, severity, confidence, tlp };
  return { kind, isRemoved: false, set, addedAtS, expiresAtS, entry };
}

function recordsOf(list: readonly LocalEntry[]): Uint8Array {
  const size = RECORD_BYTES.keys;
  const sorter = new RecordSorter('keys', 'first');
  for (const [number, { kind, value }] of list.entries()) {
    if (!isExpressionKind(kind)) continue;
    const at = sorter.add();
    writeKey(keyText(kind, value), 'keys', sorter.bytes, at);
    const tail = at + KEY_BYTES.keys;
    for (let byte = 0; byte < 4; byte++)
      sorter.bytes[tail + TAIL.entry + byte] = (number >>> (8 * byte)) & 255;
    sorter.bytes[tail + TAIL.kind] = KIND_NUMBER[kind];
  }
  const records = new Uint8Array(sorter.count * size);
  const sorted = sorter.sorted();
  for (let at = 0; sorted.next(); at += size)
    records.set(sorted.bytes.subarray(sorted.at, sorted.at + size), at);
  return records;
}

function descending(lengths: ReadonlySet<number>): readonly number[] {
  return [...lengths].toSorted((x, y) => y - x);
}

export function storedOf(local: LocalEntry): StoredEntry {
  const { kind, value, action, category, severity, confidence, tlp, note, addedAt, expiresAt } = local;
  return {
    kind,
    value,
    action,
    category,
    severity,
    confidence,
    tlp,
    addedAtS: secondsOf(addedAt),
    firstSeenS: undefined,
    lastSeenS: undefined,
    expiresAtS: expiresAt === undefined ? undefined : secondsOf(expiresAt),
    note,
    reference: '',
  };
}

function secondsOf(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000);
}
