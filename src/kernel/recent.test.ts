import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Recent } from './recent.ts';

test('what was asked for lately is kept, the rest goes, and the bound holds', () => {
  const recent = new Recent<string, number>(4);
  for (const [at, key] of ['a', 'b', 'c', 'd'].entries()) recent.set(key, at);
  assert.deepEqual([recent.size, recent.get('a'), recent.get('d')], [4, 0, 3]);
  // `a` was asked for, so `b` leaves before it.
  recent.set('e', 4);
  recent.set('f', 5);
  assert.deepEqual([recent.get('b'), recent.get('a')], [undefined, 0]);
  recent.delete('a');
  assert.equal(recent.get('a'), undefined);
  recent.clear();
  assert.equal(recent.size, 0);
});

test('it says what was put in last, never keeps more than it may, and always the last half of what was used', () => {
  const step = fc.tuple(fc.constantFrom('get', 'set', 'delete'), fc.integer({ min: 0, max: 12 }));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9 }), fc.array(step, { maxLength: 200 }), (max, steps) => {
      const recent = new Recent<number, number>(max);
      const last = new Map<number, number>();
      let used: number[] = [];
      for (const [at, [what, key]] of steps.entries()) {
        if (what === 'delete') {
          recent.delete(key);
          last.delete(key);
          // What it had displaced before is not there.
          used = [];
          continue;
        }
        const found = what === 'get' ? recent.get(key) : undefined;
        if (what === 'set') {
          recent.set(key, at);
          last.set(key, at);
        }
        if (found !== undefined) assert.equal(found, last.get(key));
        if (what === 'set' || found !== undefined) used = [...used.filter((each) => each !== key), key];
        assert.ok(recent.size <= max, `${recent.size} of ${max}`);
      }
      const sure = max === 0 ? [] : used.slice(-Math.max(1, Math.floor(max / 2)));
      // From the newest: to ask is to use.
      for (const key of sure.toReversed()) assert.equal(recent.get(key), last.get(key), `${key} of ${max}`);
    }),
    { numRuns: 2000 },
  );
});
