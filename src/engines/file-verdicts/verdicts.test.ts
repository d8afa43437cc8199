import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextMemory } from './memory.ts';

test('the bound holds, and what is asked for stays', () => {
  const memory = new TextMemory(() => 1000);
  memory.set('a', 'x'.repeat(100));
  memory.set('b', 'y'.repeat(100));
  memory.set('c', 'z'.repeat(100));
  assert.equal(memory.get('a')?.length, 100);
  memory.set('d', 'w'.repeat(100));
  assert.deepEqual(
    [memory.get('a')?.length, memory.get('b'), memory.get('d')?.length],
    [100, undefined, 100],
  );
  assert.ok(memory.bytes <= 1000);
  memory.set('a', 'x');
  assert.equal(memory.get('a'), 'x');
  memory.set('e', 'x'.repeat(1000));
  assert.equal(memory.get('e'), undefined);
  assert.equal(memory.get('a'), 'x');
});
