import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { indicatorLab, type IndicatorLab } from '../../../test/support/indicators.ts';
import type { ImportReport, ImportRequest } from './index.ts';

function importText(
  lab: IndicatorLab,
  feed: string,
  text: string,
  request: Partial<ImportRequest> = {},
): Promise<ImportReport> {
  const file = join(lab.dir, '..', `${feed}.list`);
  writeFileSync(file, text);
  return lab.admin.importFile({ file, feed, format: 'plain', ...request }, 'test');
}

const warninglist = (type: string, list: readonly string[]): string =>
  JSON.stringify({ name: type, type, version: 1, description: '', matching_attributes: [], list });

test('warning lists keep whole hosts, addresses and networks out, but never a part of a host', async (t) => {
  const lab = await indicatorLab(t);
  const { admin, reader } = lab;
  const misp = { format: 'misp-warninglist' };
  const hostnames = await importText(lab, 'hostnames', warninglist('hostname', ['google.example']), misp);
  assert.equal(hostnames.action, 'suppress', 'what lists of the format are for');
  await importText(
    lab,
    'strings',
    warninglist('string', ['exact.example', 'd41d8cd98f00b204e9800998ecf8427e']),
    misp,
  );
  await importText(lab, 'cidrs', warninglist('cidr', ['8.8.8.0/24', '2001:db8::/32', '9.9.9.9/32']), misp);
  const report = await importText(
    lab,
    'bad',
    [
      'google.example',
      '=www.google.example',
      'http://docs.google.example/',
      'http://docs.google.example/evil',
      'notgoogle.example',
      'exact.example',
      'sub.exact.example',
      'd41d8cd98f00b204e9800998ecf8427e',
      'd41d8cd98f00b204e9800998ecf8427f',
      '8.8.8.8',
      '8.8.8.0/25',
      '8.8.0.0/16',
      'http://8.8.8.8/evil',
      '9.9.9.9',
      '2001:db8::5',
      '10.0.0.1',
    ].join('\n'),
  );
  assert.deepEqual(report.suppressed, [
    {
      list: 'cidrs',
      count: 4,
      samples: ['8.8.8.8', '8.8.8.0/25', '9.9.9.9', '2001:db8::5'],
    },
    {
      list: 'hostnames',
      count: 3,
      samples: ['google.example', 'www.google.example', 'docs.google.example/'],
    },
    { list: 'strings', count: 2, samples: ['exact.example', 'd41d8cd98f00b204e9800998ecf8427e'] },
  ]);
  assert.deepEqual(
    [...reader.entries('bad')].map((entry) => entry.value),
    [
      'docs.google.example/evil',
      'notgoogle.example',
      'sub.exact.example',
      'd41d8cd98f00b204e9800998ecf8427f',
      '8.8.0.0/16',
      '8.8.8.8/evil',
      '10.0.0.1',
    ],
  );
  assert.equal(admin.feeds().find((feed) => feed.name === 'bad')?.suppressed, 9);
  // A warning list says nothing about what it names.
  assert.deepEqual(reader.lookupHost('www.google.example'), []);
  assert.deepEqual(reader.lookupAddress('9.9.9.9'), []);
  assert.deepEqual([...(await reader.prefixes(() => true))].length, 5);
});

test('known-good feeds and local lists are not suppressed, nor a warning list by another', async (t) => {
  const lab = await indicatorLab(t);
  const { admin, reader } = lab;
  await importText(lab, 'warning', 'google.example\n', { action: 'suppress' });
  const good = await importText(lab, 'good', 'google.example\n', { action: 'allow' });
  assert.deepEqual([good.entries, good.suppressed], [1, []]);
  const other = await importText(lab, 'other', 'www.google.example\n', { action: 'suppress' });
  assert.equal(other.entries, 1);
  await admin.addLocal({ value: 'google.example', action: 'block' }, 'test');
  assert.deepEqual(
    reader.lookupHost('google.example').map(({ feed, action }) => `${feed} ${action}`),
    ['local block', 'good allow'],
  );
  // An exception in a list of what is bad is not bad.
  const mixed = await importText(lab, 'mixed', '@@||google.example^\n||evil.example^\n', {
    format: 'adguard',
  });
  assert.deepEqual([mixed.entries, mixed.suppressed], [2, []]);
});

test('samples are few, ended warnings do not count, and a merge cannot change what a feed is', async (t) => {
  const lab = await indicatorLab(t);
  await importText(lab, 'warning', 'google.example\n', { action: 'suppress', expiresAfterMs: 3_600_000 });
  const list = Array.from({ length: 200 }, (_, at) => `n${at}.google.example`).join('\n');
  const report = await importText(lab, 'bad', `${list}\nevil.example`);
  assert.deepEqual(
    [report.entries, report.suppressed[0]?.count, report.suppressed[0]?.samples.length],
    [1, 200, 5],
  );
  lab.clock.nowMs += 2 * 3_600_000;
  assert.equal((await importText(lab, 'bad', list)).entries, 200);
  await assert.rejects(importText(lab, 'bad', list, { action: 'suppress', mode: 'merge' }), {
    code: 'INDICATORS_OPTION',
  });
});

test('labels say what things are: they decide nothing, come last, and are not suppressed', async (t) => {
  const lab = await indicatorLab(t);
  const { admin, reader } = lab;
  await importText(lab, 'warning', 'shop.example\n', { action: 'suppress' });
  const labels = await importText(
    lab,
    'labels',
    '||shop.example^\n||sub.shop.example/x^\n@@||not.example^\n',
    {
      action: 'label',
      category: 'shopping',
      format: 'adguard',
    },
  );
  assert.deepEqual([labels.action, labels.entries, labels.rejected, labels.suppressed], ['label', 2, 1, []]);
  assert.equal(labels.reasons[0]?.reason, 'an exception in a list of labels');
  await importText(lab, 'bad', 'example.net\n*.example\n');
  await admin.addLocal({ value: '*.example', action: 'allow' }, 'test');
  assert.deepEqual(
    reader
      .lookupHost('www.shop.example')
      .map(({ feed, action, category }) => `${feed} ${action} ${category}`),
    ['local allow local-allow', 'bad block malicious', 'labels label shopping'],
  );
  await admin.removeLocal('*.example', 'test');
  assert.equal([...reader.entries('labels')][0]?.action, 'label');
  assert.equal((await reader.prefixes(() => true)).length, 2, 'labels are not what is blocked');
});
