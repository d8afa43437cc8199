import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway, until } from './processes-gateway.ts';
import { httpStatus } from './processes-gateway.ts';

/** Delays between a change and the kill, milliseconds: before it is read, in its commit, after it is told. */
const DELAYS = [250, 350, 450, 600, 900];

const policy = (mark: string): string =>
  `version: 1\nrules:\n  - name: ${mark}\n    when: { host: ${mark}.example }\n    then: block\ndefault: allow\n`;

interface Versions {
  readonly number: number;
}

test('kill -9 of control in the middle of a change leaves the old or the new, and edges serve on', async (t) => {
  const gateway = await startGateway(t);
  let old = 'none';
  const outcomes: string[] = [];
  for (const [at, delay] of DELAYS.entries()) {
    const mark = `mark${at}`;
    const file = join(dirname(gateway.dataDir), `${mark}.yaml`);
    writeFileSync(file, policy(mark));
    const [control] = await gateway.pids('control');
    const applied = gateway.command('policy', 'apply', file, '--json');
    await sleep(delay);
    process.kill(control!, 'SIGKILL');
    assert.equal(await httpStatus(gateway.port('webReputation')), 200);
    const answer = await applied;
    await until('control answers', async () => (await gateway.command('status')).code === 0);
    const shown = (await gateway.command('policy', 'show', '--json')).stdout;
    const now = /mark\d+/.exec(shown)?.[0] ?? 'none';
    assert.ok(now === old || now === mark, `after ${old} and ${mark} it is ${now}`);
    // What was acknowledged is there.
    if (answer.code === 0) assert.equal(now, mark);
    outcomes.push(now === mark ? 'new' : 'old');
    old = now;
    const versions = (await gateway.command('config', 'versions', '--json')).json() as readonly Versions[];
    assert.deepEqual(
      versions.map(({ number }) => number),
      versions.map((_, back) => versions[0]!.number - back),
      'numbers without holes',
    );
  }
  t.diagnostic(`outcomes: ${outcomes.join(' ')}`);
});

test('after a kill of the whole tree, the next start has the same configuration, ports and authority', async (t) => {
  const gateway = await startGateway(t);
  const file = join(dirname(gateway.dataDir), 'policy.yaml');
  writeFileSync(file, policy('kept'));
  assert.equal((await gateway.command('policy', 'apply', file)).code, 0);
  assert.equal((await gateway.command('indicator', 'block', 'kept-block.example')).code, 0);
  const facts = async (of: typeof gateway): Promise<readonly string[]> =>
    Promise.all(
      [
        ['config', 'export'],
        ['show', 'certificates'],
        ['show', 'indicators'],
      ].map(async (words) => (await of.command(...words, '--json')).stdout),
    );
  const before = await facts(gateway);
  const open = gateway.ports.filter(({ state }) => state === 'open').map(({ port }) => port);
  gateway.child.signal('SIGKILL');
  await gateway.child.exited;
  const again = await startGateway(t, { dataDir: dirname(gateway.dataDir) });
  assert.deepEqual(await facts(again), before);
  assert.deepEqual(
    again.ports.filter(({ state }) => state === 'open').map(({ port }) => port),
    open,
  );
});
