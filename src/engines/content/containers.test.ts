import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { compoundOf, isoOf, macroStream, zipOf } from '../../../test/support/archives.ts';
import { tempDir } from '../../../test/support/scope.ts';
import { missingPeer } from '../../../test/support/peers.ts';
import { unpacked } from '../../../test/support/unpack.ts';

const TEXT = 'what is inside, '.repeat(5000);

test(
  'one packed stream: gzip with a name and several members, zstd, bzip2, xz; and what is cut',
  { skip: missingPeer('bzip2', 'xz') },
  async (t) => {
    const dir = await tempDir(t, 'gzip');
    const named = execFileSync('sh', ['-c', 'printf first > a.txt && gzip -c a.txt'], { cwd: dir });
    assert.deepEqual((await unpacked(Buffer.concat([named, gzipSync(' second')]))).files, {
      'a.txt': 'first second',
    });
    const streams = {
      gzip: gzipSync(TEXT),
      zstd: zstdCompressSync(TEXT),
      bzip2: execFileSync('bzip2', ['-c'], { input: TEXT }),
      xz: execFileSync('xz', ['-c'], { input: TEXT }),
    };
    for (const [name, packed] of Object.entries(streams)) {
      const whole = await unpacked(packed);
      assert.deepEqual([whole.bytes, whole.troubles], [TEXT.length, []], name);
      const cut = await unpacked(packed.subarray(0, packed.length - 9));
      assert.deepEqual(cut.troubles, ['damaged data'], name);
    }
    const large = gzipSync(Buffer.concat(Array.from({ length: 40 }, () => Buffer.alloc(1 << 18, 1))));
    assert.equal((await unpacked(large)).bytes, 40 << 18);
    const half = gzipSync(Array.from({ length: 300_000 }, (_, at) => `${at}\n`).join(''));
    const { troubles, bytes } = await unpacked(half.subarray(0, half.length >> 1));
    assert.deepEqual(troubles, ['damaged data']);
    assert.ok(bytes > 500_000, 'what came before the cut is handed on');
  },
);

test('tar in every dialect, and in a packed stream', async (t) => {
  const dir = await tempDir(t, 'tar');
  mkdirSync(join(dir, 'in'));
  writeFileSync(join(dir, 'in', 'a.txt'), TEXT);
  writeFileSync(join(dir, 'in', 'b.txt'), 'short');
  for (const format of ['ustar', 'pax', 'gnu']) {
    const archive = execFileSync('tar', [`--format=${format}`, '--sort=name', '-cf', '-', '-C', dir, 'in']);
    assert.deepEqual((await unpacked(archive)).paths, ['in/a.txt', 'in/b.txt'], format);
    const packed = await unpacked(gzipSync(archive));
    assert.deepEqual(packed.paths, ['data', 'data/in/a.txt', 'data/in/b.txt']);
    assert.equal(packed.files['data/in/b.txt'], 'short');
    const cut = await unpacked(archive.subarray(0, 2000));
    assert.ok(cut.troubles.includes('damaged'), format);
  }
});

test('ar, and a Debian package down to its files', async () => {
  const entry = (name: string, bytes: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from(
        `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`,
      ),
      bytes,
      Buffer.alloc(bytes.length & 1, 10),
    ]);
  const data = zipOf([{ name: 'usr/bin/x', bytes: 'program' }]);
  const deb = Buffer.concat([
    Buffer.from('!<arch>\n'),
    entry('debian-binary', Buffer.from('2.0\n')),
    entry('data.zip', data),
  ]);
  const { files, types, troubles } = await unpacked(deb);
  assert.equal(files['data.zip/usr/bin/x'], 'program');
  assert.equal(types['data.zip'], 'zip');
  assert.deepEqual(troubles, []);
  assert.deepEqual((await unpacked(deb.subarray(0, deb.length - 20))).troubles.slice(0, 1), [
    'damaged data.zip',
  ]);
});

