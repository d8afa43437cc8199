import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { assertNoSquare } from '../../../test/support/cost.ts';
import { indicatorLab } from '../../../test/support/indicators.ts';
import { GatewayError } from '../../kernel/index.ts';
import { detectFormat, type ListFormat, openListParser } from '../../protocols/lists/index.ts';

const DATA = resolve(
  process.env['SALLYPORT_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/data'),
  '03-domains',
);
const skip = existsSync(DATA) ? false : 'SALLYPORT_DATA: no 03-domains';
function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Lines that are neither empty nor a comment, counted without any of our parsers. */
function rows(path: string): readonly string[] {
  return textOf(path)
    .split('\n')
    .filter((line) => /^[^#!\s]/.test(line));
}

async function rejects(promise: Promise<unknown>, code: string): Promise<GatewayError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`${code} was expected`);
}

test('real lists in five formats, against counts made otherwise', { skip }, async (t: TestContext) => {
  const { admin, reader } = await indicatorLab(t);
  const expected: readonly (readonly [string, string])[] = [
    ['blocklistproject_ransomware.hosts', 'hosts'],
    ['blocklistproject_ransomware.domains', 'plain'],
    ['blocklistproject_ransomware.dnsmasq', 'dnsmasq'],
    ['blocklistproject_ransomware.adguard', 'adguard'],
    ['blocklistproject_scam.hosts', 'hosts'],
    ['blocklistproject_malware.ip', 'plain'],
  ];
  for (const [name, format] of expected) {
    const path = join(DATA, 'list_formats', name);
    const report = await admin.importFile({ file: path, feed: name }, 'test');
    assert.equal(report.format, format, name);
    assert.equal(report.entries, new Set(rows(path)).size, name);
    assert.equal(report.duplicates, rows(path).length - report.entries, name);
    assert.equal(report.rejected, 0, name);
  }
  assert.equal(reader.counts.feeds, 6);
  const [first] = rows(join(DATA, 'list_formats', 'blocklistproject_ransomware.domains'));
  assert.equal(reader.lookupHost(first!).length, 4, 'the same list in four formats');
});

