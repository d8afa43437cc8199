import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { LogFields } from '../../kernel/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import {
  ACCESS_LOG_METRICS,
  type AccessEntry,
  type AccessLogOptions,
  createAccessLog,
  createLogRotation,
  createMetrics,
} from './index.ts';

const ENTRY: AccessEntry = {
  timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  durationMs: 12.345,
  door: 'forward-proxy',
  source: '10.1.2.3',
  user: undefined,
  method: 'GET',
  url: 'http://example.com/a?b=c',
  status: 200,
  bytesIn: 300,
  bytesOut: 1024,
  upstream: '192.0.2.7:80',
  decision: 'allow',
  rule: 'default',
  reason: 'default-allow',
  feed: undefined,
  entry: undefined,
  error: undefined,
  tunnel: false,
  reused: true,
  connectMs: undefined,
  firstByteMs: 3.21,
  id: 'e1-1',
};

async function opened(t: TestContext, change: Partial<AccessLogOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'access-log-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'log', 'access.log');
  const events: [string, LogFields | undefined][] = [];
  const record = (event: string, fields?: LogFields) => void events.push([event, fields]);
  const log = { debug: record, info: record, warn: record, error: record };
  const metrics = createMetrics(ACCESS_LOG_METRICS);
  const options: AccessLogOptions = {
    path,
    format: 'json',
    bufferBytesMax: 1 << 20,
    redactor: urlRedactor(['token']),
    log,
    metrics,
    ...change,
  };
  const access = createAccessLog(options);
  t.after(() => access.close());
  const dropped = () =>
    Object.fromEntries(
      (metrics.snapshot()['access_log_dropped_total'] ?? []).map(({ l, v }) => [l[0], v[0]]),
    );
  return { access, path, folder, events, dropped, log, options };
}

test('a JSON line holds what happened, without what did not', async (t) => {
  const { access, path } = await opened(t);
  access.write(ENTRY);
  access.write({
    ...ENTRY,
    timeMs: ENTRY.timeMs + 1094,
    user: 'ana',
    method: 'CONNECT',
    url: 'example.com:443',
    tunnel: true,
    decision: 'block',
    feed: 'urlhaus',
    entry: 'example.com',
    error: 'connection_timeout',
    upstream: undefined,
    reused: false,
    connectMs: 4,
    firstByteMs: undefined,
  });
  await access.flush();
  const lines = (await readFile(path, 'utf8')).split('\n');
  assert.equal(
    lines[0],
    '{"time":"2026-01-02T03:04:05.006Z","durationMs":12.3,"door":"forward-proxy","source":"10.1.2.3","method":"GET","url":"http://example.com/a?b=c","status":200,"bytesIn":300,"bytesOut":1024,"upstream":"192.0.2.7:80","decision":"allow","rule":"default","reason":"default-allow","reused":true,"firstByteMs":3.2,"id":"e1-1"}',
  );
  assert.equal(
    lines[1],
    '{"time":"2026-01-02T03:04:06.100Z","durationMs":12.3,"door":"forward-proxy","source":"10.1.2.3","user":"ana","method":"CONNECT","url":"example.com:443","status":200,"bytesIn":300,"bytesOut":1024,"decision":"block","rule":"default","reason":"default-allow","feed":"urlhaus","entry":"example.com","error":"connection_timeout","tunnel":true,"connectMs":4,"id":"e1-1"}',
  );
  assert.deepEqual(lines.slice(2), ['']);
});

test('a peer cannot forge a line', async (t) => {
  const { access, path } = await opened(t);
  const url = 'http://x/"}\r\n{"time":"\u001b]0;\u202e\u0085ä😀\ud800';
  access.write({ ...ENTRY, url, user: 'a"b' });
  await access.flush();
  const text = await readFile(path, 'utf8');
  assert.match(text, /^[\x20-\x7e]+\n$/);
  assert.deepEqual([JSON.parse(text).url, JSON.parse(text).user], [url, 'a"b']);
});

test('secrets in URLs are written in neither format, and the referrer is a URL as well', async (t) => {
  const url = 'http://ana:hunter2@x.example/?a=b@c&token=hunter2';
  for (const format of ['json', 'squid'] as const) {
    const { access, path } = await opened(t, { format });
    const more = { monitored: [], userAgent: undefined, referrer: url, mediaType: undefined };
    access.write({ ...ENTRY, url, more });
    access.write({ ...ENTRY, url: 'ana:hunter2@x.example:443', method: 'CONNECT' });
    await access.flush();
    const text = await readFile(path, 'utf8');
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /GET.*http:\/\/x\.example\/\?a=b@c&token=\[secret\]/);
  }
});

