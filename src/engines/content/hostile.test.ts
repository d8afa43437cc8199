import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compoundOf, isoOf } from '../../../test/support/archives.ts';
import { unpacked } from '../../../test/support/unpack.ts';

test('a compound file whose chain turns back on itself ends, whatever size its entry has', async () => {
  const file = compoundOf({ BIG: Buffer.alloc(8192, 'x') });
  const entry = file.indexOf(Buffer.from('BIG', 'utf16le'));
  const first = file.readUInt32LE(entry + 116);
  const table = (file.readUInt32LE(76) + 1) * 512;
  file.writeUInt32LE(first, table + 4 * first);
  // 2^40 bytes would be two thousand million sectors.
  file.writeUInt32LE(0xff, entry + 124);
  const { troubles, bytes } = await unpacked(file);
  assert.deepEqual(troubles, ['damaged BIG']);
  assert.ok(bytes < 1 << 20, `${bytes} bytes of a file of ${file.length}`);
});

test('an image of folders and nothing else ends at the limit', async () => {
  const image = isoOf({ 'a.txt': Buffer.from('text') });
  // Each record of this folder is a folder of its own place, again full of such records.
  const sector = 2048;
  const folders = Buffer.alloc(sector * 64);
  for (let at = 0, number = 0; at + 34 <= folders.length; at += 34, number++) {
    if (Math.floor(at / sector) !== Math.floor((at + 33) / sector)) {
      at = Math.ceil(at / sector) * sector - 34;
      continue;
    }
    folders[at] = 34;
    folders.writeUInt32LE(20 + (number % 64), at + 2);
    folders.writeUInt32LE(folders.length, at + 10);
    folders[at + 25] = 2;
    folders[at + 32] = 1;
    folders[at + 33] = 0x41;
  }
  const root = image.readUInt32LE(16 * sector + 158) * sector;
  image.writeUInt32LE(20, 16 * sector + 158);
  image.writeUInt32LE(folders.length, 16 * sector + 166);
  assert.ok(root > 0);
  const whole = Buffer.concat([image.subarray(0, 20 * sector), folders]);
  const { troubles, paths } = await unpacked(whole, { entriesMax: 1000 });
  assert.deepEqual([paths, troubles], [[], ['limit']]);
});

test('text codings of a PDF take no more memory than they give', async () => {
  const pdf = (data: string): Buffer =>
    Buffer.from(
      `%PDF-1.4\n1 0 obj\n<< /Type /EmbeddedFile /Filter /ASCII85Decode /Length ${data.length} >>\nstream\n${data}\nendstream\nendobj\n`,
      'latin1',
    );
  const text = await unpacked(pdf('87cURD]i,"Ebo80~>'));
  assert.equal(text.files['stream-1-file'], 'Hello World!');
  assert.equal((await unpacked(pdf(`${'z'.repeat(1000)}~>`))).bytes, 4000);
  assert.equal((await unpacked(pdf('zz87cURz~>'))).files['stream-1-file']?.slice(0, 8), '\0'.repeat(8));
});
