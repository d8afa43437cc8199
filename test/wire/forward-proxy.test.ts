import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { Verdict } from '../../src/kernel/index.ts';
import { openProxyDoor, openRawOrigin, talk } from '../support/proxy-door.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

function get(port: number, path: string, fields = ''): string {
  return `GET http://127.0.0.1:${port}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields}\r\n`;
}

test('a request goes on in origin-form with Via, without what belongs to the hop', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) => socket.on('data', () => socket.write(OK)));
  const fields =
    'Accept: */*\r\nProxy-Connection: keep-alive\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\nProxy-Authorization: Basic c2VjcmV0\r\nTE: trailers\r\nX-Keep: yes\r\n';
  const { text } = await talk(door.port, get(origin.port, '/a?b=1', fields), /hi$/);
  assert.equal(
    origin.received[0],
    `GET /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\nAccept: */*\r\nX-Keep: yes\r\nVia: 1.1 gw.test\r\n\r\n`,
  );
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Via: 1\.1 gw\.test\r\n/);
  await door.finished(1);
  const [entry] = door.entries;
  assert.equal(entry?.status, 200);
  assert.equal(entry.rule, 'default-allow');
  assert.equal(entry.url, `http://127.0.0.1:${origin.port}/a?b=1`);
  assert.equal(entry.bytesIn, get(origin.port, '/a?b=1', fields).length);
  assert.equal(entry.bytesOut, text.length);
  assert.equal(door.counted('forward_proxy_requests_total', 'forwarded'), 1);
});

test('requests on one connection are answered in order, upstream connections are used again', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) =>
    socket.on('data', (chunk) => {
      const path = /^GET (\S+)/.exec(String(chunk))?.[1] ?? '?';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
    }),
  );
  const pipeline =
    get(origin.port, '/one') + get(origin.port, '/two') + get(origin.port, '/three', 'Connection: close\r\n');
  const { text, end } = await talk(door.port, pipeline);
  assert.equal(end, 'fin');
  assert.deepEqual(text.match(/\/\w+$|\/(?:one|two)(?=HTTP)/g), ['/one', '/two', '/three']);
  assert.equal(origin.connections(), 1);
  assert.equal(door.counted('egress_reused_total'), 2);
});

test('a blocked destination is told why, by which list, and whom to ask; nothing reaches it', async (t) => {
  const verdict: Verdict = {
    verdict: 'malicious',
    score: 95,
    matches: [
      {
        feed: 'phish-list',
        entry: '127.0.0.1',
        kind: 'address',
        action: 'block',
        category: 'phishing',
        severity: 'high',
        addedAt: '2026-01-02T03:04:05Z',
        ageS: 5,
        licence: 'CC0-1.0',
      },
    ],
  };
  const door = await openProxyDoor(t, { verdict: () => verdict });
  const origin = await openRawOrigin(t, (socket) => socket.write(OK));
  const forms = [
    [
      'Accept: text/html\r\n',
      /Content-Type: text\/html; charset=utf-8\r\n/,
      /<h1>This site is blocked<\/h1>/,
    ],
    [
      'Accept: application/json\r\n',
      /Content-Type: application\/problem\+json\r\n/,
      /"code":"DESTINATION_BLOCKED"/,
    ],
    ['', /Content-Type: text\/plain; charset=utf-8\r\n/, /^403 This site is blocked$/m],
  ] as const;
  for (const [accept, type, body] of forms) {
    const { text, end } = await talk(door.port, get(origin.port, '/', `${accept}Connection: close\r\n`));
    assert.equal(end, 'fin');
    assert.match(text, /^HTTP\/1\.1 403 Forbidden\r\n/);
    assert.match(text, type);
    assert.match(text, body);
    assert.match(text, /Proxy-Status: gw\.test; error=http_request_denied; details="rule feed-block"\r\n/);
    for (const fact of ['phish-list', 'phishing', 'high', '2026-01-02T03:04:05Z', 'helpdesk@example.test']) {
      assert.ok(text.includes(fact), `${fact} in ${text}`);
    }
  }
  const connect = await talk(
    door.port,
    `CONNECT 127.0.0.1:${origin.port} HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(connect.text, /^HTTP\/1\.1 403 /);
  assert.equal(origin.connections(), 0);
  assert.equal(door.counted('forward_proxy_blocks_total', 'feed-block'), 4);
  assert.equal(door.events[0]?.details['feed'], 'phish-list');
  assert.equal(door.entries[0]?.feed, 'phish-list');
});

test('a block keeps the connection, so a browser goes on with its next request', async (t) => {
  const door = await openProxyDoor(t, {
    verdict: (host) => ({
      verdict: 'unknown',
      score: 50,
      matches:
        host === 'bad.test'
          ? [
              {
                feed: 'local',
                entry: 'bad.test',
                kind: 'domain',
                action: 'block',
                category: '',
                severity: 'high',
                addedAt: '',
                ageS: 0,
                licence: '',
              },
            ]
          : [],
    }),
  });
  const origin = await openRawOrigin(t, (socket) => socket.on('data', () => socket.write(OK)));
  const { text } = await talk(
    door.port,
    `GET http://bad.test/ HTTP/1.1\r\nHost: bad.test\r\n\r\n${get(origin.port, '/')}`,
    /hi$/,
  );
  assert.match(text, /^HTTP\/1\.1 403 [^]*HTTP\/1\.1 200 OK/);
});

