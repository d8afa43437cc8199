import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answering, body, feedServer } from '../support/feed-lab.ts';
import { type Gateway, getHttps, startGateway } from '../support/gateway.ts';
import { scopeOf, tempDir } from '../support/scope.ts';

const SECRET = 'the-secret-of-the-feed';
const CONFIG = { egress: { allowDestinations: ['127.0.0.0/8'] } };

interface Shown {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly entries: number | null;
  readonly running: boolean;
}

async function shown(gateway: Gateway, name: string): Promise<Shown> {
  // The document of the command.
  return (await gateway.ask('feed', 'show', name)) as Shown;
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await isTrue())) {
    assert.ok(performance.now() < end, `waited for: ${what}`);
    await sleep(100);
  }
}

async function isBlocked(gateway: Gateway, host: string): Promise<boolean> {
  const answer = await getHttps(gateway.ports.https ?? 0, `/api/v1/lookup?kind=domain&value=${host}`);
  return (JSON.parse(answer.body) as { readonly verdict: string }).verdict === 'malicious';
}

async function ready(
  gateway: Gateway,
): Promise<{ readonly ready: boolean; readonly degraded?: readonly string[] }> {
  return JSON.parse((await getHttps(gateway.ports.https ?? 0, '/readyz')).body) as { ready: boolean };
}

test('a feed is subscribed, fetched by itself, fails, degrades the health, and comes back; secrets stay inside', async (t) => {
  const scope = scopeOf(t);
  let answer: Answering = body('bad.example\n');
  const server = await feedServer(scope, (incoming, response) => {
    if (incoming.headers.authorization === `Bearer ${SECRET}`) answer(incoming, response);
    else response.writeHead(401).end();
  });
  const dir = await tempDir(scope, 'feed-secret');
  const secretFile = join(dir, 'secret');
  writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 });
  const gateway = await startGateway(scope, { config: CONFIG });
  const add = ['feed', 'add', 'bad', '--url', `${server.url}/bad.txt`, '--ca-file', server.tls.caFile];
  const how = [
    '--auth',
    'bearer',
    '--secret-file',
    secretFile,
    '--category',
    'malware',
    '--licence',
    'CC0-1.0',
  ];
  await gateway.ask(...add, ...how);
  await until('the first fetch', async () => (await shown(gateway, 'bad')).entries === 1);
  await until('the edges know', () => isBlocked(gateway, 'bad.example'));
  assert.deepEqual(await ready(gateway), { ready: true, reasons: [] });

  await gateway.ask('feed', 'edit', 'bad', '--allow-plain-http');
  await gateway.ask('feed', 'edit', 'bad', '--every', '2h');
  const listed = (await gateway.ask('feed', 'list')) as readonly { name: string; licence: string }[];
  assert.deepEqual(
    listed.map(({ name, licence }) => [name, licence]),
    [['bad', 'CC0-1.0']],
  );
  const exported = (await gateway.command('config', 'export')).stdout;
  assert.match(exported, /allowPlainHttp: true/, 'what is not named stays');
  assert.match(exported, /every: 2h/);
  await until('the fetch after the change', async () => !(await shown(gateway, 'bad')).running);

  answer = body('<!doctype html><title>Sign in</title>');
  const failed = await gateway.command('feed', 'sync', 'bad', '--force', '--json');
  assert.equal(failed.code, 7);
  assert.match(failed.stderr, /FEEDS_HTML/);
  assert.ok(await isBlocked(gateway, 'bad.example'), 'the last good list stays');
  const health = (await gateway.ask('show', 'health')) as {
    state: string;
    parts: { part: string; reason: string }[];
  };
  assert.equal(health.state, 'degraded');
  assert.match(
    health.parts.find(({ part }) => part === 'feed bad')?.reason ?? '',
    /sent a web page, not a list/,
  );
  await until('/readyz says it', async () => (await ready(gateway)).degraded?.length === 1);
  assert.equal((await ready(gateway)).ready, true, 'and it gets traffic all the same');
  const doctor = await gateway.command('doctor');
  assert.equal(doctor.code, 10);
  assert.match(doctor.stdout, /feed bad +problem +degraded \(feed-failed\) since \S+: failed once/);

  answer = body('bad.example\nworse.example\n');
  const synced = (await gateway.ask('feed', 'sync', 'bad')) as { result: string; entries: number };
  assert.deepEqual([synced.result, synced.entries], ['changed', 2]);
  await until('all is well', async () => (await ready(gateway)).degraded === undefined);
  const metrics = await gateway.metrics();
  assert.match(metrics, /sallyport_feeds_sync_total\{feed="bad",result="failed"\} 1/);
  assert.match(metrics, /sallyport_feeds_age_seconds\{feed="bad"\}/);

  const told = await Promise.all(
    [
      ['feed', 'show', 'bad', '--json'],
      ['feed', 'show'],
      ['config', 'export'],
      ['show', 'audit', '--json'],
      ['show', 'log'],
      ['show', 'feeds', '--json'],
    ].map(async (words) => (await gateway.command(...words)).stdout),
  );
  for (const text of [...told, gateway.child.stderr(), gateway.child.stdout(), metrics]) {
    assert.ok(!text.includes(SECRET));
  }
  const sealed = join(gateway.dataDir, 'feeds', 'secrets.sealed');
  assert.equal(statSync(sealed).mode & 0o777, 0o600);
  assert.ok(!readFileSync(sealed).includes(SECRET));

  await gateway.ask('feed', 'remove', 'bad');
  assert.deepEqual(await gateway.ask('feed', 'show'), []);
  await until('the edges forget', async () => !(await isBlocked(gateway, 'bad.example')));
});

