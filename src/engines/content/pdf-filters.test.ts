import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { filteredInto } from './pdf-filters.ts';

async function through(data: Buffer, ...filters: readonly string[]) {
  const pieces: Buffer[] = [];
  const trouble = await filteredInto(data, filters, (bytes) => pieces.push(bytes) > 0);
  return { text: Buffer.concat(pieces).toString('latin1'), trouble };
}

/** Codes of nine bits, with a new table before they would become longer. */
function lzwPlain(text: string): Buffer {
  const codes = [
    256,
    ...Array.from(Buffer.from(text, 'latin1')).flatMap((byte, at) =>
      at % 200 === 199 ? [byte, 256] : [byte],
    ),
    257,
  ];
  const bits = codes.map((code) => code.toString(2).padStart(9, '0')).join('');
  return Buffer.from((bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}

/** ISO 32000-1 §7.4.4.2, example 2. */
const LZW_EXAMPLE = Buffer.from('800b6050220c0c8501', 'hex');
const LZW_TEXT = '\x2d\x2d\x2d\x2d\x2d\x41\x2d\x2d\x2d\x42';

test('each filter, and several', async () => {
  const text = 'app.alert(1); '.repeat(100);
  const hex = (bytes: Buffer): Buffer => Buffer.from(`${bytes.toString('hex')}>`);
  const runs = Buffer.concat([Buffer.from([2]), Buffer.from('abc'), Buffer.from([253, 0x78, 128, 1, 2])]);
  assert.deepEqual(await through(LZW_EXAMPLE, 'LZWDecode'), { text: LZW_TEXT, trouble: undefined });
  assert.equal((await through(lzwPlain(text), 'LZW')).text, text);
  assert.equal((await through(runs, 'RunLengthDecode')).text, 'abcxxxx');
  assert.equal((await through(deflateSync(deflateSync(text)), 'Fl', 'FlateDecode')).text, text);
  assert.equal((await through(deflateSync(hex(Buffer.from(text))), 'FlateDecode', 'AHx')).text, text);
  assert.equal((await through(hex(deflateSync(lzwPlain(text))), 'AHx', 'Fl', 'LZWDecode')).text, text);
  assert.equal((await through(Buffer.from(text), 'DCTDecode')).text, text);
});

test('what has no end, or cannot be read, is told', async () => {
  const zeros = deflateSync(Buffer.alloc(64 << 20));
  assert.equal((await through(zeros, 'Fl', 'RL')).trouble?.reason, 'limit');
  assert.equal((await through(zeros, 'Fl', 'Fl', 'Fl', 'Fl', 'Fl')).trouble?.reason, 'limit');
  assert.equal((await through(Buffer.from('x'), 'Crypt')).trouble?.reason, 'encrypted');
  const cut = await through(deflateSync('a text '.repeat(100)).subarray(0, 15), 'Fl', 'AHx');
  assert.equal(cut.trouble?.reason, 'damaged');
});

test('any bytes through any filter end', async () => {
  const names = fc.constantFrom('AHx', 'A85', 'RL', 'LZW', 'Fl');
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 500 }),
      fc.array(names, { maxLength: 4 }),
      async (bytes, filters) => {
        await through(Buffer.from(bytes), ...filters);
      },
    ),
  );
});
