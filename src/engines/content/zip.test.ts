import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { zipOf } from '../../../test/support/archives.ts';
import { unpacked } from '../../../test/support/unpack.ts';

test('entries stored and deflated, with a descriptor, with 64-bit sizes, behind a program, before a comment', async () => {
  const parts = [
    { name: 'a.txt', bytes: 'first' },
    { name: 'folder/', stored: true },
    { name: 'folder/b.txt', bytes: 'second '.repeat(1000), descriptor: true },
    { name: 'c.txt', bytes: 'third', stored: true },
  ];
  const whole = { 'a.txt': 'first', 'folder/b.txt': 'second '.repeat(1000), 'c.txt': 'third' };
  const shapes: readonly (readonly [string, Buffer])[] = [
    ['plain', zipOf(parts)],
    ['zip64', zipOf(parts, { wide: true })],
    ['comment', zipOf(parts, { comment: 'a comment' })],
    [
      'program before it',
      Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(500, 1), zipOf(parts)]),
    ],
    [
      'program and zip64',
      Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(500, 1), zipOf(parts, { wide: true })]),
    ],
  ];
  for (const [shape, bytes] of shapes) {
    const { files, troubles } = await unpacked(bytes);
    assert.deepEqual(files, whole, shape);
    assert.deepEqual(troubles, [], shape);
  }
});

test('an archive in an archive has its path, and a password is a result', async () => {
  const inner = zipOf([
    { name: 'x.txt', bytes: 'deep' },
    { name: 'locked', bytes: 'never', encrypted: true },
  ]);
  const { files, troubles } = await unpacked(zipOf([{ name: 'in.zip', bytes: inner }]));
  assert.equal(files['in.zip/x.txt'], 'deep');
  assert.equal(files['in.zip/locked'], undefined);
  assert.deepEqual(troubles, ['encrypted in.zip/locked']);
});

test('what header and directory say differently is read both ways and told', async () => {
  const named = await unpacked(zipOf([{ name: 'harmless.txt', localName: 'evil.exe', bytes: 'content' }]));
  assert.deepEqual(named.files, { 'harmless.txt': 'content', 'evil.exe': 'content' });
  assert.deepEqual(named.troubles, ['damaged harmless.txt']);
  const stored = await unpacked(zipOf([{ name: 'a', bytes: 'packed text', localMethod: 0 }]));
  assert.deepEqual(stored.paths, ['a', 'a']);
  assert.ok(stored.troubles.includes('damaged a'));
});

test('entries that the directory does not list are found between and behind the others', async () => {
  const hidden = { name: 'hidden.exe', bytes: 'MZ hidden', hidden: true, stored: true };
  const padding = { name: 'z', bytes: 'x'.repeat(200), stored: true };
  for (const parts of [
    [{ name: 'a', bytes: 'a' }, hidden, padding],
    [{ name: 'a', bytes: 'a' }, padding, { ...hidden, bytes: 'MZ'.padEnd(100, '.') }],
  ]) {
    const { paths, details } = await unpacked(zipOf(parts));
    assert.ok(paths.includes('hidden.exe'), paths.join());
    assert.ok(details.includes('it has entries that its directory does not list'));
  }
});

test('without a directory, or with one cut away, entries are found by their headers', async () => {
  const parts = [
    { name: 'a.txt', bytes: 'first' },
    { name: 'b.txt', bytes: 'second', descriptor: true },
    { name: 'c.txt', bytes: 'third' },
  ];
  const { files, troubles } = await unpacked(zipOf(parts, { directory: false }));
  assert.deepEqual(files, { 'a.txt': 'first', 'b.txt': 'second', 'c.txt': 'third' });
  assert.ok(troubles.includes('damaged'));
  const whole = zipOf([
    { name: 'a.txt', bytes: 'first' },
    { name: 'b.bin', bytes: Buffer.alloc(100_000, 7) },
  ]);
  for (let cut = 1; cut < whole.length; cut++) {
    const { troubles: said } = await unpacked(whole.subarray(0, whole.length - cut));
    if (whole.length - cut > 30) assert.ok(said.length > 0, `cut by ${cut}`);
  }
});

