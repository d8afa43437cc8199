import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { GatewayError } from '../../kernel/index.ts';
import { documentOf, openApi, statusOf, type WebDoor } from '../../../test/support/web-doors.ts';

function request(line: string, fields: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`${line} HTTP/1.1`, 'Host: gw.example', ...fields, ...length, '', body].join('\r\n');
}

const READ = 'Authorization: Bearer reader';
const ADMIN = 'Authorization: Bearer boss';
const JSON_TYPE = 'Content-Type: application/json';

async function ask(door: WebDoor, line: string, fields: readonly string[] = [], body = '') {
  const text = await door.say('https', request(line, fields, body));
  return {
    text,
    status: statusOf(text),
    document: /\r\nContent-Type: \S*json\r\n[^]*\}\n$/.test(text) ? documentOf(text) : {},
  };
}

test('readiness is 503 with the reasons', async () => {
  const door = await openApi({ notReady: ['indicators are loading'] });
  const { status, document } = await ask(door, 'GET /readyz');
  assert.equal(status, 503);
  assert.deepEqual(document, { ready: false, reasons: ['indicators are loading'] });
  assert.deepEqual((await ask(await openApi(), 'GET /readyz')).document, { ready: true, reasons: [] });
  const unwell = await ask(await openApi({ degraded: ['feed urls: stale'] }), 'GET /readyz');
  assert.equal(unwell.status, 200, 'a gateway with an old feed gets traffic all the same');
  assert.deepEqual(unwell.document, { ready: true, reasons: [], degraded: ['feed urls: stale'] });
});

test('metrics take the scope read and come from control', async () => {
  const door = await openApi({ control: { 'metrics.read': () => '# HELP x y\n' } });
  const none = await ask(door, 'GET /metrics');
  assert.equal(none.status, 401);
  assert.match(
    none.text,
    /\r\nWWW-Authenticate: Bearer realm="sallyport"\r\nWWW-Authenticate: Basic realm="sallyport", charset="UTF-8"\r\n/,
  );
  assert.equal(none.document['code'], 'credentials-missing');
  const wrong = await ask(door, 'GET /metrics', ['Authorization: Bearer nobody']);
  assert.deepEqual(
    [wrong.status, wrong.document['code'], wrong.document['reason']],
    [401, 'credentials-refused', 'unknown'],
  );
  const other = await ask(door, 'GET /metrics', ['x-apikey: proxied']);
  assert.deepEqual(
    [other.status, other.document['code'], other.document['scopes']],
    [403, 'scope-missing', ['read']],
  );
  for (const field of [READ, ADMIN, 'x-apikey: reader', `Authorization: Basic ${btoa('ana:pw')}`]) {
    const { status, text } = await ask(door, 'GET /metrics', [field]);
    assert.equal(status, 200, field);
    assert.match(
      text,
      /Content-Type: text\/plain; version=0\.0\.4; charset=utf-8\r\n[^]*\r\n\r\n# HELP x y\n$/,
    );
  }
  assert.deepEqual(
    ['no-credentials', 'unknown', 'scope-missing'].map((reason) => door.counted('api_refused_total', reason)),
    [1, 1, 1],
  );
});

test('a ban is 429, control away is 503, and neither asks for other credentials', async () => {
  const door = await openApi();
  for (const [user, status, code] of [
    ['banned', 429, 'login-banned'],
    ['away', 503, 'control-away'],
  ] as const) {
    const answer = await ask(door, 'GET /metrics', [`Authorization: Basic ${btoa(`${user}:pw`)}`]);
    assert.deepEqual([answer.status, answer.document['code']], [status, code]);
    assert.match(answer.text, /\r\nRetry-After: \d+\r\n/);
    assert.doesNotMatch(answer.text, /WWW-Authenticate/);
  }
  const metrics = await ask(door, 'GET /metrics', [READ]);
  assert.deepEqual([metrics.status, metrics.document['code']], [503, 'control-away']);
});

