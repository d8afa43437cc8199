import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { exitCodeOf, GatewayError, type Log, type LogFields } from '../../kernel/index.ts';
import { sqliteCode } from '../../platform/index.ts';
import { documentSection, openState, putDocument, removeDocument, type State } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-state-'));
after(() => rmSync(folder, { recursive: true }));
let folders = 0;
let now = Date.parse('2026-01-01T00:00:00Z');
const clock = { now: () => now++, monotonic: () => now };
const feeds = documentSection('feeds', (document) =>
  Object.entries(document).flatMap(([name, body]) =>
    typeof body['url'] === 'string' ? [] : [{ path: `${name}.url`, message: 'expected a text' }],
  ),
);
const by = { author: 'alice', source: '192.0.2.1', action: 'feed.add', summary: 'add a feed' };

function newFolder(): string {
  return join(folder, String(folders++));
}

function open(dataDir: string, log: Log = silent()): Promise<State> {
  return openState({ dataDir, clock, log, sections: [feeds], lockWaitMs: 0 });
}

function silent(seen: [string, LogFields?][] = []): Log {
  const add = (event: string, fields?: LogFields) => void seen.push([event, fields ?? {}]);
  return { debug: add, info: add, warn: add, error: add };
}

async function failure(run: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await run.then(
    () => assert.fail('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GatewayError, String(error));
  return error;
}

test('a new store is private, migrated once, and empty', async () => {
  const dataDir = newFolder();
  const seen: [string, LogFields?][] = [];
  const state = await open(dataDir, silent(seen));
  assert.deepEqual(seen[0]?.[0], 'state.migrated');
  assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  for (const name of ['state.db', 'state.db-wal', 'state.db-shm', 'state.lock']) {
    assert.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600, name);
  }
  assert.deepEqual(await state.versions(10), []);
  assert.deepEqual(await state.exportDocument(), { format: 1, feeds: {} });
  await state.close();
  const again = await open(dataDir, silent(seen));
  assert.equal(seen.length, 1);
  await again.close();
});

test('a change makes a version with author, time and diff, and an audit entry', async () => {
  const state = await open(newFolder());
  await state.change({ ...by, details: { name: 'a' } }, (tx) =>
    putDocument(tx, 'feeds', 'a', { url: 'https://x/' }),
  );
  await state.change({ ...by, summary: 'again' }, (tx) =>
    putDocument(tx, 'feeds', 'a', { url: 'https://y/' }),
  );
  await state.change({ ...by, summary: 'gone' }, async (tx) => {
    assert.ok(await removeDocument(tx, 'feeds', 'a'));
  });
  const versions = await state.versions(10);
  assert.deepEqual(
    versions.map(({ number, author, summary, diff }) => ({ number, author, summary, diff })),
    [
      {
        number: 3,
        author: 'alice',
        summary: 'gone',
        diff: [{ op: 'remove', path: 'feeds.a', before: { url: 'https://y/' } }],
      },
      {
        number: 2,
        author: 'alice',
        summary: 'again',
        diff: [{ op: 'change', path: 'feeds.a.url', before: 'https://x/', after: 'https://y/' }],
      },
      {
        number: 1,
        author: 'alice',
        summary: 'add a feed',
        diff: [{ op: 'add', path: 'feeds.a', after: { url: 'https://x/' } }],
      },
    ],
  );
  const [last] = await state.auditEntries({ limit: 1 });
  assert.equal(last?.outcome, 'done');
  const [first] = await state.auditEntries({ limit: 1, beforeId: 2 });
  assert.deepEqual(first?.details, { name: 'a', version: 1 });
  assert.equal(first?.source, '192.0.2.1');
  await state.close();
});

test('a change that throws leaves no version, and an audit entry that says so', async () => {
  const state = await open(newFolder());
  const work = state.change(by, async (tx) => {
    await putDocument(tx, 'feeds', 'a', {});
    throw new Error('no');
  });
  await assert.rejects(work, { message: 'no' });
  assert.deepEqual(await state.versions(10), []);
  assert.deepEqual(await state.exportDocument(), { format: 1, feeds: {} });
  assert.deepEqual(
    (await state.auditEntries({ limit: 9 })).map(({ outcome, details }) => [outcome, details['code']]),
    [['failed', 'bug']],
  );
  await state.close();
});

test('a change resolves after its listeners, who hear versions in order', async () => {
  const state = await open(newFolder());
  const told: number[] = [];
  state.onChange(async (version) => {
    await new Promise(setImmediate);
    told.push(version);
    if (version === 2) throw new Error('edge refuses');
  });
  const results = await Promise.allSettled(
    ['a', 'b', 'c'].map((name) => state.change(by, (tx) => putDocument(tx, 'feeds', name, { url: name }))),
  );
  assert.deepEqual(told, [1, 2, 3]);
  // The change itself is committed: only its caller hears that not everybody has it.
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(Object.keys((await state.exportDocument())['feeds'] ?? {}), ['a', 'b', 'c']);
  await state.close();
});

test('rollback restores a version as a new one, and says when there is none', async () => {
  const state = await open(newFolder());
  for (const name of ['a', 'b'])
    await state.change(by, (tx) => putDocument(tx, 'feeds', name, { url: name }));
  const applied = await state.rollback(1, { author: 'bob' });
  assert.deepEqual(applied.diff, [{ op: 'remove', path: 'feeds.b', before: { url: 'b' } }]);
  assert.equal(applied.version, 3);
  assert.deepEqual((await state.version(3)).document, { feeds: { a: { url: 'a' } } });
  assert.equal((await state.rollback(1, { author: 'bob' })).version, undefined);
  const unknown = await failure(state.rollback(9, { author: 'bob' }));
  assert.equal(unknown.code, 'STATE_VERSION_UNKNOWN');
  assert.match(unknown.hint ?? '', /oldest kept is 1/);
  await state.close();
});

test('apply checks everything, a dry run changes nothing, absent sections stay', async () => {
  const state = await open(newFolder());
  const author = { author: 'alice' };
  const bad = await failure(
    state.apply({ feeds: { a: {}, b: 5 }, fieds: {}, format: 2 }, author, { dryRun: false }),
  );
  assert.equal(bad.code, 'STATE_DOCUMENT_INVALID');
  assert.match(bad.message, /fieds: unknown section; known are feeds/);
  assert.match(bad.message, /format: expected 1/);
  assert.match(
    (await failure(state.apply({ feeds: { a: {} } }, author, { dryRun: false }))).message,
    /feeds\.a\.url: expected a text/,
  );
  for (const document of [null, 'x', [], 5]) {
    assert.equal(
      (await failure(state.apply(document, author, { dryRun: true }))).code,
      'STATE_DOCUMENT_INVALID',
    );
  }
  const wanted = { format: 1, feeds: { a: { url: 'u' } } };
  const dry = await state.apply(wanted, author, { dryRun: true });
  assert.deepEqual(dry, {
    diff: [{ op: 'add', path: 'feeds.a', after: { url: 'u' } }],
    notes: [],
    version: undefined,
  });
  assert.deepEqual(await state.versions(9), []);
  assert.deepEqual(await state.auditEntries({ limit: 9 }), []);
  assert.equal((await state.apply(wanted, author, { dryRun: false })).version, 1);
  assert.deepEqual(await state.exportDocument(), wanted);
  assert.equal((await state.apply({}, author, { dryRun: false })).version, undefined);
  assert.deepEqual(await state.exportDocument(), wanted);
  await state.close();
});

test('the audit only grows, also for SQL', async () => {
  const state = await open(newFolder());
  await state.audit({
    actor: 'a'.repeat(1000),
    source: 's',
    action: 'token.create',
    outcome: 'done',
    details: {},
  });
  await state.audit({
    actor: 'b',
    source: 's',
    action: 'tokenx',
    outcome: 'refused',
    details: { big: 'x'.repeat(20_000) },
  });
  await assert.rejects(state.sql('update audit set actor = ?', ['x']), /append only/);
  await assert.rejects(state.sql('delete from audit', []), /append only/);
  assert.deepEqual(
    (await state.auditEntries({ limit: 9, action: 'token.' })).map(({ actor }) => actor.length),
    [256],
  );
  assert.deepEqual(
    (await state.auditEntries({ limit: 9, actor: 'b' })).map(({ details }) => details),
    [{ cut: true }],
  );
  await state.close();
});

test('a second opener is kept out until the first closes', async () => {
  const dataDir = newFolder();
  const state = await open(dataDir);
  const error = await failure(open(dataDir));
  assert.equal(error.code, 'STATE_LOCKED');
  assert.equal(exitCodeOf(error), 4);
  const waiting = openState({ dataDir, clock, log: silent(), sections: [], lockWaitMs: 5000 });
  await state.close();
  await (await waiting).close();
});

test('damaged, foreign and newer files are refused with exit 4, and are left as they are', async () => {
  const check = async (code: string, prepare: (path: string) => void) => {
    const dataDir = newFolder();
    await (await open(dataDir)).close();
    const path = join(dataDir, 'state.db');
    prepare(path);
    const error = await failure(open(dataDir));
    assert.equal(error.code, code);
    assert.equal(exitCodeOf(error), 4);
    assert.ok((error.hint ?? '').length > 10);
    // The lock was let go: the next try gets as far.
    assert.equal((await failure(open(dataDir))).code, code);
  };
  await check('STATE_CORRUPT', (path) => writeFileSync(path, 'nonsense '.repeat(5000)));
  await check('STATE_CORRUPT', (path) => {
    const bytes = readFileSync(path);
    bytes.fill(0xff, 2 * 4096);
    writeFileSync(path, bytes);
  });
  await check('STATE_FOREIGN', (path) => {
    rmSync(path);
    const other = new DatabaseSync(path);
    other.exec('create table notes (text)');
    other.close();
  });
  await check('STATE_TOO_NEW', (path) => {
    const newer = new DatabaseSync(path);
    newer.exec("insert into migrations values (99, 'future', 0)");
    newer.close();
  });
});

test('a data directory that cannot be one is named', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const error = await failure(open(file));
  assert.equal(error.code, 'STATE_UNWRITABLE');
  assert.equal(exitCodeOf(error), 4);
  assert.ok(error.message.includes(file));
});

