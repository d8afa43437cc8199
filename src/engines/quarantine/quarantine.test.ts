import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { keepRequest, quarantineLab, type QuarantineLab } from '../../../test/support/quarantine.ts';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import { CHUNK_BYTES } from '../../protocols/sealed-chunks/index.ts';
import { storedBytesOf } from './format.ts';
import type { KeepRequest, KeepResult } from './item.ts';
import { ItemStore } from './store.ts';

const LOCAL = { actor: 'local', source: 'local' };
const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function sample(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + seed * 17 + (at >> 8)) & 0xff;
  return bytes;
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function keep(
  { edge }: QuarantineLab,
  bytes: Buffer,
  more: Partial<KeepRequest> = {},
  size = 10_000,
): Promise<KeepResult> {
  return edge.keep(keepRequest(shaOf(bytes), bytes.length, more), () => pieces(bytes, size));
}

async function idOf(result: Promise<KeepResult>): Promise<string> {
  const kept = await result;
  assert.ok(kept.kept, JSON.stringify(kept));
  return kept.id;
}

test('a file comes back byte for byte, and is not readable on the disk', async (t) => {
  const scope = scopeOf(t);
  const lab = await quarantineLab(scope);
  const out = await tempDir(scope);
  for (const length of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 1_000_003]) {
    const bytes = sample(length, length);
    const id = await idOf(keep(lab, bytes));
    const stored = await readFile(join(lab.dir, id));
    assert.equal(stored.length, storedBytesOf(length), String(length));
    if (length > 100) assert.equal(stored.indexOf(bytes.subarray(0, 32)), -1);
    assert.equal((await stat(join(lab.dir, id))).mode & 0o777, 0o600);
    const file = join(out, `${length}`);
    await lab.store.restore(id, file, LOCAL);
    assert.ok((await readFile(file)).equals(bytes), String(length));
    const opened = await lab.edge.open(id, { actor: 'bob', source: '10.0.0.1' });
    const fetched: Uint8Array[] = [];
    for await (const piece of opened.bytes) fetched.push(piece);
    assert.ok(Buffer.concat(fetched).equals(bytes), String(length));
    assert.equal(opened.length, length);
  }
  assert.deepEqual(
    [...new Set(lab.audits.map(({ action, actor }) => `${action} ${actor}`))],
    ['quarantine.restore local', 'quarantine.fetch bob'],
  );
  assert.equal((await stat(lab.dir)).mode & 0o777, 0o700);
  assert.deepEqual((await readdir(out)).length, 7);
});

test('what is known of a file can be listed, and the same file is kept once', async (t) => {
  const lab = await quarantineLab(scopeOf(t));
  const bytes = sample(5000);
  const id = await idOf(keep(lab, bytes, { name: '../../a\r\nb.exe' }));
  lab.time.aheadMs = 60_000;
  assert.equal(await idOf(keep(lab, bytes, { source: '10.0.0.10', user: undefined })), id);
  const [item, ...others] = await lab.store.list({ limit: 10 });
  assert.deepEqual(others, []);
  assert.equal(item?.name, 'a__b.exe');
  assert.deepEqual(
    [item.seen, item.source, item.user, item.rule],
    [2, '10.0.0.10', undefined, 'block-malicious'],
  );
  assert.deepEqual(item.finding, {
    stage: 'signature',
    name: 'Eicar-Test-Signature',
    path: 'a.zip/eicar.com',
  });
  assert.ok(item.lastSeenMs - item.keptAtMs >= 60_000);
  assert.equal((await lab.store.show(id.slice(0, 8))).id, id);
  assert.equal((await lab.store.show(shaOf(bytes))).id, id);
  assert.deepEqual((await lab.store.list({ limit: 10, source: '10.0.0.9' })).length, 0);
  for (const unknown of ['ffff', 'nonsense', '', "' or 1", '0'.repeat(64)]) {
    assert.equal((await failureOf(lab.store.show(unknown))).code, 'QUARANTINE_UNKNOWN', unknown);
  }
  assert.deepEqual(
    [lab.counted('quarantine_kept_total', 'kept'), lab.counted('quarantine_kept_total', 'known')],
    [1, 1],
  );
});

