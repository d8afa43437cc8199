import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { join } from 'node:path';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import type { EventItem } from '../events/index.ts';
import { DiskQueue } from './disk-queue.io.ts';
import { TargetRunner } from './runner.io.ts';
import type { Sender } from './sender.ts';
import { openStream } from './stream-sender.io.ts';
import { type LogTarget, readTarget } from './target.ts';

const TARGET = readTarget('siem', { url: 'syslog+tcp://127.0.0.1:601' }) as LogTarget;
const LIMITS = { bytesMax: 256 * 1024, fileBytes: 64 * 1024 };
const SETTLE_MS = 5000;
const RETRY_MAX_MS = 60_000;
const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;
const WINDOW_MS = 600_000;
const STEP_MS = 100;
const PER_STEP = 20;
const ITEM: EventItem = {
  id: 'e1',
  time: '2026-11-24T12:00:00.000Z',
  type: 'decision.block',
  severity: 'info',
  target: 'http://bad.example/',
  count: 1,
  details: { padding: 'x'.repeat(100) },
};
const LINE = JSON.stringify(ITEM);
const LINE_BYTES = LINE.length + 1;

interface Lab {
  readonly runner: TargetRunner;
  readonly queue: DiskQueue;
  readonly counts: { opened: number; formatted: number; told: (string | undefined)[] };
  /** Lets the time of the test go on under load; how many bytes were offered. */
  run(ms: number): Promise<number>;
}

