import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BzipReader } from './index.ts';

function unpacked(packed: Uint8Array, step = packed.length): { bytes: Buffer; end: string } {
  const reader = new BzipReader();
  const blocks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const event = reader.next();
    if (event.kind === 'block') blocks.push(event.bytes);
    else if (event.kind === 'need-data') {
      if (at >= packed.length) reader.receiveEnd();
      else reader.receive(packed.subarray(at, (at += step)));
    } else {
      const end = event.kind === 'violation' ? event.code : event.kind;
      return { bytes: Buffer.concat(blocks), end };
    }
  }
}

const bzip2 = (bytes: Uint8Array, ...options: string[]): Buffer =>
  execFileSync('bzip2', ['-c', ...options], { input: bytes, maxBuffer: 64 * 1024 * 1024 });

/** Bytes that look random and are the same each time. */
function noise(length: number): Buffer {
  const parts = Array.from({ length: Math.ceil(length / 32) }, (_, at) =>
    createHash('sha256').update(String(at)).digest(),
  );
  return Buffer.concat(parts).subarray(0, length);
}

const SAMPLES: Readonly<Record<string, Buffer>> = {
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from('x'),
  'a text': Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(3000)),
  'runs of every length': Buffer.concat(Array.from({ length: 300 }, (_, at) => Buffer.alloc(at, at & 0xff))),
  'noise of several blocks': noise(2_000_000),
  'a long run': Buffer.alloc(3_000_000, 7),
};

for (const [name, sample] of Object.entries(SAMPLES)) {
  test(`what bzip2 packs comes back: ${name}`, () => {
    for (const level of ['-1', '-9']) {
      const result = unpacked(bzip2(sample, level));
      assert.equal(result.end, 'end');
      assert.ok(result.bytes.equals(sample), level);
    }
  });
}

test('several streams are one, however they are cut, and what follows them is ignored', () => {
  const text = SAMPLES['a text']!;
  const packed = Buffer.concat([bzip2(text), bzip2(Buffer.from('more')), Buffer.from('trailing bytes')]);
  for (const step of [1, 100, 4096, packed.length]) {
    const { bytes, end } = unpacked(packed, step);
    assert.equal(end, 'end', String(step));
    assert.equal(bytes.toString(), `${text.toString()}more`);
  }
});

test('what is cut or damaged says so, and keeps the blocks before it', () => {
  const packed = bzip2(noise(400_000), '-1');
  const cut = unpacked(packed.subarray(0, packed.length - 100));
  assert.equal(cut.end, 'BZIP2_CUT');
  assert.ok(cut.bytes.length > 200_000);
  const damaged = Buffer.from(packed);
  damaged[packed.length >> 1]! ^= 0x10;
  assert.match(unpacked(damaged).end, /^BZIP2_(?:BAD_BLOCK|BAD_CHECKSUM)$/);
  assert.equal(unpacked(Buffer.from('BZh9 nothing of the kind')).end, 'BZIP2_BAD_BLOCK');
  assert.equal(unpacked(Buffer.from('PK')).end, 'BZIP2_CUT');
});

test('no bytes make it throw', () => {
  const packed = bzip2(Buffer.from('a small text, a small text'));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (changes) => {
        const bytes = Buffer.from(packed);
        for (const [at, value] of changes) bytes[at] = value;
        assert.equal(typeof unpacked(bytes).end, 'string');
      },
    ),
    { numRuns: 500 },
  );
});