test('who must sign in is asked, and asked again on the same connection', async (t) => {
  const asked: unknown[] = [];
  const door = await openProxyDoor(t, {
    auth: 'required',
    authenticate(header) {
      asked.push(header);
      return header === 'Basic good'
        ? { ok: true, user: 'ada', via: 'password', scopes: ['proxy'] }
        : { ok: false, reason: header === undefined ? 'missing' : 'unknown' };
    },
  });
  const origin = await openRawOrigin(t, (socket) => socket.on('data', () => socket.write(OK)));
  const { text } = await talk(
    door.port,
    get(origin.port, '/') +
      get(origin.port, '/', 'Proxy-Authorization: Basic bad\r\n') +
      get(origin.port, '/', 'Proxy-Authorization: Basic good\r\n'),
    /hi$/,
  );
  assert.deepEqual(asked, [undefined, 'Basic bad', 'Basic good']);
  assert.equal(text.match(/HTTP\/1\.1 407 Proxy Authentication Required\r\n/g)?.length, 2);
  assert.match(text, /Proxy-Authenticate: Basic realm="[^"]+", charset="UTF-8"\r\n/);
  assert.doesNotMatch(origin.received[0] ?? '', /proxy-authorization/i);
  assert.deepEqual(
    door.entries.map(({ user, status }) => [user, status]),
    [
      [undefined, 407],
      [undefined, 407],
      ['ada', 200],
    ],
  );
});

test('CONNECT: bytes of both sides pass unchanged, also those that come early', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) => {
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end());
  });
  const { text } = await talk(
    door.port,
    [`CONNECT 127.0.0.1:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n\x00early`, '\xff later'],
    /later$/,
  );
  assert.equal(text, 'HTTP/1.1 200 Connection established\r\n\r\n\x00early\xff later');
  await door.finished(1);
  assert.equal(door.entries[0]?.tunnel, true);
  assert.equal(door.counted('forward_proxy_tunnels'), 0);
});

test('an upgrade becomes a tunnel', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) =>
    socket.once('data', () => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello',
      );
      socket.on('data', (chunk) => socket.write(`echo ${String(chunk)}`));
    }),
  );
  const { text } = await talk(
    door.port,
    [get(origin.port, '/ws', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'), 'ping'],
    /echo ping$/,
  );
  assert.match(origin.received[0] ?? '', /\r\nConnection: Upgrade\r\n|\r\nUpgrade: websocket\r\n/i);
  assert.match(text, /^HTTP\/1\.1 101 [^]*\r\n\r\nhelloecho ping$/);
});

