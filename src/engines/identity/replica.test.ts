import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { ControlLink } from '../../kernel/index.ts';
import { createIdentityReplica, parseAuthorization, type AuthResult, type ReplicaLimits } from './index.ts';
import type { IdentitySnapshot } from './snapshot.ts';

const TOKEN = `spt_${'A'.repeat(43)}`;
const RIGHT = 'correct horse battery';

interface Call {
  readonly method: string;
  readonly params: unknown;
  readonly answer: (data: unknown) => void;
  readonly fail: (error: Error) => void;
}

function snapshot(change: Partial<IdentitySnapshot> = {}): IdentitySnapshot {
  return {
    version: 'v1',
    tokens: [
      {
        hash: createHash('sha256').update(TOKEN).digest('hex'),
        name: 'ci',
        scopes: ['read', 'proxy'],
        expiresAtMs: 1_000_000,
      },
    ],
    users: [
      { name: 'alice', role: 'user' },
      { name: 'root', role: 'admin' },
    ],
    ...change,
  };
}

function setup(limits: Partial<ReplicaLimits> = {}) {
  const calls: Call[] = [];
  const posts: unknown[] = [];
  const time = { now: 0 };
  const link: ControlLink = {
    connected: true,
    call(method, params) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      calls.push({ method, params, answer: resolve, fail: reject });
      return promise;
    },
    post: (topic, data) => posts.push([topic, data]) > 0,
    subscribe: () => assert.fail('not used'),
    answer: () => assert.fail('not used'),
  };
  const clock = { now: () => time.now, monotonic: () => time.now };
  const replica = createIdentityReplica({ link, clock, random: randomBytes, limits });
  replica.apply(snapshot());
  return { replica, calls, posts, time };
}

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const reason = (result: AuthResult) => (result.ok ? 'ok' : result.reason);

test('a token is one as Bearer, as API key and as Basic password of any user, without asking control', async () => {
  const { replica, calls } = setup();
  for (const shown of [`Bearer ${TOKEN}`, `bearer  ${TOKEN}`, basic('whoever', TOKEN), basic('', TOKEN)]) {
    assert.deepEqual(replica.authenticate(shown, 's', 'proxy'), {
      ok: true,
      user: 'token:ci',
      via: 'token',
      scopes: ['read', 'proxy'],
      tokenName: 'ci',
    });
  }
  assert.equal(reason(await replica.authenticate({ scheme: 'api-key', token: TOKEN }, 's', 'read')), 'ok');
  assert.equal(calls.length, 0);
});

test('every refusal of a token has its reason', async () => {
  const { replica, time, calls } = setup();
  const check = async (
    shown: Parameters<typeof replica.authenticate>[0],
    expected: string,
    scope: 'proxy' | 'intel' = 'proxy',
  ) => assert.equal(reason(await replica.authenticate(shown, 's', scope)), expected, JSON.stringify(shown));
  await check(undefined, 'missing');
  await check('', 'missing');
  await check('Negotiate abc', 'missing');
  await check({ scheme: 'api-key', token: '' }, 'missing');
  await check('Bearer', 'malformed');
  await check('Bearer a b', 'malformed');
  await check('Basic !!!', 'malformed');
  await check(`Basic ${Buffer.from('nocolon').toString('base64')}`, 'malformed');
  await check(`Basic ${Buffer.from([0xff, 0x3a, 0x41]).toString('base64')}`, 'malformed');
  await check(basic('a\nb', 'password'), 'malformed');
  await check(`Bearer ${'x'.repeat(9000)}`, 'malformed');
  await check('Bearer spt_wrong', 'unknown');
  await check(basic('alice', 'spt_wrong'), 'unknown');
  await check(`Bearer ${TOKEN}`, 'scope', 'intel');
  time.now = 1_000_000;
  await check(`Bearer ${TOKEN}`, 'expired');
  replica.apply(snapshot({ tokens: [] }));
  await check(`Bearer ${TOKEN}`, 'unknown');
  assert.equal(calls.length, 0);
});

test('before control has said anything, nobody can say', () => {
  const { calls } = setup();
  const link = {
    connected: false,
    call: () => assert.fail(),
    post: () => false,
    subscribe() {},
    answer() {},
  };
  const fresh = createIdentityReplica({
    link,
    clock: { now: () => 0, monotonic: () => 0 },
    random: randomBytes,
  });
  assert.deepEqual(fresh.authenticate(`Bearer ${TOKEN}`, 's'), { ok: false, reason: 'unavailable' });
  assert.deepEqual(fresh.authenticate(undefined, 's'), { ok: false, reason: 'missing' });
  assert.equal(calls.length, 0);
});

test('a snapshot that cannot be read is refused and the one before stays', () => {
  const { replica } = setup();
  for (const bad of [
    null,
    {},
    { ...snapshot(), tokens: [{}] },
    { ...snapshot(), users: [{ name: 'x', role: 'king' }] },
  ]) {
    assert.throws(() => replica.apply(bad), { code: 'IDENTITY_SNAPSHOT' });
  }
  assert.equal(reason(replica.authenticate(`Bearer ${TOKEN}`, 's') as AuthResult), 'ok');
});

