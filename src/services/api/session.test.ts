import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  createSessionReplica,
  type KeptSession,
  serveSessions,
  Sessions,
  type SessionStore,
  type SharedSession,
} from '../../engines/identity/index.ts';
import type { EdgeLinks } from '../../kernel/index.ts';
import { documentOf, openApi, statusOf, type WebDoor } from '../../../test/support/web-doors.ts';

const LIMITS = { idleMs: 60_000, lifeMs: 600_000, sessionsMax: 8, perUserMax: 3 };
const RIGHT = 'a right password';

/** Control's sessions and one door, joined by function calls; what passes goes through JSON as on the bus. */
async function lab(factor: 'none' | 'right' | 'needed' | 'wrong' = 'none') {
  const time = { now: Date.UTC(2026, 0, 1) };
  const clock = { now: () => time.now, monotonic: () => time.now };
  const handlers: Record<string, (params: unknown, edge: { pid: number; generation: number }) => unknown> =
    {};
  const posts: Record<string, (data: unknown) => void> = {};
  const users = [
    { name: 'ana', role: 'admin' as const, createdAtMs: 0, passwordAtMs: 1 },
    { name: 'ben', role: 'operator' as const, createdAtMs: 0, passwordAtMs: 1 },
    { name: 'cle', role: 'user' as const, createdAtMs: 0, passwordAtMs: 1 },
  ];
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const calls: Record<string, (params: unknown) => unknown> = {
    'command.run': () => ({ document: [] }),
    'setup.read': () => ({ needed: true }),
    'setup.done': () => ({ needed: false }),
  };
  for (const name of ['signIn', 'signOut', 'open', 'close']) {
    calls[`sessions.${name}`] = async (params) =>
      json(await handlers[`sessions.${name}`]?.(json(params), { pid: 1, generation: 1 }));
  }
  const told: unknown[] = [];
  const link = {
    connected: true,
    call: async (method: string, params: unknown) => calls[method]?.(params),
    post: (topic: string, data: unknown) => {
      posts[topic]?.(json(data));
      return true;
    },
    subscribe: () => undefined,
    answer: () => undefined,
  };
  const replica = createSessionReplica({ link, clock, idleMs: LIMITS.idleMs });
  const ended: string[] = [];
  const kept = new Map<string, KeptSession>();
  const store: SessionStore = {
    load: () => Promise.resolve([...kept.values()]),
    note: (id, session) => void (session === undefined ? kept.delete(id) : kept.set(id, session)),
    flush: () => Promise.resolve(),
  };
  const sessions = new Sessions({
    clock,
    store,
    notKept: (error) => assert.fail(String(error)),
    random: randomBytes,
    limits: () => LIMITS,
    publish: (list: readonly SharedSession[]) => {
      told.push(list);
      replica.apply(json({ sessions: list }));
      return Promise.resolve();
    },
    ended: ({ user }, why) => void ended.push(`${user} ${why}`),
  });
  const links: EdgeLinks = {
    handle: (method, handler) => void (handlers[method] = handler),
    onPost: (topic, handler) => void (posts[topic] = (data) => handler(data, { pid: 1, generation: 1 })),
    onGone: () => undefined,
    publish: () => Promise.resolve(),
    collect: () => assert.fail('not used'),
  };
  const results: string[] = [];
  await serveSessions({
    links,
    sessions,
    identity: {
      users: () => Promise.resolve(users),
      verifyPassword: ({ user, password }) =>
        Promise.resolve(
          user === 'banned'
            ? { ok: false, reason: 'banned' }
            : password === RIGHT
              ? { ok: true }
              : { ok: false, reason: 'unknown' },
        ),
    },
    secondFactor: () => factor,
    signedIn: ({ user }, result) => void results.push(`${user} ${result}`),
  });
  const door = await openApi({ control: calls, engines: { sessions: replica, clock } });
  return { door, sessions, replica, time, ended, told, results, users };
}

