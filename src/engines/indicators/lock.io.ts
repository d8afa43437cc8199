import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { indicatorErrors } from './errors.ts';
import { diskFailure } from './failure.ts';

export interface Lock {
  release(): void;
}

/** One import at a time; and one change of the manifest at a time, which takes milliseconds. */
export type LockName = 'import' | 'manifest';

const RETRY_MS = 50;

/**
 * A lock between processes that the system releases when its holder dies: SQLite's lock on an empty
 * database file. Files with a process number in them survive `kill -9`, and numbers are used again.
 * Waits up to `waitMs`, then throws `INDICATORS_BUSY`.
 */
export async function acquireLock(dir: string, name: LockName, waitMs: number): Promise<Lock> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(dir, `${name}.lock`), { timeout: 0 });
  try {
    for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
      try {
        database.exec('BEGIN EXCLUSIVE');
        break;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (waitedMs >= waitMs) {
          throw indicatorErrors.INDICATORS_BUSY({ seconds: Math.round(waitMs / 1000) }, { cause: error });
        }
        await setTimeout(RETRY_MS);
      }
    }
  } catch (error) {
    database.close();
    throw diskFailure(error, dir);
  }
  return {
    release: () => {
      database.close();
    },
  };
}

/** SQLITE_BUSY is 5. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}