test('a password is asked of control once, and remembered for the time', async () => {
  const { replica, calls, time } = setup({ cacheMs: 60_000 });
  const first = replica.authenticate(basic('Alice', RIGHT), '192.0.2.1', 'proxy');
  const same = replica.authenticate(basic('alice', RIGHT), '192.0.2.1', 'proxy');
  assert.equal(calls.length, 1);
  assert.deepEqual(calls[0]?.params, { user: 'alice', password: RIGHT, source: '192.0.2.1' });
  calls[0]?.answer({ ok: true });
  assert.deepEqual(await first, {
    ok: true,
    user: 'alice',
    via: 'password',
    scopes: ['proxy', 'reputation', 'files'],
  });
  assert.equal(reason(await same), 'ok');
  // Known now: answered at once, the scope checked anew.
  assert.equal(reason(replica.authenticate(basic('alice', RIGHT), '192.0.2.1', 'proxy') as AuthResult), 'ok');
  assert.equal(
    reason(replica.authenticate(basic('alice', RIGHT), '192.0.2.1', 'admin') as AuthResult),
    'scope',
  );
  time.now += 60_000;
  void replica.authenticate(basic('alice', RIGHT), '192.0.2.1');
  assert.equal(calls.length, 2);
});

test('what is remembered is bound to source, user, password and version', async () => {
  const { replica, calls } = setup();
  const first = replica.authenticate(basic('alice', RIGHT), '192.0.2.1');
  calls[0]?.answer({ ok: true });
  await first;
  void replica.authenticate(basic('alice', RIGHT), '192.0.2.2');
  void replica.authenticate(basic('root', RIGHT), '192.0.2.1');
  void replica.authenticate(basic('alice', `${RIGHT}.`), '192.0.2.1');
  assert.equal(calls.length, 4);
  replica.apply(snapshot());
  assert.equal(reason(replica.authenticate(basic('alice', RIGHT), '192.0.2.1') as AuthResult), 'ok');
  replica.apply(snapshot({ version: 'v2' }));
  void replica.authenticate(basic('alice', RIGHT), '192.0.2.1');
  assert.equal(calls.length, 5);
});

test('an answer that a change overtook is not remembered, and a removed user is unknown', async () => {
  const { replica, calls } = setup();
  const first = replica.authenticate(basic('alice', RIGHT), 's');
  replica.apply(snapshot({ version: 'v2', users: [] }));
  calls[0]?.answer({ ok: true });
  assert.equal(reason(await first), 'unknown');
  void replica.authenticate(basic('alice', RIGHT), 's');
  assert.equal(calls.length, 2);
});

test('refusals and failures of control keep their reasons and are not remembered', async () => {
  const { replica, calls } = setup();
  const check = async (settle: (call: Call) => void, expected: string) => {
    const result = replica.authenticate(basic('alice', 'wrong'), 's');
    const call = calls.at(-1);
    assert.ok(call !== undefined);
    settle(call);
    assert.equal(reason(await result), expected);
  };
  await check((call) => call.answer({ ok: false, reason: 'unknown' }), 'unknown');
  await check((call) => call.answer({ ok: false, reason: 'banned' }), 'banned');
  await check((call) => call.answer({ ok: false, reason: 'unavailable' }), 'unavailable');
  await check((call) => call.answer('nonsense'), 'unavailable');
  await check((call) => call.fail(new Error('BUS_AWAY')), 'unavailable');
  assert.equal(calls.length, 5);
});

test('empty and giant passwords never reach control', async () => {
  const { replica, calls } = setup();
  for (const [user, password] of [
    ['alice', ''],
    ['', 'x'],
    ['alice', 'x'.repeat(1025)],
    ['a'.repeat(129), 'x'],
  ] as const) {
    assert.equal(reason(await replica.authenticate(basic(user, password), 's')), 'unknown');
  }
  assert.equal(calls.length, 0);
});

test('questions in flight and answers remembered are bounded', async () => {
  const { replica, calls } = setup({ pendingMax: 2, cacheEntriesMax: 1 });
  const first = replica.authenticate(basic('alice', 'one'), 's');
  const second = replica.authenticate(basic('alice', 'two'), 's');
  assert.equal(reason(replica.authenticate(basic('alice', 'three'), 's') as AuthResult), 'unavailable');
  for (const call of calls) call.answer({ ok: true });
  await Promise.all([first, second]);
  assert.equal(reason(replica.authenticate(basic('alice', 'two'), 's') as AuthResult), 'ok');
  void replica.authenticate(basic('alice', 'one'), 's');
  assert.equal(calls.length, 3);
});

test('control hears of a used token at most once a minute', () => {
  const { replica, posts, time } = setup();
  for (const at of [0, 1, 59_999, 60_000, 60_001]) {
    time.now = at;
    void replica.authenticate(`Bearer ${TOKEN}`, 's');
  }
  assert.deepEqual(posts, [
    ['identity.used', { name: 'ci' }],
    ['identity.used', { name: 'ci' }],
  ]);
});

test('an admin token may everything, and a password with colons and umlauts survives', () => {
  const { replica } = setup();
  replica.apply(
    snapshot({ version: 'v3', tokens: snapshot().tokens.map((token) => ({ ...token, scopes: ['admin'] })) }),
  );
  assert.equal(reason(replica.authenticate(`Bearer ${TOKEN}`, 's', 'intel') as AuthResult), 'ok');
  assert.deepEqual(parseAuthorization(basic('bücher', 'a:b:ü')), {
    scheme: 'basic',
    user: 'bücher',
    password: 'a:b:ü',
  });
});
