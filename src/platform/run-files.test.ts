import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  makeSocketDir,
  privateDir,
  removeSocketDir,
  runningSupervisor,
  socketDir,
  takeRunLock,
} from './run-files.io.ts';

test('the lock is held by one process, and free after it is released', (t) => {
  const dataDir = dir(t);
  const lock = takeRunLock(dataDir, process.pid);
  assert.ok('release' in lock);
  assert.equal(lock.wasStale, false);
  assert.equal(runningSupervisor(dataDir), process.pid);
  assert.deepEqual(takeRunLock(dataDir, process.ppid), { heldBy: process.pid });
  lock.release();
  assert.equal(runningSupervisor(dataDir), undefined);
  const next = takeRunLock(dataDir, process.pid);
  assert.ok('release' in next && !next.wasStale);
});

test('a lock of a process that is gone, or whose number is another one now, is taken over', (t) => {
  const dataDir = dir(t);
  for (const stale of ['999999999 1', `${process.pid} 1`, 'nonsense', '']) {
    writeFileSync(join(dataDir, 'run', 'supervisor'), stale);
    assert.equal(runningSupervisor(dataDir), undefined, `"${stale}" is nobody`);
    const lock = takeRunLock(dataDir, process.pid);
    assert.ok('release' in lock && lock.wasStale, `"${stale}" was taken over`);
    lock.release();
  }
  assert.deepEqual(existsSync(join(dataDir, 'run', `supervisor.${process.pid}`)), false);
});

test('sockets are in the run directory, and elsewhere when its path is too long for one', (t) => {
  const short = dir(t);
  assert.equal(makeSocketDir(short, undefined), join(short, 'run'));

  const long = join(dir(t), 'x'.repeat(100));
  privateDir(join(long, 'run'));
  const made = makeSocketDir(long, undefined);
  t.after(() => rmSync(made, { recursive: true, force: true }));
  assert.notEqual(made, join(long, 'run'));
  assert.equal(statSync(made).mode & 0o777, 0o700);
  assert.equal(readFileSync(join(long, 'run', 'socket'), 'utf8').trim(), join(made, 'control.sock'));
  assert.equal(socketDir(long), made);
  removeSocketDir(long, made);
  assert.equal(existsSync(made), false);
  assert.equal(existsSync(join(long, 'run', 'socket')), false);
});

test('the run directory is the owner’s alone, also when it was not before', (t) => {
  const dataDir = dir(t);
  assert.equal(statSync(join(dataDir, 'run')).mode & 0o777, 0o700);
});

function dir(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  privateDir(join(path, 'run'));
  return path;
}
