import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { indicatorLab, type IndicatorLab } from '../../../test/support/indicators.ts';
import { GatewayError } from '../../kernel/index.ts';
import type { FromImport } from './import-process.io.ts';
import type { ImportOptions } from './import-types.ts';
import { openIndicators } from './index.ts';
import { acquireLock } from './lock.io.ts';

const LIMITS = {
  lineBytesMax: 8192,
  problemsMax: 5,
  entriesMax: 10_000_000,
  listBytesMax: 2 ** 30,
  documentBytesMax: 2 ** 26,
  expansionMax: 100,
  waitMs: 0,
};

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

test('look-ups go on while feeds are replaced, and never see a mixture', async (t) => {
  const { add, reader, published } = await indicatorLab(t);
  const list = (round: number): string =>
    Array.from({ length: 3000 }, (_, at) => `n${at}.example,r${round}`).join('\n');
  await add('feed', `value,category\n${list(0)}`, { format: 'csv' });
  let isDone = false;
  let looked = 0;
  const looking = (async () => {
    for (let at = 0; !isDone; at = (at + 1) % 2999) {
      const [first] = reader.lookupHost(`n${at}.example`);
      const [second] = reader.lookupHost(`x.n${at + 1}.example`);
      assert.equal(first?.category, second?.category);
      assert.equal(first?.entry, `n${at}.example`);
      looked++;
      await new Promise(setImmediate);
    }
  })();
  for (let round = 1; round <= 8; round++)
    await add('feed', `value,category\n${list(round)}`, { format: 'csv' });
  isDone = true;
  await looking;
  assert.ok(looked > 50, `${looked} look-ups`);
  assert.equal(published.length, 9);
  assert.equal(reader.lookupHost('n5.example')[0]?.category, 'r8');
});

/** A damaged copy of the newest segment takes its place. */
function damage(dir: string, how: (path: string) => void): void {
  const [segment] = readdirSync(dir).filter((name) => name.startsWith('feed-') && name.endsWith('.seg'));
  how(join(dir, segment!));
}

function flip(path: string, at: (size: number) => number): void {
  const bytes = readFileSync(path);
  const where = at(bytes.length);
  bytes[where]! ^= 1;
  writeFileSync(path, bytes);
}

const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  'the checksum of its records of keys is wrong': (path) => flip(path, () => 200),
  'the checksum of its header is wrong': (path) => flip(path, () => 20),
  'it does not start like an indicator file': (path) => flip(path, () => 0),
  'the checksum of its directory is wrong': (path) => flip(path, (size) => size - 5),
  'the checksum of its filter is wrong': (path) => flip(path, insideOf(path, 'filterAt')),
  'the checksum of its buckets of keys is wrong': (path) => flip(path, insideOf(path, 'bucketsAt')),
  'the checksum of its blocks is wrong': (path) => flip(path, insideOf(path, 'blocksAt')),
  'its header says': (path) => truncateSync(path, statSync(path).size - 1),
  'it is shorter than its header': (path) => truncateSync(path, 10),
};

/** A byte inside the part that the directory calls so. */
function insideOf(path: string, part: string): () => number {
  const text = readFileSync(path).toString('latin1');
  return () => Number(new RegExp(`"${part}":\\{"offset":(\\d+)`).exec(text)![1]) + 1;
}

test('a damaged segment is refused, the old state stays; at start the other feeds are used', async (t) => {
  for (const [reason, how] of Object.entries(DAMAGES)) {
    const { add, dir, clock, reader } = await indicatorLab(t, { publish: async () => {} });
    const list = Array.from({ length: 100 }, (_, at) => `n${at}.example`).join('\n');
    await add('other', 'other.example\n');
    await add('feed', list);
    await reader.reload();
    const generation = reader.generation;
    await add('feed', `${list}\nnew.example`);
    damage(dir, how);
    const error = await rejects(reader.reload(), 'INDICATORS_SEGMENT_DAMAGED');
    assert.ok(error.message.includes(reason), `${reason}: ${error.message}`);
    assert.match(error.hint!, /feed feed again/);
    assert.equal(reader.generation, generation);
    assert.equal(reader.lookupHost('n5.example').length, 1, 'the old segment is still read');
    const fresh = openIndicators(dir, clock);
    assert.equal(fresh.problems[0]?.feed, 'feed', reason);
    assert.ok(fresh.problems[0]?.message.includes(reason));
    assert.deepEqual(fresh.lookupHost('n5.example'), []);
    assert.equal(fresh.lookupHost('other.example').length, 1);
    fresh.close();
    await add('feed', list);
    await reader.reload();
    assert.equal(reader.lookupHost('n5.example').length, 1, 'a new import repairs it');
  }
});

