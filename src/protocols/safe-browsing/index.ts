export {
  applyV4Steps,
  applyV4Update,
  applyV5Steps,
  applyV5Update,
  type Applied,
  type ClientList,
  NO_LIST,
} from './client.ts';
export {
  COMPRESSION_TYPE,
  HASH_LENGTH,
  LIKELY_SAFE_TYPE,
  PLATFORM_TYPE,
  RESPONSE_TYPE,
  THREAT_ENTRY_TYPE,
  THREAT_TYPE,
  threatTypes,
} from './enums.ts';
export { type FullHashAnswer, FullHashCache, type FullHashOpinion } from './full-hash-cache.ts';
export { type KeptLists, keptListsBytes, keptListsOf, type NamedList } from './kept-lists.ts';
export { checksumSteps, type MixedSet } from './mixed-set.ts';
export { bytesOfBase64, jsonOfMessage, messageOfJson } from './message-json.ts';
export { decodeMessage, encodeMessage } from './message-proto.ts';
export type { Decoded, Draft, MessageLimits, MessageType, Reading } from './message.ts';
export {
  expressionHash,
  prefixBytes,
  prefixChecksum,
  prefixesOfBytes,
  type PrefixSet,
  swapBytes,
} from './prefix-set.ts';
export {
  RICE_V4,
  RICE_V5,
  type RiceCoded,
  riceDecode,
  riceEncode,
  RiceEncoder,
  riceParameter,
} from './rice.ts';
export {
  riceDecodeWide,
  riceEncodeWide,
  wideBytes,
  type WideBits,
  wideNumberOf,
  type WideRiceCoded,
} from './rice-wide.ts';
export { outcomeOf, STEP, type Steps, swappedSteps } from './steps.ts';
export {
  fetchThreatListUpdatesRequest,
  fetchThreatListUpdatesResponse,
  findFullHashesRequest,
  findFullHashesResponse,
  findThreatMatchesRequest,
  findThreatMatchesResponse,
  listThreatListsResponse,
  listUpdateResponse,
} from './v4.ts';
export {
  batchGetHashListsResponse,
  hashList,
  listHashListsResponse,
  searchHashesResponse,
  searchUrlsResponse,
} from './v5.ts';
