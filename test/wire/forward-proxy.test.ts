import assert from 'node:assert/strict';
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
        confidence: 100,
        tlp: 'clear',
        ageS: 5,
        expiresAt: undefined,
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
                confidence: 100,
                tlp: 'clear',
                ageS: 0,
                expiresAt: undefined,
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
