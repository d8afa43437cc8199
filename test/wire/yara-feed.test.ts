import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRuleSets } from '../../src/engines/scan/index.ts';
import { zipOf } from '../support/archives.ts';
import { failureOf } from '../support/failure.ts';
import { feedLab, type FeedLab, feedServer, IO } from '../support/feed-lab.ts';
import { found, type ScanLab, scanLab } from '../support/scan.ts';
import { type Scope, scopeOf } from '../support/scope.ts';

function ruleFor(text: string, name = 'Fetched'): string {
  return `rule ${name} { meta: severity = "critical" strings: $a = "${text}" condition: $a }\n`;
}

interface Lab {
  readonly scans: ScanLab;
  readonly feeds: FeedLab;
  readonly server: { readonly url: string; readonly caFile: string; content: Buffer | string };
}

/** A server with one file, feeds that fetch it, and the engine whose rules it is. */
async function ruleLab(scope: Scope): Promise<Lab> {
  const held: { content: Buffer | string } = { content: '' };
  const server = await feedServer(scope, (request, response) => {
    const etag = `"${createHash('sha256').update(held.content).digest('hex').slice(0, 16)}"`;
    const known = request.headers['if-none-match'] === etag;
    response.writeHead(known ? 304 : 200, { ETag: etag }).end(known ? undefined : held.content);
  });
  const scans = await scanLab(scope);
  const dataDir = join(scans.dir, 'data');
  const sets = createRuleSets({
    dataDir,
    bytesMax: () => 100_000,
    publish: () => scans.engine.reloadRules(),
  });
  const has = (name: string): boolean => sets.list().some((each) => each.name === name);
  const feeds = await feedLab(scope, {
    dataDir,
    rules: {
      has,
      install: (name, file) => sets.add(file, name),
      remove: async (name) => {
        if (has(name)) await sets.remove(name);
      },
    },
  });
  return {
    scans,
    feeds,
    server: Object.assign(held, { url: `${server.url}/rules`, caFile: server.tls.caFile }),
  };
}

test('a rule set is fetched, in force at once, fetched again when it changes, and gone with its feed', async (t) => {
  const { scans, feeds, server } = await ruleLab(scopeOf(t));
  const before = scans.engine.version;
  server.content = ruleFor('first words');
  const { url, caFile } = server;
  await feeds.feeds.add('community', { type: 'yara', url, caFile, every: '1h' }, {}, 'tester');
  const first = await feeds.feeds.sync('community', false, IO);
  assert.deepEqual([first.result, first.entries], ['changed', 1]);
  const verdict = await scans.scan('these are the first words');
  assert.deepEqual([verdict.verdict, found(verdict)], ['malicious', ['yara Fetched']]);
  assert.equal(verdict.findings[0]?.source, 'community/rules');
  assert.notEqual(scans.engine.version, before);
  assert.equal((await feeds.feeds.sync('community', false, IO)).result, 'unchanged');

  // A ZIP archive in the place of a file, with something in it that is no rule.
  server.content = zipOf([
    { name: 'set/a.yar', bytes: ruleFor('second words', 'A') },
    { name: 'set/b.yara', bytes: ruleFor('third words', 'B') },
    { name: '../../README.md', bytes: 'rules' },
  ]);
  assert.equal((await feeds.feeds.sync('community', false, IO)).entries, 2);
  assert.deepEqual(found(await scans.scan('the second words, the third words')), ['yara A', 'yara B']);
  assert.deepEqual(found(await scans.scan('these are the first words again')), []);

  assert.equal(await feeds.feeds.unsubscribe('community', 'tester'), true);
  assert.deepEqual(found(await scans.scan('the second words, and the third words')), []);
});

test('rules with a mistake: the old ones stay in force, and health says why', async (t) => {
  const { scans, feeds, server } = await ruleLab(scopeOf(t));
  server.content = ruleFor('good words');
  const { url, caFile } = server;
  await feeds.feeds.add('community', { type: 'yara', url, caFile }, {}, 'tester');
  await feeds.feeds.sync('community', false, IO);
  const version = scans.engine.version;
  for (const [content, code, why] of [
    [`${ruleFor('new words')}rule Broken { condition: $a }`, 'SCAN_RULES_WRONG', /line 2/],
    [zipOf([{ name: 'a.yar', bytes: ruleFor('new words'), crc: 7 }]), 'SCAN_RULES_UNREADABLE', /a\.yar/],
    [zipOf([{ name: 'a.txt', bytes: 'no rules' }]), 'SCAN_RULES_UNREADABLE', /no \.yar/],
    [ruleFor('new words') + ' '.repeat(100_000), 'SCAN_RULES_TOO_LARGE', /100000 bytes/],
  ] as const) {
    server.content = content;
    const failure = await failureOf(feeds.feeds.sync('community', false, IO));
    assert.equal(failure.code, code);
    assert.match(failure.message, why);
    const health = feeds.feeds.get('community').health;
    assert.equal(health.state, 'failed');
    assert.match(health.reason, why);
    assert.deepEqual(found(await scans.scan(`good words and new words ${code}`)), ['yara Fetched']);
    assert.equal(scans.engine.version, version, 'nothing that was remembered is forgotten');
  }
  server.content = ruleFor('better words');
  assert.equal((await feeds.feeds.sync('community', false, IO)).result, 'changed');
  assert.equal(feeds.feeds.get('community').health.state, 'ok');
  assert.deepEqual(found(await scans.scan('better words')), ['yara Fetched']);
});

test('a rule feed cannot take the name of the shipped set, and may lie on this machine', async (t) => {
  const { feeds } = await ruleLab(scopeOf(t));
  const failure = await failureOf(
    feeds.feeds.add('shipped', { type: 'yara', url: 'https://x.example/' }, {}, 'tester'),
  );
  assert.equal(failure.code, 'FEEDS_FIELDS');
  const added = await feeds.feeds.add('own', { type: 'yara', url: '/srv/rules.zip' }, {}, 'tester');
  assert.equal(added.url, '/srv/rules.zip');
});
