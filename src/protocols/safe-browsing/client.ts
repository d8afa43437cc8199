import { COMPRESSION_TYPE, RESPONSE_TYPE } from './enums.ts';
import type { Decoded } from './message.ts';
import { applyUpdate, prefixChecksum, prefixesOfBytes, type PrefixSet, swapBytes } from './prefix-set.ts';
import { riceDecode } from './rice.ts';
import type { listUpdateResponse } from './v4.ts';
import type { hashList } from './v5.ts';

/** A list as a client keeps it between updates. */
export interface ClientList {
  readonly prefixes: PrefixSet;
  /** State (v4) or version (v5): the server's, sent back as it is. */
  readonly token: Uint8Array;
}

export const NO_LIST: ClientList = { prefixes: new Uint32Array(0), token: new Uint8Array(0) };

export type Applied =
  | { readonly ok: true; readonly list: ClientList }
  /** The client throws its list away and asks for the whole one. */
  | { readonly ok: false; readonly reason: string };

/** Applies one update of version 4 to the list that it was asked for. Holds lists of four-byte prefixes. */
export function applyV4Update(
  before: ClientList,
  update: Decoded<typeof listUpdateResponse>,
  entriesMax: number,
): Applied {
  const isFull = update.responseType === RESPONSE_TYPE.FULL_UPDATE;
  const additions: Uint32Array[] = [];
  for (const { compressionType, rawHashes, riceHashes } of update.additions) {
    if (compressionType === COMPRESSION_TYPE.RAW) {
      if (rawHashes?.prefixSize !== 4) return failed('hashes that are not four bytes long');
      const raw = prefixesOfBytes(rawHashes.rawHashes);
      if (raw === undefined || raw.length > entriesMax) return failed('raw hashes that are not in order');
      additions.push(raw);
    } else {
      const decoded = decodedV4(riceHashes, entriesMax);
      if (decoded === undefined) return failed('hashes in a malformed coding');
      additions.push(decoded.map(swapBytes).toSorted());
    }
  }
  const removals: Uint32Array[] = [];
  for (const { compressionType, rawIndices, riceIndices } of update.removals) {
    const indices =
      compressionType === COMPRESSION_TYPE.RAW
        ? Uint32Array.from(rawIndices?.indices ?? [])
        : decodedV4(riceIndices, entriesMax);
    if (indices === undefined) return failed('removals in a malformed coding');
    removals.push(indices);
  }
  return applied(isFull ? new Uint32Array(0) : before.prefixes, {
    removals: joined(removals),
    additions: joined(additions),
    checksum: update.checksum?.sha256,
    token: update.newClientState,
  });
}

/** Applies one update of version 5. Lists of longer hashes are not held here. */
export function applyV5Update(
  before: ClientList,
  update: Decoded<typeof hashList>,
  entriesMax: number,
): Applied {
  if (update.additionsEightBytes ?? update.additionsSixteenBytes ?? update.additionsThirtyTwoBytes)
    return failed('hashes that are not four bytes long');
  const additions = decodedV5(update.additionsFourBytes, entriesMax);
  const removals = decodedV5(update.compressedRemovals, entriesMax);
  if (additions === undefined || removals === undefined) return failed('a malformed coding');
  return applied(update.partialUpdate ? before.prefixes : new Uint32Array(0), {
    removals,
    additions,
    checksum: update.sha256Checksum,
    token: update.version,
  });
}

interface Change {
  readonly removals: Uint32Array;
  readonly additions: Uint32Array;
  readonly checksum: Uint8Array | undefined;
  readonly token: Uint8Array;
}

function applied(base: PrefixSet, { removals, additions, checksum, token }: Change): Applied {
  const prefixes = applyUpdate(base, removals, additions);
  if (prefixes === undefined) return failed('changes that do not fit the list');
  // Version 5 leaves the checksum out where nothing changes.
  const isUnchanged = removals.length === 0 && additions.length === 0;
  if (checksum !== undefined && checksum.length > 0) {
    if (!Buffer.from(prefixChecksum(prefixes)).equals(checksum)) return failed('another checksum');
  } else if (!isUnchanged) return failed('no checksum');
  return { ok: true, list: { prefixes, token: Uint8Array.from(token) } };
}

type V4Coding = NonNullable<Decoded<typeof listUpdateResponse>['additions'][number]['riceHashes']>;
type V5Coding = Decoded<typeof hashList>['additionsFourBytes'];

function decodedV4(coding: V4Coding | undefined, entriesMax: number): Uint32Array | undefined {
  if (coding === undefined) return undefined;
  const { riceParameter: parameter, numEntries: count, encodedData: data } = coding;
  return riceDecode({ firstValue: Number(coding.firstValue), parameter, count, data }, entriesMax);
}

function decodedV5(coding: V5Coding, entriesMax: number): Uint32Array | undefined {
  if (coding === undefined) return new Uint32Array(0);
  const { firstValue, riceParameter: parameter, entriesCount: count, encodedData: data } = coding;
  return riceDecode({ firstValue, parameter, count, data }, entriesMax);
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0]!;
  return Uint32Array.from(parts.flatMap((part) => [...part])).toSorted();
}

function failed(what: string): Applied {
  return { ok: false, reason: `the update has ${what}` };
}
