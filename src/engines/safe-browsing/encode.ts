import {
  COMPRESSION_TYPE,
  type Decoded,
  type Draft,
  type hashList,
  type listUpdateResponse,
  RESPONSE_TYPE,
  RICE_V4,
  RICE_V5,
  type Steps,
  swappedSteps,
} from '../../protocols/safe-browsing/index.ts';
import type { UpdatePlan } from './plan.ts';
import { bytesSteps, riceSteps } from './steps.ts';

export type V4Update = Draft<Decoded<typeof listUpdateResponse>>;
export type V5Update = Draft<Decoded<typeof hashList>>;
type V4Set = NonNullable<V4Update['additions']>[number];
type V5Rice = NonNullable<V5Update['additionsFourBytes']>;

/** An update with what is true after it. */
export interface PlannedUpdate extends UpdatePlan {
  readonly token: Uint8Array;
  readonly checksum: Uint8Array;
}

/** Without the types of threat, entry and platform: those are echoed. */
export function* v4Steps(update: PlannedUpdate, rice: boolean): Steps<V4Update> {
  const { isFull, additions, removals, token, checksum } = update;
  return {
    responseType: isFull ? RESPONSE_TYPE.FULL_UPDATE : RESPONSE_TYPE.PARTIAL_UPDATE,
    additions: additions.length === 0 ? [] : [yield* v4Additions(additions, rice)],
    removals: removals.length === 0 ? [] : [yield* v4Removals(removals, rice)],
    newClientState: token,
    checksum: { sha256: checksum },
  };
}

function* v4Additions(additions: Uint32Array, rice: boolean): Steps<V4Set> {
  if (rice) {
    const sorted = yield* swappedSteps(additions);
    return { compressionType: COMPRESSION_TYPE.RICE, riceHashes: yield* v4Rice(sorted) };
  }
  const rawHashes = { prefixSize: 4, rawHashes: yield* bytesSteps(additions) };
  return { compressionType: COMPRESSION_TYPE.RAW, rawHashes };
}

function* v4Removals(removals: Uint32Array, rice: boolean): Steps<V4Set> {
  if (rice) return { compressionType: COMPRESSION_TYPE.RICE, riceIndices: yield* v4Rice(removals) };
  return { compressionType: COMPRESSION_TYPE.RAW, rawIndices: { indices: [...removals] } };
}

function* v4Rice(values: Uint32Array): Steps<V4Set['riceHashes']> {
  const { firstValue, parameter, count, data } = yield* riceSteps(values, RICE_V4);
  return { firstValue: BigInt(firstValue), riceParameter: parameter, numEntries: count, encodedData: data };
}

/** Without the name: one list may have several. */
export function* v5Steps(update: PlannedUpdate): Steps<V5Update> {
  const { isFull, additions, removals, token, checksum } = update;
  const isUnchanged = !isFull && additions.length === 0 && removals.length === 0;
  return {
    version: token,
    partialUpdate: !isFull,
    ...(additions.length === 0 ? {} : { additionsFourBytes: yield* v5Rice(additions) }),
    ...(removals.length === 0 ? {} : { compressedRemovals: yield* v5Rice(removals) }),
    // "In the case that no updates were provided, the server will omit this field."
    ...(isUnchanged ? {} : { sha256Checksum: checksum }),
  };
}

function* v5Rice(values: Uint32Array): Steps<V5Rice> {
  const { firstValue, parameter, count, data } = yield* riceSteps(values, RICE_V5);
  return { firstValue, riceParameter: parameter, entriesCount: count, encodedData: data };
}
