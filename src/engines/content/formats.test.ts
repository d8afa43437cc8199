/** Each format that is opened: whole, inside of another, cut, damaged; what is not opened is told. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { compoundOf, zipOf } from '../../../test/support/archives.ts';
import { missingPeer, type PeerName } from '../../../test/support/peers.ts';
import {
  arjOf,
  cabOf,
  cpioOf,
  fatOf,
  lzhOf,
  oneNoteOf,
  packageOf,
  rarOf,
  tnefOf,
  vhdOf,
  xarOf,
} from '../../../test/support/rare-archives.ts';
import { unpacked } from '../../../test/support/unpack.ts';

const TEXT = Buffer.from(Array.from({ length: 4000 }, (_, at) => `line ${at * at}\n`).join(''));

interface Made {
  readonly type: string;
  /** Makes it; without it the test is skipped. */
  readonly by?: PeerName;
  make(bytes: Buffer): Buffer | Promise<Buffer>;
  /** A cut file is one that cannot be told from a whole one. */
  readonly cutIsSilent?: boolean;
}

const tool =
  (command: PeerName, ...options: string[]) =>
  (input: Buffer): Buffer =>
    execFileSync(command, options, { input, maxBuffer: 1 << 28 });

const FORMATS: Readonly<Record<string, Made>> = {
  rar: { type: 'rar', make: (bytes) => rarOf('a.txt', bytes) },
  cab: { type: 'cab', make: (bytes) => cabOf('a.txt', bytes) },
  lzh: { type: 'lzh', make: (bytes) => lzhOf('a.txt', bytes) },
  arj: { type: 'arj', make: (bytes) => arjOf('a.txt', bytes) },
  cpio: { type: 'cpio', make: (bytes) => cpioOf('a.txt', bytes) },
  xar: { type: 'xar', make: (bytes) => xarOf('a.txt', bytes) },
  wim: { type: 'wim', make: (bytes) => sevenZip(bytes, '-twim') },
  '7z': { type: '7z', make: (bytes) => sevenZip(bytes, '-t7z') },
  lzma: { type: 'lzma', by: 'xz', make: tool('xz', '--format=lzma', '-c') },
  'xz, two streams': { type: 'xz', by: 'xz', make: halves(tool('xz', '-c')) },
  'bzip2, two streams': { type: 'bzip2', by: 'bzip2', make: halves(tool('bzip2', '-c')) },
  'gzip, two members': { type: 'gzip', make: halves(gzipSync) },
  'zstd, two frames': { type: 'zstd', make: halves(zstdCompressSync) },
  'zstd, long': { type: 'zstd', by: 'zstd', make: tool('zstd', '-19', '-c') },
  lz4: { type: 'lz4', by: 'lz4', make: tool('lz4', '-c') },
  'lz4, linked blocks with sums and size': {
    type: 'lz4',
    by: 'lz4',
    make: tool('lz4', '-9', '-BD', '-BX', '--content-size', '-c'),
  },
  'lz4, legacy': { type: 'lz4', by: 'lz4', make: tool('lz4', '-l', '-c'), cutIsSilent: true },
  'lz4, two frames': { type: 'lz4', by: 'lz4', make: halves(tool('lz4', '-c')) },
  disk: { type: 'disk', make: (bytes) => fatOf('A       TXT', bytes), cutIsSilent: true },
  vhd: { type: 'vhd', make: (bytes) => vhdOf(fatOf('A       TXT', bytes)), cutIsSilent: true },
  tnef: { type: 'tnef', make: (bytes) => tnefOf('a.txt', bytes) },
  onenote: { type: 'onenote', make: (bytes) => oneNoteOf(bytes) },
  activemime: {
    type: 'activemime',
    make: (bytes) => Buffer.concat([Buffer.from('ActiveMime'), Buffer.alloc(40), deflateSync(bytes)]),
  },
  'package in a compound file': {
    type: 'ole',
    make: (bytes) => {
      const native = packageOf('a.txt', bytes);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(native.length);
      return compoundOf({ 'ObjectPool/\u{1}Ole10Native': Buffer.concat([length, native]) });
    },
    cutIsSilent: true,
  },
  'package in RTF': { type: 'rtf', make: (bytes) => rtfOf(packageOf('a.txt', bytes)), cutIsSilent: true },
  'data: in HTML': {
    type: 'html',
    make: (bytes) =>
      Buffer.from(
        `<!doctype html><a download href="data:text/plain;base64,${bytes.toString('base64')}">x</a>`,
      ),
    cutIsSilent: true,
  },
  'escaped data: in HTML': {
    type: 'html',
    make: (bytes) =>
      Buffer.from(`<!doctype html><iframe src="data:text/plain,${encodeURIComponent(bytes.toString())}">`),
    cutIsSilent: true,
  },
  'base64 in a script': {
    type: 'javascript',
    make: (bytes) =>
      Buffer.from(`const a = document.x;\nfunction f() { return atob("${bytes.toString('base64')}"); }\n`),
    cutIsSilent: true,
  },
  'base64 in lines': {
    type: 'xml',
    make: (bytes) =>
      Buffer.from(
        `<?xml version="1.0"?><w:binData>\n${bytes.toString('base64').replaceAll(/(.{76})/g, '$1\r\n  ')}\n</w:binData>`,
      ),
    cutIsSilent: true,
  },
  'hexadecimal in a script': {
    type: 'vbscript',
    make: (bytes) => Buffer.from(`Dim a\nSet s = CreateObject("x")\na = "${bytes.toString('hex')}"\n`),
    cutIsSilent: true,
  },
};

