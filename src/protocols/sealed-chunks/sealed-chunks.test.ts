import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, ChunkSealer, openChunk, TAG_BYTES } from './index.ts';

const KEY = Buffer.alloc(32, 7);

function sealed(bytes: Buffer): readonly Buffer[] {
  const sealer = new ChunkSealer(KEY);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 10_000)
    chunks.push(...sealer.push(bytes.subarray(at, at + 10_000)));
  return [...chunks, sealer.finish()];
}

function opened(chunks: readonly Buffer[]): Buffer | undefined {
  const plain = chunks.map((chunk, at) => openChunk(KEY, at, at === chunks.length - 1, chunk));
  return plain.every((piece) => piece !== undefined) ? Buffer.concat(plain) : undefined;
}

test('what is sealed opens again, at every length around a chunk', () => {
  for (const length of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]) {
    const bytes = Buffer.alloc(length, 'x');
    const chunks = sealed(bytes);
    assert.equal(chunks.length, Math.max(1, Math.ceil(length / CHUNK_BYTES)));
    assert.ok(chunks.every((chunk) => chunk.length <= CHUNK_BYTES + TAG_BYTES));
    assert.ok(opened(chunks)?.equals(bytes), String(length));
  }
});

test('a chunk that is missing at the end, in the middle, swapped or changed opens nothing', () => {
  const chunks = sealed(Buffer.alloc(3 * CHUNK_BYTES, 'x'));
  const [first, second, third] = chunks;
  assert.equal(opened([first!, second!]), undefined, 'cut at the edge of a chunk');
  assert.equal(opened([first!, third!]), undefined);
  assert.equal(opened([second!, first!, third!]), undefined);
  const changed = Buffer.from(third!);
  changed[5]! ^= 1;
  assert.equal(opened([first!, second!, changed]), undefined);
  assert.equal(openChunk(KEY, 0, true, Buffer.alloc(3)), undefined);
});
