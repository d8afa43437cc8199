import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { indicatorLab } from '../../../test/support/indicators.ts';
import { openIndicators } from './index.ts';

const DAY_MS = 86_400_000;

const names = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `n${from + at}.example`).join('\n');
const line = (entry: object): string => JSON.stringify({ kind: 'domain', ...entry });

test('a merge adds, updates and takes out, and the rest stays as it was', async (t) => {
  const { add, admin, clock, reader } = await indicatorLab(t);
  await add('feed', names(0, 1000), { category: 'malware', licence: 'MIT', priority: 7 });
  clock.nowMs += DAY_MS;
  await add(
    'feed',
    [
      line({ value: 'new.example', confidence: 40, tlp: 'amber' }),
      line({ value: 'n1.example', category: 'phishing', severity: 'low' }),
      line({ value: 'n2.example', remove: true }),
      line({ value: 'unknown.example', remove: true }),
    ].join('\n'),
    { format: 'sallyport', mode: 'merge' },
  );
  const [feed] = admin.feeds();
  assert.deepEqual([feed?.entries, feed?.kinds.domain, feed?.layers.length], [1000, 1000, 2]);
  assert.deepEqual([feed?.licence, feed?.priority, feed?.category], ['MIT', 7, 'malware'], 'not said again');
  const [fresh] = reader.lookupHost('new.example');
  assert.deepEqual([fresh?.category, fresh?.confidence, fresh?.tlp], ['malware', 40, 'amber']);
  assert.equal(fresh?.addedAt, '2026-01-02T00:00:00.000Z');
  const [updated] = reader.lookupHost('n1.example');
  assert.deepEqual([updated?.category, updated?.severity], ['phishing', 'low']);
  assert.equal(updated?.addedAt, '2026-01-01T00:00:00.000Z', 'it was there before');
  assert.deepEqual(reader.lookupHost('n2.example'), []);
  assert.equal(reader.lookupHost('n3.example').length, 1);
  const values = [...reader.entries('feed')].map((entry) => entry.value);
  assert.equal(values.length, 1000);
  assert.deepEqual(values.slice(-2), ['new.example', 'n1.example']);
});

test('what a merge did is counted, and an import without change is none', async (t) => {
  const { admin, dir } = await indicatorLab(t);
  const file = join(dir, '..', 'list');
  const run = (text: string, mode: 'merge' | 'replace'): ReturnType<typeof admin.importFile> => {
    writeFileSync(file, text);
    return admin.importFile({ file, feed: 'feed', format: 'sallyport', mode }, 'test');
  };
  const first = await run([line({ value: 'a.example' }), line({ value: 'b.example' })].join('\n'), 'merge');
  assert.deepEqual([first.mode, first.added, first.removed, first.entries], ['merge', 2, 0, 2]);
  const second = await run(
    [
      line({ value: 'b.example' }),
      line({ value: 'c.example' }),
      line({ value: 'c.example', remove: true }),
      line({ value: 'a.example', remove: true }),
      line({ value: 'd.example', expiresAtMs: Date.UTC(2025, 0, 1) }),
    ].join('\n'),
    'merge',
  );
  assert.deepEqual(
    [second.added, second.removed, second.duplicates, second.expired, second.entries],
    [0, 1, 1, 1, 1],
  );
  const files = readdirSync(dir).toSorted();
  const none = await run(line({ value: 'z.example', remove: true }), 'merge');
  assert.deepEqual([none.added, none.removed, none.entries], [0, 0, 1]);
  assert.deepEqual((await run('', 'merge')).entries, 1, 'a merge may have nothing to say');
  assert.deepEqual(readdirSync(dir).toSorted(), files, 'an empty layer is not kept');
  const whole = await run(
    [line({ value: 'b.example' }), line({ value: 'b.example', remove: true })].join('\n'),
    'replace',
  );
  assert.deepEqual([whole.entries, whole.rejected], [1, 1], 'a whole list takes nothing out');
});

test('many small merges become one layer again, and a large one at once', async (t) => {
  const { add, admin, clock, dir, reader } = await indicatorLab(t);
  await add('feed', names(0, 1000));
  const layers: number[] = [];
  for (let round = 0; round < 12; round++) {
    clock.nowMs += DAY_MS;
    const lines = [
      line({ value: `r${round}.example`, note: `round ${round}` }),
      line({ value: `n${round}.example`, remove: true }),
    ];
    await add('feed', lines.join('\n'), { format: 'sallyport', mode: 'merge' });
    layers.push(admin.feeds()[0]!.layers.length);
    assert.equal(admin.feeds()[0]!.entries, 1000);
  }
  assert.deepEqual(layers, [2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5]);
  assert.equal(readdirSync(dir).filter((name) => /\.(seg|val)$/.test(name)).length, 10);
  assert.equal(readdirSync(dir).filter((name) => /\.(run|prints|tmp)$/.test(name)).length, 0);
  for (const each of [reader, openIndicators(dir, clock)]) {
    assert.deepEqual(each.problems, []);
    for (let round = 0; round < 12; round++) {
      const [match] = each.lookupHost(`r${round}.example`);
      assert.equal(match?.addedAt, new Date(Date.UTC(2026, 0, 2 + round)).toISOString());
      assert.equal(each.describe(match)?.note, `round ${round}`);
      assert.deepEqual(each.lookupHost(`n${round}.example`), []);
    }
    assert.equal(each.lookupHost('n999.example')[0]?.addedAt, '2026-01-01T00:00:00.000Z');
    assert.equal([...each.entries('feed')].length, 1000);
    if (each !== reader) each.close();
  }
  await add('feed', names(2000, 2300), { mode: 'merge' });
  assert.deepEqual([admin.feeds()[0]!.layers.length, admin.feeds()[0]!.entries], [1, 1300]);
});

test('readers keep their files while they read, whatever is imported meanwhile', async (t) => {
  const { add, reader } = await indicatorLab(t);
  await add('feed', names(0, 3000));
  const reading = reader.entries('feed')[Symbol.iterator]();
  const first = reading.next();
  const prefixes = reader.prefixes(() => true);
  await add('feed', names(5000, 9000));
  const later = reader.entries('feed');
  let count = first.done === true ? 0 : 1;
  while (reading.next().done !== true) count++;
  assert.equal(count, 3000, 'the state from which it started');
  assert.equal((await prefixes).length, 3000);
  assert.equal((await reader.prefixes(() => true)).length, 4000);
  await add('feed', names(0, 500));
  assert.equal([...later].length, 500, 'the state at its first entry');
});

test('nothing can be merged into a damaged feed, a whole import repairs it', async (t) => {
  const { add, dir, reader } = await indicatorLab(t, { publish: async () => {} });
  await add('feed', names(0, 10));
  const [segment] = readdirSync(dir).filter((name) => name.endsWith('.seg'));
  writeFileSync(join(dir, segment!), 'damaged');
  await assert.rejects(add('feed', 'x.example', { mode: 'merge' }), { code: 'INDICATORS_SEGMENT_DAMAGED' });
  await add('feed', names(0, 10));
  await reader.reload();
  assert.equal(reader.lookupHost('n1.example').length, 1);
});
