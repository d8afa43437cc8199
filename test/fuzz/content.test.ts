// Invariant: whatever bytes a file has, unpacking it ends, throws nothing, and says what it could not read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { INCOMPLETE_REASONS } from '../../src/kernel/index.ts';
import { compoundOf, isoOf, macroStream, zipOf } from '../support/archives.ts';
import { lzhOf, oneNoteOf, packageOf, rarOf, tnefOf } from '../support/rare-archives.ts';
import { unpacked } from '../support/unpack.ts';

const MAIL =
  'From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Disposition: attachment; filename=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n--b--\r\n';
const PDF = Buffer.concat([
  Buffer.from('%PDF-1.7\n1 0 obj << /Filter /FlateDecode /Length 20 >>\nstream\n'),
  deflateSync('BT (text) Tj ET'),
  Buffer.from('\nendstream endobj\n2 0 obj << /JS (app.alert\\(1\\)) >> endobj\n%%EOF'),
]);
const PARTS = [
  { name: 'a.txt', bytes: 'text '.repeat(100) },
  { name: 'b/c.bin', bytes: Buffer.alloc(300, 9), descriptor: true },
];

/** One whole file of each kind that is opened. */
const SEEDS: readonly Buffer[] = [
  zipOf(PARTS),
  zipOf(PARTS, { wide: true }),
  zipOf([{ name: 'word/vbaProject.bin', bytes: compoundOf({ 'VBA/M': macroStream('Attribute VB_Name') }) }]),
  gzipSync('a text '.repeat(500)),
  zstdCompressSync('a text '.repeat(500)),
  execFileSync('bzip2', ['-c'], { input: 'a text '.repeat(500) }),
  execFileSync('xz', ['-c'], { input: 'a text '.repeat(500) }),
  execFileSync('tar', ['-cf', '-', '-C', import.meta.dirname, 'content.test.ts']),
  compoundOf({ WordDocument: Buffer.from('x'), 'Macros/VBA/M': macroStream('Attribute VB_Name = "M"\r\n') }),
  isoOf({ 'A.TXT': Buffer.from('x'), 'B.TXT': Buffer.alloc(5000, 1) }),
  PDF,
  Buffer.from(MAIL),
  Buffer.from(`From a@example.org Sat Jan  3 01:05:34 2026\n${MAIL}`),
  Buffer.from(`{\\rtf1{\\object{\\*\\objdata ${'d0cf11e0a1b11ae1'.repeat(9)}}}}`),
  Buffer.from('!<arch>\nx/              0           0     0     100644  4         `\nabcd'),
  Buffer.concat([Buffer.from('7z\xbc\xaf\x27\x1c\0\x04', 'latin1'), Buffer.alloc(60)]),
  Buffer.concat([Buffer.from('MSCF\0\0\0\0', 'latin1'), Buffer.alloc(60)]),
  Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'), Buffer.alloc(60)]),
  rarOf('a.txt', Buffer.from('text')),
  lzhOf('a.txt', Buffer.from('text')),
  execFileSync('lz4', ['-9', '-BD', '-BX', '-c'], { input: 'a text '.repeat(500) }),
  tnefOf('a.zip', zipOf(PARTS)),
  oneNoteOf(zipOf(PARTS)),
  packageOf('a.zip', zipOf(PARTS)),
  compoundOf({ '\u{1}Ole10Native': packageOf('a.zip', zipOf(PARTS)) }),
  Buffer.concat([Buffer.from('ActiveMime\0'), Buffer.alloc(39), deflateSync('x'.repeat(500))]),
  Buffer.from(
    `<html><a href="data:x/y;base64,${zipOf(PARTS).toString('base64')}"><a href="data:,%3Cscript%3E1%%">`,
  ),
];

const LIMITS = {
  bytesMax: 1 << 22,
  memberMax: 1 << 20,
  memberMemory: 1 << 20,
  entriesMax: 500,
  wholeMax: 1 << 20,
};

async function holds(bytes: Buffer): Promise<void> {
  const until = performance.now() + 60_000;
  const { troubles, bytes: out } = await unpacked(bytes, {
    ...LIMITS,
    expired: () => performance.now() > until,
  });
  assert.ok(out <= LIMITS.bytesMax);
  for (const trouble of troubles) {
    const [reason = ''] = trouble.split(' ', 1);
    assert.ok((INCOMPLETE_REASONS as readonly string[]).includes(reason), trouble);
    assert.notEqual(reason, 'timeout');
  }
}

test('some bytes of a whole file changed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(SEEDS.length - 1),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)), {
        maxLength: 12,
      }),
      async (which, changes) => {
        const bytes = Buffer.from(SEEDS[which]!);
        for (const [place, value] of changes) bytes[Math.floor(place * bytes.length)] = value;
        await holds(bytes);
      },
    ),
    { numRuns: 800, endOnFailure: true },
  );
});

test('noise behind the beginning of a file', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(SEEDS.length - 1),
      fc.nat(80),
      fc.uint8Array({ maxLength: 3000 }),
      async (which, keep, noise) => {
        await holds(Buffer.concat([SEEDS[which]!.subarray(0, keep), noise]));
      },
    ),
    { numRuns: 800, endOnFailure: true },
  );
});

test('a whole file cut anywhere, and one inside another', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(SEEDS.length - 1),
      fc.nat(SEEDS.length - 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (one, two, cut) => {
        const inner = SEEDS[one]!.subarray(0, Math.floor(SEEDS[one]!.length * cut));
        await holds(Buffer.from(inner));
        await holds(Buffer.concat([SEEDS[two]!, inner]));
        await holds(zipOf([{ name: 'inner', bytes: Buffer.from(inner) }]));
      },
    ),
    { numRuns: 200, endOnFailure: true },
  );
});
