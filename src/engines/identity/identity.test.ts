import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { basic, identityLab, PASSWORD, reasonOf } from '../../../test/support/identity.ts';
import { openScope } from '../../../test/support/scope.ts';
import { identityCommands, initialPasswordFile, saveInitialPassword } from './index.ts';

const scope = openScope();
after(() => scope.close());

test('the first start makes one admin, later ones none', async () => {
  const { identity, state } = await identityLab(scope);
  const first = await identity.ensureAdmin();
  assert.equal(first.created, true);
  assert.match(first.generatedPassword ?? '', /^\w{20}$/);
  assert.deepEqual(
    await identity.verifyPassword({ user: 'admin', password: first.generatedPassword ?? '', source: 's' }),
    { ok: true },
  );
  assert.deepEqual(await identity.ensureAdmin('another password'), {
    created: false,
    generatedPassword: undefined,
  });
  await state.close();
});

test('a document applied before the first start does not leave the gateway without an admin', async () => {
  const { identity, state } = await identityLab(scope);
  const applied = await state.apply(
    { users: { admin: { role: 'user' }, bob: { role: 'admin' } } },
    { author: 'local' },
    { dryRun: false },
  );
  assert.equal(applied.notes.length, 2);
  assert.equal((await identity.ensureAdmin(PASSWORD)).created, true);
  assert.deepEqual(
    (await identity.users()).map(({ name, role }) => `${name} ${role}`),
    ['admin admin', 'bob admin'],
  );
  assert.deepEqual(await identity.verifyPassword({ user: 'admin', password: PASSWORD, source: 's' }), {
    ok: true,
  });
  assert.deepEqual(await identity.verifyPassword({ user: 'bob', password: PASSWORD, source: 's' }), {
    ok: false,
    reason: 'unknown',
  });
  await state.close();
});

test('the first password may be given, and is checked like any other', async () => {
  const { identity, state } = await identityLab(scope);
  const weak = await failureOf(identity.ensureAdmin('short'));
  assert.equal(weak.code, 'IDENTITY_PASSWORD_WEAK');
  assert.ok(!JSON.stringify([weak.message, weak.hint, weak.details]).includes('short'));
  assert.deepEqual(await identity.ensureAdmin(PASSWORD), { created: true, generatedPassword: undefined });
  await state.close();
});

test('a token works in the edge when create returns, and no longer when revoke returns', async () => {
  const { identity, replica, state } = await identityLab(scope);
  const { token, row } = await identity.createToken(
    { name: 'ci', scopes: ['intel,read', 'read'], lifeMs: 1000 },
    'alice',
  );
  assert.match(token, /^spt_[\w-]{43}$/);
  assert.deepEqual(row.scopes, ['read', 'intel']);
  assert.equal(reasonOf(await replica.authenticate(`Bearer ${token}`, 's', 'intel')), 'ok');
  await new Promise(setImmediate);
  const [listed] = await identity.tokens();
  assert.equal(listed?.createdBy, 'alice');
  assert.equal(listed?.lastUsedAtMs, Date.parse('2026-01-01T00:00:00Z'));
  await identity.revokeToken('ci', 'alice');
  assert.equal(reasonOf(await replica.authenticate(`Bearer ${token}`, 's', 'intel')), 'unknown');
  assert.equal((await failureOf(identity.revokeToken('ci', 'alice'))).code, 'IDENTITY_MISSING');
  assert.deepEqual(
    (await state.auditEntries({ limit: 9 })).map(({ action, outcome }) => `${action} ${outcome}`),
    ['token.revoke failed', 'token.revoke done', 'token.create done'],
  );
  await state.close();
});

