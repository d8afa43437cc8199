/** From something that happens, over a rule, to those who should know; and what is remembered over a restart. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf } from '../support/api-client.ts';
import { startGateway } from '../support/gateway.ts';
import { openScope, type Scope, scopeOf, tempDir } from '../support/scope.ts';

const CONFIG = {
  alerts: { check: '1s' },
  egress: { allowDestinations: ['127.0.0.0/8'] },
  login: { failuresMax: 2 },
};
const WAIT_MS = 60_000;

interface Call {
  readonly type: string;
  readonly alert: { readonly rule: string; readonly about: string; readonly text: string };
}

async function startReceiver(scope: Scope): Promise<{ readonly url: string; readonly calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      // The documentation of webhooks says what a call looks like.
      calls.push(JSON.parse(body) as Call);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`${what} does not come true`);
    await sleep(100);
  }
}

test('guessed passwords become an alarm, a call and a line of a log target; a restart tells nobody twice', async (t) => {
  const scope = scopeOf(t);
  const { url, calls } = await startReceiver(scope);
  const first = openScope();
  t.after(() => first.close());
  const dataDir = join(await tempDir(scope), 'data');
  const gateway = await startGateway(first, { config: CONFIG, dataDir });
  await gateway.ask(
    'log',
    'target',
    'add',
    'alarms',
    '--url',
    `file://${dataDir}/log/alarms.json`,
    '--type',
    'alert.',
  );
  await gateway.ask('alert', 'add', 'login-bans', '--when', 'bans', '--window', '1h', '--webhook', url);
  const tested = await gateway.ask('alert', 'test', 'login-bans');
  assert.deepEqual(
    (tested as { outcome: string }[]).map(({ outcome }) => outcome),
    ['sent'],
  );
  assert.equal(calls.shift()?.type, 'alert.test');

  const ask = apiOf(first, gateway);
  for (let tries = 0; tries < 4; tries++) {
    await ask('POST /api/v1/session', { body: { user: 'admin', password: 'wrong' } });
  }
  await until('the webhook is called', () => calls.length > 0);
  assert.deepEqual(
    [calls[0]?.type, calls[0]?.alert.rule, calls[0]?.alert.about],
    ['alert.raised', 'login-bans', '127.0.0.1'],
  );
  const shown = (await gateway.ask('show', 'alerts')) as { rule: string; about: string }[];
  assert.deepEqual(
    shown.map(({ rule, about }) => `${rule} ${about}`),
    ['login-bans 127.0.0.1'],
  );
  await until('the log target has it', async () => {
    const text = await readFile(`${dataDir}/log/alarms.json`, 'utf8').catch(() => '');
    return text.includes('"alert.raised"') && text.includes('login-bans');
  });
  await first.close();

  const again = await startGateway(scope, { config: CONFIG, dataDir });
  await until(
    'the alarm is known',
    async () => ((await again.ask('show', 'alerts')) as unknown[]).length === 1,
  );
  await sleep(2500);
  assert.equal(calls.length, 1, 'nobody is told again');
});
