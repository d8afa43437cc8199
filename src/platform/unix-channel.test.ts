import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connectUnix, frameReader, listenUnix, type Channel } from './unix-channel.io.ts';

const LIMITS = { frameBytesMax: 1000, unsentBytesMax: 100_000 };

test('frames come out the same however the bytes are cut', () => {
  const bytes = Buffer.from('{"a":"ä€"}\n{"b":2}\n[3]\n');
  for (let size = 1; size <= bytes.length; size++) {
    const frames: unknown[] = [];
    const receive = frameReader(100, (frame) => frames.push(frame));
    for (let at = 0; at < bytes.length; at += size) assert.ok(receive(bytes.subarray(at, at + size)));
    assert.deepEqual(frames, [{ a: 'ä€' }, { b: 2 }, [3]]);
  }
});

test('a line that is too long, finished or not, and one that is no JSON end the stream', () => {
  const frames: unknown[] = [];
  const reader = () => frameReader(10, (frame) => frames.push(frame));
  assert.equal(reader()(Buffer.from(`"${'x'.repeat(20)}"\n`)), false);
  assert.equal(reader()(Buffer.from('"xxxxxxxxxxxxx')), false);
  assert.equal(reader()(Buffer.from('nonsense\n')), false);
  assert.deepEqual(frames, []);
});

test('two processes talk in frames, and each hears that the other is gone', async (t) => {
  const path = socketPath(t);
  const closed = Promise.withResolvers<void>();
  const server = await listenUnix({
    path,
    limits: LIMITS,
    connectionsMax: 2,
    accept: (channel) => ({
      onFrame: (frame) => void channel.send({ echo: frame }),
      onClose: () => closed.resolve(),
    }),
  });
  t.after(() => server.close());
  const answer = Promise.withResolvers<unknown>();
  const channel = await connectUnix(path, LIMITS, () => ({
    onFrame: answer.resolve,
    onClose: () => undefined,
  }));
  assert.ok(channel.send({ hello: 1 }));
  assert.deepEqual(await answer.promise, { echo: { hello: 1 } });
  channel.destroy();
  assert.equal(channel.send({ late: true }), false);
  await closed.promise;
});

test('who sends no frames is cut', async (t) => {
  const path = socketPath(t);
  const frames: unknown[] = [];
  const server = await listenUnix({
    path,
    limits: LIMITS,
    connectionsMax: 2,
    accept: () => ({ onFrame: (frame) => frames.push(frame), onClose: () => undefined }),
  });
  t.after(() => server.close());
  const socket = connect(path);
  socket.on('error', () => undefined).write('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  assert.deepEqual(frames, []);
});

test('a reader that does not read fills a bounded queue, and the frame after it is refused', async (t) => {
  const path = socketPath(t);
  const accepted = Promise.withResolvers<Channel>();
  const server = await listenUnix({
    path,
    limits: LIMITS,
    connectionsMax: 1,
    accept: (channel) => {
      accepted.resolve(channel);
      return { onFrame: () => undefined, onClose: () => undefined };
    },
  });
  t.after(() => server.close());
  const socket = connect(path);
  t.after(() => void socket.destroy());
  socket.pause();
  const channel = await accepted.promise;
  const frame = { text: 'x'.repeat(10_000) };
  let sent = 0;
  while (channel.send(frame)) sent++;
  // The bound, one frame beyond it, and what the kernel took.
  assert.ok(sent >= LIMITS.unsentBytesMax / 10_000 && sent < 200, `${sent} frames were taken`);
});

test('nobody listens: the error says so', async (t) => {
  const events = () => ({ onFrame: () => undefined, onClose: () => undefined });
  await assert.rejects(connectUnix(socketPath(t), LIMITS, events), { code: 'ENOENT' });
});

function socketPath(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return join(dir, 'test.sock');
}
