import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { after, test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { identityLab, PASSWORD } from '../../../test/support/identity.ts';
import { openScope } from '../../../test/support/scope.ts';
import { encodePublicKey, keyLine, parsePublicKey, string } from '../../protocols/ssh-keys/index.ts';
import { createAuthenticators } from './authenticators.ts';
import { openHostKeys } from './host-keys.io.ts';
import { createRevocations } from './revocations.ts';
import { openSealing } from './sealing.io.ts';
import { SshLogins } from './ssh-login.ts';
import { totpAt } from './totp.ts';

const scope = openScope();
after(() => scope.close());

async function lab() {
  const made = await identityLab(scope);
  const { state, identity, time, login, dataDir } = made;
  await identity.ensureAdmin(PASSWORD);
  const clock = { now: () => time.now, monotonic: () => time.now };
  const sealing = openSealing(dataDir, ({ problem }) => new Error(problem));
  const restarted = () =>
    createAuthenticators({ state, clock, random: randomBytes, sealing, login: () => login });
  const authenticators = restarted();
  const settings = { passwords: true, authorities: [] as string[], revoked: [] as string[] };
  const revocations = createRevocations({ state, clock, settings: () => settings });
  const logins = new SshLogins({
    clock,
    identity,
    authenticators,
    revocations,
    settings: () => settings,
  });
  return { ...made, authenticators, restarted, revocations, logins, settings };
}

function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const blob = encodePublicKey(publicKey);
  const line = keyLine(parsePublicKey(blob)!, 'laptop');
  const prove = (user: string, source = '10.0.0.1') => {
    const signed = randomBytes(64);
    const signature = Buffer.concat([string('ssh-ed25519'), string(sign(null, signed, privateKey))]);
    return { user, source, algorithm: 'ssh-ed25519', blob, signed, signature };
  };
  return { blob, line, prove };
}

test('a key signs in the user that it was given to, and stops when it is removed or revoked', async () => {
  const { authenticators, logins, revocations, settings, state } = await lab();
  const key = keyPair();
  const row = await authenticators.addKey('Admin', key.line, 'local');
  assert.deepEqual([row.user, row.comment], ['admin', 'laptop']);
  assert.equal((await failureOf(authenticators.addKey('admin', key.line, 'local'))).code, 'IDENTITY_EXISTS');
  assert.equal(
    (await failureOf(authenticators.addKey('nobody', key.line, 'local'))).code,
    'IDENTITY_MISSING',
  );
  const login = await logins.withKey(key.prove('ADMIN'));
  assert.deepEqual([login.ok, login.ok && login.account.name], [true, 'admin']);
  const forged = { ...key.prove('admin'), signed: randomBytes(64) };
  assert.deepEqual(await logins.withKey(forged), { ok: false, reason: 'unknown' });
  assert.equal(await logins.wouldTake(keyPair().prove('admin')), false);
  settings.revoked = [row.fingerprint];
  assert.deepEqual(await logins.withKey(key.prove('admin')), { ok: false, reason: 'revoked' });
  settings.revoked = [];
  await revocations.add({ what: key.line, reason: ' lost  ' }, 'ben');
  assert.equal(await logins.wouldTake(key.prove('admin')), false);
  assert.deepEqual(await revocations.list(), [
    { mark: row.fingerprint, reason: 'lost', revokedAt: '2026-01-01T00:00:00.000Z', revokedBy: 'ben' },
  ]);
  const again = await failureOf(revocations.add({ what: row.fingerprint, reason: '' }, 'ben'));
  assert.equal(again.code, 'IDENTITY_EXISTS');
  for (const text of ['serial:-1', 'id:', 'SHA256:short', 'serial:042', 'id:a\nb', '*'])
    assert.equal(
      (await failureOf(revocations.add({ what: text, reason: '' }, 'ben'))).code,
      'IDENTITY_MARK',
      text,
    );
  assert.equal(await revocations.remove(row.fingerprint, 'ben'), row.fingerprint);
  assert.equal((await failureOf(revocations.remove('serial:1', 'ben'))).code, 'IDENTITY_MISSING');
  assert.equal((await logins.withKey(key.prove('admin'))).ok, true);
  await authenticators.removeKey('admin', 'laptop', 'local');
  assert.deepEqual(await logins.withKey(key.prove('admin')), { ok: false, reason: 'unknown' });
  await state.close();
});

