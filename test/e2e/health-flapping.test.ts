/** A scanner that comes and goes: one state for everybody, one alarm, one end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiOf } from '../support/api-client.ts';
import { getHttps, startGateway } from '../support/gateway.ts';
import { type Scope, scopeOf } from '../support/scope.ts';
import { startTcpServer } from '../support/tcp-server.ts';
import { until } from './processes-gateway.ts';

interface Part {
  readonly part: string;
  readonly state: string;
  readonly code: string;
  readonly reason: string;
  readonly since: string;
  readonly falls: number;
}

interface ShownEvent {
  readonly type: string;
  readonly target?: string;
  readonly reason?: string;
}

/** Speaks as much of clamd as is asked of its version; while it is away, it hangs up. */
async function startScanner(scope: Scope) {
  const own = { away: false, refused: 0, asked: 0 };
  const { port } = await startTcpServer(scope, (socket) => {
    if (own.away) {
      own.refused++;
      return socket.destroy();
    }
    socket.on('data', (bytes) => {
      if (!bytes.includes('VERSION')) return;
      own.asked++;
      socket.write('1: ClamAV 1.4.3/27500/Mon Nov 3 08:00:00 2026\0');
    });
    return undefined;
  });
  return { port, own };
}

test('a part that flaps is degraded with one code until it is quiet, and one alarm is told', async (t) => {
  const scope = scopeOf(t);
  const { port, own } = await startScanner(scope);
  const gateway = await startGateway(scope, {
    config: {
      health: { check: '1s', settle: '15s', flaps: 2, flapWindow: '45s' },
      alerts: { check: '1s' },
      scan: { clamd: { host: '127.0.0.1', port, check: '100ms' } },
    },
  });
  await gateway.ask(
    'alert',
    'add',
    'any',
    '--when',
    'health',
    '--part',
    'icap',
    '--for',
    '0s',
    '--repeat',
    '0s',
  );
  const { token } = (await gateway.ask('token', 'create', '--name', 'looks', '--scope', 'read')) as {
    readonly token: string;
  };
  const ask = apiOf(scope, gateway, { Authorization: `Bearer ${token}` });
  const icap = async (): Promise<Part> => {
    const { parts } = (await ask('GET /api/v1/health')).document as { readonly parts: readonly Part[] };
    return parts.find(({ part }) => part === 'icap')!;
  };
  const readiness = async (): Promise<string> => (await getHttps(gateway.ports.https ?? 0, '/readyz')).body;
  await until('it is well', async () => (await icap()).state === 'ok');
  assert.doesNotMatch(await readiness(), /degraded/);

  /** Away, until the gateway has seen it; then back, until that was seen. */
  const flip = async (): Promise<void> => {
    const { falls } = await icap();
    own.away = true;
    await until('it is seen that it is away', async () => (await icap()).falls > falls);
    own.away = false;
    const { asked } = own;
    await until('it is asked again', () => own.asked > asked + 2);
    await icap();
  };
  await flip();
  const first = await icap();
  assert.deepEqual([first.state, first.code, first.falls], ['degraded', 'clamd-away', 1]);
  await until('every edge knows', async () => /icap: edge \d+: clamd/.test(await readiness()));
  await flip();
  await flip();
  const flapping = await icap();
  assert.deepEqual([flapping.state, flapping.code, flapping.since], ['degraded', 'flapping', first.since]);
  assert.match(flapping.reason, /^it went bad 3 times within 45 s, last: edge \d+: clamd cannot be asked/);
  await until('every edge knows that it flaps', async () =>
    (await readiness()).includes('icap: it went bad'),
  );
  const series = (await gateway.metrics()).split('\n').filter((line) => line.includes('health_part_unwell{'));
  assert.deepEqual(series, [
    'sallyport_health_part_unwell{part="icap",code="clamd-away"} 0',
    'sallyport_health_part_unwell{part="icap",code="flapping"} 1',
  ]);
  const alarms = async (): Promise<readonly string[]> => {
    const found = (await gateway.ask('show', 'alerts')) as readonly { about: string; text: string }[];
    return found.map(({ about, text }) => `${about} ${text.slice(0, 'icap is degraded (flapping)'.length)}`);
  };
  await until('the alarm is told', async () => (await alarms()).length > 0);
  await until('it says what it is', async () => (await alarms())[0] === 'icap icap is degraded (flapping)');
  assert.equal((await alarms()).length, 1);
  const doctor = await gateway.command('doctor', '--json');
  // The document of the command.
  const { checks } = JSON.parse(doctor.stdout) as {
    readonly checks: readonly { check: string; hint: string }[];
  };
  assert.match(checks.find(({ check }) => check === 'icap')?.hint ?? '', /sallyport show log --level warn/);

  await until('it is quiet', async () => (await icap()).state === 'ok');
  await until('the alarm is over', async () => (await alarms()).length === 0);
  const events = (await gateway.ask('show', 'events', '--limit', '200')) as {
    readonly items: readonly ShownEvent[];
  };
  const told = events.items
    .filter(
      ({ type, target }) =>
        /^(health|alert)\./.test(type) && (target === 'icap' || type.startsWith('alert.')),
    )
    .map(({ type, reason }) => `${type} ${reason ?? ''}`)
    .toReversed();
  assert.deepEqual(
    told.filter((each) => each.startsWith('alert.')).map((each) => each.split(' ')[0]),
    ['alert.raised', 'alert.resolved'],
  );
  assert.deepEqual(
    told.filter((each) => each.startsWith('health.')),
    ['health.unwell clamd-away', 'health.unwell flapping', 'health.well flapping'],
  );
  await until('no edge says it any more', async () => !(await readiness()).includes('degraded'));
});
