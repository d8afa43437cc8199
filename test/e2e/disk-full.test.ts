/** The disk of the data directory fills up while the gateway runs: it serves on, says so, and mends itself when there is room. */
import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { apiOf } from '../support/api-client.ts';
import { runChild } from '../support/child.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { IcapClient } from '../support/icap-client.ts';
import { startOrigin } from '../support/origin.ts';
import { proxyGet, rawRequest } from '../support/raw-client.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';
import { until } from './processes-gateway.ts';

interface Part {
  readonly part: string;
  readonly state: string;
  readonly code: string;
}

interface Process {
  readonly role: string;
  readonly pid: number;
  readonly state: string;
}

interface ShownEvent {
  readonly type: string;
  readonly target?: string;
  readonly reason?: string;
}

const CONFIG = {
  health: { check: '1s', settle: '1s', diskFreeMin: '4MiB' },
  alerts: { check: '1s' },
  accessLog: { fileBytesMax: '1MiB', filesMax: 3 },
  events: { queueMax: 100, waitingMax: 1000 },
  egress: { allowDestinations: ['127.0.0.0/8'] },
};
const BAD = 'http://bad.example/';

/** A file system of 64 MiB in memory; `undefined`: the test was skipped. */
async function smallDisk(t: TestContext, scope: Scope): Promise<string | undefined> {
  if (process.getuid?.() !== 0) {
    t.skip('mounting a small file system needs root');
    return undefined;
  }
  const dir = await tempDir(scope, 'full-disk');
  const mounted = await runChild(scope, 'mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', dir]);
  if (mounted.code !== 0) {
    t.skip(`mount: ${mounted.stderr.trim()}`);
    return undefined;
  }
  scope.after(() => runChild(scope, 'umount', [dir]).then(() => undefined));
  return dir;
}

