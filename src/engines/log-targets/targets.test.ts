import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTls } from 'node:tls';
import { makeCertificate } from '../../../test/support/authority.ts';
import { type Scope, scopeOf, tempDir } from '../../../test/support/scope.ts';
import type { Log } from '../../kernel/index.ts';
import type { EventItem } from '../events/index.ts';
import { openState, type State } from '../state/index.ts';
import { DiskQueue } from './disk-queue.io.ts';
import { createLogTargets, logTargetsSection } from './index.ts';
import { readTarget } from './target.ts';
import { syslogText } from './wording.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const SPEAKER = { hostname: 'gw', version: '1.0.0', pid: 1 };
const LIMITS = {
  targetsMax: 8,
  queueBytesMax: 64 * 1024 * 1024,
  messageBytesMax: 65_536,
  connectMs: 2000,
  idleMs: 2000,
  settleMs: 300,
  retryMaxMs: 200,
  folders: [tmpdir()],
  fileBytesMax: 1024 ** 3,
};

function item(number: number, more: Partial<EventItem> = {}): EventItem {
  return {
    id: `20261124-00.${number}`,
    time: '2026-11-24T12:00:00.000Z',
    type: 'decision.block',
    severity: 'info',
    door: 'forward-proxy',
    source: '10.0.0.7',
    user: 'alice',
    target: `http://bad.example/${number}`,
    reason: 'feed-block',
    rule: 'feed-block',
    feed: 'urlhaus',
    count: 1,
    details: { sha256: 'ab', finding: 'Eicar' },
    ...more,
  };
}

async function targetsIn(scope: Scope, dataDir?: string, limits = LIMITS) {
  const dir = dataDir ?? (await tempDir(scope, 'targets'));
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const state: State = await openState({ dataDir: dir, clock, log: silent, sections: [logTargetsSection] });
  const targets = createLogTargets({
    dataDir: dir,
    state,
    version: '1.0.0',
    log: silent,
    limits: () => limits,
    ...clock,
  });
  await targets.open();
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await targets.close();
    await state.close();
  };
  scope.after(close);
  return { targets, dir, close };
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 2400 && !isTrue(); tries++) await sleep(25);
  assert.ok(isTrue(), what);
}

/** A receiver of octet-counted syslog that can be killed with its connections and started again on its port. */
class Receiver {
  readonly messages: string[] = [];
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  port = 0;