test(
  'permission denied is named',
  { skip: process.getuid?.() === 0 && 'root may do everything' },
  async () => {
    const dataDir = newFolder();
    await (await open(dataDir)).close();
    chmodSync(dataDir, 0o500);
    assert.equal((await failure(open(dataDir))).code, 'STATE_UNWRITABLE');
    chmodSync(dataDir, 0o700);
  },
);

test('a full disk refuses the change and loses nothing', async () => {
  const state = await open(newFolder());
  await state.change(by, (tx) => putDocument(tx, 'feeds', 'a', { url: 'u' }));
  const [pages] = await state.sql('PRAGMA page_count', []);
  await state.sql(`PRAGMA max_page_count = ${String(pages?.['page_count'])}`, []);
  const error = await failure(
    state.change(by, (tx) => putDocument(tx, 'feeds', 'b', { url: 'x'.repeat(200_000) })),
  );
  assert.equal(error.code, 'STATE_DISK_FULL');
  assert.equal(sqliteCode(error.cause), 13);
  assert.deepEqual(await state.exportDocument(), { format: 1, feeds: { a: { url: 'u' } } });
  await state.close();
});

test('after close everything says so', async () => {
  const state = await open(newFolder());
  await state.close();
  assert.equal((await failure(state.exportDocument())).code, 'STATE_CLOSED');
  assert.equal((await failure(state.change(by, async () => undefined))).code, 'STATE_CLOSED');
});

test('changes that were committed are there after a kill', async () => {
  const dataDir = newFolder();
  const module = new URL('index.ts', import.meta.url).href;
  const script = `const { openState, putDocument, documentSection } = await import(${JSON.stringify(module)});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const sections = [documentSection('feeds', () => [])];
    const state = await openState({ dataDir: ${JSON.stringify(dataDir)}, clock: Date, log, sections });
    await state.change({ author: 'a', action: 'b', summary: 'c' }, (tx) => putDocument(tx, 'feeds', 'x', {}));
    process.kill(process.pid, 'SIGKILL');`;
  const { spawnSync } = await import('node:child_process');
  assert.equal(
    spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 120_000 }).signal,
    'SIGKILL',
  );
  const state = await open(dataDir);
  assert.deepEqual(await state.exportDocument(), { format: 1, feeds: { x: {} } });
  await state.close();
});
