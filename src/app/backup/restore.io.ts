import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './format.io.ts';
import { readBackup } from './read.io.ts';

/**
 * A restore has two steps, so that a kill at any moment leaves the old data or the new: everything is unpacked
 * into `DATA_DIR/restore/new`; then a mark is written, and from then on whoever opens the data directory first
 * finishes the exchange.
 */
export async function restoreBackup(file: string, passphrase: string, dataDir: string): Promise<Manifest> {
  const staged = join(dataDir, 'restore');
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(join(staged, 'new'), { recursive: true, mode: 0o700 });
  try {
    const manifest = await readBackup(file, passphrase, join(staged, 'new'));
    writeFileSync(join(staged, 'ready'), `${manifest.at}\n`, { mode: 0o600, flush: true });
    finishRestore(dataDir);
    return manifest;
  } catch (error) {
    if (!existsSync(join(staged, 'ready'))) rmSync(staged, { recursive: true, force: true });
    throw error;
  }
}

/** Exchanges the data if a restore was begun and marked as whole; again and again gives the same. */
export function finishRestore(dataDir: string): boolean {
  const staged = join(dataDir, 'restore');
  if (!existsSync(join(staged, 'ready'))) return false;
  const before = join(dataDir, 'before-restore');
  mkdirSync(before, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(join(staged, 'new'))) {
    const place = join(dataDir, name);
    // What is still staged was not exchanged yet, so what is in its place is old.
    for (const old of [name, `${name}-wal`, `${name}-shm`]) {
      const path = join(dataDir, old);
      if (!existsSync(path)) continue;
      rmSync(join(before, old), { recursive: true, force: true });
      renameSync(path, join(before, old));
    }
    renameSync(join(staged, 'new', name), place);
  }
  rmSync(staged, { recursive: true, force: true });
  return true;
}
