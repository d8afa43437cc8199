import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compoundOf } from '../../../test/support/archives.ts';
import { unpacked } from '../../../test/support/unpack.ts';
import { zipOf } from '../../../test/support/zip.ts';
import { isLocked } from './password.ts';

function wordOf(flags: number): Buffer {
  const fib = Buffer.alloc(4096);
  fib.writeUInt16LE(0xa5ec, 0);
  fib.writeUInt16LE(flags, 10);
  return fib;
}

/** Records of a workbook: type and data. */
function workbookOf(...records: readonly (readonly [type: number, bytes: number])[]): Buffer {
  return Buffer.concat(
    records.map(([type, bytes]) => {
      const record = Buffer.alloc(4 + bytes, 0x2f);
      record.writeUInt16LE(type, 0);
      record.writeUInt16LE(bytes, 2);
      return record;
    }),
  );
}

function userOf(token: number): Buffer {
  const atom = Buffer.alloc(64);
  atom.writeUInt32LE(token, 12);
  return atom;
}

const BOF = [0x0809, 16] as const;
const EOF = [0x000a, 0] as const;
const FILE_PASS = [0x002f, 54] as const;

const MANIFEST = (inside: string): Buffer =>
  zipOf([
    ['mimetype', Buffer.from('application/vnd.oasis.opendocument.text')],
    ['content.xml', Buffer.from('<x/>')],
    [
      'META-INF/manifest.xml',
      Buffer.from(
        `<manifest:manifest><manifest:file-entry>${inside}</manifest:file-entry></manifest:manifest>`,
      ),
    ],
  ]);

test('office files that take a password say so; those that do not are opened', async () => {
  const locked: Readonly<Record<string, readonly [locked: Buffer, open: Buffer]>> = {
    'OOXML in a compound file': [
      compoundOf({ EncryptionInfo: Buffer.alloc(100, 1), EncryptedPackage: Buffer.alloc(5000, 2) }),
      compoundOf({ Package: Buffer.alloc(5000, 2) }),
    ],
    Word: [compoundOf({ WordDocument: wordOf(0x0100) }), compoundOf({ WordDocument: wordOf(0x0200) })],
    Excel: [
      compoundOf({ Workbook: workbookOf(BOF, [0x0042, 2], FILE_PASS, EOF) }),
      // The bytes of the data are no records, and what follows the first substream is not asked.
      compoundOf({ Workbook: workbookOf(BOF, [0x0042, 200], EOF, FILE_PASS) }),
    ],
    'Excel 5': [compoundOf({ Book: workbookOf(BOF, FILE_PASS) }), compoundOf({ Book: workbookOf(BOF, EOF) })],
    PowerPoint: [
      compoundOf({ 'Current User': userOf(0xf3d1c4df) }),
      compoundOf({ 'Current User': userOf(0xe391c05f) }),
    ],
    OpenDocument: [MANIFEST('<manifest:encryption-data manifest:checksum="x"/>'), MANIFEST('')],
  };
  for (const [name, [shut, open]] of Object.entries(locked)) {
    assert.deepEqual((await unpacked(shut)).troubles, ['encrypted'], name);
    assert.deepEqual((await unpacked(open)).troubles, [], name);
    const attached = await unpacked(zipOf([['a.doc', shut]]));
    assert.deepEqual(attached.troubles, ['encrypted a.doc'], `${name} in a ZIP`);
  }
});

test('a document inside another one counts; streams that are cut or hold something else do not', async () => {
  const inner = compoundOf({ WordDocument: wordOf(0), 'ObjectPool/_1/WordDocument': wordOf(0x0100) });
  assert.deepEqual((await unpacked(inner)).troubles, ['encrypted']);
  for (const bytes of [0, 1, 10, 11]) {
    assert.equal(isLocked('WordDocument', wordOf(0x0100).subarray(0, bytes)), false);
    assert.equal(isLocked('Current User', userOf(0xf3d1c4df).subarray(0, bytes)), false);
    assert.equal(isLocked('Workbook', workbookOf(BOF, FILE_PASS).subarray(0, bytes)), false);
  }
  const wrong = compoundOf({ Workbook: Buffer.alloc(5000, 0x2f), WordDocument: Buffer.alloc(100, 1) });
  assert.deepEqual((await unpacked(wrong)).troubles, []);
});