function halves(pack: (bytes: Buffer) => Buffer) {
  return (bytes: Buffer): Buffer => {
    const middle = bytes.length >> 1;
    return Buffer.concat([pack(bytes.subarray(0, middle)), pack(bytes.subarray(middle))]);
  };
}

function rtfOf(native: Buffer): Buffer {
  const length = (value: number): Buffer => {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(value);
    return word;
  };
  const object = Buffer.concat([
    length(0x501),
    length(2),
    length(8),
    Buffer.from('Package\0'),
    length(0),
    length(0),
    length(native.length),
    native,
  ]);
  return Buffer.from(`{\\rtf1{\\object\\objemb{\\*\\objdata ${object.toString('hex')}}}}`);
}

async function sevenZip(bytes: Buffer, ...options: string[]): Promise<Buffer> {
  const open = createRequire(import.meta.url)('7z-wasm') as (options: object) => Promise<{
    FS: { writeFile(path: string, bytes: Buffer): void; readFile(path: string): Uint8Array };
    callMain(words: readonly string[]): void;
  }>;
  const { exitCode } = process;
  const seven = await open({ print: () => {}, printErr: () => {} });
  seven.FS.writeFile('/a.txt', bytes);
  seven.callMain(['a', ...options, '/x.out', '/a.txt']);
  process.exitCode = exitCode;
  return Buffer.from(seven.FS.readFile('/x.out'));
}

for (const [name, { type, by, make, cutIsSilent = false }] of Object.entries(FORMATS)) {
  const skip = by === undefined ? false : missingPeer(by);
  test(`${name}: whole, in a ZIP, cut`, { skip }, async () => {
    const packed = await make(TEXT);
    const whole = await unpacked(packed, { wholeMax: 1 << 26 });
    assert.deepEqual(whole.troubles, [], whole.details.join());
    const wanted = TEXT.toString('latin1').slice(0, 10_000);
    assert.ok(Object.values(whole.files).includes(wanted), whole.paths.join());
    assert.ok(whole.bytes >= TEXT.length, `${whole.bytes} bytes`);
    const nested = await unpacked(zipOf([{ name: 'outer', bytes: packed }]));
    assert.equal(nested.types['outer'], type);
    assert.ok(Object.values(nested.files).includes(wanted), nested.paths.join());
    for (const part of [0.3, 0.6, 0.95]) {
      const cut = await unpacked(packed.subarray(0, Math.floor(packed.length * part)));
      if (!cutIsSilent) assert.ok(cut.troubles.length > 0, `cut at ${part}: ${cut.paths.join()}`);
    }
  });
}