function message(line: string, fields: readonly string[], body?: unknown): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const more = body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${text.length}`];
  return [`${line} HTTP/1.1`, 'Host: gw', ...fields, ...more, '', text].join('\r\n');
}

async function ask(door: WebDoor, line: string, fields: readonly string[] = [], body?: unknown) {
  const text = await door.say('https', message(line, fields, body));
  const document = /\r\nContent-Type: \S*json\r\n/.test(text) ? documentOf(text) : {};
  const cookie = /\r\nset-cookie: ([^;]+);([^\r]*)/i.exec(text);
  return {
    status: statusOf(text),
    text,
    document,
    code: document['code'],
    cookie: cookie?.[1] ?? '',
    flags: cookie?.[2],
  };
}

async function signIn(door: WebDoor, user = 'ana', fields: readonly string[] = []) {
  const answer = await ask(door, 'POST /api/v1/session', fields, { user, password: RIGHT });
  assert.equal(answer.status, 200, answer.text);
  return {
    ...answer,
    cookies: `Cookie: ${answer.cookie}`,
    csrf: `X-CSRF-Token: ${String(answer.document['csrf'])}`,
  };
}

test('a session begins with a password, is known by its cookie, and ends with DELETE', async () => {
  const { door, told, results } = await lab();
  const { document, cookie, flags, cookies, csrf } = await signIn(door, 'ANA');
  assert.deepEqual(
    { ...document, csrf: '' },
    { user: 'ana', role: 'admin', csrf: '', expiresAt: '2026-01-01T00:10:00.000Z' },
  );
  assert.match(cookie, /^__Host-sallyport=[\w-]{43}$/);
  assert.equal(flags, ' Path=/; Secure; HttpOnly; SameSite=Strict');
  const secret = cookie.split('=')[1] ?? '';
  assert.ok(
    !JSON.stringify(told).includes(secret),
    'only the hash of the secret leaves the place it was made',
  );
  assert.deepEqual((await ask(door, 'GET /api/v1/session', [cookies])).document, document);
  assert.equal((await ask(door, 'GET /api/v1/ports', [cookies])).status, 200);
  assert.equal((await ask(door, 'DELETE /api/v1/session', [cookies])).code, 'csrf-token-missing');
  const gone = await ask(door, 'DELETE /api/v1/session', [cookies, csrf]);
  assert.deepEqual([gone.status, gone.flags], [204, ' Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0']);
  assert.equal(
    (await ask(door, 'DELETE /api/v1/session', [cookies, csrf])).status,
    204,
    'twice is no mistake',
  );
  for (const path of ['session', 'ports']) {
    const answer = await ask(door, `GET /api/v1/${path}`, [cookies]);
    assert.deepEqual([answer.status, answer.code], [401, 'session-over'], path);
    assert.doesNotMatch(answer.text, /Basic/);
  }
  assert.deepEqual(results, ['ana ok']);
});

test('a change needs the token of the session; the role says what may be done', async () => {
  const { door } = await lab();
  const ana = await signIn(door);
  const ben = await signIn(door, 'ben');
  const role = { role: 'operator' };
  for (const [fields, status, code] of [
    [[ana.cookies], 403, 'csrf-token-missing'],
    [[ana.cookies, ben.csrf], 403, 'csrf-token-missing'],
    [[ana.cookies, 'X-CSRF-Token:'], 403, 'csrf-token-missing'],
    [[ana.cookies, ana.csrf, 'Sec-Fetch-Site: cross-site'], 403, 'cross-site'],
    [[ben.cookies, ben.csrf], 403, 'scope-missing'],
    [[ana.cookies, ana.csrf], 200, undefined],
    [[ana.cookies, ana.csrf, 'Authorization: Bearer nobody'], 401, 'credentials-refused'],
    [[`${ana.cookies}; ${ben.cookie}`, ana.csrf], 401, 'credentials-missing'],
    [[`${ana.cookies}x`, ana.csrf], 401, 'credentials-missing'],
  ] as const) {
    const answer = await ask(door, 'PATCH /api/v1/users/dan', fields, role);
    assert.deepEqual([answer.status, answer.code], [status, code], fields.join(' '));
  }
  assert.equal((await ask(door, 'GET /api/v1/ports', [ben.cookies])).status, 200);
  const [, call] = door.calls.findLast(([method]) => method === 'command.run') ?? [];
  assert.equal((call as { actor?: string }).actor, 'ben');
});

test('a cookie that came without TLS is no session, and nobody signs in there', async () => {
  const { door } = await lab();
  const { cookies } = await signIn(door);
  for (const line of ['POST /api/v1/session', 'GET /api/v1/ports']) {
    const text = await door.say(
      'http',
      message(line, [cookies], { user: 'ana', password: RIGHT }),
      '127.0.0.1',
    );
    assert.ok([308, 403].includes(statusOf(text)), text);
  }
  for (const line of ['POST /api/v1/session', 'GET /api/v1/ports', 'GET /healthz']) {
    const text = await door.say('http', message(line, [cookies], { user: 'ana', password: RIGHT }));
    assert.match(text, /"code":"credentials-over-plain-http"/, line);
  }
});

test('signing in makes a new secret, and ends the session that was shown', async () => {
  const { door, sessions, ended } = await lab();
  const planted = await signIn(door, 'ben');
  const own = await signIn(door, 'ana', [planted.cookies]);
  assert.notEqual(own.cookie, planted.cookie);
  assert.deepEqual(ended, ['ben logout']);
  assert.deepEqual(
    sessions.list().map(({ user }) => user),
    ['ana'],
  );
  const chosen = await ask(door, 'GET /api/v1/session', [`Cookie: __Host-sallyport=${'A'.repeat(43)}`]);
  assert.equal(chosen.status, 401);
});

test('why nobody is signed in', async () => {
  for (const [user, password, factor, status, code] of [
    ['ana', 'wrong', 'none', 401, 'login-wrong'],
    ['ana', RIGHT, 'needed', 401, 'totp-required'],
    ['ana', RIGHT, 'wrong', 401, 'login-wrong'],
    ['nobody', RIGHT, 'none', 401, 'login-wrong'],
    ['banned', RIGHT, 'none', 429, 'login-banned'],
    ['cle', RIGHT, 'none', 403, 'role-insufficient'],
    ['ana', '', 'none', 400, 'invalid-input'],
    ['ana', 'x'.repeat(2000), 'none', 400, 'invalid-input'],
  ] as const) {
    const { door, sessions } = await lab(factor);
    const answer = await ask(door, 'POST /api/v1/session', [], { user, password });
    assert.deepEqual([answer.status, answer.code], [status, code], user);
    assert.equal(answer.cookie, '');
    assert.deepEqual(sessions.list(), []);
  }
});

test('silence, age, a new password and a new role end a session; the edge does not wait for control', async () => {
  const { door, sessions, time, ended, users } = await lab();
  const is = async (who: { readonly cookies: string }): Promise<number> =>
    (await ask(door, 'GET /api/v1/session', [who.cookies])).status;
  const ana = await signIn(door);
  time.now += 50_000;
  assert.equal(await is(ana), 200);
  time.now += 50_000;
  assert.equal(await is(ana), 200, 'a sign of life was told');
  time.now += 60_000;
  assert.equal(await is(ana), 401);
  await sessions.sweep();
  assert.deepEqual(ended.splice(0), ['ana idle']);
  const old = await signIn(door);
  for (let at = 0; at < 13; at++) {
    time.now += 45_000;
    assert.equal(await is(old), 200);
  }
  time.now += 45_000;
  assert.equal(await is(old), 401);
  await sessions.sweep();
  assert.deepEqual(ended.splice(0), ['ana expired']);
  const [first, second] = [await signIn(door), await signIn(door)];
  const accounts = new Map(users.map((user) => [user.name, { ...user, passwordAtMs: 2 }]));
  await sessions.sparing(sessions.list()[0]?.id, () => sessions.reconcile(accounts));
  assert.deepEqual([await is(first), await is(second)], [200, 401]);
  await sessions.reconcile(new Map([['ana', { role: 'operator', passwordAtMs: 2 }]]));
  assert.equal(await is(first), 401);
  assert.deepEqual(ended, ['ana changed', 'ana changed']);
});

test('sessions are bounded, of a user and in all', async () => {
  const { door, sessions, ended } = await lab();
  for (let at = 0; at < 5; at++) await signIn(door);
  assert.equal(sessions.list().length, 3);
  assert.deepEqual(ended, ['ana replaced', 'ana replaced']);
  for (let at = 0; at < 5; at++) {
    await sessions.open({ kind: 'ssh', user: `u${at}`, role: 'operator', source: '10.0.0.1' }, { holder: 7 });
  }
  const full = await ask(door, 'POST /api/v1/session', [], { user: 'ben', password: RIGHT });
  assert.deepEqual([full.status, full.code], [429, 'identity-sessions-full']);
  await sessions.lost(7);
  assert.equal((await signIn(door, 'ben')).status, 200, 'a process has gone with its connections');
});

test('a session of another process hears of its end', async () => {
  const { replica, sessions } = await lab();
  const id = await replica.open({ kind: 'ssh', user: 'ana', role: 'admin', source: '10.0.0.1' });
  let over = 0;
  replica.onClose(id, () => over++);
  await replica.close(id, 'ben');
  assert.deepEqual([over, sessions.list().length], [1, 0]);
  replica.onClose(id, () => over++);
  assert.equal(over, 2);
  await assert.rejects(replica.close(id, 'ben'), { code: 'IDENTITY_MISSING' });
});

test('whether the first steps are done can be asked by anybody, and said by an admin', async () => {
  const { door } = await lab();
  assert.deepEqual((await ask(door, 'GET /api/v1/setup')).document, { needed: true });
  assert.equal((await ask(door, 'POST /api/v1/setup/done', [], {})).status, 401);
  const { cookies, csrf } = await signIn(door);
  const done = await ask(door, 'POST /api/v1/setup/done', [cookies, csrf], {});
  assert.deepEqual(done.document, { needed: false });
});
