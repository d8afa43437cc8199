import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type FeedSource, storedEntry } from './feed-source.ts';
import { type Holder, keyGroups } from './key-groups.ts';
import { compareKeys, expressionOf, isExpressionKind, KEY_BYTES } from './keys.ts';
import { type LocalList, storedOf } from './local-list.ts';
import { compareStandings } from './precedence.ts';
import { RECORD_BYTES } from './segment-format.ts';
import type { PrefixAttributes, PrefixMatch, StoredEntry } from './types.ts';

/** Expressions that are looked at before others get their turn: about a millisecond. */
const SLICE_RECORDS = 1024;
/** Prefixes that are collected in one piece. */
const CHUNK_PREFIXES = 65_536;
const KEY = KEY_BYTES.keys;
/** Fewer bytes than this would name half the store. */
const PREFIX_BYTES_MIN = 4;

/** See `IndicatorReader.prefixes`. */
export async function prefixesOf(
  sources: readonly (FeedSource | LocalList)[],
  nowS: number,
  select: (entry: PrefixAttributes) => boolean,
): Promise<Uint32Array> {
  const layers = sources.flatMap((source) => (source.isLocal ? [] : source.layers));
  for (const layer of layers) layer.retain();
  try {
    const chunks: Uint32Array[] = [];
    let chunk = new Uint32Array(0);
    let used = 0;
    let last = -1;
    let left = SLICE_RECORDS;
    for (const { key, holders } of keyGroups(sources)) {
      if (takes(holders, nowS, select)) {
        const prefix = ((key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!) >>> 0;
        if (prefix !== last) {
          if (used === chunk.length) {
            chunks.push((chunk = new Uint32Array(CHUNK_PREFIXES)));
            used = 0;
          }
          chunk[used++] = prefix;
          last = prefix;
        }
      }
      if (--left > 0) continue;
      left = SLICE_RECORDS;
      await setImmediate();
    }
    return await joined(chunks, used);
  } finally {
    for (const layer of layers) layer.release();
  }
}

/** One array of all chunks, the last of which has `used` numbers; copied in slices, for there may be millions. */
async function joined(chunks: readonly Uint32Array[], used: number): Promise<Uint32Array> {
  if (chunks.length === 0) return new Uint32Array(0);
  const all = new Uint32Array((chunks.length - 1) * CHUNK_PREFIXES + used);
  for (const [at, chunk] of chunks.entries()) {
    const isLast = at === chunks.length - 1;
    all.set(isLast ? chunk.subarray(0, used) : chunk, at * CHUNK_PREFIXES);
    await setImmediate();
  }
  return all;
}

/** See `IndicatorReader.byPrefix`. */
export function entriesByPrefix(
  sources: readonly (FeedSource | LocalList)[],
  nowS: number,
  prefix: Uint8Array,
): readonly PrefixMatch[] {
  if (prefix.length < PREFIX_BYTES_MIN) return [];
  const matches: PrefixMatch[] = [];
  const wanted = Math.min(KEY, prefix.length);
  const start = new Uint8Array(RECORD_BYTES.keys);
  start.set(prefix.subarray(0, wanted));
  for (const { key, holders } of keyGroups(sources, start)) {
    if (compareKeys(key, 0, prefix, 0, wanted) !== 0) break;
    for (const holder of takenOf(holders, nowS)) {
      const { kind } = holder.found;
      // The groups hold no other kinds.
      if (!isExpressionKind(kind)) continue;
      const entry = entryOf(holder);
      const expression = expressionOf(kind, entry.value);
      const hash = createHash('sha256').update(expression).digest();
      if (hash.subarray(0, prefix.length).equals(prefix.subarray(0, 32)))
        matches.push({ hash, expression, feed: holder.feed, entry });
    }
  }
  return matches;
}

function entryOf({ found, layer, local }: Holder): StoredEntry {
  return layer === undefined
    ? storedOf(local!.list[found.entry]!)
    : storedEntry(layer.values.texts(found.entry), found);
}

/** The blocking entries of an expression whose decisive entry is one; none otherwise. */
function takenOf(holders: readonly Holder[], nowS: number): readonly Holder[] {
  const valid = holders.filter(({ found }) => found.expiresAtS === undefined || found.expiresAtS > nowS);
  if (valid.length === 0) return valid;
  const [first] = valid.length === 1 ? valid : valid.toSorted(compareStandings);
  return first!.action === 'block' ? valid.filter(({ action }) => action === 'block') : [];
}

function takes(
  holders: readonly Holder[],
  nowS: number,
  select: (entry: PrefixAttributes) => boolean,
): boolean {
  return takenOf(holders, nowS).some(({ feed, found: { kind, set } }) =>
    select({
      feed,
      kind,
      category: set.category,
      severity: set.severity,
      tlp: set.tlp,
      confidence: set.confidence,
    }),
  );
}