test('how a file came is known where that was behind content codings, and it is found by that as well', async (t) => {
  const lab = await quarantineLab(scopeOf(t));
  const bytes = sample(5000);
  const received = { coding: 'gzip, br', sha256: 'ab'.repeat(32) };
  const id = await idOf(keep(lab, bytes, { received }));
  assert.deepEqual((await lab.store.show(received.sha256)).received, received);
  assert.equal((await lab.store.show(received.sha256)).id, id);
  const other = { coding: 'zstd', sha256: 'cd'.repeat(32) };
  assert.equal(await idOf(keep(lab, bytes, { received: other })), id, 'the same file');
  assert.deepEqual((await lab.store.show(id)).received, other, 'as it came last');
  await keep(lab, bytes);
  assert.equal((await lab.store.show(id)).received, undefined);
});

test('the list of an earlier release is taken over', async (t) => {
  const scope = scopeOf(t);
  const lab = await quarantineLab(scope);
  const id = await idOf(keep(lab, sample(5000)));
  for (const name of ['received_sha256', 'received_coding']) {
    await lab.sql(`alter table quarantine drop column ${name}`, []);
  }
  const store = new ItemStore(lab.sql);
  await store.open();
  await store.open();
  const [item] = await store.list({ limit: 10 });
  assert.deepEqual([item?.id, item?.received], [id, undefined]);
});

test('a damaged item is not restored, and nothing is left of the try', async (t) => {
  const scope = scopeOf(t);
  const lab = await quarantineLab(scope);
  const out = await tempDir(scope);
  const bytes = sample(3 * CHUNK_BYTES + 100);
  const id = await idOf(keep(lab, bytes));
  const path = join(lab.dir, id);
  const good = await readFile(path);
  const flipped = (at: number): Buffer => {
    const copy = Buffer.from(good);
    copy[at]! ^= 1;
    return copy;
  };
  const header = good.length - 4 * 16 - bytes.length;
  const chunk = CHUNK_BYTES + 16;
  const swapped = Buffer.concat([
    good.subarray(0, header),
    good.subarray(header + chunk, header + 2 * chunk),
    good.subarray(header, header + chunk),
    good.subarray(header + 2 * chunk),
  ]);
  const damages: readonly (readonly [name: string, bytes: Buffer])[] = [
    ['magic', flipped(0)],
    ['wrapped key', flipped(20)],
    ['first byte', flipped(header)],
    ['last tag', flipped(good.length - 1)],
    ['middle', flipped(header + chunk + 5)],
    ['chunks swapped', swapped],
  ];
  const fails = async (name: string): Promise<void> => {
    const error = await failureOf(lab.store.restore(id, join(out, 'x'), LOCAL));
    assert.equal(error.code, 'QUARANTINE_DAMAGED', name);
    assert.deepEqual(await readdir(out), [], name);
  };
  for (const [name, damaged] of damages) {
    await writeFile(path, damaged);
    await fails(name);
  }
  await writeFile(path, good);
  await truncate(path, header + chunk);
  await fails('cut between chunks');
  await writeFile(path, good);
  await lab.store.restore(id, join(out, 'good'), LOCAL);
  assert.ok((await readFile(join(out, 'good'))).equals(bytes));
});

test('an existing file is never replaced, and a bad target says why', async (t) => {
  const scope = scopeOf(t);
  const lab = await quarantineLab(scope);
  const out = await tempDir(scope);
  const id = await idOf(keep(lab, sample(100)));
  await writeFile(join(out, 'mine'), 'mine');
  for (const file of [join(out, 'mine'), join(out, 'no', 'such', 'folder')]) {
    assert.equal((await failureOf(lab.store.restore(id, file, LOCAL))).code, 'QUARANTINE_TARGET', file);
  }
  assert.equal(await readFile(join(out, 'mine'), 'utf8'), 'mine');
  assert.deepEqual(await readdir(out), ['mine']);
});

