import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../kernel/index.ts';
import {
  makeSocketDir,
  privateDir,
  removeSocketDir,
  socketAnswers,
  socketDir,
  takeRunLock,
} from '../../platform/index.ts';
import { finishRestore } from '../backup/restore.io.ts';
import { appErrors } from '../errors.ts';

const ENDING_TRIES = 30;
const ENDING_MS = 100;

/** The data directory, held by this gateway alone. */
export interface Home {
  readonly socketDir: string;
  /** The gateway before this one was killed: its edges may still be giving up their ports. */
  readonly afterKill: boolean;
  close(): void;
}

export async function openHome(dataDir: string, pid: number, runtimeDir: string | undefined): Promise<Home> {
  let lock;
  try {
    privateDir(join(dataDir, 'run'));
    lock = takeRunLock(dataDir, pid);
  } catch (cause) {
    throw appErrors.DATA_DIR({ dataDir, reason: messageOf(cause) }, { cause });
  }
  if ('heldBy' in lock) throw appErrors.ALREADY_RUNNING({ dataDir, pid: lock.heldBy });
  // A gateway in another container sees other process numbers; its socket answers all the same.
  if (await answers(join(socketDir(dataDir), 'control.sock'), lock.wasStale)) {
    lock.release();
    throw appErrors.ALREADY_RUNNING({ dataDir, pid: 'unknown' });
  }
  // A restore that was interrupted: before anybody reads the data.
  finishRestore(dataDir);
  removeSocketDir(dataDir, socketDir(dataDir));
  const dir = makeSocketDir(dataDir, runtimeDir);
  return {
    socketDir: dir,
    afterKill: lock.wasStale,
    close: () => {
      removeSocketDir(dataDir, dir);
      lock.release();
    },
  };
}

/** After a kill, the control process of the gateway before may need a moment to see that it is alone. */
async function answers(path: string, afterKill: boolean): Promise<boolean> {
  for (let tries = afterKill ? ENDING_TRIES : 1; tries > 0; tries--) {
    if (!(await socketAnswers(path))) return false;
    if (tries > 1) await sleep(ENDING_MS);
  }
  return true;
}
