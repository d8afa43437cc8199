import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { zipOf } from '../../../test/support/archives.ts';
import { SILENT } from '../../../test/support/indicators.ts';
import { EICAR, found, missed, scanConfig, scanLab } from '../../../test/support/scan.ts';
import { FILE_TYPES } from '../../protocols/file-type/index.ts';
import { type PoolOptions, WorkerPool } from './pool.io.ts';

const BODY = {
  name: 'x',
  type: FILE_TYPES.zip,
  unpack: true,
  yara: false,
  urls: false,
  predict: false,
  weak: false,
  boundary: undefined,
  packedBytes: undefined,
  withinMs: 20_000,
};

function poolOptions(given: Partial<PoolOptions> = {}): PoolOptions {
  const config = scanConfig();
  return {
    workers: 1,
    queueMax: 10,
    heapMax: 1 << 28,
    settings: {
      // A file that takes long must not end before its time by another limit.
      unpack: { ...config.unpack, ratioMax: 100_000, entriesMax: 1_000_000 },
      urlsMax: 10,
      windowMax: 1 << 20,
      yaraTimeoutMs: 1000,
      findingsMax: 10,
      spoolDir: '/nonexistent',
      judge: undefined,
    },
    log: SILENT,
    waiting: { add: () => {}, set: () => {} },
    onLost: () => {},
    ...given,
  };
}

function jobOf(bytes: Buffer) {
  return { ...BODY, body: { kind: 'memory' as const, bytes: new Uint8Array(bytes) } };
}

const ZIP = zipOf([{ name: 'eicar.com', bytes: EICAR }]);
/** Takes its thread far longer than the test runs: pages without end, and in each of them addresses that carry texts. */
const CARRIED = Buffer.from('a line of the text that it carries\n'.repeat(40)).toString('base64');
const PAGE = Buffer.from(`<html>${`<a href="data:text/plain;base64,${CARRIED}">\n`.repeat(30)}</html>`);
const SLOW = zipOf(Array.from({ length: 12_000 }, (_, at) => ({ name: `${at}.html`, bytes: PAGE })));

test('a thread that is lost fails its file alone, and another takes its place', async (t) => {
  const lost: number[] = [];
  const workers: Worker[] = [];
  const pool = new WorkerPool({
    ...poolOptions({ onLost: () => void lost.push(1) }),
    start: (file, options) => {
      const worker = new Worker(file, options);
      workers.push(worker);
      return worker;
    },
  });
  t.after(() => pool.close());
  let freed = 0;
  const slow = pool.run(jobOf(SLOW), () => freed++);
  const waiting = pool.run(jobOf(ZIP), () => freed++);
  await new Promise((resolve) => workers[0]!.once('online', resolve));
  await workers[0]!.terminate();
  assert.equal((await slow).end, 'died');
  const next = await waiting;
  assert.deepEqual([next.end, next.findings.map(({ name }) => name)], ['done', ['EICAR-Test-File']]);
  assert.deepEqual([lost.length, freed, pool.trouble], [1, 2, undefined]);
});

/** Answers the first file at once, then never again: as a thread that is stuck in a library. */
const STUCK = `
  const { parentPort } = require('node:worker_threads');
  let files = 0;
  parentPort.on('message', ({ kind, job }) => {
    if (kind !== 'job' || ++files > 1) return;
    const found = { stage: 'eicar', name: 'before', source: 'test', severity: 'low', path: '' };
    parentPort.postMessage({ kind: 'found', id: job.id, findings: [found], incomplete: [] });
  });
`;

test('a file that takes too long ends its thread, keeps what was found, and lets the others go on', async (t) => {
  let threads = 0;
  const pool = new WorkerPool(
    poolOptions({
      start: (file, options) =>
        ++threads === 1 ? new Worker(STUCK, { eval: true }) : new Worker(file, options),
    }),
  );
  t.after(() => pool.close());
  const outcome = await pool.run({ ...jobOf(ZIP), withinMs: 4000 }, () => {});
  assert.deepEqual([outcome.end, outcome.findings.map(({ name }) => name)], ['timeout', ['before']]);
  assert.equal((await pool.run(jobOf(ZIP), () => {})).end, 'done');
});

