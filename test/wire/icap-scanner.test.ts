/** Another ICAP service as a stage of the scan engine: asked, believed, bounded, and away. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { IcapScannerConfig } from '../../src/engines/config/index.ts';
import { openIcapDoor } from '../support/icap-door.ts';
import { EICAR, found, missed, scanLab } from '../support/scan.ts';
import { type Scope, scopeOf } from '../support/scope.ts';

const WHOLE = 'HTTP/1.1 200 OK\r\n\r\n';
const BLOCKED = 'HTTP/1.1 403 Forbidden\r\n\r\n';

function scanner(port: number, change: Partial<IcapScannerConfig> = {}): IcapScannerConfig {
  return {
    url: `icap://127.0.0.1:${port}/avscan`,
    host: '127.0.0.1',
    port,
    isTls: false,
    caFile: undefined,
    connectMs: 20_000,
    timeoutMs: 60_000,
    connectionsMax: 3,
    bytesMax: 8_000_000,
    checkMs: 50,
    fail: 'closed',
    ...change,
  };
}

/** An engine that has the other scanner alone, in a profile of that name. */
async function engineWith(scope: Scope, icap: IcapScannerConfig) {
  const lab = await scanLab(scope, (config) => ({
    ...config,
    icap,
    profiles: [{ name: 'icap', stages: ['icap'] }],
  }));
  return { ...lab, scan: (bytes: Uint8Array | string) => lab.scan(bytes, 'file.bin', 'icap') };
}

/** A service that says of files what `answer` writes, as soon as it has the head of the request, or all of it. */
async function service(context: TestContext, answer: (socket: Socket) => void, waits = true) {
  const scope = scopeOf(context);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    let text = '';
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (text.startsWith('OPTIONS')) {
        if (!text.includes('\r\n\r\n')) return;
        text = '';
        socket.write(
          'ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nISTag: "v1"\r\nEncapsulated: null-body=0\r\n\r\n',
        );
      } else if (waits ? text.endsWith('\r\n0\r\n\r\n') : text.includes('\r\n\r\n')) {
        text = '';
        answer(socket);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  scope.after(close);
  const { port } = server.address() as { readonly port: number };
  return { port, close, again: () => server.listen(port, '127.0.0.1') };
}

const says = (head: string, inner = '', body = '0\r\n\r\n') => {
  const encapsulated = inner === '' ? 'null-body=0' : `res-hdr=0, res-body=${inner.length}`;
  return `ICAP/1.0 ${head}\r\nEncapsulated: ${encapsulated}\r\n\r\n${inner}${inner === '' ? '' : body}`;
};

test('what only the other one finds is found, whatever its length, over few connections', async (t) => {
  const door = await openIcapDoor(t);
  const { scan, engine } = await engineWith(scopeOf(t), scanner(door.port));
  const packed = gzipSync(EICAR);
  const bad = await scan(packed);
  assert.equal(bad.verdict, 'malicious');
  assert.match(found(bad).join(), /^icap .*eicar/i);
  const sizes = [0, 1, 1023, 1024, 1025, 65_535, 1_048_576];
  const many = await Promise.all([...sizes, ...sizes].map((size) => scan(randomBytes(size))));
  for (const verdict of many) {
    assert.deepEqual([found(verdict), missed(verdict)], [[], []]);
    assert.equal(verdict.stages.find(({ stage }) => stage === 'icap')?.state, 'done');
  }
  assert.deepEqual(engine.health(), { state: 'ok' });
  assert.ok((await scan(packed)).cached);
  const [first] = many;
  assert.equal(first!.verdict, 'clean');
});

test('answers are read as products give them: named, folded, replaced, refused', async (t) => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['204', says('204 No Content\r\nISTag: "v1"'), []],
    [
      '204 with a name',
      says('204 No Content\r\nX-Infection-Found: Type=0; Resolution=2; Threat=Worm.A;'),
      ['icap Worm.A'],
    ],
    [
      'violations over five lines',
      says(
        '200 OK\r\nISTag: "v1"\r\nX-Violations-Found: 1\r\n\tfile.bin\r\n\tTrojan.B\r\n\t0\r\n\t2',
        BLOCKED,
      ),
      ['icap 1 file.bin Trojan.B 0 2'],
    ],
    ['a page in its place', says('200 OK', BLOCKED, '4\r\nstop\r\n0\r\n\r\n'), ['icap blocked with 403']],
    ['another body', says('200 OK', WHOLE, '4\r\nstop\r\n0\r\n\r\n'), ['icap replaced']],
    ['the same body', says('200 OK', WHOLE, '4\r\nsame\r\n0\r\n\r\n'), []],
    ['X-Virus-ID', says('200 OK\r\nX-Virus-ID: Virus C', BLOCKED), ['icap Virus C']],
  ];
  for (const [name, answer, findings] of cases) {
    const { port } = await service(t, (socket) => socket.write(answer));
    const { scan } = await engineWith(scopeOf(t), scanner(port));
    const verdict = await scan('same');
    assert.deepEqual([found(verdict), missed(verdict)], [findings, []], name);
  }
});