test('the PAC file names this gateway as the client calls it, and leaves internal networks alone', async () => {
  const door = await openApi();
  for (const path of ['/proxy.pac', '/wpad.dat']) {
    const text = await door.say('http', request(`GET ${path}`));
    assert.match(
      text,
      /Content-Type: application\/x-ns-proxy-autoconfig\r\n[^]*Cache-Control: max-age=300\r\n/,
    );
    const script = text.slice(text.indexOf('\r\n\r\n') + 4);
    const find = (url: string, host: string): unknown =>
      vm.runInNewContext(`${script}\nFindProxyForURL(url, host)`, { url, host });
    assert.equal(find('http://example.com/', 'example.com'), 'PROXY gw.example:8080');
    assert.equal(find('http://10.1.2.3/', '10.1.2.3'), 'DIRECT');
  }
  const set = await openApi({
    config: (base) => ({ ...base, pac: { proxy: 'proxy.corp.example:3128', direct: ['*.corp.example'] } }),
  });
  const text = await set.say('http', request('GET /proxy.pac'));
  assert.match(text, /"PROXY proxy\.corp\.example:3128"/);
  assert.match(text, /\["suffix","corp\.example",0,65535\]/);
});

test('the certificate of the authority is a file, or a reason', async () => {
  const text = await (await openApi()).say('http', request('GET /ca.crt'));
  assert.match(
    text,
    /Content-Type: application\/x-x509-ca-cert\r\n[^]*filename="sallyport-ca\.crt"[^]*\r\n\r\n-----BEGIN/,
  );
  const none = await ask(await openApi({ caPem: undefined }), 'GET /ca.crt');
  assert.deepEqual([none.status, none.document['code']], [404, 'no-own-authority']);
});

test('look-ups of URLs, names and addresses', async () => {
  const door = await openApi();
  for (const [query, verdict] of [
    ['kind=url&value=http%3A%2F%2Fevil.example%2Fa', 'malicious'],
    ['kind=domain&value=EVIL.example.', 'malicious'],
    ['kind=ip&value=192.0.2.66', 'malicious'],
    ['kind=ip&value=192.0.2.1', 'unknown'],
    ['kind=file&value=66C2A9A9EF4E8BC8D8E5C6D2E9A3B6C4', 'malicious'],
    ['kind=file&value=d41d8cd98f00b204e9800998ecf8427e', 'unknown'],
    ['kind=email&value=Billing@EVIL.example', 'malicious'],
  ] as const) {
    const { status, document } = await ask(door, `GET /api/v1/lookup?${query}`);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(document), ['query', 'verdict', 'score', 'matches']);
    assert.equal(document['verdict'], verdict);
    assert.equal(document['query'], decodeURIComponent(query.split('value=')[1]!));
  }
  for (const [query, code] of [
    ['', 'parameter-missing'],
    ['kind=ip', 'parameter-missing'],
    ['kind=user&value=x', 'unknown-kind'],
    ['kind=file&value=x', 'value-unreadable'],
    ['kind=file&value=66666666666666666666666666666zzz', 'value-unreadable'],
    ['kind=email&value=evil.example', 'value-unreadable'],
    ['kind=email&value=a%20b@evil.example', 'value-unreadable'],
    ['kind=ip&value=1.2.3', 'value-unreadable'],
    ['kind=domain&value=a%20b', 'value-unreadable'],
    ['kind=url&value=mailto:x', 'value-unreadable'],
  ] as const) {
    const { status, document } = await ask(door, `GET /api/v1/lookup?${query}`);
    assert.deepEqual([status, document['code']], [400, code], query);
  }
});

test('look-ups take a token when the operator wants that', async () => {
  const door = await openApi({
    config: (base) => ({ ...base, reputation: { ...base.reputation, requireToken: true } }),
  });
  const line = 'GET /api/v1/lookup?kind=ip&value=192.0.2.66';
  assert.equal((await ask(door, line)).status, 401);
  assert.equal((await ask(door, line, ['x-apikey: proxied'])).status, 403);
  assert.equal((await ask(door, line, ['x-apikey: asker'])).status, 200);
});

test('explain hands its question to the engine', async () => {
  const door = await openApi();
  const line = 'GET /api/v1/explain?url=http%3A%2F%2Fx%2F&user=ana&source=10.0.0.7&door=forward-proxy';
  assert.equal((await ask(door, line)).status, 401);
  const { status, document } = await ask(door, line, [READ]);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(document), ['decision', 'rule', 'reasons', 'tried', 'versions']);
  assert.deepEqual(document['reasons'], [
    '{"url":"http://x/","user":"ana","source":"10.0.0.7","door":"forward-proxy"}',
  ]);
  const wrong = await ask(door, 'GET /api/v1/explain?door=cellar', [READ]);
  assert.deepEqual([wrong.status, wrong.document['code']], [400, 'invalid-input']);
  assert.deepEqual(
    (wrong.document['problems'] as { path: string }[]).map(({ path }) => path),
    ['url', 'door'],
  );
});

