/** Whatever stands in a PE file: the reader answers, reads a bounded part, and the model gives a score from 0 to 100. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { columnsOf, createPredictor } from '../../src/engines/prediction/index.ts';
import { readPe } from '../../src/protocols/pe/index.ts';
import { SILENT } from '../support/indicators.ts';
import { peOf } from '../support/pe.ts';

const RUNS = 400;
/** A file that a package of ours brings along. */
const REAL = readFileSync(
  join(import.meta.dirname, '..', '..', 'node_modules', 'ssh2', 'util', 'pagent.exe'),
);
const SEEDS = [
  REAL,
  peOf({ imports: { 'KERNEL32.dll': ['ExitProcess', '#7'] }, exports: ['a'] }),
  peOf({ is64: true, imports: { 'a.dll': ['b'], 'c.dll': ['#1'] }, overlay: Buffer.alloc(900, 1) }),
];
const NASTY = [0, 1, 2, 0x7f, 0x80, 0xff, 0xfe];

const mutation = fc.record({
  seed: fc.integer({ min: 0, max: SEEDS.length - 1 }),
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
  // Headers stand at the start: half of the changes are there.
  changes: fc.array(
    fc.record({
      at: fc.oneof(fc.integer({ min: 0, max: 0x400 }), fc.nat(0x10_0000)),
      bytes: fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 8,
      }),
    }),
    { maxLength: 24 },
  ),
});

test('no change of a PE file makes the reader throw, read without end, or the model say what is no score', () => {
  const predictor = createPredictor({ dataDir: '/nonexistent', log: SILENT });
  fc.assert(
    fc.property(mutation, ({ seed, cut, changes }) => {
      const whole = SEEDS[seed]!;
      const bytes = Buffer.from(cut > 0.5 ? whole : whole.subarray(0, Math.floor(whole.length * cut * 2)));
      for (const change of changes) {
        if (bytes.length > 0) Buffer.from(change.bytes).copy(bytes, change.at % bytes.length);
      }
      let read = 0;
      const result = readPe({
        size: bytes.length,
        read(at, length) {
          assert.ok(at >= 0 && length >= 0 && Number.isSafeInteger(at), `read(${at}, ${length})`);
          const piece = bytes.subarray(at, at + length);
          read += piece.length;
          return piece;
        },
      });
      // Views move at most twice for each of 20,000 imports and 4,096 resources, and each move is 8 KiB.
      assert.ok(read < 600 * 1024 * 1024, `${read} bytes were read`);
      if (result.kind !== 'pe') return;
      const { pe } = result;
      assert.ok(pe.entropy >= 0 && pe.entropy <= 8 && pe.sections.length <= 256 && pe.anomalies.length <= 32);
      const score = predictor.scorePe(columnsOf(pe));
      assert.ok(score !== undefined && score.score >= 0 && score.score <= 100);
    }),
    { numRuns: RUNS },
  );
});
