import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { masterKey, readSecretFile, seal, unseal, writeSecretFile } from './secret-file.io.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-secret-'));
after(() => rmSync(folder, { recursive: true }));

function problemOf(result: ReturnType<typeof readSecretFile>): string {
  return Buffer.isBuffer(result) ? 'none' : result.problem;
}

test('a secret file is whole, private and replaced at once', () => {
  const path = join(folder, 'secret');
  writeFileSync(path, 'old', { mode: 0o644 });
  writeSecretFile(path, 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const bytes = readSecretFile(path, 100);
  assert.ok(Buffer.isBuffer(bytes));
  assert.equal(bytes.toString(), 'new');
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('a write that fails leaves the old file and no temporary one', () => {
  const path = join(folder, 'is-a-folder');
  mkdirSync(path);
  assert.throws(() => writeSecretFile(path, 'x'), { code: 'EISDIR' });
  assert.throws(() => writeSecretFile(join(folder, 'none', 'x'), 'x'), { code: 'ENOENT' });
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('what cannot be a secret is refused by name', () => {
  const path = join(folder, 'open');
  writeSecretFile(path, 'x'.repeat(10));
  assert.equal(problemOf(readSecretFile(path, 9)), 'too-large');
  chmodSync(path, 0o640);
  assert.equal(problemOf(readSecretFile(path, 10)), 'open-to-others');
  assert.equal(problemOf(readSecretFile(path, 10, true)), 'none');
  assert.equal(problemOf(readSecretFile(join(folder, 'none'), 10)), 'missing');
  assert.equal(problemOf(readSecretFile(folder, 10)), 'not-a-file');
});

test('the master key is made once, 32 bytes, for its owner alone', () => {
  const path = join(folder, 'master.key');
  const key = masterKey(path);
  assert.ok(Buffer.isBuffer(key));
  assert.equal(key.length, 32);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(masterKey(path), key);
  chmodSync(path, 0o644);
  assert.equal(problemOf(masterKey(path)), 'open-to-others');
});

test('a master key of another size is damaged, and is not written over', () => {
  const path = join(folder, 'short.key');
  for (const size of [0, 31, 33]) {
    writeSecretFile(path, new Uint8Array(size));
    assert.equal(problemOf(masterKey(path)), 'damaged');
    assert.equal(statSync(path).size, size);
  }
  const link = join(folder, 'link.key');
  symlinkSync(join(folder, 'elsewhere'), link);
  assert.equal(problemOf(masterKey(link)), 'missing');
});

test(
  'permission denied is unreadable',
  { skip: process.getuid?.() === 0 && 'root may read everything' },
  () => {
    const path = join(folder, 'denied');
    writeSecretFile(path, 'x', 0o000);
    assert.equal(problemOf(readSecretFile(path, 10)), 'unreadable');
  },
);

test('sealed values open with their key and label alone, and never twice the same', () => {
  const key = new Uint8Array(32).fill(7);
  const sealed = seal(key, 'ca', Buffer.from('private'));
  assert.equal(unseal(key, 'ca', sealed)?.toString(), 'private');
  assert.equal(unseal(new Uint8Array(32), 'ca', sealed), undefined);
  assert.equal(unseal(key, 'leaf', sealed), undefined);
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i] = (changed[i] ?? 0) ^ 1;
    assert.equal(unseal(key, 'ca', changed), undefined, `byte ${i}`);
    assert.equal(unseal(key, 'ca', sealed.subarray(0, i)), undefined, `cut at ${i}`);
  }
  assert.notDeepEqual(seal(key, 'ca', Buffer.from('private')), sealed);
  assert.equal(unseal(key, '', seal(key, '', new Uint8Array(0)))?.length, 0);
});