test('lists come from commands, for the scope read', async () => {
  const control = { 'command.run': (params: unknown) => ({ document: [params], view: [] }) };
  const door = await openApi({ control });
  for (const [path, words] of [
    ['ports', 'show ports'],
    ['status', 'status'],
    ['feeds', 'show feeds'],
    ['users', 'user list'],
    ['tokens', 'token list'],
  ] as const) {
    assert.equal((await ask(door, `GET /api/v1/${path}`)).status, 401);
    const { status, text } = await ask(door, `GET /api/v1/${path}`, [READ]);
    assert.equal(status, 200);
    assert.match(text, /Content-Type: application\/json\r\n/);
    assert.match(text, /Cache-Control: no-store\r\n/);
    assert.deepEqual(door.calls.at(-1), [
      'command.run',
      { words, input: { words: {}, rest: [], options: {} }, actor: 'token:reader', source: '10.0.0.9' },
    ]);
    assert.equal(door.counted('api_requests_total', `/api/v1/${path}`, '200'), 1);
  }
});

test('tokens are made and revoked by admins, in their name', async () => {
  const door = await openApi({
    control: { 'command.run': () => ({ document: { name: 'ci', token: 'spt_x' } }) },
  });
  const body = JSON.stringify({ name: 'ci', scopes: ['read', 'intel'], expires: '90d' });
  const denied = await ask(door, 'POST /api/v1/tokens', [READ, JSON_TYPE], body);
  assert.deepEqual([denied.status, denied.document['scopes'], door.calls.length], [403, ['admin'], 0]);
  const made = await ask(
    door,
    'POST /api/v1/tokens',
    [`Authorization: Basic ${btoa('ana:pw')}`, JSON_TYPE],
    body,
  );
  assert.equal(made.status, 201);
  assert.deepEqual(made.document, { name: 'ci', token: 'spt_x' });
  const options = { name: 'ci', scope: ['read', 'intel'], expires: '90d' };
  assert.deepEqual(door.calls[0], [
    'command.run',
    { words: 'token create', input: { words: {}, rest: [], options }, actor: 'ana', source: '10.0.0.9' },
  ]);
  const gone = await ask(door, 'DELETE /api/v1/tokens/c%20i', [ADMIN]);
  assert.equal(gone.status, 204);
  assert.ok(gone.text.endsWith('\r\n\r\n'));
  assert.deepEqual(door.calls[1], [
    'command.run',
    {
      words: 'token revoke',
      input: { words: { name: 'c i' }, rest: [], options: {} },
      actor: 'token:boss',
      source: '10.0.0.9',
    },
  ]);
});

test('what is wrong with a body is said with path and code', async () => {
  const door = await openApi();
  for (const [fields, body, status, code] of [
    [[ADMIN, JSON_TYPE], '{', 400, 'json-malformed'],
    [[ADMIN, JSON_TYPE], '{}', 400, 'invalid-input'],
    [[ADMIN, JSON_TYPE], '{"name":"a","scopes":["root"]}', 400, 'invalid-input'],
    [[ADMIN, JSON_TYPE], '{"name":"a","scopes":["read"],"more":1}', 400, 'invalid-input'],
    [[ADMIN, 'Content-Type: text/plain'], '{"name":"a","scopes":["read"]}', 415, 'json-required'],
    [[ADMIN], '{"name":"a","scopes":["read"]}', 415, 'json-required'],
    [[ADMIN, JSON_TYPE, 'Sec-Fetch-Site: cross-site'], '{"name":"a","scopes":["read"]}', 403, 'cross-site'],
  ] as const) {
    const answer = await ask(door, 'POST /api/v1/tokens', fields, body);
    assert.deepEqual([answer.status, answer.document['code']], [status, code], body);
    assert.match(answer.text, /Content-Type: application\/problem\+json\r\n/);
  }
  assert.equal(door.calls.length, 0);
});

test('an error of a command is a problem with its code; a bug is logged and hidden', async () => {
  let error: Error = new Error('never');
  const door = await openApi({
    control: {
      'command.run': () => {
        throw error;
      },
    },
  });
  const spec = { message: 'no token {name}', hint: 'List them.' };
  for (const [code, kind, status, expected] of [
    ['IDENTITY_MISSING', 'refused', 404, 'identity-missing'],
    ['IDENTITY_EXISTS', 'refused', 409, 'identity-exists'],
    ['IDENTITY_NAME', 'config', 400, 'identity-name'],
    ['IDENTITY_FULL', 'limit', 429, 'identity-full'],
    ['BUS_TIMEOUT', 'unavailable', 503, 'control-away'],
  ] as const) {
    error = new GatewayError({ code, kind, ...spec }, { name: 'x' });
    const answer = await ask(door, 'DELETE /api/v1/tokens/x', [ADMIN]);
    const { document } = answer;
    assert.deepEqual(
      [answer.status, document['code'], document['detail'], document['hint']],
      [status, expected, 'no token x', 'List them.'],
    );
    assert.equal(document['status'], status);
  }
  error = new TypeError('hunter2');
  const { status, document, text } = await ask(door, 'DELETE /api/v1/tokens/x', [ADMIN]);
  assert.deepEqual([status, document['code']], [500, 'internal-error']);
  assert.ok(!text.includes('hunter2'));
  assert.deepEqual(door.logged.at(-1)?.[0], 'api.bug');
});