test('the quota holds: the oldest make room, what is too large is not kept', async (t) => {
  const lab = await quarantineLab(scopeOf(t), { bytesMax: 10 * storedBytesOf(1000), itemBytesMax: 5000 });
  const ids: string[] = [];
  for (let each = 0; each < 10; each++) {
    lab.time.aheadMs = each * 1000;
    ids.push(await idOf(keep(lab, sample(1000, each))));
  }
  await lab.store.release(ids[5]!, LOCAL);
  lab.time.aheadMs = 20_000;
  // Seen again, so it is no longer the oldest.
  await idOf(keep(lab, sample(1000, 0)));
  await idOf(keep(lab, sample(1000, 100)));
  await idOf(keep(lab, sample(1000, 101)));
  const left = new Set((await lab.store.list({ limit: 100 })).map(({ id }) => id));
  assert.deepEqual(
    ids.map((id) => left.has(id)),
    [true, false, true, true, true, false, true, true, true, true],
  );
  assert.deepEqual(await keep(lab, sample(5001)), { kept: false, reason: 'too-large' });
  assert.deepEqual((await lab.store.totals()).items, 10);
  assert.equal((await readdir(lab.dir)).length, 10);
  assert.equal(lab.counted('quarantine_removed_total', 'room'), 2);
});

test('the number of items is bounded, those that are being written counted', async (t) => {
  const lab = await quarantineLab(scopeOf(t), { itemsMax: 2 });
  const writing = [1, 2].map((seed) => lab.store.reserve(keepRequest(shaOf(sample(10, seed)), 10), 77));
  for (const place of await Promise.all(writing)) assert.ok('key' in place);
  assert.deepEqual(await keep(lab, sample(10, 3)), { kept: false, reason: 'full' });
  // The edge that was writing died.
  lab.gone(77);
  await idOf(keep(lab, sample(10, 3)));
});

test('what has expired leaves with its file; so does an entry whose file is gone', async (t) => {
  const lab = await quarantineLab(scopeOf(t), { keepMs: 60_000 });
  const id = await idOf(keep(lab, sample(10, 1)));
  lab.time.aheadMs = 30_000;
  const second = await idOf(keep(lab, sample(10, 2)));
  lab.time.aheadMs = 61_000;
  await lab.store.sweep();
  assert.deepEqual(
    (await lab.store.list({ limit: 10 })).map((item) => item.id),
    [second],
  );
  assert.deepEqual(await readdir(lab.dir), [second]);
  assert.equal((await failureOf(lab.store.show(id))).code, 'QUARANTINE_UNKNOWN');
  await lab.store.purge([second], LOCAL);
  assert.deepEqual(await readdir(lab.dir), []);
  assert.deepEqual(lab.audits.at(-1)?.action, 'quarantine.purge');
});

test('bytes that are not those of the verdict are not kept', async (t) => {
  const lab = await quarantineLab(scopeOf(t));
  const bytes = sample(1000);
  const other = sample(1000, 9);
  const request = keepRequest(shaOf(bytes), bytes.length);
  assert.deepEqual(await lab.edge.keep(request, () => pieces(other, 100)), {
    kept: false,
    reason: 'changed',
  });
  assert.deepEqual(await lab.edge.keep(request, () => pieces(sample(2000), 100)), {
    kept: false,
    reason: 'changed',
  });
  const broken = async function* (): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, 10);
    throw new Error('the spool is gone');
  };
  assert.deepEqual(await lab.edge.keep(request, broken), { kept: false, reason: 'not-written' });
  assert.deepEqual(await readdir(lab.dir), []);
  assert.deepEqual(await lab.store.totals(), { items: 0, storedBytes: 0 });
  // No place is left over: the same file can be kept.
  await idOf(keep(lab, bytes));
});

test('while control is away nothing is kept, and the door goes on', async (t) => {
  const lab = await quarantineLab(scopeOf(t));
  lab.control.isAway = true;
  assert.deepEqual(await keep(lab, sample(10)), { kept: false, reason: 'unavailable' });
});

test('two edges that catch the same file at the same time keep one', async (t) => {
  const lab = await quarantineLab(scopeOf(t));
  const bytes = sample(300_000);
  const ids = await Promise.all([1, 2, 3].map(() => idOf(keep(lab, bytes))));
  assert.equal(new Set(ids).size, 1);
  assert.equal((await readdir(lab.dir)).length, 1);
  assert.equal((await lab.store.show(ids[0]!)).seen, 3);
});