test('streams of a compound file, and the source of its macros', async () => {
  const source = `Attribute VB_Name = "Module1"\r\nSub AutoOpen()\r\n  Shell "calc"\r\nEnd Sub\r\n${"' filler\r\n".repeat(900)}`;
  const file = compoundOf({
    WordDocument: Buffer.from('text of the document'),
    'Macros/VBA/Module1': macroStream(source),
    'Macros/VBA/dir': Buffer.from('x'),
  });
  const { files, traits, troubles, paths } = await unpacked(file);
  assert.ok(paths.includes('WordDocument'));
  assert.equal(files['Macros/VBA/Module1.vba'], source.slice(0, 10_000));
  assert.deepEqual(traits, ['macros Macros/VBA/dir']);
  assert.deepEqual(troubles, []);
  for (let cut = 0; cut < file.length; cut += 97) await unpacked(file.subarray(0, cut));
});

test('a chain of sectors that turns back on itself ends', async () => {
  const file = compoundOf({ WordDocument: Buffer.alloc(8000, 1) });
  const table = file.length - 512;
  file.writeInt32LE(0, table + 4);
  const { bytes } = await unpacked(file);
  assert.ok(bytes <= 16_384);
});

test('files of a disk image', async () => {
  const image = isoOf({ 'SETUP.EXE': Buffer.from('MZ a program'), 'README.TXT': Buffer.from('read me') });
  const { files, troubles } = await unpacked(image);
  assert.deepEqual(files, { 'SETUP.EXE': 'MZ a program', 'README.TXT': 'read me' });
  assert.deepEqual(troubles, []);
  assert.deepEqual((await unpacked(image.subarray(0, image.length - 2048))).troubles, ['damaged README.TXT']);
});

test('streams of a PDF through their filters, scripts, attachments; pictures stay packed', async () => {
  const stream = (dictionary: string, data: Buffer | string): Buffer =>
    Buffer.concat([
      Buffer.from(`1 0 obj\n<< ${dictionary} >>\nstream\r\n`),
      Buffer.from(data),
      Buffer.from('\r\nendstream\nendobj\n'),
    ]);
  const objects = deflateSync('5 0 << /S /JavaScript /JS (app.alert\\(1\\);\\012more) >>');
  const pdf = Buffer.concat([
    Buffer.from('%PDF-1.7\n'),
    stream('/Filter /FlateDecode', deflateSync('BT (page) Tj ET')),
    stream('/Filter [/ASCIIHexDecode /FlateDecode]', `${deflateSync('twice packed').toString('hex')}>`),
    stream('/F#69lter /Flate#44ecode', deflateSync('hidden by its name')),
    stream('/Type /EmbeddedFile', 'MZ attached'),
    stream('/Subtype /Image /Filter /FlateDecode', deflateSync('pixels')),
    stream('/Type /ObjStm /Filter /FlateDecode', objects),
    Buffer.from(
      '9 0 obj << /S /Launch /F (cmd.exe) >> endobj\n10 0 obj << /JS <FEFF0061006C> >> endobj\ntrailer << >>\n%%EOF',
    ),
  ]);
  const { files, traits, troubles } = await unpacked(pdf);
  const texts = Object.values(files);
  for (const text of [
    'BT (page) Tj ET',
    'twice packed',
    'hidden by its name',
    'MZ attached',
    'al',
    'app.alert(1);\nmore',
  ]) {
    assert.ok(texts.includes(text), text);
  }
  assert.ok(!texts.includes('pixels'));
  assert.deepEqual([...traits].toSorted(), ['pdf-javascript', 'pdf-launch']);
  assert.deepEqual(troubles, []);
  const locked = Buffer.from('%PDF-1.4\n1 0 obj << >> endobj\ntrailer << /Encrypt 7 0 R >>');
  assert.deepEqual((await unpacked(locked)).troubles, ['encrypted']);
});

