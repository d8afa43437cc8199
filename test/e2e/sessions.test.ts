import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf, type ApiAnswer } from '../support/api-client.ts';
import { ADMIN_PASSWORD, startGateway, type Gateway } from '../support/gateway.ts';
import { scopeOf } from '../support/scope.ts';

const TRIES = 200;

async function controlOf(gateway: Gateway): Promise<number | undefined> {
  const { code, stdout } = await gateway.command('status', '--json');
  if (code !== 0) return undefined;
  const { processes } = JSON.parse(stdout) as {
    readonly processes: readonly { readonly role: string; readonly pid: number; readonly state: string }[];
  };
  return processes.find(({ role, state }) => role === 'control' && state === 'ready')?.pid;
}

/** Kills control without a warning and waits until another one answers. */
async function killControl(gateway: Gateway): Promise<void> {
  const before = await controlOf(gateway);
  assert.ok(before !== undefined);
  process.kill(before, 'SIGKILL');
  for (let tries = 0; tries < TRIES; tries++) {
    const now = await controlOf(gateway);
    if (now !== undefined && now !== before) return;
  }
  assert.fail('control did not come back');
}

function cookieOf({ headers }: ApiAnswer): string {
  return String(headers['set-cookie']).split(';', 1)[0] ?? '';
}

test('who is signed in to the console stays so when control is killed, and who signed out does not', async (t) => {
  const scope = scopeOf(t);
  const gateway = await startGateway(scope);
  const ask = apiOf(scope, gateway);
  const signIn = async () => {
    const body = { user: 'admin', password: ADMIN_PASSWORD };
    const answer = await ask('POST /api/v1/session', { body });
    assert.equal(answer.status, 200, answer.text);
    const { csrf } = answer.document as { readonly csrf: string };
    return { Cookie: cookieOf(answer), 'X-CSRF-Token': csrf };
  };
  const [stays, leaves, closed] = [await signIn(), await signIn(), await signIn()];
  const rowsOf = async (headers: Readonly<Record<string, string>>) => {
    const { document } = await ask('GET /api/v1/sessions', { headers });
    return document as readonly { readonly id: string; readonly current: boolean }[];
  };
  const own = (await rowsOf(closed)).find(({ current }) => current);
  assert.equal((await ask('DELETE /api/v1/session', { headers: leaves })).status, 204);
  assert.equal((await ask(`DELETE /api/v1/sessions/${own?.id}`, { headers: stays })).status, 204);
  await killControl(gateway);

  // An edge that has not found the new control yet says 503: come again.
  const is = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const { status } = await ask('GET /api/v1/status', { headers });
      if (status !== 503) return status;
      await sleep(50);
    }
    return 503;
  };
  assert.deepEqual([await is(stays), await is(leaves), await is(closed)], [200, 401, 401]);
  const rows = await rowsOf(stays);
  assert.deepEqual(
    rows.map(({ current }) => current),
    [true],
    'it is listed, and known as the own one',
  );
  // Its token for changes is the same, too.
  const body = { name: 'ana', role: 'user', password: 'a long enough password' };
  assert.equal((await ask('POST /api/v1/users', { headers: stays, body })).status, 201);

  const password = 'another long password of admin';
  const other = await signIn();
  const changed = await ask('PUT /api/v1/users/admin/password', { headers: other, body: { password } });
  assert.equal(changed.status, 200, changed.text);
  await killControl(gateway);
  assert.deepEqual([await is(stays), await is(other)], [401, 200], 'but the new password has ended it');
});
