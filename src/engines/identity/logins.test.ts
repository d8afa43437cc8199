import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { basic, identityLab, PASSWORD, reasonOf } from '../../../test/support/identity.ts';
import { openScope } from '../../../test/support/scope.ts';
import type { AuthResult } from './index.ts';

const scope = openScope();
after(() => scope.close());

test('a password works through the edge, and the one before stops working when the change returns', async () => {
  const { identity, replica, state } = await identityLab(scope);
  await identity.addUser({ name: 'Alice', role: 'operator', password: PASSWORD }, 'local');
  assert.equal(reasonOf(await replica.authenticate(basic('ALICE', PASSWORD), 's', 'intel')), 'ok');
  assert.equal(reasonOf(await replica.authenticate(basic('alice', PASSWORD), 's', 'admin')), 'scope');
  await identity.setPassword('alice', 'another long sentence', 'local');
  assert.equal(reasonOf(await replica.authenticate(basic('alice', PASSWORD), 's')), 'unknown');
  assert.equal(reasonOf(await replica.authenticate(basic('alice', 'another long sentence'), 's')), 'ok');
  await state.close();
});

test('passwords that are too easy are refused', async () => {
  const { identity, state } = await identityLab(scope);
  const check = async (password: string, expected: RegExp, name = 'bob') => {
    const error = await failureOf(identity.addUser({ name, role: 'user', password }, 'local'));
    assert.equal(error.code, 'IDENTITY_PASSWORD_WEAK');
    assert.match(error.message, expected);
  };
  await check('', /empty/);
  await check('elevenchars', /fewer than 12/);
  await check('abababababab', /same few/);
  await check('x'.repeat(1025), /more than 1024/);
  await check('with a\ttab in it', /control/);
  await check('spt_something-long', /like a token/);
  await check('administrator', /name of the user/, 'administrator');
  assert.deepEqual(await identity.users(), []);
  await state.close();
});

test('wrong passwords ban the pair of source and user, for the time, and nobody else', async () => {
  const { identity, state, time, logged } = await identityLab(scope);
  await identity.addUser({ name: 'alice', role: 'user', password: PASSWORD }, 'local');
  const verify = async (password: string, source = '192.0.2.1', user = 'alice') => {
    const answer = await identity.verifyPassword({ user, password, source });
    return answer.ok ? 'ok' : answer.reason;
  };
  assert.equal(await verify('wrong 1'), 'unknown');
  assert.equal(await verify('wrong 2'), 'unknown');
  // A right one in between forgets the wrong ones.
  assert.equal(await verify(PASSWORD), 'ok');
  for (const password of ['wrong 3', 'wrong 4', '']) assert.equal(await verify(password), 'unknown');
  assert.equal(await verify(PASSWORD), 'banned');
  assert.equal(await verify(PASSWORD, '192.0.2.2'), 'ok');
  assert.equal(await verify('wrong', '192.0.2.1', 'nobody'), 'unknown');
  assert.deepEqual(
    logged.filter(([event]) => event === 'login.banned'),
    [['login.banned', { user: 'alice', source: '192.0.2.1' }]],
  );
  assert.deepEqual((await state.auditEntries({ limit: 1 }))[0]?.source, '192.0.2.1');
  time.now += 60_001;
  assert.equal(await verify(PASSWORD), 'ok');
  await state.close();
});

test('parallel guesses get no more tries than serial ones, and equal ones are one', async () => {
  const { identity, state } = await identityLab(scope);
  await identity.addUser({ name: 'alice', role: 'user', password: PASSWORD }, 'local');
  const verify = (password: string) => identity.verifyPassword({ user: 'alice', password, source: 's' });
  const equal = await Promise.all(Array.from({ length: 20 }, () => verify(PASSWORD)));
  assert.ok(equal.every((answer) => answer.ok));
  const guesses = await Promise.all(Array.from({ length: 20 }, (_, i) => verify(`guess ${i}`)));
  const reasons = guesses.map((answer) => (answer.ok ? 'ok' : answer.reason));
  assert.equal(reasons.filter((text) => text === 'unknown').length, 3);
  assert.equal(reasons.filter((text) => text === 'unavailable').length, 17);
  assert.equal(reasonOf((await verify(PASSWORD)) as AuthResult), 'banned');
  await state.close();
});

test('one source that floods does not fill the queue', async () => {
  const { identity, state, login } = await identityLab(scope);
  login.failuresMax = 1000;
  await identity.addUser({ name: 'alice', role: 'user', password: PASSWORD }, 'local');
  const flood = Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      identity.verifyPassword({ user: `u${i}`, password: 'x', source: 'flood' }),
    ),
  );
  const honest = await identity.verifyPassword({ user: 'alice', password: PASSWORD, source: 'honest' });
  assert.deepEqual(honest, { ok: true });
  const reasons = (await flood).map((answer) => (answer.ok ? 'ok' : answer.reason));
  assert.equal(reasons.filter((text) => text === 'unavailable').length, 22);
  await state.close();
});

test('unknown users cost as much time as known ones', async () => {
  const { identity, state, login } = await identityLab(scope);
  login.failuresMax = 1000;
  await identity.addUser({ name: 'alice', role: 'user', password: PASSWORD }, 'local');
  const timed = async (user: string) => {
    const times: number[] = [];
    for (let i = 0; i < 6; i++) {
      const start = performance.now();
      await identity.verifyPassword({ user, password: `wrong ${i}`, source: 's' });
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  const known = await timed('alice');
  const unknown = await timed('nobody');
  assert.ok(unknown > known / 4 && unknown < known * 4, `${known} ms against ${unknown} ms`);
  await state.close();
});
