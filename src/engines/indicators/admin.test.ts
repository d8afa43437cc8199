import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { indicatorLab } from '../../../test/support/indicators.ts';
import { GatewayError, type Input, type Result } from '../../kernel/index.ts';
import { createIndicatorAdmin, feedNameOf, indicatorCommands, openIndicators } from './index.ts';

test('local lists: added, replaced, removed one by one, audited, and there after a restart', async (t) => {
  const { admin, audits, clock, dir, published, reader } = await indicatorLab(t);
  const added = await admin.addLocal(
    { value: 'hxxp://Evil[.]example/x', action: 'block', note: 'ticket 4711' },
    'anna',
  );
  assert.deepEqual(added, {
    kind: 'url',
    value: 'evil.example/x',
    action: 'block',
    category: 'local-block',
    severity: 'high',
    confidence: 100,
    tlp: 'clear',
    note: 'ticket 4711',
    addedAt: '2026-01-01T00:00:00.000Z',
  });
  await admin.addLocal({ value: '192.0.2.5/24', action: 'allow', category: 'partner' }, 'anna');
  await admin.addLocal({ value: 'evil.example/x', action: 'allow' }, 'bob');
  assert.deepEqual(
    reader.local.map(({ value, action }) => `${action} ${value}`),
    ['allow 192.0.2.0/24', 'allow evil.example/x'],
  );
  assert.equal(reader.lookupAddress('192.0.2.200')[0]?.category, 'partner');
  assert.deepEqual(published, ['1', '2', '3']);
  assert.equal(reader.generation, admin.generation);
  const fresh = openIndicators(dir, clock);
  assert.equal(fresh.lookupAddress('192.0.2.200').length, 1);
  fresh.close();
  await admin.removeLocal('192.0.2.0/24', 'bob');
  await admin.removeLocal('evil.example/x', 'bob');
  assert.deepEqual(reader.local, []);
  assert.deepEqual(reader.lookupAddress('192.0.2.200'), []);
  assert.deepEqual(
    audits.map(({ action, actor, details }) => `${actor} ${action} ${String(details['value'])}`),
    [
      'anna indicator.block evil.example/x',
      'anna indicator.allow 192.0.2.0/24',
      'bob indicator.allow evil.example/x',
      'bob indicator.remove 192.0.2.0/24',
      'bob indicator.remove evil.example/x',
    ],
  );
  await assert.rejects(admin.removeLocal('evil.example/x', 'bob'), { code: 'INDICATORS_LOCAL_UNKNOWN' });
  await assert.rejects(admin.addLocal({ value: 'a b', action: 'block' }, 'bob'), {
    code: 'INDICATORS_VALUE',
  });
  assert.equal(audits.length, 5, 'what failed is not audited');
});

test('two writers at once lose nothing', async (t) => {
  const { admin } = await indicatorLab(t);
  await Promise.all(
    Array.from({ length: 10 }, (_, at) =>
      admin.addLocal({ value: `n${at}.example`, action: 'block' }, 'test'),
    ),
  );
  assert.equal(admin.local().length, 10);
  assert.equal(admin.generation, '10');
});

test('a feed is removed with all its entries', async (t) => {
  const { add, admin, audits, reader } = await indicatorLab(t);
  await add('feed', 'evil.example\n');
  const removed = await admin.remove('feed', 'anna');
  assert.equal(removed.entries, 1);
  assert.deepEqual(reader.lookupHost('evil.example'), []);
  assert.deepEqual(reader.counts, {
    entries: 0,
    feeds: 0,
    local: 0,
    kinds: { domain: 0, host: 0, url: 0, address: 0, network: 0, hash: 0, email: 0 },
  });
  assert.deepEqual(
    audits.map((each) => each.action),
    ['feed.import', 'feed.remove'],
  );
  await assert.rejects(admin.remove('feed', 'anna'), { code: 'INDICATORS_FEED_UNKNOWN' });
});

