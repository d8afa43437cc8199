import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MANAGEMENT_ROUTES } from '../../src/services/api/management-routes.ts';
import { ADMIN_PASSWORD, startGateway } from '../support/gateway.ts';
import { apiOf, consoleOf } from '../support/api-client.ts';
import { scopeOf } from '../support/scope.ts';

test('every GET of the management API answers on a fresh gateway', async (context) => {
  const scope = scopeOf(context);
  const gateway = await startGateway(scope, { edges: 2 });
  const ask = await consoleOf(scope, gateway);
  const reads = MANAGEMENT_ROUTES.filter(({ method, stream }) => method === 'get' && stream === undefined);
  assert.ok(reads.length > 30);
  for (const { path } of reads) {
    // An id of an event has a shape of its own.
    const known = path === '/api/v1/events/{id}' ? path.replace('{id}', '20260101-00.1') : path;
    const target = known.replaceAll(/\{(\w+)\}/g, (_, name: string) => VALUES[name] ?? 'admin');
    const query = path === '/api/v1/explain' ? '?url=http://example.com/' : '';
    const answer = await ask(`GET ${target}${query}`);
    const isNamed = path.includes('{name}') || path.includes('{id}');
    const expected = isNamed && answer.status === 404 ? 404 : 200;
    assert.equal(answer.status, expected, `${path}: ${answer.text.slice(0, 300)}`);
    assert.match(answer.type, expected === 404 ? /problem\+json/ : /^application\/json/, path);
  }
});

test('sessions, conditions and repeats across two edges', async (context) => {
  const scope = scopeOf(context);
  const gateway = await startGateway(scope, { edges: 2 });
  const first = await consoleOf(scope, gateway);
  const second = await consoleOf(scope, gateway);

  // Both edges know a session when signing in has answered; new connections go to either.
  for (let at = 0; at < 8; at++) {
    const other = await consoleOf(scope, gateway);
    assert.equal((await other('GET /api/v1/session', { headers: { Connection: 'close' } })).status, 200);
    assert.equal((await other('DELETE /api/v1/session', { headers: { Connection: 'close' } })).status, 204);
    for (let again = 0; again < 4; again++) {
      assert.equal((await other('GET /api/v1/session', { headers: { Connection: 'close' } })).status, 401);
    }
  }

  const body = { name: 'ana', role: 'operator', password: 'a long enough password' };
  const key = { 'Idempotency-Key': 'key-1' };
  const made = await first('POST /api/v1/tokens', { body: { name: 'ci', scopes: ['read'] }, headers: key });
  const again = await second('POST /api/v1/tokens', { body: { name: 'ci', scopes: ['read'] }, headers: key });
  assert.deepEqual([made.status, again.status], [201, 201]);
  assert.deepEqual(again.document, made.document, 'the same answer, with the same secret');
  const other = await first('POST /api/v1/tokens', { body: { name: 'cd', scopes: ['read'] }, headers: key });
  assert.deepEqual([other.status, codeOf(other)], [422, 'idempotency-key-used']);
  const twice = await first('POST /api/v1/tokens', { body: { name: 'ci', scopes: ['read'] } });
  assert.equal(twice.status, 409);

  assert.equal((await first('POST /api/v1/users', { body })).status, 201);
  const before = await first('GET /api/v1/users/ana');
  const etag = String(before.headers['etag']);
  const known = await second('GET /api/v1/users/ana', { headers: { 'If-None-Match': etag } });
  assert.deepEqual([known.status, known.text], [304, '']);
  const change = { body: { role: 'admin' }, headers: { 'If-Match': etag } };
  const [one, two] = await Promise.all([
    first('PATCH /api/v1/users/ana', change),
    second('PATCH /api/v1/users/ana', { ...change, body: { role: 'user' } }),
  ]);
  assert.deepEqual(
    [one.status, two.status].toSorted((a, b) => a - b),
    [200, 412],
    'one of two that saw the same comes first',
  );
  assert.equal((await first('DELETE /api/v1/users/ana', { headers: { 'If-Match': etag } })).status, 412);

  const password = 'another password of the admin';
  const changed = await first('PUT /api/v1/users/admin/password', { body: { password } });
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await first('GET /api/v1/session')).status, 200, 'the session that set it goes on');
  assert.equal((await second('GET /api/v1/session')).status, 401);
  await assert.rejects(consoleOf(scope, gateway, 'admin', ADMIN_PASSWORD), /401/);
  const third = await consoleOf(scope, gateway, 'admin', password);
  const rows = (await third('GET /api/v1/sessions')).document as { id: string; current: boolean }[];
  assert.deepEqual(
    rows.map(({ current }) => current),
    [false, true],
  );
  assert.equal((await third(`DELETE /api/v1/sessions/${rows[0]?.id}`)).status, 204);
  assert.equal((await first('GET /api/v1/session')).status, 401);

  const audit = (await third('GET /api/v1/audit?limit=500&action=login.')).document as {
    items: { actor: string; source: string; action: string }[];
  };
  assert.ok(audit.items.length > 10);
  assert.ok(audit.items.every(({ source }) => source === '127.0.0.1'));
  const users = (await third('GET /api/v1/audit?action=user.passwd')).document as typeof audit;
  assert.deepEqual(
    users.items.map(({ actor, source }) => [actor, source]),
    [['admin', '127.0.0.1']],
  );
});

