import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { HeldBody, HeldBudget } from './held-body.ts';

function lab(windowBytes = 100_000, totalMax = 1_000_000) {
  let gauge = 0;
  const budget = new HeldBudget(windowBytes, totalMax, {
    add: (count) => (gauge += count),
    set: (value) => (gauge = value),
  });
  return { budget, held: () => gauge };
}

test('gives back what it was given, in its order, whatever the pieces, and blocks are used again', () => {
  const { budget, held } = lab();
  const body = randomBytes(3_000_000);
  const queue = new HeldBody(budget);
  const out: Buffer[] = [];
  for (let at = 0, size = 1; at < body.length; at += size, size = (size * 7) % 70_001) {
    const piece = Buffer.from(body.subarray(at, at + size));
    queue.add(piece);
    // The wire reads the next bytes into the same place.
    piece.fill(0xee);
    if (queue.bytes > budget.windowBytes) {
      // Written before they are used again.
      for (const taken of queue.take(queue.bytes - budget.windowBytes)) out.push(Buffer.from(taken));
      queue.recycle();
    }
    assert.ok(queue.bytes <= budget.windowBytes);
  }
  for (const taken of queue.take()) out.push(Buffer.from(taken));
  assert.ok(Buffer.concat(out).equals(body));
  assert.equal(queue.bytes, 0);
  assert.equal(held(), 0);
});

test('all bodies together: the window gets small when they hold too much', () => {
  const { budget, held } = lab(100_000, 150_000);
  const first = new HeldBody(budget);
  const second = new HeldBody(budget);
  first.add(randomBytes(100_000));
  assert.equal(second.window, 100_000);
  second.add(randomBytes(60_000));
  assert.equal(second.window, 16_384);
  first.clear();
  assert.equal(second.window, 100_000);
  second.clear();
  second.clear();
  assert.equal(held(), 0);
});
