import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf, openApi, statusOf, type WebDoorOptions } from '../../../test/support/web-doors.ts';

interface Asked {
  readonly door?: WebDoorOptions;
  readonly from?: string;
  readonly host?: string;
  readonly fields?: readonly string[];
}

async function asked(
  line: string,
  { door: options, from = '10.0.0.9', host = 'gw.example', fields = [] }: Asked = {},
) {
  const door = await openApi(options);
  const text = await door.say(
    'http',
    [`${line} HTTP/1.1`, `Host: ${host}`, ...fields, '', ''].join('\r\n'),
    from,
  );
  const location = /\r\nLocation: (.*)\r\n/.exec(text)?.[1];
  return { door, text, status: statusOf(text), location };
}

const mode = (plainHttp: 'queries' | 'redirect' | 'off'): WebDoorOptions => ({
  config: (base) => ({ ...base, api: { ...base.api, plainHttp } }),
});

test('port 80 answers queries and sends everything else to 443', async () => {
  for (const [line, status] of [
    ['GET /healthz', 200],
    ['GET /readyz', 200],
    ['GET /proxy.pac', 200],
    ['GET /wpad.dat', 200],
    ['GET /ca.crt', 200],
    // Let through by the rule: 400 and 404 come from the routes.
    ['GET /lookup/md5/d41d8cd98f00b204e9800998ecf8427e', 404],
    ['POST /bulk/md5', 400],
    ['GET /vt/api/v3/domains/example.com', 404],
    ['GET /parents/d41d8cd98f00b204e9800998ecf8427e/1/0', 308],
    // Analysis needs a token, and a token needs TLS.
    ['POST /api/v1/files', 403],
    ['GET /', 308],
    ['GET /metrics', 308],
    ['HEAD /api/docs', 308],
    ['GET /lookups', 308],
    ['GET /api/v1/filesystem', 308],
    ['GET /healthz/../metrics', 404],
    ['DELETE /api/v1/tokens/x', 403],
    ['OPTIONS /metrics', 403],
    ['POST /metrics', 403],
  ] as const) {
    assert.equal((await asked(line)).status, status, line);
  }
});

test('the redirect keeps path and query and goes to the port that really listens', async () => {
  const line = 'GET /api/v1/explain?url=http%3A%2F%2Fx%2F';
  const target = '/api/v1/explain?url=http%3A%2F%2Fx%2F';
  assert.equal((await asked(line)).location, `https://gw.example${target}`);
  assert.equal(
    (await asked(line, { door: { httpsPort: 20_443 } })).location,
    `https://gw.example:20443${target}`,
  );
  assert.equal((await asked(line, { host: '[fd00::1]:80' })).location, `https://[fd00::1]${target}`);
  const none = await asked(line, { door: { httpsPort: undefined } });
  assert.deepEqual([none.status, documentOf(none.text)['code']], [403, 'https-required']);
});

test('without a Host the redirect names the address that was reached', async () => {
  const door = await openApi();
  const text = await door.say('http', 'GET /metrics HTTP/1.0\r\n\r\n');
  assert.match(text, /\r\nLocation: https:\/\/10\.0\.0\.1\/metrics\r\n/);
});

test('credentials on an open line are refused, logged and reported, without the secret', async () => {
  for (const field of [
    'Authorization: Bearer reader',
    'x-apikey: reader',
    `Authorization: Basic ${btoa('ana:pw')}`,
  ]) {
    for (const line of ['GET /healthz', 'GET /metrics', 'POST /lookup']) {
      const { door, text, status } = await asked(line, { fields: [field] });
      assert.deepEqual([status, documentOf(text)['code']], [403, 'credentials-over-plain-http']);
      assert.match(text, /\r\nConnection: close\r\n/);
      assert.equal(door.counted('api_refused_total', 'plain-http'), 1);
      assert.deepEqual(
        door.logged.map(([event, { source, path }]) => [event, source, path]),
        [['api.credentials-exposed', '10.0.0.9', line.split(' ')[1]]],
      );
      assert.deepEqual(
        door.events.map(({ type, source }) => [type, source]),
        [['api.credentials-exposed', '10.0.0.9']],
      );
      assert.doesNotMatch(JSON.stringify([door.logged, door.events, door.entries]), /reader|YW5h/);
    }
  }
});

test('a client on the machine itself may send them', async () => {
  for (const from of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    const { status, door } = await asked('GET /healthz', { from, fields: ['x-apikey: reader'] });
    assert.equal(status, 200, from);
    assert.equal(door.logged.length, 0);
  }
});

test('the operator may close port 80, except for health', async () => {
  for (const path of ['/healthz', '/readyz']) {
    assert.equal((await asked(`GET ${path}`, { door: mode('off') })).status, 200);
    assert.equal((await asked(`GET ${path}`, { door: mode('redirect') })).status, 200);
  }
  for (const path of ['/proxy.pac', '/ca.crt', '/metrics']) {
    assert.equal((await asked(`GET ${path}`, { door: mode('off') })).status, 403);
    assert.equal((await asked(`GET ${path}`, { door: mode('redirect') })).status, 308);
  }
});

test('over TLS the rule does not hold', async () => {
  const door = await openApi();
  const text = await door.say('https', 'GET /healthz HTTP/1.1\r\nHost: gw\r\nx-apikey: reader\r\n\r\n');
  assert.equal(statusOf(text), 200);
});
