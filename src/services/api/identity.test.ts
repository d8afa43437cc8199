import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createIdentityReplica } from '../../engines/identity/index.ts';
import { documentOf, openApi, statusOf } from '../../../test/support/web-doors.ts';

const TOKEN = 'spt_0123456789012345678901234567890123456789012';

test('tokens and passwords of the real identity engine open the API', async () => {
  const identity = createIdentityReplica({
    link: {
      connected: true,
      call: (_method, params) => {
        const { password } = params as { readonly password: string };
        return Promise.resolve(password === 'right' ? { ok: true } : { ok: false, reason: 'unknown' });
      },
      post: () => true,
      subscribe: () => undefined,
      answer: () => undefined,
    },
    clock: { now: () => 1000, monotonic: () => 0 },
    random: (count) => new Uint8Array(count),
  });
  identity.apply({
    version: '1',
    tokens: [
      { hash: createHash('sha256').update(TOKEN).digest('hex'), name: 'prometheus', scopes: ['read'] },
    ],
    users: [
      { name: 'ana', role: 'admin' },
      { name: 'ben', role: 'user' },
    ],
  });
  const door = await openApi({ identity, control: { 'metrics.read': () => 'x 1\n' } });
  for (const [field, status, code] of [
    [`Authorization: Bearer ${TOKEN}`, 200, undefined],
    [`x-apikey: ${TOKEN}`, 200, undefined],
    [`Authorization: Basic ${btoa(`whoever:${TOKEN}`)}`, 200, undefined],
    [`Authorization: Basic ${btoa('ana:right')}`, 200, undefined],
    [`Authorization: Basic ${btoa('ana:wrong')}`, 401, 'credentials-refused'],
    [`Authorization: Basic ${btoa('ben:right')}`, 403, 'scope-missing'],
    [`Authorization: Bearer ${TOKEN}x`, 401, 'credentials-refused'],
    ['Authorization: Bearer', 401, 'credentials-refused'],
    ['Authorization: Digest x', 401, 'credentials-refused'],
    ['x-apikey: a b', 401, 'credentials-refused'],
  ] as const) {
    const text = await door.say('https', `GET /metrics HTTP/1.1\r\nHost: gw\r\n${field}\r\n\r\n`);
    assert.equal(statusOf(text), status, field);
    if (code !== undefined) assert.equal(documentOf(text)['code'], code, field);
  }
  assert.deepEqual(
    door.entries.slice(0, 4).map(({ user }) => user),
    ['token:prometheus', 'token:prometheus', 'token:prometheus', 'ana'],
  );
});