test('the API subscribes, changes, fetches and ends a feed, with the scopes of each', async (t) => {
  const scope = scopeOf(t);
  const server = await feedServer(scope, body('bad.example\n'));
  const gateway = await startGateway(scope, { config: CONFIG });
  const tokenOf = async (role: string): Promise<string> =>
    ((await gateway.ask('token', 'create', '--name', role, '--scope', role)) as { token: string }).token;
  const tokens = { admin: await tokenOf('admin'), read: await tokenOf('read') };
  const api = async (
    method: string,
    path: string,
    given?: unknown,
    role: keyof typeof tokens = 'admin',
  ): Promise<{ readonly status: number; readonly document: Readonly<Record<string, unknown>> }> =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: gateway.ports.https,
          method,
          path,
          rejectUnauthorized: false,
          agent: false,
          headers: { Authorization: `Bearer ${tokens[role]}`, 'Content-Type': 'application/json' },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              document: (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>,
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(given === undefined ? undefined : JSON.stringify(given));
    });

  const feed = {
    name: 'bad',
    url: `${server.url}/x`,
    caFile: server.tls.caFile,
    every: '1d',
    secret: SECRET,
    auth: 'bearer',
  };
  assert.equal((await api('POST', '/api/v1/feeds', feed, 'read')).status, 403);
  const added = await api('POST', '/api/v1/feeds', feed);
  assert.equal(added.status, 201, JSON.stringify(added.document));
  assert.ok(!JSON.stringify(added.document).includes(SECRET));
  assert.equal((await api('POST', '/api/v1/feeds', feed)).document['code'], 'feeds-exists');
  assert.equal(
    (await api('POST', '/api/v1/feeds', { name: 'x', url: 'ftp://x/' })).document['code'],
    'feeds-fields',
  );
  assert.equal((await api('POST', '/api/v1/feeds', { ...feed, name: 'y', colour: 'red' })).status, 400);
  await until(
    'the first fetch',
    async () => (await api('GET', '/api/v1/feeds/bad')).document['entries'] === 1,
  );
  assert.equal((await api('GET', '/api/v1/feeds/nothing')).status, 404);
  const changed = await api('PATCH', '/api/v1/feeds/bad', {
    every: '2h',
    confidence: 80,
    allowPlainHttp: false,
    enabled: false,
  });
  assert.deepEqual(
    [changed.status, changed.document['everyMs'], changed.document['confidence'], changed.document['state']],
    [200, 7_200_000, 80, 'disabled'],
  );
  await until(
    'the fetch after the change',
    async () => (await api('GET', '/api/v1/feeds/bad')).document['running'] === false,
  );
  const asked = server.requests.length;
  assert.deepEqual(await api('POST', '/api/v1/feeds/bad/sync', { force: true }), {
    status: 202,
    document: { started: ['bad'] },
  });
  await until('the fetch', () => Promise.resolve(server.requests.length > asked));
  const list = await api('GET', '/api/v1/feed-subscriptions', undefined, 'read');
  assert.equal(list.status, 200);
  assert.equal((await api('DELETE', '/api/v1/feeds/bad')).status, 204);
  assert.equal((await api('GET', '/api/v1/feeds/bad')).status, 404);
});

test('the gateway is killed while it fetches: the old list stays, and the next start fetches again', async (t) => {
  const scope = scopeOf(t);
  let answer: Answering = body('bad.example\n');
  const server = await feedServer(scope, (incoming, response) => answer(incoming, response));
  const gateway = await startGateway(scope, { config: CONFIG });
  const add = ['feed', 'add', 'bad', '--url', `${server.url}/x`, '--ca-file', server.tls.caFile];
  await gateway.ask(...add, '--every', '1d');
  await until('the first fetch', async () => (await shown(gateway, 'bad')).entries === 1);
  const half = Promise.withResolvers<void>();
  answer = (_incoming, response) => {
    response.writeHead(200, { 'Content-Length': 1_000_000 });
    response.write('worse.example\n'.repeat(1000));
    half.resolve();
  };
  await gateway.ask('feed', 'sync', 'bad', '--background', '--force');
  await half.promise;
  const work = join(gateway.dataDir, 'feeds', 'work', 'bad');
  await until('half of it is on the disk', () => Promise.resolve(existsSync(join(work, 'download'))));
  const processes = (await gateway.ask('status')) as { processes: { pid: number }[] };
  for (const { pid } of processes.processes) if (pid > 0) process.kill(pid, 'SIGKILL');
  gateway.child.signal('SIGKILL');
  await gateway.child.exited;

  answer = body('bad.example\nthird.example\n');
  const again = await startGateway(scope, { config: CONFIG, dataDir: gateway.dataDir });
  assert.ok(await isBlocked(again, 'bad.example'));
  assert.ok(!(await isBlocked(again, 'worse.example')));
  assert.equal((await shown(again, 'bad')).state, 'ok');
  assert.ok(!existsSync(work), 'what the killed fetch left is gone');
  const synced = (await again.ask('feed', 'sync', 'bad')) as { result: string; entries: number };
  assert.deepEqual([synced.result, synced.entries], ['changed', 2]);
});