test('an answer before the end of the file counts, and the connection ends with it', async (t) => {
  const asked: Socket[] = [];
  const early = says('200 OK\r\nX-Infection-Found: Type=0; Resolution=2; Threat=Early;', BLOCKED);
  const { port } = await service(
    t,
    (socket) => {
      asked.push(socket);
      socket.write(early);
    },
    false,
  );
  const { scan } = await engineWith(scopeOf(t), scanner(port));
  assert.deepEqual(found(await scan(randomBytes(6_000_000))), ['icap Early']);
  assert.deepEqual(found(await scan(randomBytes(6_000_000))), ['icap Early']);
  assert.ok(new Set(asked).size >= 2);
});

test('a kept connection that is closed when it is used again is replaced by another', async (t) => {
  const used = new Set<Socket>();
  const { port } = await service(t, (socket) => {
    if (used.has(socket)) socket.destroy();
    else socket.write(says('204 No Content'));
    used.add(socket);
  });
  const { scan, engine } = await engineWith(scopeOf(t), scanner(port));
  for (const text of ['one', 'two', 'three']) assert.deepEqual(missed(await scan(text)), [], text);
  assert.equal(used.size, 3);
  assert.deepEqual(engine.health(), { state: 'ok' });
});

test('what is no answer is a failure of the stage, and the policy of failures decides', async (t) => {
  const faults: readonly (readonly [string, (socket: Socket) => void, string])[] = [
    ['an error', (socket) => socket.write(says('500 Server error')), 'unavailable'],
    ['no such service', (socket) => socket.write('ICAP/1.0 404 Not found\r\n\r\n'), 'unavailable'],
    ['garbage', (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'), 'unavailable'],
    ['half of an answer', (socket) => socket.end('ICAP/1.0 200 OK\r\nEncaps'), 'unavailable'],
    ['half of a body', (socket) => socket.end(says('200 OK', WHOLE, '4\r\nst')), 'unavailable'],
    [
      'a head without end',
      (socket) => socket.write(`ICAP/1.0 200 OK\r\nX: ${'y'.repeat(100_000)}`),
      'unavailable',
    ],
    ['a reset', (socket) => socket.resetAndDestroy(), 'unavailable'],
    ['nothing', () => undefined, 'timeout'],
  ];
  for (const [name, answer, reason] of faults) {
    const { port } = await service(t, answer);
    const timeoutMs = reason === 'timeout' ? 200 : 60_000;
    const closed = await engineWith(scopeOf(t), scanner(port, { timeoutMs }));
    const verdict = await closed.scan('file');
    assert.deepEqual([verdict.verdict, missed(verdict)], ['unknown', [reason]], name);
    assert.equal(verdict.stages.find(({ stage }) => stage === 'icap')?.state, 'failed', name);
    assert.equal(closed.counts.get('scan_stage_failures_total icap'), 1, name);
    const open = await engineWith(scopeOf(t), scanner(port, { timeoutMs, fail: 'open' }));
    assert.deepEqual(missed(await open.scan('file')), [], name);
  }
});

test('a file over the bound is not sent', async (t) => {
  const { port } = await service(t, (socket) => socket.write(says('204 No Content')));
  const { scan } = await engineWith(scopeOf(t), scanner(port, { bytesMax: 10 }));
  assert.deepEqual(missed(await scan('eleven byte')), ['limit']);
  assert.deepEqual(missed(await scan('ten bytes.')), []);
});

test('a service that goes away and comes back is noticed both times', async (t) => {
  const { port, close, again } = await service(t, (socket) => socket.write(says('204 No Content')));
  const { scan, engine } = await engineWith(scopeOf(t), scanner(port));
  assert.deepEqual(missed(await scan('before')), []);
  close();
  assert.deepEqual(missed(await scan('while it is away')), ['unavailable']);
  const health = engine.health();
  assert.ok(health.state === 'degraded' && health.code === 'icap-away', JSON.stringify(health));
  again();
  while (engine.health().state !== 'ok') await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(missed(await scan('after')), []);
});
