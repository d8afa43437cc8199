import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { indicatorLab } from '../../../test/support/indicators.ts';
import { failureOf } from '../../../test/support/failure.ts';
import { tempDir, type Scope } from '../../../test/support/scope.ts';
import { dataPath, missingData } from '../../../test/support/test-data.ts';
import { flattenUt1, type Ut1Options } from './ut1.io.ts';

async function folderIn(t: Scope) {
  const dir = await tempDir(t, 'ut1');
  const source = join(dir, 'blacklists');
  for (const category of ['adult', 'games', 'ads']) mkdirSync(join(source, category), { recursive: true });
  writeFileSync(join(source, 'adult', 'domains'), 'bad.example\r\n# a remark\n\n192.0.2.7\nnot a domain\n');
  writeFileSync(join(source, 'adult', 'urls'), 'example.com/bad/\n');
  writeFileSync(join(source, 'adult', 'expressions'), '(sex|xxx)\n');
  writeFileSync(join(source, 'adult', 'usage'), 'black\n');
  writeFileSync(join(source, 'games', 'domains'), 'games.example');
  writeFileSync(join(source, 'ads', 'domains'), `${'a'.repeat(300)}.example\nads.example\n`);
  symlinkSync('ads', join(source, 'publicite'));
  const flat = async (path: string, options: Partial<Ut1Options> = {}) => {
    const target = join(dir, 'flat');
    const report = await flattenUt1(path, target, options);
    const lines = readFileSync(target, 'utf8').trimEnd().split('\n');
    return { report, lines: lines.map((line) => JSON.parse(line) as unknown) };
  };
  return { dir, source, flat };
}

const EXPECTED = [
  { kind: 'domain', value: 'ads.example', category: 'ads' },
  { kind: 'domain', value: 'bad.example', category: 'adult' },
  { kind: 'address', value: '192.0.2.7', category: 'adult' },
  { kind: 'url', value: 'example.com/bad/', category: 'adult' },
  { kind: 'domain', value: 'games.example', category: 'games' },
];

const key = (entry: unknown) => JSON.stringify(entry);

test('a folder becomes one list with the category at every entry', async (t) => {
  const { source, flat } = await folderIn(t);
  const { report, lines } = await flat(source, { lineBytesMax: 200 });
  assert.deepEqual(lines.map(key).toSorted(), EXPECTED.map(key).toSorted());
  assert.deepEqual(report, {
    entries: 5,
    rejected: 2,
    categories: [
      { name: 'ads', entries: 1 },
      { name: 'adult', entries: 3 },
      { name: 'games', entries: 1 },
    ],
  });
  assert.deepEqual((await flat(source, { only: ['games'] })).lines, [EXPECTED[4]]);
  assert.deepEqual((await flat(join(source, 'games'))).lines, [EXPECTED[4]], 'a folder of one category');
});

test('an archive gives the same, packed or not', async (t) => {
  const { dir, source, flat } = await folderIn(t);
  for (const [flags, name] of [
    ['-cf', 'x.tar'],
    ['-czf', 'x.tar.gz'],
  ] as const) {
    execFileSync('tar', [flags, join(dir, name), '-C', dir, 'blacklists']);
    const { report, lines } = await flat(join(dir, name), { lineBytesMax: 200 });
    assert.deepEqual(lines.map(key).toSorted(), EXPECTED.map(key).toSorted(), name);
    assert.equal(report.entries, 5);
    assert.ok(source);
  }
});

test('what is no UT1, cut or too large is refused', async (t) => {
  const { dir, source, flat } = await folderIn(t);
  const archive = join(dir, 'x.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', dir, 'blacklists']);
  assert.match((await failureOf(flat(archive, { bytesMax: 1000 }))).message, /more than 1000 bytes/);
  assert.match((await failureOf(flat(archive, { filesMax: 3 }))).message, /more files/);
  truncateSync(archive, 200);
  assert.match((await failureOf(flat(archive))).message, /cut \(Z_BUF_ERROR\)/);
  writeFileSync(archive, '<html>no</html>'.repeat(100));
  assert.match((await failureOf(flat(archive))).message, /no tar archive/);
  mkdirSync(join(dir, 'empty'));
  assert.equal((await failureOf(flat(join(dir, 'empty')))).code, 'INDICATORS_UT1');
  assert.match((await failureOf(flat(source, { filesMax: 2 }))).message, /more than 2 files/);
});

test('the real layout of UT1 is read', { skip: missingData('03-domains/ut1_format') }, async (t) => {
  const { flat } = await folderIn(t);
  const { report } = await flat(dataPath('03-domains/ut1_format'));
  assert.deepEqual(
    report.categories.map(({ name }) => name),
    ['ai', 'bank', 'dating', 'doh', 'press', 'shortener', 'vpn', 'webmail'],
  );
  assert.ok(report.entries > 10_000, String(report.entries));
  assert.ok(report.rejected < report.entries / 100, String(report.rejected));
});

test('a folder is imported as a feed whose entries only label', async (t) => {
  const { dir, source } = await folderIn(t);
  const { admin, reader } = await indicatorLab(t);
  const report = await admin.importFile({ file: source, feed: 'ut1' }, 'anna');
  assert.deepEqual([report.format, report.entries, report.rejected], ['ut1', 5, 2]);
  const [match] = reader.lookupHost('www.games.example');
  assert.deepEqual([match?.action, match?.category, match?.feed], ['label', 'games', 'ut1']);
  execFileSync('tar', ['-czf', join(dir, 'lists.tgz'), '-C', dir, 'blacklists']);
  const again = await admin.importFile(
    { file: join(dir, 'lists.tgz'), feed: 'ut1', action: 'block' },
    'anna',
  );
  assert.equal(again.entries, 5);
  assert.equal(reader.lookupHost('games.example')[0]?.action, 'block');
  const error = await failureOf(() => admin.importFile({ file: source, format: 'hosts' }, 'anna'));
  assert.match(String(error), /format of single lists/);
});
