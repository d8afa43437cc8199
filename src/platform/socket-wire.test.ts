import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Dialer } from './dial.io.ts';
import { splice } from './splice.io.ts';
import { IdleWatch } from './idle-watch.io.ts';
import { SocketWire, type WireOwner } from './socket-wire.io.ts';

async function listen(t: TestContext, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function dial(port: number, dialer = new Dialer()): Promise<SocketWire> {
  const wire = await dialer.dial('127.0.0.1', port, 5000).result;
  assert.ok(wire instanceof SocketWire, typeof wire === 'string' ? wire : 'no wire');
  return wire;
}

/** For sockets that the test itself accepts. */
function owner(): WireOwner {
  return { watch: new IdleWatch(), released: () => undefined };
}

function join(socket: Socket, upstream: SocketWire): Promise<void> {
  return new Promise((resolve) => splice(new SocketWire(socket, owner()), upstream, 1000, resolve));
}

function pattern(seed: number, bytes: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 255));
}

test('a wire reads what was sent, in order, and tells a clean end', async (t) => {
  const port = await listen(t, (socket) => socket.end('hello'));
  const wire = await dial(port);
  assert.equal(String(await wire.read()), 'hello');
  assert.equal(await wire.read(), undefined);
  assert.equal(wire.ended, 'clean');
  wire.destroy();
});

test('a reset is not a clean end', async (t) => {
  const port = await listen(t, (socket) => socket.on('data', () => socket.resetAndDestroy()));
  const wire = await dial(port);
  await wire.write(Buffer.from('go'));
  while ((await wire.read()) !== undefined);
  assert.equal(wire.ended, 'reset');
});

test('nobody reads, nobody is told: silence counts only while somebody waits', async (t) => {
  const port = await listen(t, () => undefined);
  const wire = await dial(port);
  wire.setIdle(30);
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.equal(wire.ended, undefined, 'no reader waits');
  assert.equal(await wire.read(), undefined);
  assert.equal(wire.ended, 'timeout');
});

test('a deadline ends the wire even while bytes trickle', async (t) => {
  const port = await listen(t, (socket) => {
    const timer = setInterval(() => socket.write('.'), 5);
    socket.on('close', () => clearInterval(timer));
  });
  const wire = await dial(port);
  wire.setDeadline(60);
  while ((await wire.read()) !== undefined);
  assert.equal(wire.ended, 'timeout');
});

test('streams through shared and borrowed read buffers stay whole under slow readers', async (t) => {
  // Many tunnels at once, readers that pause: a buffer that were reused too early would mix the streams.
  const bytes = 3_000_000;
  const streams = 6;
  const origin = await listen(t, (socket) => {
    socket.once('data', (seed) => socket.end(pattern(seed[0]!, bytes)));
  });
  const dialer = new Dialer();
  const door = await listen(t, (socket) => {
    void dial(origin, dialer).then((upstream) => join(socket, upstream));
  });
  await Promise.all(
    Array.from({ length: streams }, async (_, seed) => {
      const client = connect(door, '127.0.0.1');
      client.write(Buffer.from([seed]));
      const hash = createHash('sha256');
      let received = 0;
      for await (const chunk of client) {
        hash.update(chunk as Buffer);
        received += (chunk as Buffer).length;
        if (seed % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      assert.equal(received, bytes);
      assert.equal(hash.digest('hex'), createHash('sha256').update(pattern(seed, bytes)).digest('hex'));
    }),
  );
});

test('pulled chunks of a bulk stream stay valid until the next read', async (t) => {
  const body = pattern(3, 5_000_000);
  const port = await listen(t, (socket) => socket.end(body));
  const wire = await dial(port);
  const hash = createHash('sha256');
  for (let chunk = await wire.read(); chunk !== undefined; chunk = await wire.read()) {
    await new Promise((resolve) => setImmediate(resolve));
    hash.update(chunk);
  }
  assert.equal(hash.digest('hex'), createHash('sha256').update(body).digest('hex'));
});

test('a splice passes half-close and failure on as what they are', async (t) => {
  const origin = await listen(t, (socket) => {
    socket.on('data', () => undefined);
    socket.on('end', () => socket.end('after your end'));
  });
  const dialer = new Dialer();
  const door = await listen(t, (socket) => {
    void dial(origin, dialer).then((upstream) => join(socket, upstream));
  });
  const client = connect({ port: door, host: '127.0.0.1', allowHalfOpen: true });
  client.end('question');
  let answer = '';
  for await (const chunk of client) answer += String(chunk);
  assert.equal(answer, 'after your end');

  const cutter = await listen(t, (socket) => socket.on('data', () => socket.resetAndDestroy()));
  const door2 = await listen(t, (socket) => {
    void dial(cutter, dialer).then((upstream) => join(socket, upstream));
  });
  const cut = connect(door2, '127.0.0.1');
  cut.write('go');
  const [error] = (await once(cut, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNRESET');
});

test('after linger the peer reads the whole answer although it was still sending', async (t) => {
  const port = await listen(t, (socket) => {
    const wire = new SocketWire(socket, owner());
    void (async () => {
      await wire.read();
      await wire.write(Buffer.from('413 too much'));
      wire.linger();
    })();
  });
  const client = connect(port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write(Buffer.alloc(4_000_000));
  let answer = '';
  for await (const chunk of client) answer += String(chunk);
  assert.equal(answer, '413 too much');
});

test('what one socket has read is not overwritten by what the next one reads', async (t) => {
  const port = await listen(t, (socket) =>
    socket.on('data', (seed) => socket.write(pattern(seed[0]!, 5000))),
  );
  const dialer = new Dialer();
  const [one, other] = [await dial(port, dialer), await dial(port, dialer)];
  await one.write(Buffer.from([1]));
  const first = (await one.read()) ?? Buffer.alloc(0);
  await other.write(Buffer.from([2]));
  assert.ok(((await other.read()) ?? '').length > 0);
  assert.deepEqual(Buffer.from(first), pattern(1, 5000).subarray(0, first.length));
  assert.ok(first.length > 0);
  for (const wire of [one, other]) wire.destroy();
});