test('a wrong checksum, size or stream is a damage, and what came out before is kept', async () => {
  const crc = await unpacked(zipOf([{ name: 'a', bytes: 'content', crc: 1 }]));
  assert.deepEqual([crc.files['a'], crc.troubles], ['content', ['damaged a']]);
  const size = await unpacked(zipOf([{ name: 'a', bytes: 'content', size: 0x7fff_ffff }]));
  assert.deepEqual([size.files['a'], size.troubles], ['content', ['damaged a']]);
  const noise = Buffer.concat(
    Array.from({ length: 6000 }, (_, at) => createHash('sha256').update(String(at)).digest()),
  );
  const whole = zipOf([{ name: 'a', bytes: noise }]);
  whole.fill(0xff, 100_000, 100_200);
  const broken = await unpacked(whole);
  assert.ok(broken.troubles.includes('damaged a'));
});

test('names are names: steps upward, absolute paths, control characters', async () => {
  const { paths } = await unpacked(
    zipOf([
      { name: '../../../etc/passwd', bytes: 'x' },
      { name: '/abs', bytes: 'x' },
      { name: 'C:\\x\u0007\u202egnp.exe', bytes: 'x' },
      { name: 'n'.repeat(5000), bytes: 'x' },
    ]),
  );
  assert.deepEqual(paths.slice(0, 3), ['../../../etc/passwd', '/abs', 'C:\\x\ufffd\ufffdgnp.exe']);
  assert.equal(paths[3]?.length, 256);
});

test('limits end it: entries, bytes, one member, depth, ratio, time', async () => {
  const many = zipOf(Array.from({ length: 200 }, (_, at) => ({ name: `f${at}`, bytes: 'x' })));
  const entries = await unpacked(many, { entriesMax: 50 });
  assert.deepEqual([entries.paths.length, entries.troubles], [50, ['limit']]);
  const big = zipOf([
    { name: 'big', bytes: Buffer.alloc(1_000_000) },
    { name: 'after', bytes: 'small' },
  ]);
  const member = await unpacked(big, { memberMax: 1000 });
  assert.deepEqual([member.bytes, member.troubles, member.files['after']], [1005, ['limit big'], 'small']);
  const total = await unpacked(big, { bytesMax: 1000 });
  assert.deepEqual([total.troubles, total.files['after']], [['limit big'], undefined]);
  const ratio = await unpacked(big, { ratioFrom: 1000, ratioMax: 20 });
  assert.deepEqual(ratio.troubles, ['limit big']);
  let nested = zipOf([{ name: 'core', bytes: 'core' }]);
  for (let depth = 0; depth < 20; depth++) nested = zipOf([{ name: 'd', bytes: nested, stored: true }]);
  const deep = await unpacked(nested, { depthMax: 5 });
  assert.deepEqual([deep.paths.length, deep.troubles], [5, ['limit d/d/d/d/d']]);
  let asked = 0;
  const late = await unpacked(many, { expired: () => ++asked > 20 });
  assert.match(late.troubles.join(), /^timeout( f\d+)?$/);
});

test('entries that share their bytes are told, and end at the limits', async () => {
  const kernel = zipOf([{ name: 'a', bytes: Buffer.alloc(1_000_000) }]);
  // The directory names the one entry many times.
  const at = kernel.length - 22 - 47;
  const record = kernel.subarray(at, at + 47);
  const list = Buffer.concat(Array.from({ length: 5000 }, () => record));
  const end = Buffer.from(kernel.subarray(kernel.length - 22));
  end.writeUInt16LE(5000, 8);
  end.writeUInt16LE(5000, 10);
  end.writeUInt32LE(list.length, 12);
  const { troubles, bytes } = await unpacked(Buffer.concat([kernel.subarray(0, at), list, end]), {
    ratioMax: 100,
    ratioFrom: 1 << 20,
  });
  assert.deepEqual(troubles, ['limit a']);
  assert.ok(bytes < 60_000_000);
});

test('documents say that they have macros, or fetch their template', async () => {
  const document = zipOf([
    { name: '[Content_Types].xml', bytes: '<Types/>' },
    { name: 'word/document.xml', bytes: '<w:document/>' },
    { name: 'word/vbaProject.bin', bytes: 'x' },
    {
      name: 'word/_rels/settings.xml.rels',
      bytes:
        '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="https://evil.example/t.dotm" TargetMode="External"/></Relationships>',
    },
    {
      name: 'word/_rels/document.xml.rels',
      bytes:
        '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="https://www.example.org/" TargetMode="External"/></Relationships>',
    },
  ]);
  const { traits } = await unpacked(document);
  assert.deepEqual(traits, ['macros word/vbaProject.bin', 'external-template word/_rels/settings.xml.rels']);
});
