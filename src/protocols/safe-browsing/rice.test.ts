import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RICE_V4, RICE_V5, riceDecode, riceEncode } from './rice.ts';
import { riceDecodeWide, riceEncodeWide, wideBytes, wideNumberOf } from './rice-wide.ts';

test('bits are those of the protocol', () => {
  // 15 and 9 behind a first 0, parameter 2: 111 0 11, 11 0 10, from the lowest bit on.
  const coded = { firstValue: 0, parameter: 2, count: 2, data: Uint8Array.of(0xf7, 0x02) };
  assert.deepEqual(riceDecode(coded, 10), Uint32Array.of(0, 15, 24));
  const one = riceEncode(Uint32Array.of(7), RICE_V4);
  assert.deepEqual(one, { firstValue: 7, parameter: 0, count: 0, data: new Uint8Array(0) });
});

const numbers = fc
  .uniqueArray(fc.oneof(fc.nat(0xffff_ffff), fc.nat(300)), { minLength: 1, maxLength: 400 })
  .map((values) => Uint32Array.from(values).toSorted());

test('what is encoded comes back, whatever the distances', () => {
  fc.assert(
    fc.property(numbers, fc.constantFrom(RICE_V4, RICE_V5), (values, bounds) => {
      const coded = riceEncode(values, bounds);
      assert.deepEqual(riceDecode(coded, values.length), values);
      assert.equal(coded.count === 0 || (coded.parameter >= bounds[0] && coded.parameter <= bounds[1]), true);
      // Whoever codes so many numbers needs at most so much room.
      assert.ok(coded.data.length <= 8 + values.length * 5);
    }),
  );
});

test('a dense run far from the first number does not swell', () => {
  const values = Uint32Array.from({ length: 5000 }, (_, at) => (at === 0 ? 0 : 0xffff_0000 + at));
  const coded = riceEncode(values, RICE_V5);
  assert.deepEqual(riceDecode(coded, 5000), values);
  assert.ok(coded.data.length < 5000 * 4);
});

test('malformed codings are refused without allocating what they promise', () => {
  const good = riceEncode(Uint32Array.of(1, 5, 1000, 70_000), RICE_V4);
  assert.equal(riceDecode({ ...good, data: good.data.subarray(0, 2) }, 10), undefined);
  assert.equal(riceDecode({ ...good, count: 2 ** 31 - 1 }, 2 ** 32), undefined);
  assert.equal(riceDecode({ ...good, count: -1 }, 10), undefined);
  assert.equal(riceDecode(good, 3), undefined);
  assert.equal(riceDecode({ ...good, parameter: 0 }, 10), undefined);
  assert.equal(riceDecode({ ...good, parameter: 32 }, 10), undefined);
  assert.equal(riceDecode({ ...good, firstValue: -1 }, 10), undefined);
  assert.equal(riceDecode({ ...good, firstValue: 0xffff_ffff }, 10), undefined);
  assert.equal(riceDecode({ ...good, data: new Uint8Array(1000).fill(255) }, 10), undefined);
  fc.assert(
    fc.property(fc.nat(40), fc.nat(60), fc.uint8Array({ maxLength: 60 }), (parameter, count, data) => {
      const values = riceDecode({ firstValue: 3, parameter, count, data }, 50);
      assert.equal(values === undefined || values.length === count + 1, true);
    }),
  );
});

test('hashes of 8, 16 and 32 bytes are coded in the same way', () => {
  for (const bits of [64, 128, 256] as const) {
    const hash = fc.uint8Array({ minLength: bits / 8, maxLength: bits / 8 });
    fc.assert(
      fc.property(fc.uniqueArray(hash, { minLength: 1, maxLength: 30, selector: String }), (hashes) => {
        const values = hashes.map(wideNumberOf).toSorted((a, b) => (a < b ? -1 : 1));
        const coded = riceEncodeWide(values, bits);
        assert.deepEqual(riceDecodeWide(coded, bits, 30), values);
        assert.deepEqual(
          values.map((value) => String(wideBytes(value, bits))),
          hashes
            .map((each) => Buffer.from(each))
            .toSorted((a, b) => Buffer.compare(a, b))
            .map(String),
        );
        assert.equal(riceDecodeWide({ ...coded, count: coded.count + 500 }, bits, 1000), undefined);
      }),
      { numRuns: 30 },
    );
  }
});