test('a password, and bytes that were changed, are told', { skip: missingPeer('lz4', 'xz') }, async () => {
  assert.deepEqual((await unpacked(rarOf('a.txt', TEXT, { encrypted: true }))).troubles, ['encrypted a.txt']);
  for (const name of ['rar', 'lzh', 'arj', '7z', 'wim', 'lz4', 'gzip, two members', 'zstd, two frames']) {
    const packed = Buffer.from(await FORMATS[name]!.make(TEXT));
    packed.fill(0xa5, packed.length >> 1, (packed.length >> 1) + 40);
    const { troubles } = await unpacked(packed);
    assert.ok(
      troubles.some((each) => each.startsWith('damaged')),
      `${name}: ${troubles.join()}`,
    );
  }
});

test(
  'what unpacks to far more than it is ends at a limit',
  { skip: missingPeer('bzip2', 'lz4', 'xz', 'zstd') },
  async () => {
    const zeros = Buffer.alloc(80 << 20);
    for (const name of [
      'lz4',
      'zstd, long',
      'gzip, two members',
      'xz, two streams',
      'bzip2, two streams',
      'lzma',
    ]) {
      const { troubles } = await unpacked(await FORMATS[name]!.make(zeros), { bytesMax: 1 << 25 });
      assert.ok(
        troubles.some((each) => each.startsWith('limit')),
        `${name}: ${troubles.join()}`,
      );
    }
  },
);

test('programs that unpack themselves carry an archive', async () => {
  const stub = Buffer.alloc(4096, 0x90);
  stub.write('MZ');
  stub.writeUInt32LE(128, 60);
  stub.write('PE\0\0', 128);
  for (const name of ['rar', 'cab', '7z']) {
    const program = Buffer.concat([stub, await FORMATS[name]!.make(TEXT)]);
    const { files, paths, troubles } = await unpacked(program);
    assert.deepEqual(troubles, [], name);
    assert.ok(paths.includes(`appended.${name}`), paths.join());
    assert.ok(Object.values(files).includes(TEXT.toString('latin1').slice(0, 10_000)), name);
  }
  assert.deepEqual((await unpacked(stub)).paths, []);
});

test('a ZIP that is packed in ways of its own is opened by 7-Zip', async () => {
  for (const method of ['Deflate64', 'LZMA', 'PPMd', 'BZip2']) {
    const { files, troubles } = await unpacked(await sevenZip(TEXT, '-tzip', `-mm=${method}`));
    assert.deepEqual(troubles, [], method);
    assert.equal(files['a.txt'], TEXT.toString('latin1').slice(0, 10_000), method);
  }
});

test('a saved page is a message', async () => {
  const saved = [
    'MIME-Version: 1.0',
    'Content-Type: multipart/related; boundary="b"; type="text/html"',
    '',
    '--b',
    'Content-Type: text/html',
    '',
    '<html>x</html>',
    '--b',
    'Content-Type: application/x-mso',
    'Content-Location: file:///C:/editdata.mso',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(await FORMATS['activemime']!.make(compoundOf({ 'VBA/M': TEXT }))).toString('base64'),
    '--b--',
    '',
  ].join('\r\n');
  const { paths } = await unpacked(Buffer.from(saved));
  assert.ok(
    paths.some((path) => path.endsWith('/data/VBA/M')),
    paths.join(),
  );
});

test('what nothing here opens is told, and pages of an ordinary kind are not taken for more', async () => {
  for (const magic of ['**ACE**', 'LZIP\x01', 'ALZ\x01', 'EGGA\0\x01', 'zPQ\x01', 'ArC\x01']) {
    const at = magic.startsWith('*') ? 7 : 0;
    const file = Buffer.alloc(200, 1);
    file.write(magic, at, 'latin1');
    assert.deepEqual((await unpacked(file)).troubles, ['unsupported'], magic);
  }
  const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(3000, 7)]);
  const page = `<!doctype html><script integrity="sha512-${Buffer.alloc(64, 5).toString('base64')}" src="/${'path/to-some_where'.repeat(20)}"></script>
    <img src="data:image/png;base64,${picture.toString('base64')}"><p>${'word '.repeat(1000)}</p>`;
  assert.deepEqual((await unpacked(Buffer.from(page))).paths, []);
});
