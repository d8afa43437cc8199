import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepRequest, quarantineLab, type QuarantineLab } from '../../../test/support/quarantine.ts';
import { type Scope, scopeOf } from '../../../test/support/scope.ts';

const BYTES = Buffer.alloc(200_000, 'x');
const REQUEST = keepRequest(createHash('sha256').update(BYTES).digest('hex'), BYTES.length);

/** An edge in a process of its own. It says `writing` in the middle of the file, and `written` before it would announce it. */
const EDGE = `
  import { createQuarantine } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
  const [dataDir, place, request, stopAt] = process.argv.slice(1);
  const forever = () => new Promise(() => setInterval(() => {}, 1000));
  const link = {
    call: (method) => method === 'quarantine.reserve' ? Promise.resolve(JSON.parse(place)) : (console.log('written'), forever()),
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const bytes = async function* () {
    yield Buffer.alloc(150000, 'x');
    if (stopAt === 'writing') { console.log('writing'); await forever(); }
    yield Buffer.alloc(50000, 'x');
  };
  await createQuarantine({ dataDir, link, log }).keep(JSON.parse(request), bytes);
`;

async function killedEdge(scope: Scope, lab: QuarantineLab, stopAt: 'writing' | 'written'): Promise<string> {
  const place = await lab.store.reserve(REQUEST, 4242);
  assert.ok('key' in place);
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', EDGE, lab.dataDir, JSON.stringify(place), JSON.stringify(REQUEST), stopAt],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  scope.after(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as readonly Buffer[];
  assert.equal(String(said).trim(), stopAt);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  lab.gone(4242);
  return place.id;
}

for (const stopAt of ['writing', 'written'] as const) {
  test(`an edge that is killed when it has ${stopAt} leaves nothing behind`, async (t) => {
    const scope = scopeOf(t);
    const lab = await quarantineLab(scope, { writeTimeoutMs: 60_000 });
    const id = await killedEdge(scope, lab, stopAt);
    const name = stopAt === 'writing' ? `${id}.part` : id;
    assert.deepEqual(await readdir(lab.dir), [name]);
    // A young file may belong to an edge that is about to announce it.
    await lab.store.sweep();
    assert.deepEqual(await readdir(lab.dir), [name]);
    lab.time.aheadMs = 61_000;
    await lab.store.sweep();
    assert.deepEqual(await readdir(lab.dir), []);
    assert.deepEqual(await lab.store.totals(), { items: 0, storedBytes: 0 });
    assert.equal(lab.counted('quarantine_removed_total', 'orphan'), 1);
    const kept = await lab.edge.keep(REQUEST, async function* () {
      yield BYTES;
    });
    assert.ok(kept.kept);
  });
}

test('a file whose announcement got lost is announced again, and once', async (t) => {
  const lab = await quarantineLab(scopeOf(t));
  lab.control.lost = 'quarantine.keep';
  const keeping = lab.edge.keep(REQUEST, async function* () {
    yield BYTES;
  });
  while (!(await readdir(lab.dir)).some((name) => !name.endsWith('.part'))) await new Promise(setImmediate);
  // Control was restarted: it knows of no place.
  lab.gone(1);
  lab.control.lost = undefined;
  const kept = await keeping;
  assert.ok(kept.kept);
  assert.equal((await lab.store.show(kept.id)).seen, 1);
  assert.equal(await lab.store.keep(kept.id, REQUEST), kept.id);
  assert.equal((await lab.store.show(kept.id)).seen, 1);
});

test('control does not believe an edge that announces what is not there', async (t) => {
  const lab = await quarantineLab(scopeOf(t));
  assert.equal(await lab.store.keep('../../etc/passwd', REQUEST), undefined);
  assert.equal(await lab.store.keep('00000000-0000-4000-8000-000000000000', REQUEST), undefined);
  const id = '00000000-0000-4000-8000-000000000001';
  await writeFile(join(lab.dir, id), 'short');
  assert.equal(await lab.store.keep(id, REQUEST), undefined);
  assert.deepEqual(await lab.store.list({ limit: 10 }), []);
  await assert.rejects(lab.link.call('quarantine.reserve', { ...REQUEST, bytes: -1 }), TypeError);
  await assert.rejects(lab.link.call('quarantine.reserve', { ...REQUEST, sha256: 'x' }), TypeError);
});
