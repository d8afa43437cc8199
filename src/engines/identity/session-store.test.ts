import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { identityLab } from '../../../test/support/identity.ts';
import { openScope } from '../../../test/support/scope.ts';
import { RevokedMarks } from '../../protocols/ssh-keys/index.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';
import type { SharedSession } from './session.ts';
import { type Account, Sessions } from './sessions.ts';
import { hashToken } from './token.ts';

const scope = openScope();
after(() => scope.close());

const LIMITS = { idleMs: 60_000, lifeMs: 600_000, sessionsMax: 8, perUserMax: 3 };
const ANA = { kind: 'console', user: 'ana', role: 'admin', source: '10.0.0.1' } as const;
const BEN = { ...ANA, user: 'ben', role: 'operator' } as const;
const ACCOUNTS = new Map<string, Account>([
  ['ana', { role: 'admin', passwordAtMs: 1 }],
  ['ben', { role: 'operator', passwordAtMs: 1 }],
]);

async function lab() {
  const { state, time } = await identityLab(scope);
  const clock = { now: () => time.now, monotonic: () => time.now };
  const ended: string[] = [];
  const problems: unknown[] = [];
  let told: readonly SharedSession[] = [];
  /** Control as it is after a start; what the one before had in memory is gone. */
  const control = (store: SessionStore = createSessionStore(state)) =>
    new Sessions({
      clock,
      random: randomBytes,
      limits: () => LIMITS,
      store,
      notKept: (error) => problems.push(error),
      publish: (list) => {
        told = list;
        return Promise.resolve();
      },
      ended: ({ user }, why) => void ended.push(`${user} ${why}`),
    });
  return { state, time, ended, problems, control, told: () => told };
}

function account(name: string): Account {
  return ACCOUNTS.get(name)!; // both are in it
}

test('a session of the console is known again by the next control; only the hash of its secret is kept', async () => {
  const { state, time, control, told } = await lab();
  const first = control();
  await first.start(ACCOUNTS);
  const { id, secret, endsAtMs } = await first.openWithSecret(ANA, account('ana'));
  await first.open({ ...ANA, kind: 'ssh' }, { holder: 7, account: account('ana') });
  time.now += 30_000;
  first.touch(id);
  await first.sweep();

  time.now += 40_000;
  const next = control();
  await next.start(ACCOUNTS);
  const startedAtMs = time.now - 70_000;
  assert.deepEqual(told(), [
    { ...ANA, id, hash: hashToken(secret), startedAtMs, lastSeenAtMs: time.now - 40_000, endsAtMs },
  ]);
  const stored = await state.read((tx) => tx.selectFrom('sessions').selectAll().execute());
  assert.equal(JSON.stringify(stored).includes(secret), false);
  await state.close();
});

test('what was closed, silent, too old or of a changed account is over for the next control too', async () => {
  const { state, time, ended, control, told } = await lab();
  const first = control();
  await first.start(ACCOUNTS);
  const closed = await first.openWithSecret(ANA, account('ana'));
  await first.openWithSecret(BEN, account('ben'));
  await first.close(closed.id, 'ana', 'logout');
  const second = control();
  await second.start(new Map([['ben', { role: 'operator', passwordAtMs: 2 }]]));
  assert.deepEqual([ended.splice(0), told()], [['ana logout', 'ben changed'], []]);

  await second.openWithSecret(ANA, account('ana'));
  time.now += 60_000;
  await control().start(ACCOUNTS);
  assert.deepEqual(ended.splice(0), ['ana idle']);

  const own = await second.openWithSecret(ANA, account('ana'));
  const renewed = new Map([...ACCOUNTS, ['ana', { role: 'admin', passwordAtMs: 3 }] as const]);
  await second.sparing(own.id, () => second.reconcile(renewed));
  await second.sweep();
  await control().start(renewed);
  assert.deepEqual(
    told().map(({ id }) => id),
    [own.id],
    'the session that set the new password goes on',
  );
  await state.close();
});

test('what the disk did not take is written later, an end above all', async () => {
  const { state, problems, control, told } = await lab();
  let isFull = false;
  const store = createSessionStore({
    read: (work) => state.read(work),
    note: (work) => (isFull ? Promise.reject(new Error('full')) : state.note(work)),
  });
  const sessions = control(store);
  await sessions.start(ACCOUNTS);
  const { id } = await sessions.openWithSecret(ANA, account('ana'));
  isFull = true;
  await sessions.close(id, 'ben');
  await sessions.openWithSecret(BEN, account('ben'));
  assert.equal(problems.length, 2, 'signing in and out works all the same');
  isFull = false;
  await sessions.sweep();
  await control().start(ACCOUNTS);
  assert.deepEqual(
    told().map(({ user }) => user),
    ['ben'],
  );
  await state.close();
});

test('a revoked key or certificate ends the sessions that it began, and no others', async () => {
  const { state, ended, control } = await lab();
  const sessions = control();
  await sessions.start(ACCOUNTS);
  const over: string[] = [];
  for (const [entry, marks] of [
    [ANA, ['SHA256:a', 'serial:42']],
    [BEN, ['SHA256:b']],
  ] as const) {
    const id = await sessions.open({ ...entry, kind: 'ssh' }, { holder: 7, marks });
    sessions.onClose(id, () => over.push(entry.user));
  }
  await sessions.revoke(new RevokedMarks(['serial:42', 'id:nobody']));
  assert.deepEqual([ended, over], [['ana revoked'], ['ana']]);
  await state.close();
});