test('any wrong byte of a segment is found, and any of its texts when they are read', async (t) => {
  const { add, dir, clock } = await indicatorLab(t);
  const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8';
  const list = Array.from({ length: 40 }, (_, at) => `n${at}.example\n${hash}${at + 10}`).join('\n');
  await add('feed', list);
  const [segment, values] = ['.seg', '.val'].map((ending) =>
    join(
      dir,
      readdirSync(dir).find((name) => name.endsWith(ending))!,
    ),
  );
  const bytes = readFileSync(segment!);
  const expected = [...open().entries('feed')];
  function open(): ReturnType<typeof openIndicators> {
    const reader = openIndicators(dir, clock);
    t.after(() => reader.close());
    return reader;
  }
  let unnoticed = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 1 << (at % 8);
    writeFileSync(segment!, damaged);
    const reader = openIndicators(dir, clock);
    if (reader.problems.length === 0) {
      unnoticed++;
      // Between the parts, and at the end of the header, are bytes that mean nothing.
      assert.equal(bytes[at], 0, `byte ${at}`);
      assert.deepEqual([...reader.entries('feed')], expected, `byte ${at}`);
    }
    reader.close();
  }
  assert.ok(unnoticed < 20, `${unnoticed} of ${bytes.length}`);
  writeFileSync(segment!, bytes);
  const texts = readFileSync(values!);
  for (let at = 0; at < texts.length; at += 7) {
    const damaged = Buffer.from(texts);
    damaged[at]! ^= 1 << (at % 8);
    writeFileSync(values!, damaged);
    const reader = openIndicators(dir, clock);
    if (reader.problems.length === 0)
      assert.throws(() => [...reader.entries('feed')], { code: 'INDICATORS_SEGMENT_DAMAGED' }, `byte ${at}`);
    reader.close();
  }
});

test('a damaged manifest is refused by name', async (t) => {
  const { add, dir, clock, reader } = await indicatorLab(t);
  await add('feed', 'evil.example\n');
  const path = join(dir, 'manifest.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"block"', '"allow"'));
  assert.throws(() => openIndicators(dir, clock), { code: 'INDICATORS_MANIFEST_DAMAGED' });
  await rejects(reader.reload(), 'INDICATORS_MANIFEST_DAMAGED');
  assert.equal(reader.lookupHost('evil.example')[0]?.action, 'block');
});

