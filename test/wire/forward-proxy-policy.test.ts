import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { policyOf } from '../support/policy.ts';
import { openProxyDoor, openRawOrigin, talk } from '../support/proxy-door.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: Old/1\r\nContent-Length: 2\r\n\r\nhi';

function get(port: number, path: string, fields = ''): string {
  return `GET http://127.0.0.1:${port}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields}\r\n`;
}

function answering(answer: string) {
  return (socket: Socket) => socket.on('data', () => socket.write(answer));
}

test('a rule refuses with its own status, title and text; the log names it', async (t) => {
  const policy = await policyOf([
    'when: { url: 127.0.0.1/secret/ }, then: { block: { status: 451, title: Closed, text: Ask the legal team. } }',
  ]);
  const door = await openProxyDoor(t, { policy });
  const origin = await openRawOrigin(t, answering(OK));
  const { text } = await talk(door.port, get(origin.port, '/secret/a') + get(origin.port, '/open'), /hi$/);
  assert.match(text, /^HTTP\/1\.1 451 Unavailable For Legal Reasons\r\n/);
  assert.match(text, /451 Closed\n\nAsk the legal team\.\n/);
  assert.match(text, /rule +r0\n/);
  await door.finished(2);
  assert.deepEqual(
    door.entries.map(({ rule, reason, status }) => [rule, reason, status]),
    [
      ['r0', 'policy-rule', 451],
      ['default-allow', 'no-rule-matched', 200],
    ],
  );
  assert.equal(door.counted('forward_proxy_blocks_total', 'r0'), 1);
  assert.equal(origin.received.join('').includes('/secret'), false);
});

test('a rule over the answer decides when its head is there, and nothing of its body reaches the client', async (t) => {
  const policy = await policyOf([
    'when: { media-type: "application/x-*", not: { request-field: { name: X-Allowed, present: true } } }, then: block',
    'when: { size: { min: 1MiB } }, then: block',
  ]);
  const door = await openProxyDoor(t, { policy });
  const origin = await openRawOrigin(t, (socket) =>
    socket.on('data', (chunk) => {
      const path = /^GET (\S+)/.exec(String(chunk))?.[1];
      if (path === '/text') socket.write(OK);
      else if (path === '/large') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\nLARGE');
      else
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/X-Evil\r\nContent-Length: 4\r\n\r\nEVIL');
    }),
  );
  const asked =
    get(origin.port, '/evil') +
    get(origin.port, '/large') +
    get(origin.port, '/evil', 'X-Allowed: 1\r\n') +
    get(origin.port, '/text', 'Connection: close\r\n');
  const { text } = await talk(door.port, asked);
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status),
    ['403', '403', '200', '200'],
  );
  assert.equal(text.match(/EVIL/g)?.length, 1, 'only the one that is allowed');
  assert.ok(!text.includes('LARGE') && text.endsWith('hi'));
  await door.finished(4);
  assert.deepEqual(
    door.entries.map(({ rule, decision }) => `${rule} ${decision}`),
    ['r0 block', 'r1 block', 'default-allow allow', 'default-allow allow'],
  );
  assert.equal(door.events.length, 2);
});

test('plain allows are events of their own only where they are asked for', async (t) => {
  const origin = await openRawOrigin(t, answering(OK));
  for (const allows of ['aggregate', 'full'] as const) {
    const door = await openProxyDoor(t, { allows });
    await talk(door.port, get(origin.port, '/open'), /hi$/);
    await door.finished(1);
    assert.deepEqual(
      door.events.map(({ type, target }) => [type, target]),
      allows === 'full' ? [['decision.allow', `http://127.0.0.1:${origin.port}/open`]] : [],
    );
  }
});

test('fields are set and removed on their way, and what frames the message stays', async (t) => {
  const policy = await policyOf([
    'then: { headers: { request: { set: { X-Tenant: "acme 1" }, remove: [referer, X-Secret] }, response: { set: { X-Checked: "yes" }, remove: [Server] } } }',
  ]);
  const door = await openProxyDoor(t, { policy });
  const origin = await openRawOrigin(t, answering(OK));
  const fields = 'Referer: http://intern/\r\nx-secret: 1\r\nX-Tenant: other\r\nX-Keep: 1\r\n';
  const { text } = await talk(door.port, get(origin.port, '/', fields), /hi$/);
  const [head] = origin.received;
  assert.match(head!, /\r\nX-Keep: 1\r\n/);
  assert.match(head!, /\r\nX-Tenant: acme 1\r\n/);
  assert.equal(head!.match(/x-tenant/gi)?.length, 1);
  assert.ok(!/referer|x-secret/i.test(head!));
  assert.match(text, /\r\nX-Checked: yes\r\n/);
  assert.match(text, /\r\nContent-Length: 2\r\n/);
  assert.ok(!/server:/i.test(text));
});

