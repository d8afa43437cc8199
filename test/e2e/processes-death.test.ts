import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { accepts, httpStatus, isAlive, runFiles, startGateway, until } from './processes-gateway.ts';

test('an edge that is killed is replaced; the others serve meanwhile', async (t) => {
  const gateway = await startGateway(t);
  const before = await gateway.pids('edge');
  process.kill(before[0]!, 'SIGKILL');
  // Whoever connects now waits in the queue of the socket, or meets the edge that lives.
  assert.equal(await httpStatus(gateway.port('webReputation')), 200);
  await until('two edges again', async () => {
    const edges = (await gateway.processes()).filter((row) => row.role === 'edge' && row.state === 'ready');
    return edges.length === 2 && !edges.some((row) => row.pid === before[0]);
  });
  assert.ok((await gateway.pids('edge')).includes(before[1]!), 'the other one lives on');
  assert.match(gateway.child.stderr(), /"event":"process.died".*"role":"edge".*SIGKILL/);
});

test('when every edge is killed at once, connections wait for the next one and none is refused', async (t) => {
  const gateway = await startGateway(t);
  for (const pid of await gateway.pids('edge')) process.kill(pid, 'SIGKILL');
  const statuses = await Promise.all(
    Array.from({ length: 10 }, () => httpStatus(gateway.port('webReputation'))),
  );
  assert.deepEqual(new Set(statuses), new Set([200]));
});

test('when control is killed, edges serve on, and control comes back', async (t) => {
  const gateway = await startGateway(t);
  const [control] = await gateway.pids('control');
  const edges = await gateway.pids('edge');
  process.kill(control!, 'SIGKILL');
  await until('control is gone', () => !isAlive(control!));
  assert.equal(await httpStatus(gateway.port('webReputation')), 200);
  await until('control answers', async () => (await gateway.command('status')).code === 0);
  const [next] = await gateway.pids('control');
  assert.notEqual(next, control);
  assert.deepEqual(await gateway.pids('edge'), edges, 'no edge was replaced for it');
});

test('when the supervisor is killed, nothing stays behind, and a start works again', async (t) => {
  const gateway = await startGateway(t);
  const processes = await gateway.processes();
  gateway.child.signal('SIGKILL');
  for (const { pid } of processes) await until(`process ${pid} is gone`, () => !isAlive(pid));
  for (const row of gateway.ports)
    assert.equal(row.state === 'open' && (await accepts(row.listenPort)), false);
  assert.ok(runFiles(gateway.dataDir).includes('supervisor'), 'the lock of the killed one is still there');

  const again = await startGateway(t, { dataDir: dirname(gateway.dataDir) });
  assert.equal(await httpStatus(again.port('webReputation')), 200);
});

test('SIGTERM finishes what is open; SIGHUP reloads', async (t) => {
  const gateway = await startGateway(t, { edges: 1 });
  gateway.child.signal('SIGHUP');
  await gateway.child.waitFor(/"event":"reload\.done"/, 90_000);
  gateway.child.signal('SIGTERM');
  assert.deepEqual(await gateway.child.exited, { code: 0, signal: null });
});