  async start(): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      let held = Buffer.alloc(0);
      socket.on('data', (bytes) => {
        held = Buffer.concat([held, bytes]);
        for (;;) {
          const space = held.indexOf(32);
          const length = Number(held.subarray(0, Math.max(0, space)).toString());
          if (space <= 0 || held.length < space + 1 + length) return;
          this.messages.push(held.subarray(space + 1, space + 1 + length).toString());
          held = held.subarray(space + 1 + length);
        }
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    // A server that listens on an IP address has an address with a port.
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
    await new Promise<void>((resolve) => void this.#server?.close(() => resolve()));
  }
}

test('a receiver that is killed and comes back misses nothing, and a dead one costs nobody a wait', async (t) => {
  const scope = scopeOf(t);
  const receiver = new Receiver();
  await receiver.start();
  scope.after(() => receiver.kill());
  const { targets } = await targetsIn(scope);
  await targets.add('siem', { url: `syslog+tcp://127.0.0.1:${receiver.port}`, format: 'cef' }, 'tester');
  const total = 6000;
  for (let at = 0; at < total; at += 100) {
    targets.offer(Array.from({ length: 100 }, (_, more) => item(at + more)));
    if (at === 2000) await receiver.kill();
    if (at === 4000) await receiver.start();
    await sleep(5);
  }
  const numbers = (): Set<string> =>
    new Set(receiver.messages.map((text) => /externalId=20261124-00\.(\d+)/.exec(text)![1]!));
  await until(() => numbers().size === total, 'all have arrived');
  await until(() => targets.list()[0]!.status.state === 'ok', 'well again');
  const [message] = receiver.messages;
  assert.match(message!, /^<134>1 2026-11-24T12:00:00\.000Z \S+ sallyport \d+ decision\.block \[origin /);
  assert.match(
    message!,
    /CEF:0\|Sallyport\|Service Gateway\|1\.0\.0\|decision\.block\|Decision block\|2\|rt=\d+ /,
  );
  assert.match(message!, / act=block .*suser=alice src=10\.0\.0\.7 .*cs2Label=policyName cs2=feed-block/);
});

test('what a receiver took and never read before it died is sent again', async (t) => {
  const scope = scopeOf(t);
  const deaf = createServer((socket) => {
    // The kernel takes the bytes; nobody reads them.
    socket.pause();
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  const sockets: Socket[] = [];
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  // A server that listens on an IP address has an address with a port.
  const { port } = deaf.address() as AddressInfo;
  // Long: that it took them must be seen before they count as delivered.
  const { targets } = await targetsIn(scope, undefined, { ...LIMITS, settleMs: 30_000 });
  await targets.add('siem', { url: `syslog+tcp://127.0.0.1:${port}` }, 'tester');
  targets.offer([item(1), item(2), item(3)]);
  await until(() => targets.list()[0]!.status.sent === 3, 'they were handed over');
  for (const socket of sockets) socket.resetAndDestroy();
  await new Promise<void>((resolve) => void deaf.close(() => resolve()));
  const receiver = new Receiver();
  receiver.port = port;
  await receiver.start();
  scope.after(() => receiver.kill());
  await until(() => receiver.messages.length === 3, 'all three came again');
});

test('what waits is there after a restart, and goes out once it can', async (t) => {
  const scope = scopeOf(t);
  const receiver = new Receiver();
  await receiver.start();
  await receiver.kill();
  const first = await targetsIn(scope);
  await first.targets.add('siem', { url: `syslog+tcp://127.0.0.1:${receiver.port}` }, 'tester');
  first.targets.offer([item(1), item(2)]);
  await until(
    () => first.targets.health()[0]!.health.state === 'degraded',
    'it says that the receiver is away',
  );
  await first.close();
  // The end of a line that a kill cut off.
  const queue = join(first.dir, 'log-queue', 'siem');
  const [file] = readdirSync(queue).filter((name) => name.endsWith('.queue'));
  appendFileSync(join(queue, file!), '{"id":"half');
  await receiver.start();
  scope.after(() => receiver.kill());
  const second = await targetsIn(scope, first.dir);
  second.targets.offer([item(3)]);
  await until(() => receiver.messages.length >= 3, 'all three');
  assert.deepEqual(
    receiver.messages.map((text) => /externalId=\S+\.(\d)/.exec(text)![1]),
    ['1', '2', '3'],
  );
});

test('TLS, UDP, OTLP and files get the same event; a wrong certificate is a reason', async (t) => {
  const scope = scopeOf(t);
  const certificate = await makeCertificate(scope);
  const got: Record<string, string> = {};
  const tls = createTls({ key: certificate.key, cert: certificate.cert }, (socket) => {
    socket.on('data', (bytes) => (got['tls'] = (got['tls'] ?? '') + bytes.toString()));
    socket.on('error', () => undefined);
  });
  const http = createHttp((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += String(bytes)));
    request.on('end', () => {
      got['otlp'] = body;
      response.end('{}');
    });
  });
  for (const server of [tls, http]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.after(() => void server.close());
  }
  scope.after(() => http.closeAllConnections());
  const udp = createSocket('udp4');
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  scope.after(() => void udp.close());
  udp.on('message', (bytes) => (got['udp'] = bytes.toString()));
  const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
  const { targets, dir } = await targetsIn(scope);
  const file = join(dir, 'events.log');
  const tlsUrl = `syslog+tls://localhost:${portOf(tls)}`;
  await targets.add(
    'tls',
    { url: tlsUrl, caFile: certificate.caFile, format: 'leef', framing: 'line' },
    'tester',
  );
  await targets.add('wrong', { url: tlsUrl }, 'tester');
  await targets.add('udp', { url: `syslog+udp://127.0.0.1:${portOf(udp)}`, format: 'json' }, 'tester');
  await targets.add('otlp', { url: `http://127.0.0.1:${portOf(http)}/v1/logs` }, 'tester');
  await targets.add('file', { url: `file://${file}`, types: ['decision.'] }, 'tester');
  targets.offer([item(1), item(2, { type: 'aggregate.allow' }), item(3, { type: 'login.failed' })]);
  const has = (name: string, what: string): boolean => got[name]?.includes(what) === true;
  await until(
    () => has('tls', 'usrName=alice') && has('udp', 'login.failed') && has('otlp', 'login.failed'),
    'all three have come',
  );
  assert.match(
    got['tls']!,
    /LEEF:2\.0\|Sallyport\|Service Gateway\|1\.0\.0\|decision\.block\|x09\|.*usrName=alice/,
  );
  assert.match(got['udp']!, /"type":"login\.failed"/);
  const sent = JSON.parse(got['otlp']!) as {
    resourceLogs: [{ scopeLogs: [{ logRecords: { eventName: string }[] }] }];
  };
  assert.deepEqual(
    sent.resourceLogs[0].scopeLogs[0].logRecords.map(({ eventName }) => eventName),
    ['decision.block', 'login.failed'],
  );
  await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('\n'), 'the file');
  assert.deepEqual(
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as EventItem).id),
    ['20261124-00.1'],
  );
  await assert.rejects(targets.test('wrong', 'tester'), { code: 'LOG_TARGET_TEST' });
  await targets.test('tls', 'tester');
  await targets.remove('wrong', 'tester');
  await assert.rejects(targets.test('wrong', 'tester'), { code: 'LOG_TARGET_UNKNOWN' });
  assert.deepEqual(readdirSync(join(dir, 'log-queue')).toSorted(), ['file', 'otlp', 'tls', 'udp']);
});

