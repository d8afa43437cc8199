import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { openProxyDoor, openRawOrigin, talk } from '../support/proxy-door.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

function get(port: number, path: string, fields = ''): string {
  return `GET http://127.0.0.1:${port}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields}\r\n`;
}

test('a cut is passed on as a cut, in every framing; a cut head is 502', async (t) => {
  const cases = [
    ['length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', /\r\n\r\nabc$/, 'fin'],
    ['chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab', /2\r\nab\r\n$/, 'fin'],
    [
      'between chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n',
      /2\r\nab\r\n$/,
      'fin',
    ],
    ['head', 'HTTP/1.1 200 OK\r\nContent-Le', /^HTTP\/1\.1 502 /, 'fin'],
    ['status line', 'HTTP/1.', /^HTTP\/1\.1 502 /, 'fin'],
    ['nothing', '', /^HTTP\/1\.1 502 /, 'fin'],
    ['not HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', /^HTTP\/1\.1 502 /, 'fin'],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      /^HTTP\/1\.1 502 /,
      'fin',
    ],
  ] as const;
  for (const [name, answer, expected, end] of cases) {
    const door = await openProxyDoor(t);
    const origin = await openRawOrigin(t, (socket) => socket.on('data', () => socket.end(answer)));
    const result = await talk(door.port, get(origin.port, '/', 'Connection: close\r\n'));
    assert.match(result.text, expected, name);
    assert.equal(result.end, end, name);
    await door.finished(1);
    assert.equal(door.counted('forward_proxy_requests_total', 'failed'), 1, name);
    assert.ok(
      ['http_response_incomplete', 'http_protocol_error'].includes(door.entries[0]?.error ?? ''),
      name,
    );
  }
});

test('a reset in a body until close reaches an HTTP/1.0 client as a reset: nothing else tells it', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) =>
    socket.on('data', () =>
      socket.write('HTTP/1.1 200 OK\r\n\r\nabc', () => setTimeout(() => socket.resetAndDestroy(), 30)),
    ),
  );
  const { end } = await talk(door.port, `GET http://127.0.0.1:${origin.port}/ HTTP/1.0\r\nHost: x\r\n\r\n`);
  assert.equal(end, 'reset');
});

test('an idle upstream connection that died is replaced once, for what may be repeated', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket, connection) => {
    let requests = 0;
    socket.on('data', () => {
      requests++;
      if (connection === 0 && requests === 2) socket.resetAndDestroy();
      else socket.write(OK);
    });
  });
  const { text } = await talk(
    door.port,
    get(origin.port, '/1') + get(origin.port, '/2', 'Connection: close\r\n'),
  );
  assert.equal(text.match(/200 OK/g)?.length, 2);
  assert.equal(origin.connections(), 2);
});

test('what cannot be understood in one way only is refused, counted, closed, and never forwarded', async (t) => {
  const cases = [
    [
      'GET http://a.test/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['GET http://a.test/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n', 501],
    [`GET http://a.test/${'x'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    [`GET http://a.test/ HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`, 431],
    ['GET http://a.test/ HTTP/3.0\r\nHost: a\r\n\r\n', 505],
    ['GET http://u:p@a.test/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['GET http://a.test/ HTTP/1.1\nHost: a\n\n', 400],
  ] as const;
  for (const [bytes, status] of cases) {
    const door = await openProxyDoor(t);
    const { text, end } = await talk(door.port, bytes);
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} [^]*Connection: close\\r\\n`), bytes.slice(0, 60));
    assert.equal(end, 'fin');
    assert.equal(door.counted('forward_proxy_requests_total', 'rejected'), 1);
  }
});

test('requests that are none for a proxy say what to do', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await talk(door.port, 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  assert.match(origin.text, /^HTTP\/1\.1 400 [^]*set it as HTTP proxy/);
  const secure = await talk(door.port, 'GET https://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n');
  assert.match(secure.text, /^HTTP\/1\.1 400 [^]*CONNECT/);
  const loop = await talk(
    door.port,
    'GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nVia: 1.1 other, 1.1 gw.test\r\n\r\n',
  );
  assert.match(loop.text, /^HTTP\/1\.1 508 /);
  const trace = await talk(door.port, 'TRACE http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n');
  assert.match(trace.text, /^HTTP\/1\.1 405 /);
});

test('an unreachable destination says how it failed', async (t) => {
  const door = await openProxyDoor(t);
  const gone = await openRawOrigin(t, () => undefined);
  const closedPort = gone.port;
  const refused = await talk(door.port, get(1, '/', 'Connection: close\r\n'));
  assert.match(refused.text, /^HTTP\/1\.1 403 /, 'port 1 is no port for plain HTTP');
  const special = await talk(
    door.port,
    'GET http://169.254.169.254/latest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  assert.match(special.text, /^HTTP\/1\.1 403 [^]*error=destination_ip_prohibited/);
  assert.ok(closedPort > 0);
});

test('a slow head is cut when its time is over; a silent server is 504', async (t) => {
  const slow = await openProxyDoor(t, { headMs: 50 });
  const cut = await talk(slow.port, 'GET http://a.test/ HTTP/1.1\r\nHos');
  assert.equal(cut.text, '');
  const door = await openProxyDoor(t, { egress: { responseHeadMs: 60 } });
  const origin = await openRawOrigin(t, () => undefined);
  const { text } = await talk(door.port, get(origin.port, '/', 'Connection: close\r\n'));
  assert.match(text, /^HTTP\/1\.1 504 [^]*error=http_response_timeout/);
});

test('a client that leaves takes its upstream request along: at once after a reset, soon after a FIN', async (t) => {
  for (const how of ['resetAndDestroy', 'destroy'] as const) {
    const door = await openProxyDoor(t, { egress: { halfClosedMs: 50 } });
    const left = Promise.withResolvers<void>();
    const origin = await openRawOrigin(t, (socket) => {
      socket.on('close', () => left.resolve());
      socket.on('end', () => socket.end());
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nstart');
    });
    const client = connect(door.port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write(get(origin.port, '/'));
    await once(client, 'data');
    client[how]();
    await left.promise;
    await door.finished(1);
    assert.equal(door.counted('forward_proxy_requests_total', 'failed'), 1, how);
  }
});

test('while draining every answer is the last of its connection', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) => socket.on('data', () => socket.write(OK)));
  door.drain();
  const { text, end } = await talk(door.port, get(origin.port, '/'));
  assert.match(text, /Connection: close\r\n/);
  assert.equal(end, 'fin');
});

test('a server that never gets past 1xx is given up', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(40))),
  );
  const { end } = await talk(door.port, get(origin.port, '/', 'Connection: close\r\n'));
  assert.equal(end, 'fin');
  await door.finished(1);
  assert.equal(door.counted('forward_proxy_violations_total', 'upstream', 'HTTP1_INTERIM_ENDLESS'), 1);
  assert.equal(door.entries[0]?.error, 'http_protocol_error');
});