/** Starts the import process of the gateway as the gateway does; `kill` at a moment of its progress. */
async function killedImport(
  lab: IndicatorLab,
  file: string,
  [mode, step, delayMs]: readonly ['replace' | 'merge', 'read' | 'write', number],
): Promise<boolean> {
  const child = fork(join(import.meta.dirname, 'import-child.io.ts'), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const options: ImportOptions = {
    dir: lab.dir,
    file,
    feed: 'feed',
    format: 'plain',
    action: 'block',
    category: 'new',
    severity: 'high',
    licence: '',
    priority: 100,
    mapping: {},
    confidence: 100,
    tlp: 'clear',
    mode,
    expiresAfterMs: undefined,
    shrinkMaxPercent: 100,
    force: false,
    source: 'large.txt',
    upstreamAtMs: undefined,
    limits: LIMITS,
  };
  let isFinished = false;
  child.on('message', (message) => {
    const said = message as FromImport;
    if (said.type === 'done') isFinished = true;
    if (said.type === 'failed') assert.fail(said.message);
    if (said.type === 'progress' && said.step === step) {
      if (delayMs === 0) child.kill('SIGKILL');
      else setTimeout(() => child.kill('SIGKILL'), delayMs);
    }
  });
  child.send(options);
  await once(child, 'exit');
  return isFinished;
}

test('an import that is killed leaves the old state or the new one, and no lock', async (t) => {
  const lab = await indicatorLab(t);
  await lab.add('feed', 'n1.example\nold.example\n', { category: 'old' });
  const file = join(lab.dir, '..', 'large.txt');
  writeFileSync(file, Array.from({ length: 300_000 }, (_, at) => `n${at}.example`).join('\n'));
  const seen = new Set<string>();
  const kills = [
    ['replace', 'read', 0],
    ['replace', 'write', 0],
    ['replace', 'write', 200],
    ['replace', 'write', 600],
  ] as const;
  for (const kill of kills) {
    const isFinished = await killedImport(lab, file, kill);
    const reader = openIndicators(lab.dir, lab.clock);
    assert.deepEqual(reader.problems, [], `killed at ${kill.join(' ')}`);
    const category = reader.lookupHost('n1.example')[0]?.category;
    assert.equal(reader.lookupHost('n299999.example').length, category === 'new' ? 1 : 0);
    assert.equal(reader.lookupHost('old.example').length, category === 'old' ? 1 : 0);
    if (isFinished) assert.equal(category, 'new');
    seen.add(category ?? '');
    reader.close();
  }
  assert.ok(seen.has('old'), 'at least one kill came before the swap');
  await lab.add('feed', 'final.example\n', { force: true });
  const left = readdirSync(lab.dir).filter((name) => /\.(seg|val|run|prints|tmp)$/.test(name));
  assert.equal(left.length, 2, `waste is gone: ${left.join(' ')}`);
  assert.equal(lab.reader.lookupHost('final.example').length, 1);
});

test('a merge that is killed, while it writes or makes one layer of all, loses nothing', async (t) => {
  const lab = await indicatorLab(t);
  const names = (from: number): string =>
    Array.from({ length: 100_000 }, (_, at) => `n${from + at}.example`).join('\n');
  await lab.add('feed', names(0), { category: 'old' });
  const file = join(lab.dir, '..', 'large.txt');
  writeFileSync(file, names(50_000));
  for (const delayMs of [0, 150, 300, 450, 700]) {
    await killedImport(lab, file, ['merge', 'write', delayMs]);
    const reader = openIndicators(lab.dir, lab.clock);
    assert.deepEqual(reader.problems, [], `killed ${delayMs} ms after it began to write`);
    const isMerged = reader.lookupHost('n149999.example').length === 1;
    assert.equal(reader.lookupHost('n99999.example')[0]?.category, isMerged ? 'new' : 'old');
    assert.equal(reader.lookupHost('n49999.example')[0]?.category, 'old');
    assert.equal(reader.feeds[0]?.entries, isMerged ? 150_000 : 100_000);
    reader.close();
  }
  await lab.add('feed', names(50_000), { mode: 'merge', category: 'new' });
  assert.equal(lab.reader.feeds[0]?.entries, 150_000);
  const left = readdirSync(lab.dir).filter((name) => /\.(seg|val|run|prints|tmp)$/.test(name));
  assert.equal(left.length, 2, `waste is gone: ${left.join(' ')}`);
});

test('the gateway imports in a process of its own and hears all about it', async (t) => {
  const lab = await indicatorLab(t, { runImports: 'child' });
  const file = join(lab.dir, '..', 'My List.txt');
  writeFileSync(file, 'evil.example\nnot one\n');
  const steps: string[] = [];
  const report = await lab.admin.importFile({ file }, 'anna', (step) => steps.push(step));
  assert.deepEqual(
    [report.feed, report.entries, report.rejected, report.problems[0]?.line],
    ['my-list', 1, 1, 2],
  );
  assert.deepEqual(steps, ['wait', 'write']);
  assert.equal(lab.reader.lookupHost('evil.example').length, 1);
  assert.deepEqual(lab.audits[0]?.actor, 'anna');
  writeFileSync(file, 'not one\n');
  const error = await rejects(lab.admin.importFile({ file }, 'anna'), 'INDICATORS_NOTHING_IMPORTED');
  assert.match(error.hint!, /--format/);
  assert.equal(error.details['exit'], 7);
});

test('a second import waits for the first, or says that it is busy', async (t) => {
  const lab = await indicatorLab(t, { limits: { waitMs: 0 } });
  const file = join(lab.dir, '..', 'x.txt');
  writeFileSync(file, 'evil.example\n');
  const lock = await acquireLock(lab.dir, 'import', 0);
  await rejects(lab.admin.importFile({ file }, 'test'), 'INDICATORS_BUSY');
  // Local lists do not wait for an import.
  await lab.admin.addLocal({ value: 'a.example', action: 'allow' }, 'test');
  lock.release();
  const patient = await indicatorLab(t);
  await Promise.all(['a', 'b', 'c'].map((feed) => patient.add(feed, `${feed}.example\n`)));
  assert.deepEqual(
    patient.admin.feeds().map((feed) => feed.name),
    ['a', 'b', 'c'],
  );
  assert.equal(patient.admin.generation, '3');
});