test('unknown paths are 404, known ones with another method 405 with Allow', async () => {
  const door = await openApi();
  for (const line of [
    'GET /nothing',
    'GET /api/v1/nothing',
    'GET /healthz/',
    'GET /api/v1/tokens/a/b',
    'POST /api/',
  ]) {
    const { status, document } = await ask(door, line, [ADMIN, JSON_TYPE]);
    assert.deepEqual([status, document['code']], [404, 'not-found'], line);
  }
  for (const [line, allow] of [
    ['POST /metrics', 'GET, HEAD'],
    ['DELETE /api/v1/tokens', 'GET, POST, HEAD'],
    ['PUT /api/v1/tokens/x', 'GET, DELETE, HEAD'],
    ['PUT /api/openapi.json', 'GET, HEAD'],
    ['TRACE /api/v1/tokens', 'GET, HEAD, POST, PUT, PATCH, DELETE, HEAD'],
  ] as const) {
    const { status, text } = await ask(door, line, [ADMIN]);
    assert.equal(status, 405, line);
    assert.ok(text.includes(`\r\nAllow: ${allow}\r\n`), text);
  }
});

test('HEAD gets the head of GET, also behind the framework', async () => {
  const door = await openApi({ control: { 'command.run': () => ({ document: [1, 2] }) } });
  const text = await door.say(
    'https',
    request('HEAD /api/v1/ports', [READ]) +
      request('HEAD /api/docs') +
      request('GET /healthz', ['Connection: close']),
  );
  const [ports = '', docs = '', health = ''] = text.split(/(?=HTTP\/1\.1)/);
  assert.match(ports, /200 OK[^]*Content-Length: 6\r\n[^]*\r\n\r\n$/);
  assert.match(docs, /200 OK[^]*Content-Length: \d{4,}\r\n[^]*\r\n\r\n$/);
  assert.match(health, /200 OK[^]*"state":"ok"/);
});

test('the start page leads to the console; the documentation has no script and nothing from elsewhere', async () => {
  const door = await openApi();
  assert.match((await ask(door, 'GET /')).text, /^HTTP\/1\.1 302 [^]*\r\nLocation: \/console\/\r\n/);
  const { text } = await ask(door, 'GET /api/docs');
  assert.match(
    text,
    /Content-Security-Policy: default-src 'none'; style-src 'sha256-[\w+/]{43}='; frame-ancestors 'none'/,
  );
  assert.doesNotMatch(text, /<script|(?:src|href)="(?:\w+:|\/\/)/);
  for (const path of ['/api/v1/explain', '/api/v1/tokens/{name}', '/proxy.pac'])
    assert.ok(text.includes(path));
});

test('every answer is logged with its source and code', async () => {
  const door = await openApi();
  await ask(door, 'GET /api/v1/lookup?kind=ip&value=192.0.2.66');
  await ask(door, 'GET /metrics');
  await ask(door, 'HEAD /api/v1/ports', [READ]);
  await ask(door, 'POST /api/v1/tokens', [ADMIN, JSON_TYPE], '{"name":"a","scopes":["read"]}');
  assert.deepEqual(
    door.entries.map(({ source, url, status, reason, user, bytesIn }) => [
      source,
      url,
      status,
      reason,
      user,
      bytesIn,
    ]),
    [
      ['10.0.0.9', '/api/v1/lookup?kind=ip&value=192.0.2.66', 200, undefined, undefined, 0],
      ['10.0.0.9', '/metrics', 401, 'credentials-missing', undefined, 0],
      ['10.0.0.9', '/api/v1/ports', 503, 'control-away', 'token:reader', 0],
      ['10.0.0.9', '/api/v1/tokens', 503, 'control-away', 'token:boss', 30],
    ],
  );
  assert.notEqual(door.entries[0]?.id, door.entries[1]?.id);
});