test('a full queue loses its oldest lines and says how much', async (t) => {
  const scope = scopeOf(t);
  const queue = new DiskQueue(join(await tempDir(scope, 'queue'), 'q'), {
    bytesMax: 10_000,
    fileBytes: 1000,
  });
  scope.after(() => queue.close());
  for (let at = 0; at < 500; at++) queue.append([`${at} ${'x'.repeat(95)}`]);
  assert.ok(queue.bytes <= 10_200);
  assert.ok(queue.droppedBytes > 0);
  const lines: string[] = [];
  for (let from = queue.position; ;) {
    const read = queue.read(from, 7);
    if (read === undefined) break;
    lines.push(...read.lines);
    from = read.next;
    queue.delivered(from);
  }
  const numbers = lines.map((line) => Number.parseInt(line, 10));
  assert.equal(numbers.at(-1), 499);
  assert.deepEqual(
    numbers,
    numbers.map((_, at) => 500 - numbers.length + at),
  );
  assert.equal(queue.bytes, 0);
});

test('documents of targets are checked', () => {
  const wrong: readonly (readonly [string, Record<string, string | number | boolean>])[] = [
    ['Bad Name', { url: 'syslog+tcp://h' }],
    ['a', {}],
    ['a', { url: 'ftp://h' }],
    ['a', { url: 'syslog+tcp://user@h' }],
    ['a', { url: 'syslog+tcp://h', format: 'xml' }],
    ['a', { url: 'syslog+tcp://h', facility: 24 }],
    ['a', { url: 'syslog+tcp://h', surprise: true }],
    ['a', { url: 'file://host/x' }],
  ];
  for (const [name, body] of wrong)
    assert.equal(typeof readTarget(name, body), 'string', JSON.stringify(body));
  const good = readTarget('a', { url: 'syslog+tls://[2001:db8::1]' });
  assert.ok(typeof good !== 'string' && good.host === '2001:db8::1' && good.port === 6514);
});

test('hostile values stay values', () => {
  const target = readTarget('a', { url: 'syslog+tcp://h' });
  assert.ok(typeof target !== 'string');
  const evil = `x|y=z\\ \r\n<1>1 - - - - - - CEF:0|${'a'.repeat(70_000)}`;
  const text = syslogText(item(1, { user: evil, target: evil, rule: evil }), target, SPEAKER);
  assert.equal(text.split('\n').length, 1);
  assert.match(text, / suser=x\|y\\=z\\\\ \\n<1>1 /);
});

test('a file target writes below the folders for it and nowhere else', async (t) => {
  const scope = scopeOf(t);
  const { targets } = await targetsIn(scope);
  for (const path of ['/etc/cron.d/evil', `${tmpdir()}/../etc/evil`, tmpdir(), `${tmpdir()}-other/x`]) {
    await assert.rejects(targets.add('evil', { url: `file://${path}` }, 'tester'), {
      code: 'LOG_TARGET_INVALID',
    });
  }
  assert.deepEqual(targets.list(), []);
});
