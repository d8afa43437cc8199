import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { copyDatabase, isErrno } from '../../platform/index.ts';
import { backupErrors } from './errors.ts';

/**
 * Folders and files that a gateway makes again, or that belong to one run of it. Events and quarantined files
 * are not configuration: they have copies of their own (log targets, `quarantine release`).
 */
const LEFT_OUT =
  /^(?:run|log|events|history|quarantine|spool|restore|before-restore|backup-[\w-]+|scan\/spool|exports\/(?:cache|spool)|feeds\/(?:cache|work)|initial-password)(?:\/|$)|\.(?:lock|part|tmp)$|-(?:wal|shm)$/;
const DATABASE = /\.(?:db|sqlite)$/;
const TRIES = 5;
/** Whoever was signed in then is not signed in where it is restored. */
const EMPTIED: Readonly<Record<string, readonly string[]>> = { 'state.db': ['sessions'] };

/**
 * All that makes the gateway what it is, as it was at one moment: databases are copied by SQLite, everything else
 * is written by rename, so that a hard link keeps it. Relative names, sorted.
 */
export async function snapshot(
  dataDir: string,
  into: string,
  options: { readonly indicators: boolean },
): Promise<readonly string[]> {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      await rm(into, { recursive: true, force: true });
      const names = (await filesBelow(dataDir, dataDir, into)).filter(
        (name) => options.indicators || !name.startsWith('indicators/'),
      );
      for (const name of names) {
        await mkdir(dirname(join(into, name)), { recursive: true, mode: 0o700 });
        if (DATABASE.test(name)) {
          await copyDatabase(join(dataDir, name), join(into, name), EMPTIED[name]);
        } else await link(join(dataDir, name), join(into, name));
      }
      return names;
    } catch (error) {
      // An import has replaced a file after it was listed.
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  throw backupErrors.BACKUP_BUSY();
}

async function filesBelow(root: string, dir: string, into: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    const name = relative(root, path);
    if (LEFT_OUT.test(name) || path === into) continue;
    if (entry.isDirectory()) found.push(...(await filesBelow(root, path, into)));
    else if (entry.isFile()) found.push(name);
  }
  return found.toSorted();
}
