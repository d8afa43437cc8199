import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Dialer } from './dial.io.ts';
import { ReadBuffers } from './read-buffers.io.ts';
import { connectTcp } from './tcp-handle.io.ts';
import { TcpSocket, TcpSockets, type SocketListener } from './tcp-socket.io.ts';

/** Everything that a socket has told, in order. */
class Heard implements SocketListener {
  readonly told: string[] = [];
  text = '';
  readonly #buffers: ReadBuffers;
  readonly #over = Promise.withResolvers<void>();
  readonly over = this.#over.promise;

  constructor(buffers: ReadBuffers) {
    this.#buffers = buffers;
  }

  nextBlock(): Buffer {
    return this.#buffers.shared;
  }

  receiveBlock(bytes: number, block: Buffer): void {
    this.text += block.toString('latin1', 0, bytes);
  }

  receiveEnd(): void {
    this.told.push('end');
  }

  failed({ code }: { readonly code?: string | undefined }): void {
    this.told.push(String(code));
  }

  closed(): void {
    this.told.push('closed');
    this.#over.resolve();
  }
}

interface Connected {
  readonly socket: TcpSocket;
  readonly heard: Heard;
  readonly peer: Socket;
}

async function listen(t: TestContext): Promise<{ port: number; accepted: Promise<Socket> }> {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => accepted.resolve(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, accepted: accepted.promise };
}

async function open(t: TestContext): Promise<Connected> {
  const { port, accepted } = await listen(t);
  const sockets = new TcpSockets(new ReadBuffers());
  const heard = new Heard(sockets.buffers);
  const socket = await new Promise<TcpSocket>((resolve, reject) => {
    connectTcp('127.0.0.1', port, {
      connected: (handle) => resolve(new TcpSocket(handle, sockets, '127.0.0.1', port)),
      refused: (code) => reject(new Error(code)),
    });
  });
  socket.listen(heard, sockets.buffers.shared);
  const peer = await accepted;
  t.after(() => {
    socket.destroy();
    peer.destroy();
  });
  return { socket, heard, peer };
}

test('it closes by itself once both directions have ended, in either order', async (t) => {
  const first = await open(t);
  first.socket.write(Buffer.from('question'));
  first.socket.end();
  const asked: Buffer[] = await first.peer.toArray();
  assert.equal(String(Buffer.concat(asked)), 'question');
  first.peer.end('answer');
  await first.heard.over;
  assert.equal(first.heard.text, 'answer');
  assert.deepEqual(first.heard.told, ['end', 'closed']);
  assert.deepEqual([first.socket.bytesWritten, first.socket.bytesRead], [8, 6]);

  const second = await open(t);
  second.peer.end();
  while (second.heard.told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(second.socket.destroyed, false, 'it may still speak');
  second.socket.write(Buffer.from('last word'));
  second.socket.end();
  assert.equal(String(Buffer.concat(await second.peer.toArray())), 'last word');
  await second.heard.over;
  assert.deepEqual(second.heard.told, ['end', 'closed']);
});

test('what the kernel does not take waits, ends behind it, and says when it is gone', async (t) => {
  const { socket, heard, peer } = await open(t);
  peer.pause();
  const bytes = Buffer.alloc(9_000_000, 'b');
  socket.write(bytes);
  assert.ok(socket.writableLength > 0 && socket.queuedBytes > 0);
  let flushed = false;
  socket.write(Buffer.alloc(0), () => (flushed = true));
  socket.end();
  let received = 0;
  for await (const chunk of peer) received += (chunk as Buffer).length;
  assert.equal(received, bytes.length);
  assert.equal(flushed, true);
  assert.equal(socket.writableLength, 0);
  peer.end();
  await heard.over;
  assert.deepEqual(heard.told, ['end', 'closed']);
});

test('flushed is said once the kernel has everything up to there, not a part of it', async (t) => {
  const { socket, peer } = await open(t);
  peer.pause();
  socket.write(Buffer.alloc(9_000_000, 'a'));
  let left = -1;
  socket.write(Buffer.alloc(9_000_000, 'b'), () => (left = socket.queuedBytes));
  socket.end();
  let received = 0;
  for await (const chunk of peer) received += (chunk as Buffer).length;
  assert.deepEqual([received, left], [18_000_000, 0]);
});

test('what waits to be sent is kept, whoever else forgets it', async (t) => {
  const { socket, peer } = await open(t);
  peer.pause();
  const size = 4_000_000;
  socket.write(Buffer.alloc(9_000_000, '-'));
  for (const letter of 'abcd') socket.write(Buffer.alloc(size, letter));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Freed memory is given to the next who asks for as much.
  const others: Buffer[] = [];
  for (let at = 0; at < 8; at++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    others.push(Buffer.alloc(size, 'X'));
  }
  socket.end();
  const counts = new Map<number, number>();
  for await (const chunk of peer)
    for (const byte of chunk as Buffer) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  const expected = Array.from(Buffer.from('abcd'), (letter) => [letter, size] as const);
  assert.deepEqual(counts, new Map([[0x2d, 9_000_000], ...expected]));
  assert.equal(others.length, 8);
});

test('pieces that are corked arrive as one stream', async (t) => {
  const { socket, peer } = await open(t);
  socket.cork();
  for (const piece of ['one ', 'two ', 'three']) socket.write(Buffer.from(piece));
  assert.equal(socket.bytesWritten, 0);
  socket.uncork();
  socket.end();
  assert.equal(String(Buffer.concat(await peer.toArray())), 'one two three');
});

test('paused it reads nothing; nothing is lost', async (t) => {
  const { socket, heard, peer } = await open(t);
  socket.pause();
  peer.end('waiting');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(heard.text, '');
  assert.deepEqual(heard.told, []);
  socket.resume();
  while (heard.told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(heard.text, 'waiting');
});

test('a failure is told once, later, and never inside of the call that met it', async (t) => {
  const { socket, heard, peer } = await open(t);
  peer.on('error', () => undefined);
  socket.pause();
  peer.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 30));
  socket.write(Buffer.from('to nobody'));
  assert.equal(socket.destroyed, true);
  assert.deepEqual(heard.told, [], 'not inside of write');
  await heard.over;
  assert.equal(heard.told.length, 2);
  assert.match(heard.told[0]!, /^(EPIPE|ECONNRESET)$/);
});

test('a reset right behind the end of our side reaches the peer and closes the descriptor', async (t) => {
  const { socket, heard, peer } = await open(t);
  const failed = once(peer, 'error');
  // libuv refuses a reset while the shutdown runs; Node would then keep the handle for ever.
  socket.end();
  socket.resetAndDestroy();
  await heard.over;
  assert.deepEqual(heard.told, ['closed']);
  const timer = setInterval(() => peer.write('are you there?'), 5);
  const [error] = (await failed) as [NodeJS.ErrnoException];
  clearInterval(timer);
  assert.match(String(error.code), /^(EPIPE|ECONNRESET)$/);
});

test('a connection that fails or is given up says so once', async (t) => {
  const { port } = await listen(t);
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const nobody = (closed.address() as AddressInfo).port;
  closed.close();
  await once(closed, 'close');
  const dialer = new Dialer();
  assert.equal(await dialer.dial('127.0.0.1', nobody, 5000).result, 'refused');
  assert.equal(await dialer.dial('no address', nobody, 5000).result, 'error');
  const attempt = dialer.dial('127.0.0.1', port, 5000);
  attempt.cancel();
  assert.equal(await attempt.result, 'reset');
});
