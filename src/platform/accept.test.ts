import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { NetworkSet, type Wire } from '../kernel/index.ts';
import { acceptOn, type Acceptor, type AcceptOptions, type Refusal } from './accept.io.ts';
import { bindPort } from './listening-handle.io.ts';

interface Door {
  readonly port: number;
  readonly acceptor: Acceptor;
  readonly refused: Refusal[];
  readonly errors: unknown[];
}

async function open(t: TestContext, options: Partial<AcceptOptions>): Promise<Door> {
  const handle = bindPort('127.0.0.1', 0);
  if ('errno' in handle) throw new Error(handle.errno);
  const refused: Refusal[] = [];
  const errors: unknown[] = [];
  const acceptor = await acceptOn({
    handles: [handle.native],
    limits: { sessionsMax: 100, sessionsPerSourceMax: 100, idleMs: 5000, headMs: 5000 },
    internal: new NetworkSet(['127.0.0.0/8']),
    onRefused: (reason) => refused.push(reason),
    onError: (error) => errors.push(error),
    serve: async (wire) => {
      while ((await wire.read()) !== undefined);
    },
    ...options,
  });
  t.after(() => acceptor.destroy());
  return { port: handle.port, acceptor, refused, errors };
}

/** What a client sees: its bytes until the end, and how that came. */
async function visit(port: number, localAddress?: string): Promise<string> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  const failed = once(socket, 'error').then(([error]) => String((error as NodeJS.ErrnoException).code));
  const ended = once(socket, 'end').then(() => text);
  const result = await Promise.race([failed.catch(() => 'closed'), ended.catch(() => 'closed')]);
  socket.destroy();
  return result;
}

const greet: AcceptOptions['serve'] = async (wire) => {
  await wire.write(Buffer.from('hello'));
};

test('a source outside the internal networks is reset before a byte is read', async (t) => {
  let served = 0;
  const door = await open(t, {
    internal: new NetworkSet(['10.0.0.0/8']),
    serve: () => void served++,
  });
  assert.equal(await visit(door.port), 'ECONNRESET');
  assert.deepEqual(door.refused, ['not-internal']);
  assert.equal(served, 0);
  assert.equal(door.acceptor.open, 0);
});

test('an internal one is served and the connection closed behind it', async (t) => {
  const door = await open(t, { serve: greet });
  assert.equal(await visit(door.port), 'hello');
  assert.deepEqual(door.refused, []);
});

test('too many sessions at once are refused, of all and of one source; one that ends makes room', async (t) => {
  const limits = { sessionsMax: 3, sessionsPerSourceMax: 2, idleMs: 5000, headMs: 5000 };
  const door = await open(t, { limits });
  const stay = async (from: string): Promise<ReturnType<typeof connect>> => {
    const socket = connect({ port: door.port, host: '127.0.0.1', localAddress: from });
    socket.on('error', () => undefined); // the acceptor resets what is left at the end
    await once(socket, 'connect');
    return socket;
  };
  const first = await stay('127.0.0.2');
  await stay('127.0.0.2');
  while (door.acceptor.open < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await visit(door.port, '127.0.0.2'), 'ECONNRESET');
  const third = await stay('127.0.0.3');
  while (door.acceptor.open < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await visit(door.port, '127.0.0.4'), 'ECONNRESET');
  assert.deepEqual(door.refused, ['sessions-per-source', 'sessions']);
  first.end();
  while (door.acceptor.open > 2) await new Promise((resolve) => setImmediate(resolve));
  const again = await stay('127.0.0.2');
  while (door.acceptor.open < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(door.refused.length, 2);
  for (const socket of [third, again]) socket.destroy();
});

test('a session that fails costs its own connection and is reported', async (t) => {
  const door = await open(t, {
    serve: async (wire) => {
      await wire.read();
      throw new Error('planted');
    },
  });
  const socket = connect(door.port, '127.0.0.1');
  socket.write('x');
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNRESET');
  assert.match(String(door.errors[0]), /planted/);
  assert.equal(door.acceptor.open, 0);
});

test('a detached session keeps its wire', async (t) => {
  let kept: Wire | undefined;
  const door = await open(t, {
    serve(wire) {
      kept = wire;
      return 'detached';
    },
  });
  const socket = connect(door.port, '127.0.0.1');
  await once(socket, 'connect');
  while (kept === undefined) await new Promise((resolve) => setImmediate(resolve));
  await kept.write(Buffer.from('still here'));
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  assert.equal(String(chunk), 'still here');
  assert.equal(door.acceptor.open, 1);
  socket.destroy();
});

test('silence ends a session that waits for its peer', async (t) => {
  const limits = { sessionsMax: 3, sessionsPerSourceMax: 2, idleMs: 40, headMs: 5000 };
  const door = await open(t, { limits });
  assert.equal(await visit(door.port), '');
});

test('only the waiting ones are closed while draining', async (t) => {
  const wires: Wire[] = [];
  const door = await open(t, {
    serve: async (wire) => {
      wires.push(wire);
      while ((await wire.read()) !== undefined);
    },
  });
  const sockets = [connect(door.port, '127.0.0.1'), connect(door.port, '127.0.0.1')];
  while (wires.length < 2) await new Promise((resolve) => setImmediate(resolve));
  door.acceptor.closeIf((wire) => wire === wires[0]);
  while (door.acceptor.open > 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(wires[1]?.ended, undefined);
  for (const socket of sockets) socket.destroy();
});