test('maltrail, native and packed, against counts made otherwise', { skip }, async (t) => {
  const { admin, reader } = await indicatorLab(t);
  const packed = join(DATA, 'maltrail_trails.csv.gz');
  const report = await admin.importFile({ file: packed, feed: 'maltrail' }, 'test');
  const trails = textOf(packed)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => /^"(.*)",[^,]*,[^,]*$/.exec(line)?.[1] ?? line.split(',', 1)[0]!);
  assert.equal(trails.length, 85_815);
  assert.equal(report.format, 'maltrail');
  assert.equal(report.entries + report.duplicates + report.rejected, trails.length);
  const count = (pattern: RegExp): number => trails.filter((trail) => pattern.test(trail)).length;
  const reasons = Object.fromEntries(report.reasons.map(({ reason, count: times }) => [reason, times]));
  assert.equal(reasons['a path without a host'], count(/^\//));
  assert.equal(reasons['a regular expression is not supported'], count(/[\\^]|\{\d/));
  assert.equal(report.kinds.network, count(/^[\d.]+\/\d+$/));
  // Names, the wildcard form `.example` among them, whose last label is no number.
  const names = trails.filter(
    (trail) => trail.includes('.') && /^\.?(?:[\w-]{1,63}\.)*\d*[a-z_-][\w-]{0,62}$/i.test(trail),
  );
  assert.equal(report.kinds.domain, new Set(names.map((name) => name.toLowerCase().replace(/^\./, ''))).size);
  const native = join(DATA, 'list_formats', 'maltrail_sample_native.txt');
  const sample = await admin.importFile({ file: native }, 'test');
  assert.equal(sample.format, 'maltrail');
  assert.equal(sample.rejected, rows(native).filter((row) => row.startsWith('/')).length);
  assert.equal(sample.entries + sample.duplicates + sample.rejected, rows(native).length);
  assert.equal(reader.lookupAddress('162.255.119.9')[0]?.entry, '162.255.119.0/24');
  const [match] = reader.lookupHost('viva2299.com');
  assert.deepEqual([match?.category, match?.feed], ['malicious', 'maltrail']);
});

test('every other real file of the folder', { skip }, async (t) => {
  const { admin } = await indicatorLab(t);
  const csv = async (name: string, rowCount: number): Promise<void> => {
    const path = join(DATA, name);
    const report = await admin.importFile({ file: path, feed: name }, 'test');
    assert.equal(report.format, 'csv', name);
    assert.equal(textOf(path).trimEnd().split('\n').length - 1, rowCount, name);
    assert.equal(report.entries + report.duplicates, rowCount, name);
    assert.equal(report.rejected, 0, name);
  };
  await csv('top_domains.csv.gz', 127_736);
  await csv('dga.csv.gz', 46_333);
  await csv('categories_ut1.csv.gz', 73_051);
  const eth = join(DATA, 'eth-phishing-detect', 'config.json.gz');
  const lists = JSON.parse(textOf(eth)) as { blacklist: string[]; whitelist: string[] };
  const report = await admin.importFile({ file: eth, feed: 'eth' }, 'test');
  assert.equal(report.format, 'eth-phishing-detect');
  // The last problem is the fuzzy list.
  assert.equal(
    report.entries + report.duplicates + report.rejected - 1,
    lists.blacklist.length + lists.whitelist.length,
  );
  assert.ok(report.rejected <= 3, JSON.stringify(report.problems));
});

test('UT1 folders, v2fly lists and MISP warning lists, read without being imported', { skip }, async () => {
  const counts = async (
    path: string,
    expected: ListFormat,
  ): Promise<{ entries: number; problems: number }> => {
    const text = textOf(path);
    const format = path.includes('v2fly') ? 'v2fly' : detectFormat(basename(path), text);
    assert.equal(format, expected, path);
    const found = { entries: 0, problems: 0 };
    const parser = await openListParser(
      { format, defaults: { action: 'allow', category: '' }, lineBytesMax: 8192, documentBytesMax: 2 ** 26 },
      { entry: () => void found.entries++, problem: () => void found.problems++ },
    );
    parser.receive(Buffer.from(text));
    parser.receiveEnd();
    return found;
  };
  for (const category of readdirSync(join(DATA, 'ut1_format'))) {
    for (const path of ['domains', 'urls'].map((name) => join(DATA, 'ut1_format', category, name))) {
      if (!existsSync(path)) continue;
      assert.deepEqual(await counts(path, 'ut1'), { entries: rows(path).length, problems: 0 }, path);
    }
  }
  for (const path of readdirSync(join(DATA, 'v2fly')).map((name) => join(DATA, 'v2fly', name))) {
    const usable = rows(path).filter((line) => !/^(include|regexp|keyword):/.test(line)).length;
    assert.deepEqual(
      await counts(path, 'v2fly'),
      { entries: usable, problems: rows(path).length - usable },
      path,
    );
  }
  for (const path of readdirSync(join(DATA, 'misp_warninglists')).map((name) =>
    join(DATA, 'misp_warninglists', name),
  )) {
    const { list, type } = JSON.parse(textOf(path)) as { list: string[]; type: string };
    const found = await counts(path, 'misp-warninglist');
    assert.equal(found.entries + found.problems, list.length, path);
    if (type === 'cidr')
      assert.ok(found.problems <= list.length * 0.02, `${path}: ${found.problems} problems`);
    if (type === 'regex' || type === 'substring') assert.equal(found.entries, 0, path);
  }
});

test('an entry that was there before keeps its date, whatever else changed', async (t) => {
  const { add, admin, clock, reader } = await indicatorLab(t);
  const many = Array.from({ length: 10_000 }, (_, at) => `n${at}.example`);
  await add('feed', many.join('\n'));
  clock.nowMs += 86_400_000;
  await add('feed', [...many.filter((_, at) => at % 3 !== 0), 'new.example'].join('\n'));
  assert.equal(reader.lookupHost('n1.example')[0]?.addedAt, '2026-01-01T00:00:00.000Z');
  assert.equal(reader.lookupHost('n9998.example')[0]?.addedAt, '2026-01-01T00:00:00.000Z');
  assert.equal(reader.lookupHost('new.example')[0]?.addedAt, '2026-01-02T00:00:00.000Z');
  assert.deepEqual(reader.lookupHost('n3.example'), []);
  const kept = [...reader.entries('feed')].filter((entry) => entry.addedAtS === Date.UTC(2026, 0, 1) / 1000);
  assert.equal(kept.length, 6666);
  assert.equal(admin.feeds()[0]?.entries, 6667);
});

test('duplicates are counted, an exception wins over them, and the list can be read back', async (t) => {
  const { add, admin, reader } = await indicatorLab(t);
  await add('ad', '||a.example^\n||b.example^\n@@||a.example^\n||b.example^\n||A.example.^\n', {
    format: 'adguard',
  });
  const [feed] = admin.feeds();
  assert.deepEqual([feed?.entries, feed?.duplicates], [2, 3]);
  assert.equal(reader.lookupHost('a.example')[0]?.action, 'allow');
  assert.deepEqual(
    [...reader.entries('ad')].map(({ value, action }) => `${action} ${value}`),
    ['block b.example', 'allow a.example'],
  );
  assert.throws(() => reader.entries('none'), { code: 'INDICATORS_FEED_UNKNOWN' });
});

test('crafted lists of one value do not cost a square', async (t) => {
  const { add, admin } = await indicatorLab(t);
  await assertNoSquare(10_000, 'the list', () =>
    add('same', 'evil.example\nother.example\n'.repeat(100_000)),
  );
  assert.deepEqual([admin.feeds()[0]?.entries, admin.feeds()[0]?.duplicates], [2, 199_998]);
});

test('what cannot be imported says why and changes nothing', async (t) => {
  const { add, admin, dir, reader } = await indicatorLab(t, {
    limits: { expansionMax: 50, listBytesMax: 40_000_000, entriesMax: 1000 },
  });
  await add('feed', 'evil.example\n');
  const before = reader.generation;
  const files = readdirSync(dir).toSorted();
  const write = (name: string, bytes: string | Uint8Array): string => {
    const path = join(dir, '..', name);
    writeFileSync(path, bytes);
    return path;
  };
  const run = (file: string, format = 'auto'): Promise<unknown> =>
    admin.importFile({ file, feed: 'feed', format }, 'test');
  await rejects(run(join(dir, 'missing')), 'INDICATORS_FILE_UNREADABLE');
  await rejects(run(dir), 'INDICATORS_UT1');
  const none = await rejects(run(write('none.txt', 'nothing\nin here\n')), 'INDICATORS_NOTHING_IMPORTED');
  assert.match(none.message, /2 lines were rejected, the first is line 1: not a domain name: no dot/);
  await rejects(run(write('empty.txt', '')), 'INDICATORS_NOTHING_IMPORTED');
  await rejects(run(write('f.txt', 'a.example'), 'nonsense'), 'INDICATORS_FORMAT_UNKNOWN');
  const packed = gzipSync(Array.from({ length: 500 }, (_, at) => `n${at}.example\n`).join(''));
  await rejects(run(write('cut.gz', packed.subarray(0, packed.length - 20))), 'INDICATORS_FILE_UNREADABLE');
  const bomb = await rejects(
    run(write('bomb.gz', gzipSync(Buffer.alloc(30_000_000, '#\n')))),
    'INDICATORS_FILE_TOO_LARGE',
  );
  assert.match(bomb.message, /more than 50 times its size/);
  const large = await rejects(
    run(write('large.txt', Buffer.alloc(41_000_000, '#\n'))),
    'INDICATORS_FILE_TOO_LARGE',
  );
  assert.match(large.message, /larger than 40000000 bytes/);
  const many = Array.from({ length: 1001 }, (_, at) => `n${at}.example\n`).join('');
  await rejects(run(write('many.txt', many)), 'INDICATORS_FILE_TOO_LARGE');
  await rejects(
    admin.importFile({ file: write('f.txt', 'a.example'), feed: '../up' }, 'test'),
    'INDICATORS_FEED_NAME',
  );
  await rejects(
    admin.importFile({ file: write('f.txt', 'a.example'), feed: 'local' }, 'test'),
    'INDICATORS_FEED_NAME',
  );
  await reader.reload();
  assert.equal(reader.generation, before);
  assert.equal(reader.lookupHost('evil.example').length, 1);
  assert.deepEqual(readdirSync(dir).toSorted(), files, 'nothing is left behind');
});

test('a million entries', async (t) => {
  const lab = await indicatorLab(t);
  const file = join(lab.dir, '..', 'million.txt');
  writeFileSync(
    file,
    Array.from({ length: 1_000_000 }, (_, at) => `h${at}.d${at % 1000}.example`).join('\n'),
  );
  const report = await lab.admin.importFile({ file, feed: basename(file) }, 'test');
  assert.deepEqual([report.entries, report.duplicates, report.rejected], [1_000_000, 0, 0]);
  const bytes = lab.admin.feeds()[0]!.bytes / 1_000_000;
  assert.ok(bytes < 40, `${bytes} bytes an entry`);
  for (let at = 0; at < 1_000_000; at += 9973) {
    assert.equal(lab.reader.lookupHost(`h${at}.d${at % 1000}.example`).length, 1);
    assert.deepEqual(lab.reader.lookupHost(`g${at}.d${at % 1000}.example`), []);
  }
});
