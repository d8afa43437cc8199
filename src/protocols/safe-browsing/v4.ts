import { compressionTypes, platformTypes, responseTypes, threatEntryTypes, threatTypes } from './enums.ts';
import {
  always,
  bytes,
  duration,
  enumeration,
  int32,
  int64,
  message,
  messageType,
  repeated,
  text,
} from './message.ts';

/** Messages of the Safe Browsing API, version 4, with the field numbers of Google's definition. */
const clientInfo = messageType({ clientId: text(1), clientVersion: text(2) });

const threatEntry = messageType({ hash: bytes(1), url: text(2), digest: bytes(3) });

const threatInfo = messageType({
  threatTypes: repeated(enumeration(1, threatTypes)),
  platformTypes: repeated(enumeration(2, platformTypes)),
  threatEntryTypes: repeated(enumeration(4, threatEntryTypes)),
  threatEntries: repeated(message(3, threatEntry)),
});

const metadataEntry = messageType({ key: bytes(1), value: bytes(2) });
const threatEntryMetadata = messageType({ entries: repeated(message(1, metadataEntry)) });

const threatMatch = messageType({
  threatType: enumeration(1, threatTypes),
  platformType: enumeration(2, platformTypes),
  threatEntryType: enumeration(6, threatEntryTypes),
  threat: message(3, threatEntry),
  threatEntryMetadata: message(4, threatEntryMetadata),
  cacheDuration: duration(5),
});

export const findThreatMatchesRequest = messageType({
  client: message(1, clientInfo),
  threatInfo: message(2, threatInfo),
});

export const findThreatMatchesResponse = messageType({ matches: repeated(message(1, threatMatch)) });

export const findFullHashesRequest = messageType({
  client: message(1, clientInfo),
  clientStates: repeated(bytes(2)),
  threatInfo: message(3, threatInfo),
});

export const findFullHashesResponse = messageType({
  matches: repeated(message(1, threatMatch)),
  minimumWaitDuration: duration(2),
  negativeCacheDuration: duration(3),
});

const constraints = messageType({
  maxUpdateEntries: int32(1),
  maxDatabaseEntries: int32(2),
  region: text(3),
  supportedCompressions: repeated(enumeration(4, compressionTypes)),
});

const listUpdateRequest = messageType({
  threatType: enumeration(1, threatTypes),
  platformType: enumeration(2, platformTypes),
  threatEntryType: enumeration(5, threatEntryTypes),
  state: bytes(3),
  constraints: message(4, constraints),
});

export const fetchThreatListUpdatesRequest = messageType({
  client: message(1, clientInfo),
  listUpdateRequests: repeated(message(3, listUpdateRequest)),
});

const rawHashes = messageType({ prefixSize: int32(1), rawHashes: bytes(2) });
const rawIndices = messageType({ indices: repeated(int32(1)) });

/** Firefox refuses a coding without a first value, so a zero is written as well. */
const riceDeltaEncoding = messageType({
  firstValue: always(int64(1)),
  riceParameter: int32(2),
  numEntries: int32(3),
  encodedData: bytes(4),
});

const threatEntrySet = messageType({
  compressionType: enumeration(1, compressionTypes),
  rawHashes: message(2, rawHashes),
  rawIndices: message(3, rawIndices),
  riceHashes: message(4, riceDeltaEncoding),
  riceIndices: message(5, riceDeltaEncoding),
});

const checksum = messageType({ sha256: bytes(1) });

export const listUpdateResponse = messageType({
  threatType: enumeration(1, threatTypes),
  threatEntryType: enumeration(2, threatEntryTypes),
  platformType: enumeration(3, platformTypes),
  responseType: enumeration(4, responseTypes),
  additions: repeated(message(5, threatEntrySet)),
  removals: repeated(message(6, threatEntrySet)),
  newClientState: bytes(7),
  checksum: message(8, checksum),
});

export const fetchThreatListUpdatesResponse = messageType({
  listUpdateResponses: repeated(message(1, listUpdateResponse)),
  minimumWaitDuration: duration(2),
});

const threatListDescriptor = messageType({
  threatType: enumeration(1, threatTypes),
  platformType: enumeration(2, platformTypes),
  threatEntryType: enumeration(3, threatEntryTypes),
});

export const listThreatListsResponse = messageType({
  threatLists: repeated(message(1, threatListDescriptor)),
});