test('the log says nothing, or more, as rules want it; refusals are always in it', async (t) => {
  const policy = await policyOf([
    'when: { url: 127.0.0.1/quiet }, then: { log: none }',
    'when: { url: 127.0.0.1/quiet/not }, then: block',
    'when: { url: 127.0.0.1/watched }, then: { log: full, monitor: true }',
  ]);
  const door = await openProxyDoor(t, { policy });
  const origin = await openRawOrigin(t, answering(OK));
  const fields = 'User-Agent: curl/8\r\nReferer: http://a.test/\r\n';
  const { text } = await talk(
    door.port,
    ['/quiet', '/quiet/not', '/watched'].map((path) => get(origin.port, path, fields)),
    /hi[^]*403[^]*hi$/,
  );
  assert.ok(text.length > 0);
  await door.finished(2);
  assert.deepEqual(
    door.entries.map(({ url, rule, more }) => [new URL(url).pathname, rule, more]),
    [
      ['/quiet/not', 'r1', undefined],
      [
        '/watched',
        'default-allow',
        { monitored: ['r2'], userAgent: 'curl/8', referrer: 'http://a.test/', mediaType: undefined },
      ],
    ],
  );
  assert.deepEqual(
    door.events.map(({ type, details }) => [type, details['rule']]),
    [
      ['decision.block', 'r1'],
      ['decision.monitor', 'r2'],
    ],
  );
  assert.equal(door.counted('forward_proxy_monitored_total', 'r2'), 1);
});

test('more requests than a rate allows are told when to come again', async (t) => {
  const policy = await policyOf(['then: { rate: { requests: 2, per: 1d } }']);
  const door = await openProxyDoor(t, { policy });
  const origin = await openRawOrigin(t, answering(OK));
  const three =
    get(origin.port, '/') + get(origin.port, '/') + get(origin.port, '/', 'Connection: close\r\n');
  const { text } = await talk(door.port, three);
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status),
    ['200', '200', '429'],
  );
  assert.match(text, /\r\nRetry-After: \d+\r\n/);
  assert.match(text, /429 Too many requests/);
});

test('a warning has a link on the site itself; a tunnel is refused until it was followed', async (t) => {
  const policy = await policyOf(['when: { host: 127.0.0.1 }, then: { warn: { text: Not for work. } }']);
  const door = await openProxyDoor(t, { policy });
  const origin = await openRawOrigin(t, answering(OK));
  const close = 'Accept: text/html\r\nConnection: close\r\n';
  const connect = `CONNECT 127.0.0.1:${origin.port} HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\n`;
  const page = await talk(door.port, get(origin.port, '/a?b="<x>', close));
  assert.match(page.text, /^HTTP\/1\.1 403 Forbidden\r\n/);
  assert.match(page.text, /<h1>Think before you go on<\/h1>/);
  const link = /href="(\/\.sallyport\/continue\?t=[\w.-]+)"/.exec(page.text)?.[1];
  assert.ok(link !== undefined, page.text);
  const tunnel = await talk(door.port, `${connect}Connection: close\r\n\r\n`);
  assert.match(tunnel.text, /^HTTP\/1\.1 403 [^]*cannot ask you inside an encrypted connection/);
  assert.ok(!tunnel.text.includes('/.sallyport/'));
  const posted = await talk(
    door.port,
    get(origin.port, link, 'Connection: close\r\n').replace(/^GET/, 'POST'),
  );
  assert.match(posted.text, /^HTTP\/1\.1 403 /, 'a form of another page goes on past nothing');
  assert.equal(origin.connections(), 0);
  assert.deepEqual(
    door.events.map(({ type, reason, details }) => [type, reason, details['rule']]),
    Array.from({ length: 3 }, () => ['decision.warn', 'policy-warn', 'r0']),
  );

  const on = await talk(door.port, get(origin.port, link, close));
  assert.match(on.text, /^HTTP\/1\.1 303 See Other\r\n/);
  assert.ok(on.text.includes(`\r\nLocation: http://127.0.0.1:${origin.port}/a?b="<x>\r\n`));
  assert.match((await talk(door.port, get(origin.port, '/a', close), /hi$/)).text, /^HTTP\/1\.1 200 OK/);
  assert.match((await talk(door.port, `${connect}\r\n`, /\r\n\r\n/)).text, /^HTTP\/1\.1 200 /);
  assert.equal(door.counted('forward_proxy_requests_total', 'continued'), 1);
});
