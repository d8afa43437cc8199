import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir } from '../support/scope.ts';
import {
  accepts,
  httpStatus,
  isAlive,
  randomPorts,
  runFiles,
  sallyport,
  startGateway,
} from './processes-gateway.ts';

test('start opens every port of the doors that exist, and stop leaves nothing behind', async (t) => {
  const gateway = await startGateway(t);
  const open = gateway.ports.filter((row) => row.state === 'open');
  assert.deepEqual(
    open.map((row) => row.port),
    [22, 80, 443, 5274, 5275, 8080, 1344, 11344],
  );
  assert.equal(gateway.ports.length, 10, 'the whole port table is shown');
  for (const row of open) assert.ok(await accepts(row.listenPort), `port ${row.listenPort} accepts`);
  assert.equal(await httpStatus(gateway.port('webReputation')), 200);

  const processes = await gateway.processes();
  assert.deepEqual(
    processes.map((row) => [row.role, row.state]),
    [
      ['supervisor', 'ready'],
      ['control', 'ready'],
      ['edge', 'ready'],
      ['edge', 'ready'],
      ['admin', 'ready'],
    ],
  );
  const stopped = await gateway.command('stop');
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.deepEqual(await gateway.child.exited, { code: 0, signal: null });
  for (const { pid } of processes) assert.equal(isAlive(pid), false, `process ${pid} is gone`);
  for (const row of open) assert.equal(await accepts(row.listenPort), false);
  assert.deepEqual(runFiles(gateway.dataDir), []);
  assert.doesNotMatch(gateway.child.stderr(), /connections\.cut/, 'closed connections are not kept');
  assert.equal((await gateway.command('status')).code, 5, 'nothing runs any more');
});

test('the first password comes from the environment and stays out of every process that is forked', async (t) => {
  const gateway = await startGateway(t, {
    edges: 1,
    env: { SALLYPORT_ADMIN_PASSWORD: 'correct horse battery' },
  });
  for (const { role, pid } of await gateway.processes()) {
    if (role === 'supervisor') continue;
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    assert.ok(environment.includes('PATH='), 'the environment can be read');
    assert.ok(!environment.includes('correct horse'), `${role} does not have it`);
  }
  assert.equal(existsSync(join(gateway.dataDir, 'initial-password')), false);
});

test('without a terminal and without a given one, the first password is in a file of the owner', async (t) => {
  const gateway = await startGateway(t, { edges: 1 });
  const file = join(gateway.dataDir, 'initial-password');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readFileSync(file, 'utf8').trim().length >= 16);
  assert.ok(!gateway.child.stdout().includes(readFileSync(file, 'utf8').trim()), 'it is shown nowhere');
});

test('show ports works on a stopped gateway', async (t) => {
  const dir = await tempDir(t);
  const answer = await sallyport(t, 'show', 'ports', '--json', '--data-dir', join(dir, 'data'));
  assert.equal(answer.code, 0, answer.stderr);
  const states = (answer.json() as { state: string }[]).map((row) => row.state);
  assert.deepEqual(new Set(states), new Set(['planned']));
});

test('a second start on the same data directory ends with 4 and disturbs nothing', async (t) => {
  const gateway = await startGateway(t, { edges: 1 });
  const second = await sallyport(
    t,
    'start',
    '--json',
    '--config',
    gateway.file,
    '--data-dir',
    gateway.dataDir,
  );
  assert.equal(second.code, 4);
  const { code, message, hint } = second.json() as Record<string, string>;
  assert.equal(code, 'ALREADY_RUNNING');
  assert.match(message ?? '', new RegExp(`process ${gateway.child.pid}`));
  assert.match(hint ?? '', /sallyport stop/);
  assert.equal((await gateway.command('status')).code, 0);
});

test('a taken port ends the start with 3, its key and its holder, and nothing stays open', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  t.after(() => void holder.close());
  // It listens on an address with a port.
  const { port } = holder.address() as AddressInfo;
  const dir = await tempDir(t);
  const file = join(dir, 'sallyport.yaml');
  writeFileSync(file, randomPorts().replace('forwardProxy: { port: 0 }', `forwardProxy: { port: ${port} }`));
  const answer = await sallyport(t, 'start', '--json', '--config', file, '--data-dir', join(dir, 'data'));
  assert.equal(answer.code, 3);
  const { code, message, hint } = answer.json() as Record<string, string>;
  assert.equal(code, 'PORT_TAKEN');
  assert.match(
    message ?? '',
    new RegExp(`port ${port} \\(listeners\\.forwardProxy\\.port\\) is taken by process ${process.pid} `),
  );
  assert.match(hint ?? '', new RegExp(`ss -ltnp 'sport = :${port}'`));
  assert.deepEqual(runFiles(join(dir, 'data')), []);
});

test('a wrong configuration ends the start with 2 and names every problem', async (t) => {
  const dir = await tempDir(t);
  const file = join(dir, 'sallyport.yaml');
  writeFileSync(file, 'listners: {}\ndrain: { idle: soon }\n');
  const answer = await sallyport(t, 'start', '--json', '--config', file, '--data-dir', join(dir, 'data'));
  assert.equal(answer.code, 2);
  assert.match(answer.stderr, /CONFIG_INVALID/);
  assert.match(answer.stderr, /listners/);
  assert.match(answer.stderr, /drain\.idle/);
});

test('everything in one process: --edges 0', async (t) => {
  const gateway = await startGateway(t, { edges: 0 });
  assert.equal(await httpStatus(gateway.port('webReputation')), 200);
  assert.deepEqual(new Set((await gateway.processes()).map((row) => row.pid)), new Set([gateway.child.pid]));
  const reload = await gateway.command('reload', '--json');
  assert.equal(reload.code, 6);
  assert.match(reload.stderr, /RELOAD_ONE_PROCESS/);
  assert.equal((await gateway.command('stop')).code, 0);
  assert.deepEqual(await gateway.child.exited, { code: 0, signal: null });
});

test('a data directory with a long path keeps its sockets elsewhere and says where', async (t) => {
  const dataDir = await tempDir(t, 'a'.repeat(90));
  const gateway = await startGateway(t, { edges: 1, dataDir });
  assert.ok(runFiles(gateway.dataDir).includes('socket'));
  assert.equal((await gateway.command('status')).code, 0);
  assert.equal((await gateway.command('stop')).code, 0);
  assert.deepEqual(runFiles(gateway.dataDir), []);
});
