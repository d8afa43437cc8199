import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrees, type TreesData } from '../prediction/index.ts';
import { meanOfTrees, trainBoost, type TrainingTable } from './boost.ts';
import { plattOf } from './calibrate.ts';
import { curveOf } from './curves.ts';
import { seeded } from './random.ts';

const ROWS = 3000;
const OPTIONS = { rounds: 40, rate: 0.2, leavesMax: 8 };

/** `a` and `b` together decide, `c` is noise, and where `a` is missing the row is bad. */
function table(): TrainingTable {
  const random = seeded(5);
  const [a, b, c] = [0, 1, 2].map(() => Float64Array.from({ length: ROWS }, () => random()));
  for (let row = 0; row < ROWS; row += 10) a![row] = Number.NaN;
  const labels = Uint8Array.from({ length: ROWS }, (_, row) =>
    Number.isNaN(a![row]!) || a![row]! > 0.5 !== b![row]! > 0.3 ? 1 : 0,
  );
  return {
    features: ['a', 'b', 'c'],
    columns: [a!, b!, c!],
    labels,
    weights: new Float64Array(ROWS).fill(1),
  };
}

function oddsOf(data: TreesData, given: TrainingTable): readonly number[] {
  const model = readTrees(data);
  assert.ok(model !== undefined);
  return Array.from(given.labels, (_, row) =>
    model.logOdds(Float64Array.from(given.columns, (column) => column[row]!)),
  );
}

function right(odds: readonly number[], { labels }: TrainingTable): number {
  return odds.filter((value, row) => value > 0 === (labels[row] === 1)).length / labels.length;
}

test('what two features decide together is learned, also from missing values, and the same each time', () => {
  const given = table();
  const trained = trainBoost(given, OPTIONS);
  assert.ok(right(oddsOf(trained, given), given) > 0.97);
  assert.equal(JSON.stringify(trainBoost(given, OPTIONS)), JSON.stringify(trained));
  assert.notEqual(JSON.stringify(trainBoost(given, { ...OPTIONS, seed: 2 })), JSON.stringify(trained));
});

test('contributions are of the features that decide, and add up to the answer', () => {
  const given = table();
  const model = readTrees(trainBoost(given, OPTIONS))!;
  const rows = [
    [0.9, 0.9, 0.5],
    [0.9, 0.1, 0.5],
  ].map((row) => Float64Array.from(row));
  const [first, second] = rows.map((row) => model.contributions(row));
  const difference = model.logOdds(rows[1]!) - model.logOdds(rows[0]!);
  const added = second!.reduce((sum, each) => sum + each, 0) - first!.reduce((sum, each) => sum + each, 0);
  assert.ok(Math.abs(difference - added) < 1e-6);
  assert.ok(Math.abs(second![1]!) > 5 * Math.abs(second![2]!));
});

test('a monotone feature never lowers the answer as it grows', () => {
  const given = table();
  const model = readTrees(trainBoost(given, { ...OPTIONS, monotone: { b: 1 } }))!;
  for (let a = 0; a < 1; a += 0.1) {
    let before = -Infinity;
    for (let b = 0; b < 1; b += 0.02) {
      const odds = model.logOdds(Float64Array.of(a, b, 0.5));
      assert.ok(odds >= before - 1e-9, `at ${a}, ${b}`);
      before = odds;
    }
  }
});

test('several trainings as one answer with their mean', () => {
  const given = table();
  const parts = [1, 2].map((seed) => trainBoost(given, { ...OPTIONS, seed }));
  const [one, two, both] = [...parts, meanOfTrees(parts)].map((data) => oddsOf(data, given));
  for (const [row, odds] of both!.entries()) {
    assert.ok(Math.abs(odds - (one![row]! + two![row]!) / 2) < 1e-4);
  }
});

test('trees that do not hang together are refused', () => {
  const whole = trainBoost(table(), { ...OPTIONS, rounds: 2 });
  const packed = Buffer.from(whole.nodes, 'base64');
  const changed = (change: (bytes: Buffer) => void): TreesData => {
    const bytes = Buffer.from(packed);
    change(bytes);
    return { ...whole, nodes: bytes.toString('base64') };
  };
  for (const data of [
    changed((bytes) => bytes.writeUInt32LE(0, 4)),
    changed((bytes) => bytes.writeUInt32LE(0xffff_ffff, 4)),
    changed((bytes) => bytes.writeUInt16LE(77, 0)),
    changed((bytes) => bytes.writeFloatLE(Number.NaN, 8)),
    { ...whole, nodes: packed.subarray(0, packed.length - 5).toString('base64') },
    { ...whole, nodes: packed.subarray(0, 12).toString('base64') },
    { ...whole, cuts: [] },
    { ...whole, bias: Number.NaN },
    {},
    undefined,
  ]) {
    assert.equal(readTrees(data), undefined);
  }
});

test('curves and scaling are those of a case that can be counted by hand', () => {
  const curve = curveOf([3, 2, 1], [2, 0, -1, -2]);
  assert.equal(curve.auc, (4 + 3.5 + 3) / 12);
  assert.equal(curve.at1, 1 / 3);
  const odds = Array.from({ length: 400 }, (_, at) => (at % 20) - 10);
  const { slope, offset } = plattOf(
    odds,
    odds.map((value, at) => value > 0 !== (at % 7 === 0)),
  );
  assert.ok(slope > 0 && slope < 1, String(slope));
  assert.ok(Math.abs(offset) < 0.5, String(offset));
});