test('a message has its texts, attachments and the message inside; a mailbox its messages', async () => {
  const attached = zipOf([{ name: 'a.exe', bytes: 'MZ' }]).toString('base64');
  const message = [
    'From: a@example.org',
    'To: b@example.org',
    'Subject: invoice',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b1"',
    '',
    '--b1',
    'Content-Type: text/plain',
    '',
    'hello',
    '--b1',
    'Content-Type: application/zip; name="invoice.zip"',
    'Content-Disposition: attachment; filename="invoice.zip"',
    'Content-Transfer-Encoding: base64',
    '',
    attached,
    '--b1',
    'Content-Type: message/rfc822',
    '',
    'From: c@example.org',
    'Subject: inner',
    'Content-Type: application/octet-stream; name="deep.bin"',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('deep inside').toString('base64'),
    '--b1--',
    '',
  ].join('\r\n');
  const { files, paths } = await unpacked(Buffer.from(message));
  assert.equal(files['text.txt']?.trim(), 'hello');
  assert.equal(files['invoice.zip/a.exe'], 'MZ');
  assert.ok(Object.values(files).includes('deep inside'), paths.join());
  const mailbox = `From a@example.org Sat Jan  3 01:05:34 2026\n${message}\n\nFrom b@example.org Sat Jan  3 01:05:34 2026\n${message}`;
  const both = await unpacked(Buffer.from(mailbox));
  assert.equal(both.files['message-1/invoice.zip/a.exe'], 'MZ');
  assert.equal(both.files['message-2/invoice.zip/a.exe'], 'MZ');
});

test('an object in RTF is found among what is put between its digits', async () => {
  const object = compoundOf({ x: Buffer.from('in an object') }).toString('hex');
  const noisy = object.replace(/(.{64})/g, '$1\r\n{\\*\\noise }');
  const { paths } = await unpacked(Buffer.from(`{\\rtf1{\\object\\objemb{\\*\\objdata ${noisy}}}}`));
  assert.deepEqual(paths, ['object-1', 'object-1/x']);
});

test('7z, with and without a password, through 7-Zip', async (t) => {
  const { createRequire } = await import('node:module');
  const open = createRequire(import.meta.url)('7z-wasm') as (options: object) => Promise<{
    FS: { writeFile(path: string, bytes: Buffer): void; readFile(path: string): Uint8Array };
    callMain(words: readonly string[]): void;
  }>;
  const pack = async (...options: string[]): Promise<Buffer> => {
    const { exitCode } = process;
    const seven = await open({ print: () => {}, printErr: () => {} });
    seven.FS.writeFile('/inside.txt', Buffer.from(TEXT));
    assert.doesNotThrow(() => seven.callMain(['a', ...options, '/x.7z', '/inside.txt']));
    process.exitCode = exitCode;
    return Buffer.from(seven.FS.readFile('/x.7z'));
  };
  const plain = await pack();
  const listeners = process.listenerCount('uncaughtException');
  const whole = await unpacked(plain);
  assert.deepEqual([whole.paths, whole.bytes, whole.troubles], [['inside.txt'], TEXT.length, []]);
  assert.deepEqual((await unpacked(await pack('-psecret'))).troubles, ['encrypted inside.txt']);
  assert.deepEqual((await unpacked(await pack('-psecret', '-mhe=on'))).troubles, ['encrypted']);
  assert.deepEqual((await unpacked(plain.subarray(0, 100))).troubles, ['damaged']);
  assert.equal(process.listenerCount('uncaughtException'), listeners, 'no instance stays behind');
  const wide = await unpacked(await pack('-md=128m'));
  t.diagnostic(`a dictionary of 128 MiB: ${wide.troubles.join() || 'taken'}`);
});

test('what nothing here opens is told', async () => {
  assert.deepEqual((await unpacked(Buffer.from('ALZ\x01rest', 'latin1'))).troubles, ['unsupported']);
});