test('names, roles and scopes are checked, and doubles refused', async () => {
  const { identity, state } = await identityLab(scope);
  const user = { role: 'user', password: PASSWORD };
  const check = async (run: Promise<unknown>, code: string) =>
    assert.equal((await failureOf(run)).code, code);
  await check(identity.addUser({ ...user, name: 'a:b' }, 'x'), 'IDENTITY_NAME');
  await check(identity.addUser({ ...user, name: '' }, 'x'), 'IDENTITY_NAME');
  await check(identity.addUser({ ...user, name: 'a', role: 'king' }, 'x'), 'IDENTITY_ROLE');
  await check(identity.createToken({ name: '-x', scopes: ['read'] }, 'x'), 'IDENTITY_NAME');
  await check(identity.createToken({ name: 'x', scopes: ['write'] }, 'x'), 'IDENTITY_SCOPE');
  await identity.addUser({ ...user, name: 'bob' }, 'x');
  await check(identity.addUser({ ...user, name: 'BOB' }, 'x'), 'IDENTITY_EXISTS');
  await identity.createToken({ name: 'x', scopes: ['read'] }, 'x');
  await check(identity.createToken({ name: 'x', scopes: ['read'] }, 'x'), 'IDENTITY_EXISTS');
  await check(identity.setPassword('nobody', PASSWORD, 'x'), 'IDENTITY_MISSING');
  await check(identity.removeUser('nobody', 'x'), 'IDENTITY_MISSING');
  await state.close();
});

test('the last admin stays, and the initial password goes with the first change', async () => {
  const { identity, state, dataDir } = await identityLab(scope);
  const { generatedPassword } = await identity.ensureAdmin();
  saveInitialPassword(dataDir, generatedPassword ?? '');
  assert.equal(statSync(initialPasswordFile(dataDir)).mode & 0o777, 0o600);
  assert.equal(readFileSync(initialPasswordFile(dataDir), 'utf8'), `${generatedPassword}\n`);
  assert.equal((await failureOf(identity.removeUser('admin', 'x'))).code, 'IDENTITY_LAST_ADMIN');
  assert.equal(
    (await failureOf(state.apply({ users: { admin: { role: 'user' } } }, { author: 'x' }, { dryRun: false })))
      .code,
    'IDENTITY_LAST_ADMIN',
  );
  assert.ok(existsSync(initialPasswordFile(dataDir)));
  await identity.setPassword('admin', PASSWORD, 'admin');
  assert.ok(!existsSync(initialPasswordFile(dataDir)));
  await identity.addUser({ name: 'second', role: 'admin', password: PASSWORD }, 'admin');
  await identity.removeUser('admin', 'second');
  assert.deepEqual(
    (await identity.users()).map(({ name }) => name),
    ['second'],
  );
  await state.close();
});

test('rollback and apply restore names and roles, and say what they cannot', async () => {
  const { identity, state, replica } = await identityLab(scope);
  await identity.ensureAdmin(PASSWORD);
  await identity.addUser({ name: 'bob', role: 'operator', password: PASSWORD }, 'x');
  const { token } = await identity.createToken({ name: 'ci', scopes: ['read'] }, 'x');
  await identity.createToken({ name: 'old', scopes: ['read'] }, 'x');
  await identity.revokeToken('old', 'x');
  await identity.removeUser('bob', 'x');
  await identity.createToken({ name: 'new', scopes: ['intel'] }, 'x');
  const applied = await state.rollback(4, { author: 'x' });
  assert.deepEqual(
    applied.diff.map(({ op, path }) => `${op} ${path}`),
    ['remove tokens.new', 'add users.bob'],
  );
  assert.equal(applied.notes.length, 2);
  assert.match(applied.notes.join(), /user bob has no password.*token old cannot be brought back/);
  assert.equal(reasonOf(await replica.authenticate(`Bearer ${token}`, 's', 'read')), 'ok');
  assert.equal(reasonOf(await replica.authenticate(basic('bob', PASSWORD), 's')), 'unknown');
  const bad = await failureOf(
    state.apply(
      {
        users: { admin: { role: 'king' }, Bob: { role: 'user', password: 'x' } },
        tokens: { ci: { scopes: [], expires: 'soon' }, '!': { scopes: ['read'] } },
      },
      { author: 'x' },
      { dryRun: true },
    ),
  );
  for (const text of [
    'users.admin.role',
    'users.Bob: write it in lower case',
    'users.Bob.password: unknown key',
    'tokens.ci.scopes',
    'tokens.ci.expires',
    'tokens.!',
  ]) {
    assert.ok(bad.message.includes(text), text);
  }
  const widened = await state.apply(
    { tokens: { ci: { scopes: ['read', 'intel'], expires: '2030-01-01T00:00:00Z' } } },
    { author: 'x' },
    { dryRun: false },
  );
  assert.equal(widened.diff.length, 2);
  assert.equal(reasonOf(await replica.authenticate(`Bearer ${token}`, 's', 'intel')), 'ok');
  await state.close();
});