test('keys are in the exported document, and come and go with it', async () => {
  const { authenticators, state, identity } = await lab();
  const key = keyPair();
  await identity.addUser({ name: 'alice', role: 'operator', password: PASSWORD }, 'local');
  await authenticators.addKey('alice', key.line, 'local');
  const document = await state.exportDocument();
  assert.deepEqual(document['users'], {
    admin: { role: 'admin' },
    alice: { role: 'operator', keys: [key.line] },
  });
  const by = { author: 'local' };
  await state.apply({ users: { admin: { role: 'admin' }, alice: { role: 'operator' } } }, by, {
    dryRun: false,
  });
  assert.deepEqual(await authenticators.keys(), []);
  await state.apply(document, by, { dryRun: false });
  assert.equal(await authenticators.hasKey('alice', key.blob), true);
  const wrong = { users: { admin: { role: 'admin', keys: ['command="id" ssh-rsa AAAA'] } } };
  await assert.rejects(state.apply(wrong, by, { dryRun: false }), /keys/);
  await identity.removeUser('alice', 'local');
  assert.deepEqual(await authenticators.keys(), [], 'a user of the same name later must not have them');
  await state.close();
});

test('a second factor counts from its first code; then the password alone opens nothing', async () => {
  const { authenticators, logins, identity, time, state, replica } = await lab();
  const { secret } = await authenticators.beginTotp('admin', 'local');
  assert.equal(
    (await authenticators.beginTotp('admin', 'local')).secret,
    secret,
    'shown again until it counts',
  );
  const attempt = (code?: string) =>
    logins.withPassword({ user: 'admin', password: PASSWORD, code, source: '10.0.0.1' });
  assert.equal((await attempt()).ok, true);
  const code = (): string => totpAt(fromBase32(secret), time.now);
  assert.equal(
    (await failureOf(authenticators.confirmTotp('admin', '000000', 'local'))).code,
    'IDENTITY_TOTP_CODE',
  );
  await authenticators.confirmTotp('admin', code(), 'local');
  assert.deepEqual(await attempt(), { ok: false, reason: 'code-needed' });
  assert.deepEqual(await attempt(code()), { ok: false, reason: 'unknown' }, 'it was used to confirm');
  time.now += 30_000;
  assert.equal((await attempt(code())).ok, true);
  const basic = await replica.authenticate(
    { scheme: 'basic', user: 'admin', password: PASSWORD },
    '10.0.0.1',
  );
  assert.equal(basic.ok, false, 'nobody can be asked for a code there');
  for (let count = 0; count < 3; count++) await attempt('123456');
  time.now += 30_000;
  assert.deepEqual(await attempt(code()), { ok: false, reason: 'banned' });
  time.now += 60_000;
  assert.equal((await attempt(code())).ok, true);
  await authenticators.removeTotp('admin', 'local');
  assert.equal((await attempt()).ok, true);
  assert.equal((await identity.users()).length, 1);
  await state.close();
});

test('a clock that jumps a month brings no old code back, and locks nobody out', async () => {
  const { authenticators, restarted, time, state } = await lab();
  const { secret } = await authenticators.beginTotp('admin', 'local');
  const code = totpAt(fromBase32(secret), time.now);
  await authenticators.confirmTotp('admin', code, 'local');
  const used = time.now;
  time.now += 31 * 86_400_000;
  const ahead = totpAt(fromBase32(secret), time.now);
  assert.equal(await authenticators.secondFactor({ user: 'admin', code: ahead, source: 's' }), 'right');
  time.now = used;
  assert.equal(await authenticators.secondFactor({ user: 'admin', code, source: 's' }), 'wrong');
  const later = restarted();
  assert.equal(
    await later.secondFactor({ user: 'admin', code, source: 's' }),
    'wrong',
    'after a restart, too',
  );
  time.now += 30_000;
  const next = totpAt(fromBase32(secret), time.now);
  assert.equal(await authenticators.secondFactor({ user: 'admin', code: next, source: 's' }), 'right');
  assert.equal(await authenticators.secondFactor({ user: 'admin', code: next, source: 's' }), 'wrong');
  await state.close();
});

test('passwords can be switched off for SSH', async () => {
  const { logins, settings, state } = await lab();
  settings.passwords = false;
  const answer = await logins.withPassword({
    user: 'admin',
    password: PASSWORD,
    code: undefined,
    source: 's',
  });
  assert.deepEqual(answer, { ok: false, reason: 'passwords-off' });
  await state.close();
});

test('host keys are made once, and are worth nothing without the master key', async () => {
  const { dataDir, state } = await lab();
  const first = await openHostKeys(dataDir);
  assert.deepEqual(
    first.rows.map(({ type }) => type),
    ['ssh-ed25519', 'ssh-rsa'],
  );
  assert.deepEqual((await openHostKeys(dataDir)).rows, first.rows);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${dataDir}/master.key`, randomBytes(32), { mode: 0o600 });
  assert.equal((await failureOf(openHostKeys(dataDir))).code, 'IDENTITY_HOST_KEYS');
  await state.close();
});

function fromBase32(text: string): Buffer {
  const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(text, (each) => signs.indexOf(each).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((each) => Number.parseInt(each, 2)));
}