test('a publication that fails is told, and the state is on disk all the same', async (t) => {
  const logged: string[] = [];
  const { admin, dir, clock } = await indicatorLab(t, {
    publish: () => Promise.reject(new Error('no edge answers')),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: (event) => void logged.push(event) },
  });
  await assert.rejects(admin.addLocal({ value: 'evil.example', action: 'block' }, 'test'), /no edge answers/);
  assert.deepEqual(logged, ['indicators.publish.failed']);
  const fresh = openIndicators(dir, clock);
  assert.equal(fresh.lookupHost('evil.example').length, 1);
  fresh.close();
});

test('feeds are named after files', () => {
  const names = [
    '/x/Evil Hosts.txt.gz',
    'a/hosts',
    'top.csv',
    'local.txt',
    '.gz',
    'ÄÖ.txt',
    'config.json',
  ].map(feedNameOf);
  assert.deepEqual(names, ['evil-hosts', 'hosts', 'top', 'feed', 'feed', 'feed', 'config']);
});

test('counts go into the metrics', async (t) => {
  const values = new Map<string, number>();
  const metrics = {
    counter: (name: string, ...labels: readonly string[]) => ({
      add: () =>
        void values.set([name, ...labels].join(' '), (values.get([name, ...labels].join(' ')) ?? 0) + 1),
    }),
    gauge: (name: string, ...labels: readonly string[]) => ({
      add: () => {},
      set: (value: number) => void values.set([name, ...labels].join(' '), value),
    }),
    histogram: () => ({ observe: () => {} }),
  };
  const { add, dir, clock } = await indicatorLab(t, { metrics });
  await add('feed', 'evil.example\n192.0.2.1\n');
  await assert.rejects(add('feed', 'nothing\n'));
  assert.equal(values.get('indicators_imports_total done'), 1);
  assert.equal(values.get('indicators_imports_total failed'), 1);
  assert.equal(values.get('indicators_entries domain'), 1);
  values.clear();
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  createIndicatorAdmin({
    dir,
    clock,
    log,
    metrics,
    runImports: 'here',
    publish: async () => {},
    audit: () => {},
  });
  assert.equal(values.get('indicators_feeds'), 1, 'known after a restart');
});

/** Runs a command as the tree would, with positionals by name. */
type Words = Input['words'];

