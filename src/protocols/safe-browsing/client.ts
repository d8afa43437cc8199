import { COMPRESSION_TYPE, RESPONSE_TYPE } from './enums.ts';
import { changedSteps, checksumSteps, EMPTY_SET, joinedSteps, type MixedSet } from './mixed-set.ts';
import type { Decoded } from './message.ts';
import { prefixesOfBytes } from './prefix-set.ts';
import { riceDecodeSteps } from './rice.ts';
import { outcomeOf, type Steps, swappedSteps } from './steps.ts';
import type { listUpdateResponse } from './v4.ts';
import type { hashList } from './v5.ts';

/** A list as a client keeps it between updates. */
export interface ClientList extends MixedSet {
  /** State (v4) or version (v5): the server's, sent back as it is. */
  readonly token: Uint8Array;
}

export const NO_LIST: ClientList = { ...EMPTY_SET, token: new Uint8Array(0) };

export type Applied =
  | { readonly ok: true; readonly list: ClientList }
  /** The client throws its list away and asks for the whole one. */
  | { readonly ok: false; readonly reason: string };

/** Applies one update of version 4 to the list that it was asked for, in one go. */
export function applyV4Update(
  before: ClientList,
  update: Decoded<typeof listUpdateResponse>,
  entriesMax: number,
): Applied {
  return outcomeOf(applyV4Steps(before, update, entriesMax));
}

/** The same for version 5. Lists of longer hashes are not held. */
export function applyV5Update(
  before: ClientList,
  update: Decoded<typeof hashList>,
  entriesMax: number,
): Applied {
  return outcomeOf(applyV5Steps(before, update, entriesMax));
}

/** Applies one update of version 4. A list has at most `entriesMax` entries before and after. */
export function* applyV4Steps(
  before: ClientList,
  update: Decoded<typeof listUpdateResponse>,
  entriesMax: number,
): Steps<Applied> {
  const additions: MixedSet[] = [];
  for (const { compressionType, rawHashes, riceHashes } of update.additions) {
    if (compressionType === COMPRESSION_TYPE.RAW) {
      const raw = rawSet(rawHashes?.prefixSize ?? 0, rawHashes?.rawHashes ?? NO_BYTES, entriesMax);
      if (typeof raw === 'string') return failed(raw);
      additions.push(raw);
    } else {
      const decoded = yield* decodedV4(riceHashes, entriesMax);
      if (decoded === undefined) return failed('hashes in a malformed coding');
      additions.push({ prefixes: yield* swappedSteps(decoded), longer: [] });
    }
  }
  const removals: Uint32Array[] = [];
  for (const { compressionType, rawIndices, riceIndices } of update.removals) {
    const indices =
      compressionType === COMPRESSION_TYPE.RAW
        ? Uint32Array.from(rawIndices?.indices ?? []).toSorted()
        : yield* decodedV4(riceIndices, entriesMax);
    if (indices === undefined) return failed('removals in a malformed coding');
    removals.push(indices);
  }
  const joined = yield* joinedSteps(additions);
  if (joined === undefined) return failed('a hash twice');
  const isFull = update.responseType === RESPONSE_TYPE.FULL_UPDATE;
  return yield* applied(isFull ? EMPTY_SET : before, {
    removals: removals.length === 1 ? removals[0]! : merged(removals),
    additions: joined,
    checksum: update.checksum?.sha256,
    token: update.newClientState,
    entriesMax,
  });
}

/** Applies one update of version 5. */
export function* applyV5Steps(
  before: ClientList,
  update: Decoded<typeof hashList>,
  entriesMax: number,
): Steps<Applied> {
  if (update.additionsEightBytes ?? update.additionsSixteenBytes ?? update.additionsThirtyTwoBytes)
    return failed('hashes that are not four bytes long');
  const additions = yield* decodedV5(update.additionsFourBytes, entriesMax);
  const removals = yield* decodedV5(update.compressedRemovals, entriesMax);
  if (additions === undefined || removals === undefined) return failed('a malformed coding');
  return yield* applied(update.partialUpdate ? before : EMPTY_SET, {
    removals,
    additions: { prefixes: additions, longer: [] },
    checksum: update.sha256Checksum,
    token: update.version,
    entriesMax,
  });
}

interface Change {
  readonly removals: Uint32Array;
  readonly additions: MixedSet;
  readonly checksum: Uint8Array | undefined;
  readonly token: Uint8Array;
  readonly entriesMax: number;
}

function* applied(
  base: MixedSet,
  { removals, additions, checksum, token, entriesMax }: Change,
): Steps<Applied> {
  const set = yield* changedSteps(base, removals, additions);
  if (set === undefined) return failed('changes that do not fit the list');
  const entries = set.prefixes.length + set.longer.length;
  if (entries > entriesMax) return failed(`${entries} entries, more than the ${entriesMax} that are held`);
  // Version 5 leaves the checksum out where nothing changes.
  const isUnchanged =
    removals.length === 0 && additions.prefixes.length === 0 && additions.longer.length === 0;
  if (checksum !== undefined && checksum.length > 0) {
    if (!Buffer.from(yield* checksumSteps(set)).equals(checksum)) return failed('another checksum');
  } else if (!isUnchanged) return failed('no checksum');
  return { ok: true, list: { ...set, token: Uint8Array.from(token) } };
}

type V4Coding = NonNullable<Decoded<typeof listUpdateResponse>['additions'][number]['riceHashes']>;
type V5Coding = Decoded<typeof hashList>['additionsFourBytes'];

const NO_BYTES = new Uint8Array(0);
/** Version 4 has prefixes of 4 to 32 bytes; the longer ones are few. */
const PREFIX_BYTES_MAX = 32;
const LONGER_MAX = 65_536;

/** What raw hashes of one length are; a text says what is wrong. */
function rawSet(size: number, bytes: Uint8Array, entriesMax: number): MixedSet | string {
  if (size < 4 || size > PREFIX_BYTES_MAX || bytes.length % size !== 0) return 'hashes of no possible length';
  const count = bytes.length / size;
  if (count > entriesMax) return 'more hashes than are held';
  if (size === 4) {
    const prefixes = prefixesOfBytes(bytes);
    return prefixes === undefined ? 'raw hashes that are not in order' : { prefixes, longer: [] };
  }
  if (count > LONGER_MAX) return `more than ${LONGER_MAX} hashes of ${size} bytes`;
  const longer: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) longer.push(Uint8Array.from(bytes.subarray(at, at + size)));
  return { prefixes: EMPTY_SET.prefixes, longer };
}

function* decodedV4(coding: V4Coding | undefined, entriesMax: number): Steps<Uint32Array | undefined> {
  if (coding === undefined) return undefined;
  const { riceParameter: parameter, numEntries: count, encodedData: data } = coding;
  return yield* riceDecodeSteps(
    { firstValue: Number(coding.firstValue), parameter, count, data },
    entriesMax,
  );
}

function* decodedV5(coding: V5Coding, entriesMax: number): Steps<Uint32Array | undefined> {
  if (coding === undefined) return new Uint32Array(0);
  const { firstValue, riceParameter: parameter, entriesCount: count, encodedData: data } = coding;
  return yield* riceDecodeSteps({ firstValue, parameter, count, data }, entriesMax);
}

/** Positions of several parts of an update; there is nearly always one. */
function merged(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    all.set(part, filled);
    filled += part.length;
  }
  return all.toSorted();
}

function failed(what: string): Applied {
  return { ok: false, reason: `the update has ${what}` };
}
