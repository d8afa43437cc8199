import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { NEEDLE_CHARS_MIN, NeedleIndex } from './needle-index.ts';

/** The values of needles that the index would ask for a text. */
function asked(index: NeedleIndex, text: string): ReadonlySet<number> {
  const values = new Set<number>();
  index.find(text, (some) => some.forEach((value) => values.add(value)));
  return values;
}

test('a needle is found at the start of a text, in it, at its end, and as the whole of it', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 12 });
  const needle = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '.'),
    minLength: NEEDLE_CHARS_MIN,
    maxLength: 9,
  });
  fc.assert(
    fc.property(
      fc.array(needle, { minLength: 1, maxLength: 20 }),
      letters,
      letters,
      (needles, before, after) => {
        const index = new NeedleIndex(needles.map((text, value) => ({ text, value })));
        for (const [value, text] of needles.entries()) {
          for (const hay of [text, before + text, text + after, before + text + after]) {
            assert.ok(asked(index, hay).has(value), `${JSON.stringify(text)} in ${JSON.stringify(hay)}`);
          }
        }
      },
    ),
  );
});

test('what is not in a text is mostly not asked for, and in a very long text everything is', () => {
  const needles = Array.from({ length: 200 }, (_, value) => ({ text: `needle-${value}-of-many`, value }));
  const index = new NeedleIndex(needles);
  assert.equal(asked(index, '/a/plain/path?of=nobody').size, 0);
  assert.ok(asked(index, '/needle-7-of-many').has(7));
  assert.equal(asked(index, 'x'.repeat(10_000)).size, 200);
});
