import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { buildFuseFilter, fuseBytes } from './fuse-filter.ts';

/** Different pairs of words, the same in every run. */
function keys(count: number, salt: string): Uint32Array {
  const words = new Uint32Array(count * 2);
  for (let at = 0; at < count; at++) {
    const digest = createHash('sha1').update(`${salt}${at}`).digest();
    words[at * 2] = digest.readUInt32LE(0);
    words[at * 2 + 1] = digest.readUInt32LE(4);
  }
  return words;
}

test('a filter holds every key, and little else', () => {
  for (const count of [1, 2, 3, 10, 100, 1000, 50_000]) {
    const held = keys(count, 'held');
    const filter = buildFuseFilter(held, count);
    assert.equal(filter.bytes.length, fuseBytes(filter.shape));
    for (let at = 0; at < count; at++)
      assert.ok(filter.has(held[at * 2]!, held[at * 2 + 1]!), `key ${at} of ${count}`);
    const others = keys(50_000, 'other');
    let wrong = 0;
    for (let at = 0; at < 50_000; at++) if (filter.has(others[at * 2]!, others[at * 2 + 1]!)) wrong++;
    assert.ok(wrong < 50_000 * 0.007, `${wrong} of 50000 wrong with ${count} keys; 1/256 are due`);
    // The halves come as signed words from some callers.
    assert.ok(filter.has(held[0]! | 0, held[1]! | 0));
  }
});

test('nine bits a key, for lists that are not small', () => {
  const filter = buildFuseFilter(keys(100_000, 'x'), 100_000);
  assert.ok(filter.bytes.length < 100_000 * 1.25, `${filter.bytes.length} bytes`);
});

test('an empty filter holds nothing', () => {
  const filter = buildFuseFilter(new Uint32Array(0), 0);
  assert.equal(filter.has(0, 0), false);
  assert.equal(filter.has(1, 2), false);
});