test('bodies go up and down with the framing that each side can read', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) => {
    let all = '';
    socket.on('data', (chunk) => {
      all += chunk.toString('latin1');
      if (all.endsWith('0\r\n\r\n')) {
        socket.write(
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n',
        );
      }
    });
  });
  const upload = `POST http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`;
  const modern = await talk(door.port, upload, /0\r\n(?:.+\r\n)*\r\n$/);
  assert.match(origin.received[0] ?? '', /Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/);
  assert.match(modern.text, /\r\n\r\n3\r\nabc\r\n0\r\n/);
  assert.doesNotMatch(modern.text, /x=y/);
});

test('a chunked answer reaches an HTTP/1.0 client undelimited, and the end of the connection is its end', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) =>
    socket.on('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'),
    ),
  );
  const { text, end } = await talk(
    door.port,
    `GET http://127.0.0.1:${origin.port}/ HTTP/1.0\r\nHost: x\r\n\r\n`,
  );
  assert.match(text, /\r\n\r\nabc$/);
  assert.equal(end, 'fin');
});

test('an answer until close becomes chunked, so the client keeps its connection', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nabc')),
  );
  const { text } = await talk(
    door.port,
    get(origin.port, '/') + get(origin.port, '/'),
    /abc\r\n0\r\n\r\nHTTP[^]*abc\r\n0\r\n\r\n$/,
  );
  assert.equal(text.match(/Transfer-Encoding: chunked/gi)?.length, 2);
});

test('1xx answers pass to HTTP/1.1 and not to HTTP/1.0', async (t) => {
  const door = await openProxyDoor(t);
  const origin = await openRawOrigin(t, (socket) =>
    socket.on('data', () => socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`)),
  );
  const modern = await talk(door.port, get(origin.port, '/'), /hi$/);
  assert.match(modern.text, /^HTTP\/1\.1 103 /);
  const old = await talk(
    door.port,
    `GET http://127.0.0.1:${origin.port}/ HTTP/1.0\r\nHost: x\r\n\r\n`,
    /hi$/,
  );
  assert.match(old.text, /^HTTP\/1\.[01] 200 /);
});

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

test('plain HTTP goes to a parent proxy in absolute-form with its credentials; tunnels by CONNECT', async (t) => {
  const parent = await openRawOrigin(t, (socket) =>
    socket.once('data', (chunk) => {
      if (!String(chunk).startsWith('CONNECT')) socket.write(OK);
      else {
        socket.write('HTTP/1.1 200 fine\r\n\r\nearly ');
        socket.on('data', (more) => socket.write(more));
      }
    }),
  );
  const fields = 'Proxy-Authorization: Basic cGFyZW50\r\n';
  const door = await openProxyDoor(t, {
    parents: [{ host: '127.0.0.1', port: parent.port, fields, only: [] }],
  });
  await talk(
    door.port,
    'GET http://far.test/x HTTP/1.1\r\nHost: far.test\r\nProxy-Authorization: Basic mine\r\n\r\n',
    /hi$/,
  );
  assert.match(parent.received[0] ?? '', /^GET http:\/\/far\.test\/x HTTP\/1\.1\r\nHost: far\.test\r\n/);
  assert.match(parent.received[0] ?? '', /\r\nProxy-Authorization: Basic cGFyZW50\r\n/);
  assert.doesNotMatch(parent.received[0] ?? '', /mine/);
  const tunnel = await talk(
    door.port,
    ['CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n\r\n', 'ping'],
    /ping$/,
  );
  assert.match(tunnel.text, /\r\n\r\nearly ping$/);
  assert.match(
    parent.received[1] ?? '',
    /^CONNECT far\.test:443 HTTP\/1\.1\r\nHost: far\.test:443\r\nProxy-Authorization/,
  );
});