/** Takes every byte that is free. */
function fill(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    for (let bytes = 1024 * 1024; bytes > 0; bytes = Math.floor(bytes / 2)) {
      try {
        for (;;) writeSync(descriptor, Buffer.alloc(bytes));
      } catch (error) {
        assert.match(String(error), /ENOSPC/);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

async function partsOf(gateway: Gateway): Promise<ReadonlyMap<string, Part>> {
  const { parts } = (await gateway.ask('show', 'health')) as { readonly parts: readonly Part[] };
  return new Map(parts.map((each) => [each.part, each]));
}

async function processesOf(gateway: Gateway): Promise<readonly Process[]> {
  return ((await gateway.ask('status')) as { readonly processes: readonly Process[] }).processes;
}

async function alarmsOf(gateway: Gateway): Promise<readonly string[]> {
  const alarms = (await gateway.ask('show', 'alerts')) as readonly { readonly rule: string }[];
  return alarms.map(({ rule }) => rule);
}

/** Sum of a counter over its labels. */
async function counted(gateway: Gateway, name: string): Promise<number> {
  const lines = (await gateway.metrics()).split('\n').filter((line) => line.startsWith(`sallyport_${name}`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** What clients of each kind get: the same whatever the disk does. */
async function serves(gateway: Gateway, token: string, scope: Scope, origin: string): Promise<void> {
  const get = async (url: string): Promise<number> =>
    (await rawRequest(gateway.proxyPort, proxyGet(url, ['Connection: close']))).status;
  assert.deepEqual([await get(origin), await get(BAD)], [200, 403]);
  const ask = apiOf(scope, gateway, { Authorization: `Bearer ${token}` });
  const { document } = await ask('GET /api/v1/lookup?kind=domain&value=bad.example');
  assert.equal((document as { readonly verdict: string }).verdict, 'malicious');
  const icap = await IcapClient.open(gateway.ports.icap ?? 0);
  const request = 'GET http://bad.example/ HTTP/1.1\nHost: bad.example';
  const reply = await icap.ask({ method: 'REQMOD', service: '/reqmod', request });
  icap.socket.destroy();
  assert.match(reply.response, /403/);
}

test('a disk that fills up stops no door, and writing goes on by itself when there is room again', async (t) => {
  const scope = scopeOf(t);
  const dir = await smallDisk(t, scope);
  if (dir === undefined) return;
  const { url } = await startOrigin(scope, {
    '/': (_request, socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  });
  const origin = `${url}/`;
  const dataDir = join(dir, 'data');
  mkdirSync(dataDir);
  const gateway = await startGateway(scope, { dataDir, edges: 2, config: CONFIG });
  await gateway.ask('indicator', 'block', 'bad.example');
  await gateway.ask('alert', 'add', 'disk-low', '--when', 'disk', '--percent', '10', '--for', '0s');
  const { token } = (await gateway.ask('token', 'create', '--name', 'looks', '--scope', 'read')) as {
    readonly token: string;
  };
  await gateway.metrics();
  await serves(gateway, token, scope, origin);
  const before = await processesOf(gateway);
  // More than one file of the access log may hold.
  const accessLog = join(dataDir, 'log', 'access.log');
  const path = 'x'.repeat(6000);
  await until('the access log is large', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () => rawRequest(gateway.proxyPort, proxyGet(`${origin}${path}`))),
    );
    return existsSync(`${accessLog}.1`) || statSync(accessLog, { throwIfNoEntry: false })!.size > 1024 ** 2;
  });
  const ballast = join(dir, 'ballast');
  fill(ballast);

  await t.test('the doors go on, what cannot be stored is counted', async () => {
    for (let count = 0; count < 30; count++) {
      const many = Array.from({ length: 50 }, () => rawRequest(gateway.proxyPort, proxyGet(BAD)));
      for (const { status } of await Promise.all(many)) assert.equal(status, 403);
    }
    await serves(gateway, token, scope, origin);
    await until('events are counted that find no room', async () => {
      await Promise.all(Array.from({ length: 50 }, () => rawRequest(gateway.proxyPort, proxyGet(BAD))));
      return (
        (await counted(gateway, 'events_store_lost_total')) +
          (await counted(gateway, 'events_dropped_total')) >
        0
      );
    });
    assert.ok((await counted(gateway, 'access_log_dropped_total')) > 0);
  });

  await t.test('health, doctor and an alarm name the disk, with what mends it', async () => {
    await until(
      'health says it',
      async () => (await partsOf(gateway)).get('events')?.code === 'events-unstored',
    );
    assert.equal((await partsOf(gateway)).get('disk')?.code, 'disk-full');
    const doctor = JSON.parse((await gateway.command('doctor', '--json')).stdout) as {
      readonly checks: readonly { readonly check: string; readonly state: string; readonly hint: string }[];
    };
    const disk = doctor.checks.filter(({ check }) => check === 'disk');
    assert.deepEqual(
      disk.map(({ state }) => state),
      ['problem'],
    );
    assert.match(disk[0]!.hint, /sallyport quarantine purge/);
    await until('the alarm is there', async () => (await alarmsOf(gateway)).includes('disk-low'));
  });

  await t.test(
    'a change is refused and says why: nothing of it is half done, and no audit is lost',
    async () => {
      for (const [words, code] of [
        [['token', 'create', '--name', 'second', '--scope', 'read'], 'STATE_DISK_FULL'],
        [['feed', 'add', 'urls', '--url', 'https://127.0.0.1:9/list.txt'], 'STATE_DISK_FULL'],
        [['indicator', 'block', 'worse.example'], 'INDICATORS_DISK_FULL'],
      ] as const) {
        const { code: exit, stderr } = await gateway.command(...words, '--json');
        assert.equal(exit, 4, stderr);
        const error = JSON.parse(stderr) as { readonly code: string; readonly hint: string };
        assert.equal(error.code, code);
        assert.match(error.hint, /Free space/);
      }
      const tokens = (await gateway.ask('token', 'list')) as readonly { readonly name: string }[];
      assert.ok(!tokens.some(({ name }) => name === 'second'));
    },
  );

  await t.test('processes that die meanwhile come back', async () => {
    const pids = (processes: readonly Process[]) => processes.map(({ pid }) => pid);
    assert.deepEqual(pids(await processesOf(gateway)), pids(before), 'none has died by itself');
    for (const role of ['edge', 'control']) {
      const { pid } = (await processesOf(gateway)).find((each) => each.role === role)!;
      process.kill(pid, 'SIGKILL');
      await until(`${role} is there again`, async () => {
        const { stdout, code } = await gateway.command('status', '--json');
        if (code !== 0) return false;
        const now = (JSON.parse(stdout) as { readonly processes: readonly Process[] }).processes;
        return (
          now.length === before.length && now.every((each) => each.state === 'ready' && each.pid !== pid)
        );
      });
    }
    await serves(gateway, token, scope, origin);
    await until('the alarm is there again', async () => (await alarmsOf(gateway)).includes('disk-low'));
  });

  await t.test('the access log is rotated', () => until('it is', () => existsSync(`${accessLog}.1`)));

  await t.test('when there is room, all goes on by itself', async () => {
    await rawRequest(gateway.proxyPort, proxyGet(BAD));
    rmSync(ballast);
    await until(
      'changes are taken',
      async () => (await gateway.command('indicator', 'block', 'worse.example')).code === 0,
    );
    await until('all is well', async () =>
      [...(await partsOf(gateway)).values()].every(({ state }) => state === 'ok'),
    );
    await until('the alarm is over', async () => (await alarmsOf(gateway)).length === 0);
    await until('the access log is written', async () => {
      await rawRequest(gateway.proxyPort, proxyGet(BAD));
      return (statSync(accessLog, { throwIfNoEntry: false })?.size ?? 0) > 0;
    });
    const { items } = (await gateway.ask('show', 'events', '--limit', '500')) as {
      readonly items: readonly ShownEvent[];
    };
    for (const type of ['decision.block', 'health.well', 'alert.resolved']) {
      assert.ok(
        items.some((each) => each.type === type),
        type,
      );
    }
    await serves(gateway, token, scope, origin);
  });
});