test('the Squid format is the native one', async (t) => {
  const { access, path } = await opened(t, { format: 'squid' });
  access.write({ ...ENTRY, durationMs: 94 });
  access.write({ ...ENTRY, decision: 'block', status: 403, upstream: undefined, user: 'ana' });
  access.write({ ...ENTRY, tunnel: true, method: 'CONNECT', url: 'x:443', upstream: '[2001:db8::1]:443' });
  access.write({ ...ENTRY, status: 0, durationMs: 0 });
  await access.flush();
  assert.deepEqual((await readFile(path, 'utf8')).split('\n'), [
    '1767323045.100     94 10.1.2.3 TCP_MISS/200 1024 GET http://example.com/a?b=c - HIER_DIRECT/192.0.2.7 -',
    '1767323045.018     12 10.1.2.3 TCP_DENIED/403 1024 GET http://example.com/a?b=c ana HIER_NONE/- -',
    '1767323045.018     12 10.1.2.3 TCP_TUNNEL/200 1024 CONNECT x:443 - HIER_DIRECT/2001:db8::1 -',
    '1767323045.006      0 10.1.2.3 TCP_MISS_ABORTED/000 1024 GET http://example.com/a?b=c - HIER_DIRECT/192.0.2.7 -',
    '',
  ]);
});

test('a line that finds no room is dropped and counted', async (t) => {
  const { access, path, dropped } = await opened(t, { bufferBytesMax: 700 });
  for (let i = 0; i < 5; i++) access.write(ENTRY);
  assert.deepEqual(dropped(), { buffer: 3, disk: 0 });
  await access.flush();
  access.write(ENTRY);
  await access.flush();
  assert.equal((await readFile(path, 'utf8')).split('\n').length, 4);
  assert.deepEqual(dropped(), { buffer: 3, disk: 0 });
});

test('lines go to a new file when the old one was renamed or removed', async (t) => {
  const { access, path } = await opened(t, { checkMs: 0 });
  access.write({ ...ENTRY, id: 'one' });
  await access.flush();
  await rename(path, `${path}.1`);
  access.write({ ...ENTRY, id: 'two' });
  await access.flush();
  // As logrotate does it with `create`: there is a file of that name, but another one.
  await rename(path, `${path}.2`);
  await writeFile(path, '');
  access.write({ ...ENTRY, id: 'between' });
  await access.flush();
  assert.match(await readFile(path, 'utf8'), /^\{[^\n]*"id":"between"\}\n$/);
  await rm(path);
  access.write({ ...ENTRY, id: 'three' });
  await access.flush();
  assert.match(await readFile(`${path}.1`, 'utf8'), /"id":"one"/);
  assert.match(await readFile(path, 'utf8'), /^\{[^\n]*"id":"three"\}\n$/);
});

test('a full disk costs lines, is said once, and its end is said too', async (t) => {
  const { folder, options, events, dropped } = await opened(t);
  const path = join(folder, 'full.log');
  await symlink('/dev/full', path);
  const access = createAccessLog({ ...options, path, checkMs: 0 });
  for (let i = 0; i < 3; i++) {
    access.write(ENTRY);
    await access.flush();
  }
  assert.deepEqual(dropped(), { buffer: 0, disk: 3 });
  assert.deepEqual(
    events.map(([event]) => event),
    ['access-log.failed'],
  );
  assert.match(String(events[0]?.[1]?.['message']), /ENOSPC/);
  await rm(path);
  access.write(ENTRY);
  await access.close();
  assert.equal(events.at(-1)?.[0], 'access-log.recovered');
  assert.equal(JSON.parse(await readFile(path, 'utf8')).id, 'e1-1');
});

test('several writers append whole lines to one file', async (t) => {
  const { options, path } = await opened(t);
  const writers = [1, 2, 3].map(() => createAccessLog({ ...options, flushMs: 1 }));
  for (let i = 0; i < 600; i++) {
    for (const writer of writers) writer.write({ ...ENTRY, url: `http://x/${'y'.repeat(i)}` });
    if (i % 50 === 0) await writers[i % 3]!.flush();
  }
  await Promise.all(writers.map((writer) => writer.close()));
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.equal(lines.length, 1800);
  for (const line of lines) JSON.parse(line);
});

test('rotation keeps the newest files and loses no line', async (t) => {
  const { access, path, log, events } = await opened(t, { checkMs: 0 });
  const rotation = createLogRotation({ path, fileBytesMax: 100, filesMax: 3, log });
  t.after(() => rotation.close());
  assert.equal(await rotation.check(), false, 'no file yet');
  for (const id of ['a', 'b', 'c', 'd']) {
    access.write({ ...ENTRY, id });
    await access.flush();
    assert.equal(await rotation.check(), true);
  }
  assert.equal(await rotation.check(), false, 'nothing written since');
  const idIn = async (name: string) => JSON.parse(await readFile(name, 'utf8')).id;
  assert.deepEqual([await idIn(`${path}.1`), await idIn(`${path}.2`)], ['d', 'c']);
  await assert.rejects(readFile(`${path}.3`), { code: 'ENOENT' });
  assert.equal(events.filter(([event]) => event === 'access-log.rotated').length, 4);
});
