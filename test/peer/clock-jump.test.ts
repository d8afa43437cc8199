/** A gateway whose clock is a month ahead at its first start, is corrected, goes a month back, and comes back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { totpAt } from '../../src/engines/identity/totp.ts';
import { until } from '../e2e/processes-gateway.ts';
import { apiOf } from '../support/api-client.ts';
import { ADMIN_PASSWORD, type Gateway, startGateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { proxyGet, rawRequest } from '../support/raw-client.ts';
import { scopeOf, tempDir } from '../support/scope.ts';

const DAY_MS = 86_400_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (char) => char)
    .map((char) => BASE32.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Whether a client with the right clock, which trusts `ca`, takes the certificate; else why not. */
function judged(gateway: Gateway, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: gateway.ports.https ?? 0,
      servername: 'localhost',
      ca,
      rejectUnauthorized: false,
    });
    socket.once('secureConnect', () => {
      const { authorized, authorizationError } = socket;
      socket.destroy();
      resolve(authorized ? 'valid' : String(authorizationError));
    });
    socket.once('error', reject);
  });
}

test('a clock that jumps a month stops no door, spoils no certificate and locks nobody out', async (t) => {
  const missing = missingPeer('faketime');
  if (missing !== false) return t.skip(missing);
  const scope = scopeOf(t);
  const clock = join(await tempDir(scope, 'clock'), 'offset');
  let aheadDays = 0;
  const setClock = (days: number): void => {
    aheadDays = days;
    // Swapped: it is read at any moment.
    writeFileSync(`${clock}.new`, `${days < 0 ? '-' : '+'}${Math.abs(days)}d\n`);
    renameSync(`${clock}.new`, clock);
  };
  setClock(30);
  const library = execFileSync(peerPath('faketime'), [
    '-f',
    '+0',
    '/bin/sh',
    '-c',
    'echo $LD_PRELOAD',
  ]).toString();
  const gateway = await startGateway(scope, {
    edges: 2,
    env: {
      LD_PRELOAD: library.trim(),
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_CACHE_DURATION: '1',
      // The kernel's clock for durations does not jump when somebody sets the date.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    config: {
      health: { check: '1s' },
      egress: { allowDestinations: ['127.0.0.0/8'] },
    },
  });
  const { url } = await startOrigin(scope, {
    '/': (_request, socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  });
  await gateway.ask('indicator', 'block', 'bad.example');
  const { token } = (await gateway.ask(
    'token',
    'create',
    '--name',
    'looks',
    '--scope',
    'read',
    '--expires',
    '90d',
  )) as {
    readonly token: string;
  };
  const { secret } = (await gateway.ask('user', 'totp', 'enable', 'admin')) as { readonly secret: string };
  const gatewayMs = (): number => Date.now() + aheadDays * DAY_MS;
  /** A code is taken once: each sign-in shows one of a step that was never shown. */
  const shown = new Set<number>();
  const nextCode = async (): Promise<string> => {
    let step = 0;
    await until('there is a new code', () => {
      step = Math.floor(gatewayMs() / 30_000);
      return !shown.has(++step) || !shown.has(--step);
    });
    shown.add(step);
    return totpAt(fromBase32(secret), step * 30_000);
  };
  // Of the step that is now, the first one that no other may follow back to.
  shown.add(Math.floor(gatewayMs() / 30_000));
  await gateway.ask(
    'user',
    'totp',
    'enable',
    'admin',
    '--code',
    totpAt(fromBase32(secret), Math.max(...shown) * 30_000),
  );
  const ca = (
    await rawRequest(gateway.ports.http ?? 0, 'GET /ca.crt HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n')
  ).body.toString();

  /** Doors, certificate, token and sign-in with the second factor, all as on any other day. */
  const works = async (): Promise<void> => {
    const get = async (target: string): Promise<number> =>
      (await rawRequest(gateway.proxyPort, proxyGet(target, ['Connection: close']))).status;
    assert.deepEqual([await get(`${url}/`), await get('http://bad.example/')], [200, 403]);
    const ask = apiOf(scope, gateway);
    const { status } = await ask('GET /api/v1/ports', { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(status, 200);
    const signedIn = await ask('POST /api/v1/session', {
      body: { user: 'admin', password: ADMIN_PASSWORD, code: await nextCode() },
    });
    assert.equal(signedIn.status, 200, signedIn.text);
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0]!;
    // Each process looks at the file of the clock for itself, an edge a moment later than control.
    await until(
      'the session is taken',
      async () => (await ask('GET /api/v1/users', { headers: { Cookie: cookie } })).status === 200,
    );
    assert.deepEqual(((await gateway.ask('status')) as { state: string }).state, 'running');
  };
  const jumpTo = async (days: number): Promise<void> => {
    setClock(days);
    const day = new Date(gatewayMs()).toISOString().slice(0, 10);
    await until('the jump is seen', async () =>
      (await gateway.command('show', 'health')).stdout.includes(`, to ${day}`),
    );
    await until('clients take the certificate', async () => (await judged(gateway, ca)) === 'valid');
  };

  await t.test('a month ahead from the first start', async () => {
    await works();
    // A client whose clock is right says so; that is what is mended below.
    assert.equal(await judged(gateway, ca), 'CERT_NOT_YET_VALID');
  });
  await t.test('corrected: a new certificate at once, the same authority, codes are taken', async () => {
    await jumpTo(0);
    await works();
    const doctor = await gateway.command('doctor', '--json');
    const { checks } = JSON.parse(doctor.stdout) as {
      readonly checks: readonly {
        readonly check: string;
        readonly state: string;
        readonly detail: string;
        readonly hint: string;
      }[];
    };
    const clocks = checks.filter(({ check, state }) => check === 'clock' && state === 'problem');
    assert.ok(
      clocks.some(({ detail }) => detail.includes('went back')),
      JSON.stringify(clocks),
    );
    assert.ok(
      clocks.some(({ detail }) => /clock-jumped.*minutes back/.test(detail)),
      JSON.stringify(clocks),
    );
    for (const { hint } of clocks) assert.match(hint, /timedatectl/);
  });
  await t.test('a month behind', async () => {
    await jumpTo(-30);
    await works();
  });
  await t.test('and back again', async () => {
    await jumpTo(0);
    await works();
    const events = (await gateway.ask('show', 'events', '--limit', '50')) as {
      readonly items: readonly { readonly type: string }[];
    };
    assert.ok(events.items.some(({ type }) => type === 'health.unwell'));
  });
});
