import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig, type Config } from '../../engines/config/index.ts';
import { GatewayError } from '../../kernel/index.ts';
import type { BindFailure, ListeningHandle } from '../../platform/index.ts';
import { createListeners, portStatus, type ListenerDeps } from './listeners.ts';

/** A machine with ports, some of which are taken. */
function machine(taken: Readonly<Record<number, string>> = {}) {
  const open = new Set<string>();
  let free = 50_000;
  const bind = (address: string, asked: number): ListeningHandle | BindFailure => {
    const errno = taken[asked];
    if (errno !== undefined) return { errno };
    const port = asked === 0 ? free++ : asked;
    const name = `${address}:${port}`;
    open.add(name);
    const close = (): void => void open.delete(name);
    return { address, port, native: { close, getsockname: () => 0 }, close };
  };
  const deps: ListenerDeps = {
    doors: ['forward-proxy', 'web-reputation'],
    bindPort: bind,
    bindEverywhere: (port) => bind('::', port),
    holderOf: () => Promise.resolve({ pid: 42, program: 'squid' }),
    patience: () => Promise.resolve(false),
  };
  return { deps, open };
}

function settings(change: (config: Config) => Config = (config) => config): Config {
  return change(
    loadConfig({ flags: { portOffset: 20_000 }, environment: {}, checkout: undefined, cores: 2 }),
  );
}

function withPort(config: Config, key: keyof Config['listeners'], value: number): Config {
  return { ...config, listeners: { ...config.listeners, [key]: { ...config.listeners[key], port: value } } };
}

test('every row of the table is open, disabled or planned', async () => {
  const { deps, open } = machine();
  const listeners = createListeners(deps);
  const config = settings((base) => ({
    ...base,
    listeners: {
      ...base.listeners,
      webReputationTls: { ...base.listeners.webReputationTls, enabled: false },
    },
  }));
  (await listeners.prepare(config)).commit();
  assert.deepEqual([...open], [':::25274', ':::28080']);
  const states = Object.fromEntries(listeners.status().map((row) => [row.port, row.state]));
  assert.deepEqual(states, {
    22: 'planned',
    80: 'planned',
    443: 'planned',
    5274: 'open',
    5275: 'disabled',
    8080: 'open',
    8088: 'planned',
    8089: 'planned',
    1344: 'planned',
    11344: 'planned',
  });
  listeners.close();
  assert.equal(open.size, 0);
});

test('a taken port is named with its key and holder, and what was opened before it is closed', async () => {
  const { deps, open } = machine({ 28_080: 'EADDRINUSE' });
  await assert.rejects(createListeners(deps).prepare(settings()), (error: unknown) => {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'PORT_TAKEN');
    assert.equal(error.details['exit'], 3);
    assert.equal(error.message, 'port 28080 (listeners.forwardProxy.port) is taken by process 42 (squid)');
    assert.match(error.hint ?? '', /ss -ltnp 'sport = :28080'/);
    return true;
  });
  assert.equal(open.size, 0);
});

test('a port that is not allowed and an address that is not here are errors of the configuration', async () => {
  for (const [errno, code] of [
    ['EACCES', 'PORT_DENIED'],
    ['EADDRNOTAVAIL', 'BIND_ADDRESS'],
  ] as const) {
    const { deps } = machine({ 28_080: errno });
    await assert.rejects(createListeners(deps).prepare(settings()), { code, kind: 'config' });
  }
});

test('while the gateway before lets go of its ports, they are tried again', async () => {
  const taken: Record<number, string> = { 28_080: 'EADDRINUSE' };
  const { deps } = machine(taken);
  const attempts: number[] = [];
  const patience = (attempt: number): Promise<boolean> => {
    attempts.push(attempt);
    if (attempt === 2) delete taken[28_080];
    return Promise.resolve(true);
  };
  (await createListeners({ ...deps, patience }).prepare(settings())).commit();
  assert.deepEqual(attempts, [0, 1, 2]);
});

test('a reload keeps what stays, opens what is new, and closes the rest only when it is committed', async () => {
  const { deps, open } = machine();
  const listeners = createListeners(deps);
  (await listeners.prepare(settings())).commit();
  const kept = listeners.open.get('webReputation')?.[0];
  const next = await listeners.prepare(settings((config) => withPort(config, 'forwardProxy', 9000)));
  assert.ok(open.has(':::28080') && open.has(':::29000'), 'both are open until it is decided');
  next.undo();
  assert.ok(open.has(':::28080') && !open.has(':::29000'), 'the old one stays');

  const again = await listeners.prepare(settings((config) => withPort(config, 'forwardProxy', 9000)));
  again.commit();
  assert.ok(!open.has(':::28080') && open.has(':::29000'));
  assert.equal(listeners.open.get('webReputation')?.[0], kept, 'the very same socket');
});

test('with port 0 and several addresses, a row has one port on all of them, whatever the offset', async () => {
  const { deps, open } = machine();
  const config = settings((base) => ({ ...withPort(base, 'forwardProxy', 0), bind: ['127.0.0.1', '::1'] }));
  const listeners = createListeners(deps);
  (await listeners.prepare(config)).commit();
  assert.ok(open.has('127.0.0.1:50000') && open.has('::1:50000'));
  const row = listeners.status().find((each) => each.door === 'forward-proxy');
  assert.deepEqual([row?.listenPort, row?.addresses], [50_000, ['127.0.0.1', '::1']]);
});

test('of a stopped gateway nothing is open', () => {
  const states = portStatus(settings(), ['forward-proxy'], new Map()).map((row) => row.state);
  assert.deepEqual(new Set(states), new Set(['planned']));
});
