/** Bytes of a peer never throw, whatever they are; what is encoded comes back in both forms. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { jsonOfMessage, messageOfJson } from './message-json.ts';
import { decodeMessage, encodeMessage } from './message-proto.ts';
import {
  bool,
  bytes,
  duration,
  enumeration,
  enumTable,
  fixed64,
  int32,
  int64,
  message,
  messageType,
  repeated,
  text,
  uint32,
  uint64,
} from './message.ts';
import {
  fetchThreatListUpdatesRequest,
  fetchThreatListUpdatesResponse,
  findFullHashesRequest,
} from './v4.ts';
import { batchGetHashListsResponse } from './v5.ts';

const LIMITS = { itemsMax: 1000 };
const colors = enumTable({ NONE: 0, RED: 1, BLUE: 7 });
const inner = messageType({ name: text(1), color: enumeration(2, colors), blob: bytes(3) });
const outer = messageType({
  signed: int32(1),
  unsigned: uint32(2),
  wide: int64(3),
  wideUnsigned: uint64(4),
  fixed: fixed64(5),
  flag: bool(6),
  wait: duration(7),
  one: message(8, inner),
  many: repeated(message(9, inner)),
  numbers: repeated(int32(10)),
  blobs: repeated(bytes(2047)),
});

const innerValue = fc.record({
  name: fc.string({ unit: 'grapheme' }),
  color: fc.constantFrom(0, 1, 7, 99),
  blob: fc.uint8Array({ maxLength: 200 }),
});
const outerValue = fc.record({
  signed: fc.integer(),
  unsigned: fc.nat(0xffff_ffff),
  wide: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  wideUnsigned: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fixed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  flag: fc.boolean(),
  wait: fc.option(fc.integer({ min: 1, max: 10_000_000 }), { nil: undefined }),
  one: fc.option(innerValue, { nil: undefined }),
  many: fc.array(innerValue, { maxLength: 5 }),
  numbers: fc.array(fc.integer(), { maxLength: 10 }),
  blobs: fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 }),
});

/** Buffers and plain arrays of bytes are the same here. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
};

test('what is encoded comes back in both forms', () => {
  fc.assert(
    fc.property(outerValue, (value) => {
      const decoded = decodeMessage(outer, encodeMessage(outer, value), LIMITS);
      assert.ok(decoded.ok);
      assert.deepEqual(plain(decoded.value), plain(value));
      const parsed = messageOfJson(outer, JSON.parse(JSON.stringify(jsonOfMessage(outer, value))), LIMITS);
      assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
      assert.deepEqual(plain(parsed.value), plain(value));
    }),
  );
});

test('no bytes and no document throw, and a cut message is refused', () => {
  const types = [
    outer,
    fetchThreatListUpdatesRequest,
    fetchThreatListUpdatesResponse,
    batchGetHashListsResponse,
  ];
  for (const type of types) {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        const reading = decodeMessage<unknown>(type, noise, LIMITS);
        assert.equal(typeof reading.ok, 'boolean');
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (noise) => {
        assert.equal(typeof messageOfJson<unknown>(type, noise, LIMITS).ok, 'boolean');
      }),
    );
  }
  const whole = encodeMessage(outer, { one: { blob: new Uint8Array(300) }, numbers: [1, 2, 3] });
  for (let end = 1; end < 300; end++)
    assert.equal(decodeMessage(outer, whole.subarray(0, end), LIMITS).ok, false);
});

test('bounds hold: elements, nesting, numbers', () => {
  const many = encodeMessage(findFullHashesRequest, {
    threatInfo: { threatEntries: Array.from({ length: 1001 }, () => ({})) },
  });
  const over = decodeMessage(findFullHashesRequest, many, LIMITS);
  assert.deepEqual(over, { ok: false, reason: 'more elements than are taken' });
  const packed = encodeMessage(outer, { numbers: Array(1001).fill(1) });
  assert.equal(decodeMessage(outer, packed, LIMITS).ok, false);
  for (const [hex, reason] of [
    ['08', 'a number that is cut off'],
    ['08ffffffffffffffffff02', 'a number of more than 64 bits'],
    ['00', 'a field number out of range'],
    ['0b', 'an unknown wire type'],
    ['2900', 'a length beyond the end'],
    ['4a', 'a number that is cut off'],
  ] as const) {
    assert.deepEqual(decodeMessage(outer, Buffer.from(hex, 'hex'), LIMITS), { ok: false, reason });
  }
});

test('fields that nobody knows are skipped, and the last of one kind counts', () => {
  // 15: varint, 14: fixed64, 13: bytes, 12: fixed32; field 1 as bytes is not ours.
  const hex = ['7801', '710000000000000000', '6a0161', '6500000000', '0a0161', '0805', '0806'].join('');
  const reading = decodeMessage(outer, Buffer.from(hex, 'hex'), LIMITS);
  assert.ok(reading.ok);
  assert.equal(reading.value.signed, 6);
  const document = messageOfJson(outer, { other: 1, wide_unsigned: '7', one: null, wait: '1.5s' }, LIMITS);
  assert.ok(document.ok);
  assert.deepEqual(
    [document.value.wideUnsigned, document.value.one, document.value.wait],
    [7n, undefined, 1500],
  );
});
