import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../support/ports.ts';
import { accepts, httpStatus, randomPorts, startGateway, until, type Gateway } from './processes-gateway.ts';

test('five reloads under load with kept connections: no request fails', async (t) => {
  const gateway = await startGateway(t);
  const port = gateway.port('webReputation');
  const load = keepLoading(port, 8);
  for (let generation = 2; generation <= 6; generation++) {
    const before = load.done();
    const answer = await gateway.command('reload', '--json');
    assert.equal(answer.code, 0, answer.stderr);
    assert.deepEqual(answer.json(), { generation });
    await until('the load goes on', () => load.done() > before + 8);
  }
  const { failures, statuses } = await load.stop();
  assert.deepEqual(failures, []);
  assert.deepEqual([...statuses.keys()], [200]);
  await until('old generations are gone', async () => {
    const edges = (await gateway.processes()).filter((row) => row.role === 'edge');
    return edges.length === 2 && edges.every((row) => row.generation === 6);
  });
});

test('a reload with a wrong file changes nothing and says what is wrong', async (t) => {
  const gateway = await startGateway(t, { edges: 1 });
  const edges = await gateway.pids('edge');
  writeFileSync(gateway.file, 'drain: { idle: soon }\n');
  const answer = await gateway.command('reload', '--json');
  assert.equal(answer.code, 2);
  assert.match(answer.stderr, /CONFIG_INVALID/);
  assert.match(answer.stderr, /drain\.idle/);
  assert.deepEqual(await edgesOf(gateway), edges);
  assert.equal(await httpStatus(gateway.port('webReputation')), 200);
});

test('a reload opens new ports and closes those that are asked for no more', async (t) => {
  const gateway = await startGateway(t, { edges: 1 });
  const old = gateway.port('webReputation');
  const next = await freePort();
  const settings = readFileSync(gateway.file, 'utf8');
  writeFileSync(
    gateway.file,
    settings.replace('webReputation: { port: 0 }', `webReputation: { port: ${next} }`),
  );
  assert.equal((await gateway.command('reload')).code, 0);
  assert.equal(await httpStatus(next), 200);
  await until('the old port is closed', async () => !(await accepts(old)));
  assert.equal(await httpStatus(gateway.port('http'), { path: '/healthz' }), 200, 'the others stay');
});

test('a reload whose new port is taken is refused, and the old ports stay', async (t) => {
  const gateway = await startGateway(t, { edges: 1 });
  const settings = readFileSync(gateway.file, 'utf8');
  const taken = gateway.port('http');
  writeFileSync(
    gateway.file,
    settings.replace('webReputation: { port: 0 }', `webReputation: { port: ${taken} }`),
  );
  const answer = await gateway.command('reload', '--json');
  assert.equal(answer.code, 3);
  assert.match(answer.stderr, /PORT_TAKEN/);
  assert.equal(await httpStatus(gateway.port('webReputation')), 200);
});

test('a reload with a certificate that cannot be read is refused, and the old one stays', async (t) => {
  const gateway = await startGateway(t, { edges: 1 });
  const settings = readFileSync(gateway.file, 'utf8');
  const missing = join(gateway.dataDir, 'missing.pem');
  writeFileSync(gateway.file, `${settings}tls: { certificateFile: ${missing}, keyFile: ${missing} }\n`);
  const answer = await gateway.command('reload', '--json');
  assert.equal(answer.code, 2, answer.stderr);
  assert.match(answer.stderr, /"code": "PKI_/);
  writeFileSync(gateway.file, settings);
  const again = await gateway.command('reload', '--json');
  assert.deepEqual(again.json(), { generation: 2 }, 'no generation was spent on it');
});

test('old generations that do not finish are cut when there are too many, and counted', async (t) => {
  // A connection in the middle of a request keeps its edge, for as long as its head may take.
  const settings = randomPorts('drain: { generations: 1 }\n').replace(
    'webReputation: { port: 0 }',
    'webReputation: { port: 0, head: 10m }',
  );
  const gateway = await startGateway(t, { edges: 1, settings });
  const open = connect(gateway.port('webReputation'), '127.0.0.1');
  t.after(() => void open.destroy());
  const ended = new Promise((resolve) => open.once('close', resolve).once('error', () => undefined));
  open.write('GET / HTTP/1.1\r\nHost: gateway\r\n');
  await until('the edge has it', async () => (await gateway.processes()).some((row) => row.connections > 0));
  assert.equal((await gateway.command('reload')).code, 0);
  assert.deepEqual(
    (await generations(gateway)).toSorted((a, b) => a - b),
    [1, 2],
  );
  const second = connect(gateway.port('webReputation'), '127.0.0.1');
  t.after(() => void second.destroy());
  second.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: gateway\r\n');
  await until('the second edge has it', async () =>
    (await gateway.processes()).some((row) => row.generation === 2 && row.connections > 0),
  );
  assert.equal((await gateway.command('reload')).code, 0);
  await ended;
  await gateway.child.waitFor(/"event":"generation\.cut".*"generation":1/, 90_000);
});

async function edgesOf(gateway: Gateway): Promise<readonly number[]> {
  // The file is broken: the data directory is enough to find it.
  writeFileSync(gateway.file, '');
  return gateway.pids('edge');
}

async function generations(gateway: Gateway): Promise<readonly number[]> {
  return (await gateway.processes()).filter((row) => row.role === 'edge').map((row) => row.generation);
}

/** Clients that ask one request after the other over kept connections. */
function keepLoading(port: number, clients: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const statuses = new Map<number, number>();
  const failures: string[] = [];
  let running = true;
  let done = 0;
  const client = async (): Promise<void> => {
    while (running) {
      try {
        const status = await httpStatus(port, { agent });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      } catch (error) {
        failures.push(String(error));
      }
      done++;
    }
  };
  const all = Array.from({ length: clients }, () => client());
  return {
    done: () => done,
    stop: async () => {
      running = false;
      await Promise.all(all);
      agent.destroy();
      return { failures, statuses };
    },
  };
}