test('lists, versions, policy and rules are changed over the API', async (context) => {
  const scope = scopeOf(context);
  const gateway = await startGateway(scope);
  const ask = await consoleOf(scope, gateway);
  const done = async (line: string, body: unknown, status = 200) => {
    const answer = await ask(line, { body });
    assert.equal(answer.status, status, `${line}: ${answer.text.slice(0, 400)}`);
    return answer.document;
  };
  await done(
    'POST /api/v1/indicators/local',
    { value: 'evil.example', action: 'block', note: 'ticket 1' },
    201,
  );
  const lookup = await ask('GET /api/v1/lookup?kind=domain&value=evil.example');
  assert.equal((lookup.document as { verdict: string }).verdict, 'malicious');
  assert.equal((await ask('DELETE /api/v1/indicators/local?value=evil.example')).status, 204);
  const text = 'one.example\ntwo.example\n';
  const report = await done('POST /api/v1/feeds/office/import', {
    text,
    format: 'plain',
    category: 'malware',
  });
  assert.equal((report as { entries: number }).entries, 2);
  const entries = await ask('GET /api/v1/feeds/office/entries?kind=domain&limit=1');
  assert.equal((entries.document as { hasMore: boolean }).hasMore, true);
  await done('POST /api/v1/scan-rules', { name: 'office', text: 'rule office { condition: false }' }, 201);
  assert.equal((await ask('DELETE /api/v1/scan-rules/office')).status, 204);

  const current = await ask('GET /api/v1/policies');
  const policy = (current.document as { text: string }).text;
  const edited = `# ours\n${policy}`;
  const diff = await done('POST /api/v1/policies/diff', { text: edited });
  assert.equal((diff as { same: boolean }).same, false);
  await done('POST /api/v1/policies', { text: edited, dryRun: true });
  const tag = { 'If-Match': String(current.headers['etag']) };
  const put = { body: { text: edited }, headers: tag };
  assert.equal((await ask('POST /api/v1/policies', put)).status, 200);
  assert.equal((await ask('POST /api/v1/policies', put)).status, 412);

  await done('POST /api/v1/users', { name: 'ben', role: 'user', password: 'a long enough password' }, 201);
  const page = (await ask('GET /api/v1/config/versions?limit=1')).document as {
    items: { number: number }[];
    cursor?: string;
  };
  const newest = page.items[0]?.number ?? 0;
  assert.equal(page.cursor, String(newest));
  const next = (await ask(`GET /api/v1/config/versions?limit=1&cursor=${page.cursor}`))
    .document as typeof page;
  assert.equal(next.items[0]?.number, newest - 1);
  const changes = (await ask(`GET /api/v1/config/versions/${newest}/diff`)).document as {
    diff: { path: string }[];
  };
  assert.deepEqual(
    changes.diff.map(({ path }) => path),
    ['users.ben'],
  );
  await done('POST /api/v1/config/rollback', { version: newest - 1 });
  assert.equal((await ask('GET /api/v1/users/ben')).status, 404);
  const document = { users: { admin: { role: 'admin' }, dan: { role: 'operator' } } };
  const dry = await done('PUT /api/v1/config/document', { text: JSON.stringify(document), dryRun: true });
  assert.equal((dry as { dryRun: boolean }).dryRun, true);
  assert.equal((await ask('GET /api/v1/users/dan')).status, 404);
  await done('POST /api/v1/setup/done', {});
  assert.deepEqual((await apiOf(scope, gateway)('GET /api/v1/setup')).document, { needed: false });
});

/** Values of parameters that a fresh gateway has something for. */
const VALUES: Readonly<Record<string, string>> = { number: '1', room: 'ports' };

function codeOf({ document }: { readonly document: unknown }): unknown {
  return typeof document === 'object' && document !== null && 'code' in document ? document.code : undefined;
}
