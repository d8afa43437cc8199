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
};

function poolOptions(given: Partial<PoolOptions> = {}): PoolOptions {
  const config = scanConfig();
  return {
    workers: 1,
    queueMax: 10,
    heapMax: 1 << 28,
    timeoutMs: 20_000,
    settings: {
      // A file that takes long must not end before its time by the ratio.
      unpack: { ...config.unpack, ratioMax: 100_000 },
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
/** Takes its thread far longer than the test runs: small entries without end. */
const SLOW = zipOf(
  Array.from({ length: 9000 }, (_, at) => ({ name: `${at}.gz`, bytes: Buffer.alloc(60_000, at) })),
);

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

test('a file that takes too long ends its thread, keeps what was found, and lets the others go on', async (t) => {
  const pool = new WorkerPool(poolOptions({ timeoutMs: 1000 }));
  t.after(() => pool.close());
  const bytes = zipOf([{ name: 'eicar.com', bytes: EICAR }]);
  // Warm: the thread is up before time counts.
  await pool.run(jobOf(bytes), () => {});
  const outcome = await pool.run(jobOf(SLOW), () => {});
  assert.equal(outcome.end, 'timeout');
  assert.equal((await pool.run(jobOf(bytes), () => {})).end, 'done');
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