test('unpacking ends before the time of its file, and then the thread goes on with the next', async (t) => {
  const pool = new WorkerPool(poolOptions());
  t.after(() => pool.close());
  // Warm: the thread is up before time counts.
  await pool.run(jobOf(ZIP), () => {});
  const outcome = await pool.run({ ...jobOf(SLOW), withinMs: 3000 }, () => {});
  assert.deepEqual([outcome.end, outcome.incomplete.map(({ reason }) => reason)], ['done', ['timeout']]);
});

test('waiting for a thread counts: what waits in vain ends with the time it has, and not after as long again', async (t) => {
  const pool = new WorkerPool(
    poolOptions({ start: () => new Worker('setInterval(() => {}, 1000)', { eval: true }) }),
  );
  t.after(() => pool.close());
  let freed = 0;
  const order: string[] = [];
  const ask = async (name: string, withinMs: number): Promise<string> => {
    const { end } = await pool.run({ ...jobOf(ZIP), withinMs }, () => freed++);
    order.push(name);
    return end;
  };
  // The first holds the only thread until its own time is over; the second was asked for later, with less.
  const ends = await Promise.all([ask('running', 900), ask('waiting', 300)]);
  assert.deepEqual(ends, ['timeout', 'waited']);
  assert.deepEqual(order, ['waiting', 'running']);
  assert.ok(freed >= 1);
});

test('a file that has waited has only the rest of its time in the thread', async (t) => {
  const told: number[] = [];
  const pool = new WorkerPool(
    poolOptions({
      start: () => {
        const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
        const post = worker.postMessage.bind(worker);
        worker.postMessage = (message: { job?: { withinMs: number } }, ...rest: unknown[]) => {
          if (message.job !== undefined) told.push(message.job.withinMs);
          post(message, rest[0] as never);
        };
        return worker;
      },
    }),
  );
  t.after(() => pool.close());
  const first = pool.run({ ...jobOf(ZIP), withinMs: 300 }, () => {});
  const second = pool.run({ ...jobOf(ZIP), withinMs: 3000 }, () => {});
  assert.deepEqual([(await first).end, (await second).end], ['timeout', 'timeout']);
  assert.equal(told.length, 2);
  assert.ok(told[1]! <= 2710, `the second was told ${told[1]} of 3000 ms`);
});

test('a queue that is full and a pool that is closed answer at once', async () => {
  const pool = new WorkerPool(poolOptions({ queueMax: 1 }));
  const first = pool.run(jobOf(SLOW), () => {});
  const second = pool.run(jobOf(ZIP), () => {});
  let freed = false;
  const third = await pool.run(jobOf(ZIP), () => (freed = true));
  assert.deepEqual([third.end, freed], ['busy', true]);
  await pool.close();
  assert.deepEqual([(await first).end, (await second).end], ['closed', 'closed']);
  assert.equal((await pool.run(jobOf(ZIP), () => {})).end, 'closed');
});

const dying = (): Worker => new Worker('throw new Error("dies")', { eval: true });

test('threads that cannot live make scans incomplete: unavailable, and that is told', async (t) => {
  const lab = await scanLab(t, undefined, { startThread: dying });
  const verdict = await lab.scan(ZIP);
  assert.deepEqual([verdict.verdict, missed(verdict)], ['unknown', ['unavailable', 'unavailable']]);
  assert.equal((await lab.scan(ZIP)).cached, false);
  assert.equal(lab.engine.health().state, 'degraded');
  assert.ok((lab.counts.get('scan_workers_lost_total') ?? 0) >= 3);
});

test('what does not need a thread is known all the same', async (t) => {
  const lab = await scanLab(t, undefined, { startThread: dying });
  assert.deepEqual(found(await lab.scan(EICAR)), ['eicar EICAR-Test-File']);
});