/** A runner whose clock and receiver belong to the test. */
async function lab(t: TestContext, open: (nowMs: () => number) => Promise<Sender>): Promise<Lab> {
  const scope = scopeOf(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { ms: 0 };
  const counts: Lab['counts'] = { opened: 0, formatted: 0, told: [] };
  const queue = new DiskQueue(join(await tempDir(scope, 'dead'), 'q'), LIMITS);
  const runner = new TargetRunner({
    target: TARGET,
    queue,
    open: () => {
      counts.opened++;
      return open(() => clock.ms);
    },
    messageOf: () => {
      counts.formatted++;
      return 'message';
    },
    settleMs: SETTLE_MS,
    retryMaxMs: RETRY_MAX_MS,
    monotonic: () => clock.ms,
    changed: (_target, problem) => void counts.told.push(problem),
  });
  scope.after(async () => {
    const closed = runner.close();
    t.mock.timers.tick(CONNECT_MS);
    await closed;
  });
  const run = async (ms: number): Promise<number> => {
    let offered = 0;
    for (const end = clock.ms + ms; clock.ms < end;) {
      runner.offer(Array.from({ length: PER_STEP }, () => LINE));
      offered += PER_STEP * LINE_BYTES;
      clock.ms += STEP_MS;
      t.mock.timers.tick(STEP_MS);
      await turn();
    }
    return offered;
  };
  return { runner, queue, counts, run };
}

/** Pauses of 0.5, 1, 2, … 32 s, then 60 s each; `lastsMs`: what a try takes by itself. */
function triesIn(windowMs: number, lastsMs: number): number {
  let tries = 0;
  for (let atMs = 0, pauseMs = 500; atMs < windowMs; pauseMs = Math.min(RETRY_MAX_MS, pauseMs * 2)) {
    tries++;
    atMs += lastsMs + pauseMs;
  }
  return tries;
}

const later = <T>(ms: number, make: () => T): Promise<T> =>
  new Promise((resolve, reject) =>
    setTimeout(() => {
      try {
        resolve(make());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    }, ms),
  );
const fail = (reason: string) => (): never => {
  throw new Error(reason);
};

interface Dead {
  readonly what: string;
  readonly lastsMs: number;
  open(): Promise<Sender>;
}

/** Every way in which a receiver can be dead. */
const DEAD: readonly Dead[] = [
  { what: 'refuses', lastsMs: 0, open: () => Promise.reject(new Error('ECONNREFUSED')) },
  {
    what: 'answers nothing at all',
    lastsMs: CONNECT_MS,
    open: () => later(CONNECT_MS, fail('no connection in time')),
  },
  {
    what: 'accepts and never reads',
    lastsMs: IDLE_MS,
    open: () =>
      Promise.resolve({
        acknowledges: false,
        send: () => later(IDLE_MS, fail('the receiver takes nothing')),
        onBreak: () => undefined,
        close: () => undefined,
      }),
  },
  {
    what: 'accepts, takes what it is sent, and hangs up',
    lastsMs: 0,
    open() {
      let told: ((reason: string) => void) | undefined;
      return Promise.resolve({
        acknowledges: false,
        send: () => Promise.resolve(told?.('the receiver closed the connection')),
        onBreak: (listener) => void (told = listener),
        close: () => undefined,
      });
    },
  },
];

for (const { what, lastsMs, open } of DEAD) {
  test(`a receiver that ${what} costs some connections and a bounded queue, whatever comes in`, async (t) => {
    const { runner, queue, counts, run } = await lab(t, open);
    const offered = await run(WINDOW_MS);
    // Pauses end with the step of the clock in which they are over.
    const most = triesIn(WINDOW_MS, lastsMs);
    assert.ok(
      counts.opened >= most - 3 && counts.opened <= most,
      `${counts.opened} connections, ${most} expected`,
    );
    assert.ok(counts.formatted <= 500 * counts.opened, `${counts.formatted} messages were made`);
    const { state, sent, waitingBytes, droppedBytes } = runner.status();
    assert.deepEqual([state, sent], ['failing', 0]);
    assert.ok(waitingBytes <= LIMITS.bytesMax + LIMITS.fileBytes, `${waitingBytes} bytes wait`);
    assert.equal(waitingBytes + droppedBytes, offered, 'what was lost is counted');
    assert.equal(queue.bytes, waitingBytes);
    assert.equal(counts.told.length, 1, 'it is told once');
  });
}

test('a receiver that comes back is well when it has stayed, and its next break is a first one', async (t) => {
  const state = { alive: false };
  const breaks: ((reason: string) => void)[] = [];
  const { counts, run, runner } = await lab(t, () =>
    state.alive
      ? Promise.resolve({
          acknowledges: false,
          send: () => Promise.resolve(),
          onBreak: (listener) => void breaks.push(listener),
          close: () => undefined,
        })
      : Promise.reject(new Error('ECONNREFUSED')),
  );
  await run(RETRY_MAX_MS * 5);
  state.alive = true;
  await run(RETRY_MAX_MS + SETTLE_MS);
  assert.equal(runner.status().state, 'ok');
  assert.deepEqual(counts.told, ['ECONNREFUSED', undefined]);
  const before = counts.opened;
  breaks.at(-1)?.('the connection is gone');
  await run(600);
  assert.equal(counts.opened, before + 1, 'half a second later it is tried again');
});

test('a real receiver that hangs up at once is not asked again without a pause', async (t) => {
  const scope = scopeOf(t);
  let accepted = 0;
  const server = createServer((socket) => {
    accepted++;
    socket.on('error', () => undefined).destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const target = readTarget('siem', { url: `syslog+tcp://127.0.0.1:${port}` }) as LogTarget;
  const queue = new DiskQueue(join(await tempDir(scope, 'dead'), 'q'), LIMITS);
  const begun = performance.now();
  const runner = new TargetRunner({
    target,
    queue,
    open: () => openStream(target, { connectMs: 2000, idleMs: 2000, messageBytesMax: 65_536 }),
    messageOf: () => 'message',
    settleMs: SETTLE_MS,
    retryMaxMs: RETRY_MAX_MS,
    monotonic: () => performance.now(),
    changed: () => undefined,
  });
  scope.after(() => runner.close());
  for (let turns = 0; turns < 2000; turns++) {
    runner.offer([LINE]);
    await turn();
  }
  const most = triesIn(performance.now() - begun, 0);
  assert.ok(accepted <= most, `${accepted} connections where ${most} are due`);
});
