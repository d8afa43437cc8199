/** Content codings: what is behind them can be read again, and only so many streams are undone at once. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { scanLab } from '../../../test/support/scan.ts';
import { scopeOf } from '../../../test/support/scope.ts';
import type { Scan, ScanRequest } from './types.ts';
import { Turns } from './turns.io.ts';

/** More than is undone in one call, and packs to less than a tenth. */
const LONG = Buffer.from(Array.from({ length: 60_000 }, (_, at) => `line ${at * at}\n`).join(''));

function request(contentEncoding: string): ScanRequest {
  return { name: 'a.txt', profile: 'full', contentEncoding };
}

async function read(scan: Pick<Scan, 'replay'>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of scan.replay()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('turns: so many at once, the others in their order, and none waits for longer than it may', async () => {
  let waiting = 0;
  const turns = new Turns(2, { set: (value) => void (waiting = value), add: () => undefined });
  const [first, second] = await Promise.all([turns.take(1), turns.take(1)]);
  const order: string[] = [];
  const third = Promise.resolve(turns.take(60_000)).then((end) => {
    order.push('third');
    return end;
  });
  const inVain = Promise.resolve(turns.take(1));
  const fourth = Promise.resolve(turns.take(60_000)).then((end) => {
    order.push('fourth');
    return end;
  });
  assert.equal(waiting, 3);
  assert.equal(await inVain, undefined);
  assert.equal(waiting, 2);
  first!();
  first!();
  (await third)!();
  second!();
  (await fourth)!();
  assert.deepEqual(order, ['third', 'fourth']);
  assert.equal(waiting, 0);
  assert.ok(await turns.take(1));
});

test('many coded bodies at once: each its verdict, and no more streams than may be', async (t) => {
  const lab = await scanLab(scopeOf(t), (config) => ({ ...config, decodersMax: 1, cacheEntries: 0 }));
  let most = 0;
  const bodies = Array.from({ length: 12 }, (_, at) => {
    const content = Buffer.concat([LONG, Buffer.from(`the end of ${at}`)]);
    return at % 2 === 0
      ? { coding: 'gzip', bytes: gzipSync(content) }
      : { coding: 'gzip, br', bytes: brotliCompressSync(gzipSync(content, { level: 1 })) };
  });
  const verdicts = await Promise.all(
    bodies.map(async ({ coding, bytes }) => {
      const scan = lab.engine.open(request(coding));
      try {
        await scan.write(bytes);
        const finished = scan.finish();
        await new Promise(setImmediate);
        most = Math.max(most, lab.counts.get('scan_decoders_waiting') ?? 0);
        return await finished;
      } finally {
        scan.close();
      }
    }),
  );
  assert.deepEqual(
    verdicts.map(({ verdict, type, incomplete }) => [verdict, type.name, incomplete.length]),
    bodies.map(() => ['clean', 'text', 0]),
  );
  assert.ok(most > 0, 'some have waited');
  assert.equal(lab.counts.get('scan_decoders_waiting'), 0);
});

test('what has waited for as long as it may is incomplete: timeout', async (t) => {
  const lab = await scanLab(scopeOf(t), (config) => ({ ...config, decodersMax: 1, timeoutMs: 30 }));
  // A coded body of 48 MiB holds the only turn for longer than the other one may wait.
  const slow = lab.engine.open(request('br'));
  const quick = lab.engine.open(request('gzip'));
  t.after(() => [slow, quick].forEach((scan) => scan.close()));
  await slow.write(brotliCompressSync(Buffer.alloc(48 << 20, LONG), { params: { 1: 3 } }));
  await quick.write(gzipSync(LONG));
  const [, { verdict, incomplete }] = await Promise.all([slow.finish(), quick.finish()]);
  assert.equal(verdict, 'unknown');
  assert.ok(incomplete.some(({ reason }) => reason === 'timeout'));
});

test('what is behind a coding can be read, where it is the whole of what a client sees', async (t) => {
  const lab = await scanLab(scopeOf(t));
  const contentOf = async (coding: string, bytes: Buffer) => {
    const scan = lab.engine.open(request(coding));
    try {
      await scan.write(bytes);
      await scan.finish();
      const content = await scan.content();
      if (content === undefined) return undefined;
      const text = await read(content);
      content.close();
      assert.equal(content.bytes, text.length);
      assert.equal(content.sha256, createHash('sha256').update(text).digest('hex'));
      assert.ok((await read(scan)).equals(bytes), 'the body is as it came');
      return { coding: content.coding, same: text.equals(LONG) };
    } finally {
      scan.close();
    }
  };
  assert.deepEqual(await contentOf('gzip', gzipSync(LONG)), { coding: 'gzip', same: true });
  const twice = brotliCompressSync(gzipSync(LONG));
  assert.deepEqual(await contentOf('X-GZIP,br', twice), { coding: 'gzip, br', same: true });
  assert.equal(await contentOf('identity', LONG), undefined);
  assert.equal(await contentOf('gzip', gzipSync(LONG).subarray(0, -4)), undefined, 'cut');
  assert.equal(await contentOf('gzip', LONG), undefined, 'not what it says');
  assert.equal(await contentOf('compress', LONG), undefined);
  assert.deepEqual(
    [...lab.counts].filter(([name]) => name === 'scan_spool_bytes').map(([, value]) => value),
    [0],
  );
});
