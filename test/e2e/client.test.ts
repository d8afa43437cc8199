import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiProblem } from '../../client/index.ts';
import { clientOf } from '../support/client.ts';
import { ADMIN_PASSWORD, startGateway } from '../support/gateway.ts';
import { scopeOf } from '../support/scope.ts';

test('the typed client calls, compares, and says what is wrong', async (context) => {
  const gateway = await startGateway(scopeOf(context));
  const client = await clientOf(gateway);
  assert.equal((await client.call('GET /api/v1/status')).state, 'running');
  const body = { name: 'ana', role: 'operator', password: 'a long enough password' } as const;
  assert.equal((await client.call('POST /api/v1/users', { body })).added, 'ana');
  const params = { name: 'ana' };
  const { document, etag } = await client.read('GET /api/v1/users/{name}', { params });
  assert.equal(document.role, 'operator');
  await client.call('PATCH /api/v1/users/{name}', { params, body: { role: 'user' }, ifMatch: etag });
  await assert.rejects(
    client.call('PATCH /api/v1/users/{name}', { params, body: { role: 'admin' }, ifMatch: etag }),
    (error) =>
      error instanceof ApiProblem &&
      error.status === 412 &&
      error.code === 'changed-meanwhile' &&
      error.hint !== '',
  );
  assert.equal(await client.call('DELETE /api/v1/users/{name}', { params }), undefined);
  const wrong = { query: { limit: 0 } };
  await assert.rejects(client.call('GET /api/v1/audit', wrong), { code: 'invalid-input', status: 400 });
  const rules = await client.call('GET /api/v1/firewall', { query: { format: 'nftables', direction: 'in' } });
  assert.match(rules.text, /table inet sallyport/);
});

test('the typed client follows events, also across a reload', async (context) => {
  const gateway = await startGateway(scopeOf(context));
  const client = await clientOf(gateway);
  const stop = new AbortController();
  const query = { type: 'login.' };
  const events = client.follow('GET /api/v1/events/stream', { query, signal: stop.signal });
  const next = events.next();
  const signIn = (user: string) =>
    client.call('POST /api/v1/session', { body: { user, password: ADMIN_PASSWORD } }).catch(() => undefined);
  // The stream begins at some moment: until then nobody is told.
  const knocking = setInterval(() => void signIn('nobody'), 200);
  const { value: first } = await next;
  clearInterval(knocking);
  assert.equal(first?.data.type, 'login.refused');
  await gateway.ask('reload');
  await signIn('admin');
  let seen: string | undefined = first?.data.type;
  while (seen !== 'login.console') {
    const { value, done } = await events.next();
    assert.notEqual(done, true);
    seen = value?.data.type;
  }
  stop.abort();
  assert.equal((await events.next()).done, true);
});
