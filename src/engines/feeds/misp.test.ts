import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { feedLab, feedServer, IO } from '../../../test/support/feed-lab.ts';
import { type Scope, scopeOf, tempDir } from '../../../test/support/scope.ts';
import { dataPath, missingData } from '../../../test/support/test-data.ts';

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

interface Attribute {
  readonly type: string;
  readonly value: string;
  readonly to_ids?: boolean;
}

/** A MISP feed as a folder of files, which the test changes. */
async function mispServer(scope: Scope) {
  const files = new Map<string, unknown>();
  const manifest: Record<string, unknown> = {};
  const server = await feedServer(scope, (request, response) => {
    const path = (request.url ?? '').replace(/^\/feed\//, '');
    const document = path === 'manifest.json' ? manifest : files.get(path);
    response.writeHead(document === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(document));
  });
  const put = (
    number: number,
    timestamp: string,
    attributes: readonly Attribute[],
    tag = 'tlp:green',
  ): void => {
    const Attribute = attributes.map((each, at) => ({
      uuid: uuid(number * 100 + at),
      category: 'Network activity',
      to_ids: true,
      timestamp,
      ...each,
    }));
    const Event = {
      uuid: uuid(number),
      info: `Event ${number}`,
      date: '2026-01-01',
      timestamp,
      Tag: [{ name: tag }],
      Attribute,
    };
    files.set(`${uuid(number)}.json`, { Event });
    manifest[uuid(number)] = { info: Event.info, timestamp };
  };
  const remove = (number: number): void => {
    delete manifest[uuid(number)];
    files.delete(`${uuid(number)}.json`);
  };
  const fetched = (): readonly string[] => server.requests.map(({ url }) => url ?? '').splice(0);
  return { ...server, put, remove, manifest, fetched };
}

test('only events that are new or changed are fetched; what is gone is taken out', async (t) => {
  const scope = scopeOf(t);
  const server = await mispServer(scope);
  server.put(1, '1700000001', [
    { type: 'domain', value: 'one.example' },
    { type: 'domain', value: 'shared.example' },
  ]);
  server.put(2, '1700000002', [
    { type: 'domain', value: 'two.example' },
    { type: 'domain', value: 'shared.example' },
  ]);
  server.put(3, '1700000003', [{ type: 'comment', value: 'nothing to match', to_ids: false }]);
  const lab = await feedLab(scope);
  await lab.feeds.add(
    'misp',
    { type: 'misp', url: `${server.url}/feed/manifest.json`, caFile: server.tls.caFile },
    {},
    'tester',
  );
  const first = await lab.feeds.sync('misp', false, IO);
  assert.equal(first.result, 'changed');
  assert.deepEqual(lab.entries('misp'), ['one.example', 'shared.example', 'two.example']);
  assert.equal(server.requests.length, 4);

  assert.equal((await lab.feeds.sync('misp', false, IO)).result, 'unchanged');
  assert.equal(server.requests.length, 5, 'only the manifest');

  server.put(2, '1700000009', [{ type: 'domain', value: 'changed.example' }]);
  server.remove(1);
  await lab.feeds.sync('misp', false, IO);
  assert.deepEqual(lab.entries('misp'), ['changed.example']);
  assert.deepEqual(
    server.requests.slice(5).map(({ url }) => url),
    ['/feed/manifest.json', `/feed/${uuid(2)}.json`],
  );
});

test('a real feed is read whole, and once', { skip: missingData('05-intel/tweetfeed/misp') }, async (t) => {
  const scope = scopeOf(t);
  const folder = dataPath('05-intel/tweetfeed/misp');
  const server = await feedServer(scope, (request, response) => {
    const file = join(folder, basename(request.url ?? ''));
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  const lab = await feedLab(scope);
  const entry = { type: 'misp', url: server.url, caFile: server.tls.caFile };
  await lab.feeds.add('tweetfeed', entry, {}, 'tester');
  const { result, entries, rejected } = await lab.feeds.sync('tweetfeed', false, IO);
  assert.equal(result, 'changed');
  assert.ok(entries > 100, String(entries));
  assert.equal(rejected, 0);
  assert.equal((await lab.feeds.sync('tweetfeed', false, IO)).result, 'unchanged');
});

test('attributes that are not for detection are taken only when asked for', async (t) => {
  const scope = scopeOf(t);
  const server = await mispServer(scope);
  server.put(1, '1700000001', [
    { type: 'domain', value: 'ids.example' },
    { type: 'domain', value: 'context.example', to_ids: false },
  ]);
  const lab = await feedLab(scope);
  const entry = { type: 'misp', url: `${server.url}/feed`, caFile: server.tls.caFile };
  await lab.feeds.add('misp', entry, {}, 'tester');
  await lab.feeds.sync('misp', false, IO);
  assert.deepEqual(lab.entries('misp'), ['ids.example']);
  await lab.feeds.edit('misp', { allAttributes: true }, {}, 'tester');
  await lab.feeds.sync('misp', false, IO);
  assert.deepEqual(lab.entries('misp'), ['context.example', 'ids.example']);
});

test('a feed whose manifest names what is not there, or is none, changes nothing', async (t) => {
  const scope = scopeOf(t);
  const server = await mispServer(scope);
  server.put(1, '1700000001', [{ type: 'domain', value: 'one.example' }]);
  const lab = await feedLab(scope);
  const entry = { type: 'misp', url: `${server.url}/feed/`, caFile: server.tls.caFile };
  await lab.feeds.add('misp', entry, {}, 'tester');
  await lab.feeds.sync('misp', false, IO);
  server.manifest[uuid(2)] = { timestamp: '1700000002' };
  assert.equal((await failureOf(lab.feeds.sync('misp', false, IO))).code, 'FEEDS_STATUS');
  server.manifest['../../etc/passwd'] = {};
  assert.match((await failureOf(lab.feeds.sync('misp', false, IO))).message, /is no UUID/);
  assert.deepEqual(lab.entries('misp'), ['one.example']);
});

test('a UT1 archive by URL, and a folder of this machine, are one feed with a category at each entry', async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope, 'ut1');
  const lists = join(dir, 'blacklists');
  mkdirSync(join(lists, 'games'), { recursive: true });
  mkdirSync(join(lists, 'malware'), { recursive: true });
  writeFileSync(join(lists, 'games', 'domains'), 'games.example\n');
  writeFileSync(join(lists, 'malware', 'domains'), 'evil.example\n');
  execFileSync('tar', ['-czf', join(dir, 'x.tar.gz'), '-C', dir, 'blacklists']);
  const server = await feedServer(scope, (_request, response) => {
    response.end(readFileSync(join(dir, 'x.tar.gz')));
  });
  const lab = await feedLab(scope);
  const archive = { type: 'ut1', url: `${server.url}/blacklists.tar.gz`, caFile: server.tls.caFile };
  await lab.feeds.add('archive', archive, {}, 'tester');
  await lab.feeds.add('folder', { type: 'ut1', url: lists, only: ['malware'] }, {}, 'tester');
  assert.equal((await lab.feeds.sync('archive', false, IO)).entries, 2);
  assert.deepEqual(lab.entries('archive'), ['evil.example', 'games.example']);
  assert.equal((await lab.feeds.sync('archive', false, IO)).result, 'unchanged', 'the same bytes again');
  await lab.feeds.sync('folder', false, IO);
  assert.deepEqual(lab.entries('folder'), ['evil.example']);
  assert.deepEqual(
    lab.indicators.feeds().map(({ action }) => action),
    ['label', 'label'],
  );
});
