import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { indicatorLab } from '../../../test/support/indicators.ts';
import { AttributeDictionary } from './attributes.ts';
import { openIndicators } from './index.ts';

const names = (count: number): string =>
  Array.from({ length: count }, (_, at) => `n${at}.example`).join('\n');

test('a feed that would lose nearly everything is refused as a whole, unless forced', async (t) => {
  const { add, admin, reader } = await indicatorLab(t);
  await add('feed', names(2000));
  await assert.rejects(add('feed', names(199)), {
    code: 'INDICATORS_SHRUNK',
    message: 'Feed feed would shrink from 2000 to 199 entries, more than 90 per cent',
    hint: /--force/,
  });
  assert.equal(admin.feeds()[0]?.entries, 2000);
  assert.equal(reader.lookupHost('n1999.example').length, 1);
  await add('feed', names(200));
  assert.equal(admin.feeds()[0]?.entries, 200, 'exactly 90 per cent');
  await add('feed', names(1));
  assert.equal(admin.feeds()[0]?.entries, 1, 'small feeds may do what they like');
  await add('feed', names(1000));
  await assert.rejects(add('feed', names(600), { shrinkMaxPercent: 25 }), { code: 'INDICATORS_SHRUNK' });
  await add('feed', names(600), { shrinkMaxPercent: 25, force: true });
  assert.equal(admin.feeds()[0]?.entries, 600);
});

test('a merge that takes out nearly everything is refused, too', async (t) => {
  const { add, admin } = await indicatorLab(t);
  await add('feed', names(1000));
  const removals = Array.from({ length: 950 }, (_, at) =>
    JSON.stringify({ kind: 'domain', value: `n${at}.example`, remove: true }),
  ).join('\n');
  const merge = { format: 'sallyport', mode: 'merge' } as const;
  await assert.rejects(add('feed', removals, merge), { code: 'INDICATORS_SHRUNK' });
  await add('feed', removals, { ...merge, force: true });
  assert.equal(admin.feeds()[0]?.entries, 50);
});

test('a page instead of a list is refused with its first problem, unless forced', async (t) => {
  const { add, admin } = await indicatorLab(t);
  await add('feed', names(10));
  const page = 'This list has moved\nSee our new page\nwww.example.com\nThank you\n';
  await assert.rejects(add('feed', page), {
    code: 'INDICATORS_MOSTLY_REJECTED',
    message: /only 1 lines can be imported as plain, 3 were rejected, the first is line 1: /,
  });
  assert.equal(admin.feeds()[0]?.entries, 10);
  await add('feed', page, { force: true });
  assert.equal(admin.feeds()[0]?.entries, 1);
  // Many good lines convince, however many bad ones there are.
  await add('feed', `${names(100)}\n${'not one\n'.repeat(500)}`);
  assert.equal(admin.feeds()[0]?.entries, 100);
  // Of a list for browsers most rules are for browsers.
  await add('feed', `||evil.example^\n${'example.com##.ad\n'.repeat(20)}`, { format: 'adguard' });
  assert.equal(admin.feeds()[0]?.entries, 1);
});

test('entries end by themselves: by the list, by the import, by the local list', async (t) => {
  const { add, admin, clock, reader } = await indicatorLab(t);
  const start = clock.now();
  clock.nowMs += 60_000;
  const lines = [
    { kind: 'domain', value: 'own.example', expiresAtMs: start + 90 * 60_000 },
    { kind: 'domain', value: 'default.example' },
    { kind: 'domain', value: 'ended.example', expiresAtMs: start },
    { kind: 'domain', value: 'far.example', expiresAtMs: Date.UTC(2090, 0, 1) },
  ];
  await add('feed', lines.map((each) => JSON.stringify(each)).join('\n'), {
    format: 'sallyport',
    expiresAfterMs: 4 * 3_600_000,
  });
  await admin.addLocal({ value: 'local.example', action: 'block', expiresAfterMs: 3_600_000 }, 'test');
  const known = (): readonly string[] =>
    ['own', 'default', 'ended', 'far', 'local'].filter(
      (name) => reader.lookupHost(`${name}.example`).length > 0,
    );
  assert.deepEqual(known(), ['own', 'default', 'far', 'local']);
  // Ends are kept in whole hours, rounded up.
  assert.equal(reader.lookupHost('own.example')[0]?.expiresAt, new Date(start + 2 * 3_600_000).toISOString());
  assert.equal(
    reader.lookupHost('far.example')[0]?.expiresAt,
    undefined,
    'more than seven years are for ever',
  );
  clock.nowMs = start + 61 * 60_000;
  assert.deepEqual(known(), ['own', 'default', 'far']);
  clock.nowMs = start + 2 * 3_600_000;
  assert.deepEqual(known(), ['default', 'far']);
  assert.deepEqual([...reader.entries('local')], []);
  clock.nowMs = start + 5 * 3_600_000;
  assert.deepEqual(known(), ['far']);
  assert.deepEqual(
    [...reader.entries('feed')].map((entry) => entry.value),
    ['far.example'],
  );
});

test('what another version wrote is refused by name', async (t) => {
  const { add, dir, clock } = await indicatorLab(t);
  await add('feed', names(3));
  const path = join(dir, 'manifest.json');
  const { manifest } = JSON.parse(readFileSync(path, 'utf8')) as { manifest: object };
  const body = JSON.stringify({ ...manifest, version: 1 });
  writeFileSync(path, JSON.stringify({ crc: crc32(body), manifest: JSON.parse(body) as unknown }));
  assert.throws(() => openIndicators(dir, clock), {
    code: 'INDICATORS_VERSION',
    message: /have version 1, this gateway reads 2/,
    hint: /import the lists again/,
  });
});

test('lists with more attributes than there are numbers keep action and severity', () => {
  const defaults = { category: 'feed', confidence: 50, tlp: 'green' } as const;
  const dictionary = new AttributeDictionary(defaults, 15);
  const numberOf = (category: string, action: 'allow' | 'block' = 'block'): number =>
    dictionary.numberOf({ category, action, severity: 'low', confidence: 100, tlp: 'clear' });
  assert.deepEqual(
    ['a', 'b', 'c', 'a', 'd', 'e', 'b'].map((name) => numberOf(name)),
    [0, 1, 2, 0, 3, 3, 1],
  );
  assert.deepEqual(dictionary.sets[3], { ...defaults, action: 'block', severity: 'low' });
  assert.equal(numberOf('d', 'allow'), 4);
  assert.deepEqual(dictionary.sets[4]?.action, 'allow');
});

test('a list with thousands of categories keeps them all', async (t) => {
  const { add, reader } = await indicatorLab(t);
  const lines = Array.from({ length: 5000 }, (_, at) => `n${at}.example,c${at}`).join('\n');
  await add('feed', `value,category\n${lines}`, { format: 'csv' });
  assert.equal(reader.lookupHost('n4999.example')[0]?.category, 'c4999');
});
