import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFailure } from './failure.ts';
import { acquireLock } from './lock.io.ts';
import { filesOf, type Manifest } from './manifest.ts';
import { readManifest, removeWaste, writeManifest } from './store.io.ts';

const MANIFEST_WAIT_MS = 10_000;

/** Reads, changes and swaps the manifest under its lock; then removes what is no longer named. */
export async function changeManifest(
  dir: string,
  change: (manifest: Manifest) => Manifest,
): Promise<Manifest> {
  const lock = await acquireLock(dir, 'manifest', MANIFEST_WAIT_MS);
  try {
    const old = readManifest(dir);
    const changed = { ...change(old), generation: old.generation + 1 };
    writeManifest(dir, changed);
    const kept = new Set(filesOf(changed));
    const replaced = filesOf(old).filter((name) => !kept.has(name));
    await Promise.all(replaced.map((name) => rm(join(dir, name), { force: true })));
    return changed;
  } catch (error) {
    throw diskFailure(error, dir);
  } finally {
    lock.release();
  }
}

/** Removes what killed imports left. The caller holds the lock of imports. */
export async function clearWaste(dir: string): Promise<void> {
  const lock = await acquireLock(dir, 'manifest', MANIFEST_WAIT_MS);
  try {
    removeWaste(dir, readManifest(dir));
  } finally {
    lock.release();
  }
}
