import { hashLengths, likelySafeTypes, threatAttributes, threatTypes } from './enums.ts';
import {
  bool,
  bytes,
  duration,
  enumeration,
  fixed64,
  int32,
  message,
  messageType,
  repeated,
  text,
  uint32,
  uint64,
} from './message.ts';

/** Messages of the Safe Browsing API, version 5, with the field numbers of Google's definition. */
const riceDeltaEncoded32Bit = messageType({
  firstValue: uint32(1),
  riceParameter: int32(2),
  entriesCount: int32(3),
  encodedData: bytes(4),
});

const riceDeltaEncoded64Bit = messageType({
  firstValue: uint64(1),
  riceParameter: int32(2),
  entriesCount: int32(3),
  encodedData: bytes(4),
});

const riceDeltaEncoded128Bit = messageType({
  firstValueHi: uint64(1),
  firstValueLo: fixed64(2),
  riceParameter: int32(3),
  entriesCount: int32(4),
  encodedData: bytes(5),
});

const riceDeltaEncoded256Bit = messageType({
  firstValueFirstPart: uint64(1),
  firstValueSecondPart: fixed64(2),
  firstValueThirdPart: fixed64(3),
  firstValueFourthPart: fixed64(4),
  riceParameter: int32(5),
  entriesCount: int32(6),
  encodedData: bytes(7),
});

const hashListMetadata = messageType({
  threatTypes: repeated(enumeration(1, threatTypes)),
  likelySafeTypes: repeated(enumeration(2, likelySafeTypes)),
  description: text(4),
  hashLength: enumeration(6, hashLengths),
});

export const hashList = messageType({
  name: text(1),
  version: bytes(2),
  partialUpdate: bool(3),
  additionsFourBytes: message(4, riceDeltaEncoded32Bit),
  additionsEightBytes: message(9, riceDeltaEncoded64Bit),
  additionsSixteenBytes: message(10, riceDeltaEncoded128Bit),
  additionsThirtyTwoBytes: message(11, riceDeltaEncoded256Bit),
  compressedRemovals: message(5, riceDeltaEncoded32Bit),
  minimumWaitDuration: duration(6),
  sha256Checksum: bytes(7),
  metadata: message(8, hashListMetadata),
});

export const batchGetHashListsResponse = messageType({ hashLists: repeated(message(1, hashList)) });

export const listHashListsResponse = messageType({
  hashLists: repeated(message(1, hashList)),
  nextPageToken: text(2),
});

const fullHashDetail = messageType({
  threatType: enumeration(1, threatTypes),
  attributes: repeated(enumeration(2, threatAttributes)),
});

const fullHash = messageType({ fullHash: bytes(1), fullHashDetails: repeated(message(2, fullHashDetail)) });

export const searchHashesResponse = messageType({
  fullHashes: repeated(message(1, fullHash)),
  cacheDuration: duration(2),
});

const threatUrl = messageType({ url: text(1), threatTypes: repeated(enumeration(2, threatTypes)) });

export const searchUrlsResponse = messageType({
  threats: repeated(message(1, threatUrl)),
  cacheDuration: duration(2),
});
