import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Log } from '../../kernel/index.ts';
import { lockFile, openDatabase, type OpenDatabase } from '../../platform/index.ts';
import { stateErrors } from './errors.ts';
import { stateFailure } from './failure.ts';
import { migrate } from './migrate.ts';
import type { StateSection } from './section.ts';
import type { State } from './state.ts';
import { StateStore } from './store.ts';
import type { Tables } from './tables.ts';

export interface OpenStateOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** In the order in which documents are applied. */
  readonly sections: readonly StateSection[];
  /** How long the process before may take to let go of the store. */
  readonly lockWaitMs?: number;
}

/** A backup program may look at the file; nobody else writes it. */
const BUSY_MS = 5000;
/** Checked at every start: 40 ms for 25 MB. A larger store is checked when it was not closed in order. */
const CHECKED_BYTES_MAX = 256 * 1024 * 1024;
const LOCK_WAIT_MS = 2000;
const LOCK_STEP_MS = 50;

/** Opens `DATA_DIR/state.db`, makes it when it is missing, and keeps every other opener out until `close`. */
export async function openState(options: OpenStateOptions): Promise<State> {
  const { dataDir, clock, log, sections } = options;
  const path = join(dataDir, 'state.db');
  let lock: { release(): void } | undefined;
  let database: OpenDatabase<Tables> | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    lock = await locked(join(dataDir, 'state.lock'), dataDir, options.lockWaitMs ?? LOCK_WAIT_MS);
    // SQLite gives its -wal and -shm files the mode of the database.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    // A clean close removes the log: where there is one, the process before was killed or lost power.
    const doubtful = existsSync(`${path}-wal`) || statSync(path).size <= CHECKED_BYTES_MAX;
    database = await openDatabase<Tables>({ path, busyMs: BUSY_MS });
    const damage = doubtful ? database.damage() : undefined;
    if (damage !== undefined) throw stateErrors.STATE_CORRUPT({ path, reason: damage });
    const ran = await migrate(database, path, clock.now());
    if (ran.length > 0) log.info('state.migrated', { path, migrations: ran });
    return new StateStore({ database, lock, dataDir, path, clock, sections });
  } catch (error) {
    await database?.close();
    lock?.release();
    throw stateFailure(error, dataDir, path);
  }
}

async function locked(path: string, dataDir: string, waitMs: number): Promise<{ release(): void }> {
  closeSync(openSync(path, 'a', 0o600));
  for (let waited = 0; ; waited += LOCK_STEP_MS) {
    const lock = await lockFile(path);
    if (lock !== undefined) return lock;
    if (waited >= waitMs) throw stateErrors.STATE_LOCKED({ dataDir });
    await sleep(LOCK_STEP_MS);
  }
}