test('commands: import, list, show, remove', async (t) => {
  const { admin, audits, dir, reader } = await indicatorLab(t);
  const progress: string[] = [];
  const run = async (words: string, values: Words, options: Input['options'] = {}): Promise<Result> => {
    const command = indicatorCommands.find((each) => each.words === words);
    assert.ok(command, words);
    for (const name of Object.keys(options)) assert.ok(name in command.options, `${words} --${name}`);
    const io = { actor: 'anna', progress: (step: string) => void progress.push(step) };
    return command.run({ indicators: admin, reader }, { words: values, rest: [], options }, io);
  };
  const file = join(dir, '..', 'list.csv');
  writeFileSync(file, 'host;what\nevil.example;phishing\nevil.example;phishing\nnot one;x\n');
  const imported = await run(
    'feed import',
    { FILE: file },
    {
      format: 'csv',
      map: ['value=host,category=what'],
      action: 'block',
      severity: 'critical',
      licence: 'MIT',
      priority: '7',
    },
  );
  const { seconds, ...report } = imported.document as Record<string, unknown>;
  assert.equal(typeof seconds, 'number');
  assert.deepEqual(report, {
    feed: 'list',
    format: 'csv',
    action: 'block',
    mode: 'replace',
    entries: 1,
    kinds: { domain: 1, host: 0, url: 0, address: 0, network: 0, hash: 0, email: 0 },
    added: 1,
    removed: 0,
    duplicates: 1,
    expired: 0,
    rejected: 1,
    suppressed: [],
    reasons: [{ reason: 'not a domain name', count: 1 }],
    problems: [{ line: 4, reason: 'not a domain name', text: 'not one,x' }],
    generation: '1',
  });
  assert.deepEqual(progress, ['waiting for another import', 'sorting and writing']);
  assert.deepEqual(audits[0]?.actor, 'anna');
  assert.deepEqual(reader.lookupHost('evil.example')[0]?.severity, 'critical');
  const table = imported.view?.find((view) => view.kind === 'table' && view.columns.length === 3);
  assert.deepEqual(table?.kind === 'table' ? table.rows : [], [[4, 'not a domain name', 'not one,x']]);

  const listed = await run('feed list', {});
  assert.deepEqual(listed.document, (await run('show feeds', {})).document);
  const [feed] = listed.document as Record<string, unknown>[];
  assert.deepEqual(
    [feed!['name'], feed!['licence'], feed!['priority'], feed!['source']],
    ['list', 'MIT', 7, 'list.csv'],
  );

  await run('indicator allow', { VALUE: 'good.example' }, { note: 'why' });
  await run('indicator block', { VALUE: '192.0.2.0/24' }, { severity: 'low', category: 'own' });
  const shown = (await run('show indicators', {})).document as {
    counts: { feed: string; action: string; entries: number }[];
  };
  assert.deepEqual(
    shown.counts.map(({ feed: name, action, entries }) => `${name} ${action} ${entries}`),
    ['list block 1', 'local block 1', 'local allow 1'],
  );
  assert.equal(reader.lookupAddress('192.0.2.1')[0]?.severity, 'low');
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
  for (const [value, options] of [
    [md5.toUpperCase(), { expires: '30d' }],
    ['mallory@evil.example', {}],
    ['http://evil.example/x', {}],
  ] as const) {
    await run('indicator block', { VALUE: value }, options);
  }
  assert.equal(reader.lookupHash(md5)[0]?.expiresAt, '2026-01-31T00:00:00.000Z');
  const listing = async (words: Words, options: Input['options']): Promise<readonly string[]> => {
    const { document } = await run('show indicators', words, options);
    return (document as { entries: { feed: string; value: string }[] }).entries.map(
      ({ feed: name, value }) => `${name} ${value}`,
    );
  };
  assert.deepEqual(await listing({ FEED: 'list' }, {}), ['list evil.example']);
  assert.deepEqual(await listing({}, { kind: 'hash' }), [`local ${md5}`]);
  assert.deepEqual(await listing({}, { category: 'phishing' }), ['list evil.example']);
  assert.deepEqual((await listing({ FEED: 'local' }, { limit: '2' })).length, 2);
  await assert.rejects(listing({ FEED: 'none' }, {}), { code: 'INDICATORS_FEED_UNKNOWN' });
  for (const value of [md5, 'mallory@evil.example', 'evil.example/x'])
    await run('indicator remove', { VALUE: value });
  await run('indicator remove', { VALUE: 'good.example' });
  assert.deepEqual((await run('feed remove', { NAME: 'list' })).document, { removed: 'list', entries: 1 });
  assert.equal(reader.counts.entries, 1);

  for (const [options, reason] of [
    [{ map: ['nonsense'] }, /--map: "nonsense" is not FIELD=COLUMN/],
    [{ severity: 'huge' }, /--severity: "huge" is not possible/],
    [{ action: 'maybe' }, /--action/],
    [{ priority: 'x' }, /--priority/],
    [{ confidence: '101' }, /--confidence/],
    [{ tlp: 'pink' }, /--tlp/],
    [{ expires: 'soon' }, /--expires: "soon" is no duration/],
    [{ mode: 'both' }, /--mode/],
    [{ 'shrink-max': '-1' }, /--shrink-max/],
  ] as const) {
    await assert.rejects(run('feed import', { FILE: file }, options), (error: unknown) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(error.kind, 'config');
      assert.match(error.message, reason);
      return true;
    });
  }
});