test('snapshots carry no password, and their version survives a restart as another one', async () => {
  const { identity, state, dataDir, published } = await identityLab(scope);
  await identity.ensureAdmin(PASSWORD);
  const before = await identity.identitySnapshot();
  assert.deepEqual(before.users, [{ name: 'admin', role: 'admin' }]);
  assert.ok(!JSON.stringify(published).includes('scrypt'));
  await state.close();
  const later = await identityLab(scope, dataDir);
  assert.notEqual((await later.identity.identitySnapshot()).version, before.version);
  assert.deepEqual(await later.identity.verifyPassword({ user: 'admin', password: PASSWORD, source: 's' }), {
    ok: true,
  });
  await later.state.close();
});

test('a stopped gateway has nobody to tell', async () => {
  const { identity, state } = await identityLab(scope, undefined, false);
  await identity.ensureAdmin(PASSWORD);
  assert.equal((await identity.users()).length, 1);
  await state.close();
});

test('commands do what they say, and no secret is in the store, the log, the audit or an answer', async () => {
  const { identity, state, dataDir, logged } = await identityLab(scope);
  const io = { actor: 'alice', progress: () => undefined };
  const run = async (
    words: string,
    input: { words?: Record<string, string>; options?: Record<string, string | string[]> },
  ) => {
    const command = identityCommands.find((candidate) => candidate.words === words);
    assert.ok(command !== undefined, words);
    const result = await command.run(
      { identity },
      { words: input.words ?? {}, rest: [], options: input.options ?? {} },
      io,
    );
    return result.document as Record<string, unknown> & Record<string, unknown>[];
  };
  const file = join(dataDir, 'password-to-read');
  writeFileSync(file, `${PASSWORD}\r\nsecond line\n`);
  await run('user add', { words: { user: 'Root' }, options: { role: 'admin', 'password-file': file } });
  await run('user add', { words: { user: 'bob' }, options: { password: 'bobs long password' } });
  assert.deepEqual(await identity.verifyPassword({ user: 'root', password: PASSWORD, source: 's' }), {
    ok: true,
  });
  await run('user passwd', { words: { user: 'bob' }, options: { password: 'bobs other password' } });
  assert.deepEqual(
    (await run('user list', {})).map((row) => [row['name'], row['role']]),
    [
      ['bob', 'user'],
      ['root', 'admin'],
    ],
  );
  await run('user remove', { words: { user: 'bob' } });
  const created = await run('token create', {
    options: { name: 'ci', scope: ['read', 'intel'], expires: '90d' },
  });
  assert.equal(created['expiresAt'], '2026-04-01T00:00:00.000Z');
  const token = String(created['token']);
  const listed = await run('token list', {});
  assert.deepEqual(listed[0]?.['scopes'], ['read', 'intel']);
  await run('token revoke', { words: { name: 'ci' } });
  const check = async (attempt: Promise<unknown>, code: string) =>
    assert.equal((await failureOf(attempt)).code, code);
  await check(run('user passwd', { words: { user: 'root' } }), 'IDENTITY_PASSWORD_NEEDED');
  await check(
    run('user passwd', { words: { user: 'root' }, options: { 'password-file': join(dataDir, 'none') } }),
    'IDENTITY_PASSWORD_FILE',
  );
  await check(
    run('token create', { options: { name: 'x', scope: ['read'], expires: 'soon' } }),
    'IDENTITY_EXPIRY',
  );
  await check(run('token create', { options: { name: 'x' } }), 'IDENTITY_SCOPE');
  rmSync(file);
  const seen = JSON.stringify([
    listed,
    logged,
    await state.auditEntries({ limit: 100 }),
    await state.versions(100),
    await state.exportDocument(),
  ]);
  await state.close();
  const onDisk = readdirSync(dataDir)
    .map((name) => readFileSync(join(dataDir, name), 'latin1'))
    .join();
  for (const secret of [token, token.slice(4), PASSWORD, 'bobs long password', 'bobs other password']) {
    assert.ok(!seen.includes(secret), 'shown');
    assert.ok(!onDisk.includes(secret), 'stored');
  }
});
