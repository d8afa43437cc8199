import { rename, rm, stat } from 'node:fs/promises';
import { type Log, messageOf } from '../../kernel/index.ts';

export interface LogRotationOptions {
  readonly path: string;
  /** The file is put aside when it is larger. */
  readonly fileBytesMax: number;
  /** Files in all, with the current one. The oldest is deleted. */
  readonly filesMax: number;
  readonly log: Log;
  readonly checkMs?: number;
}

export interface LogRotation {
  /** Looks now. True when the file was put aside. */
  check(): Promise<boolean>;
  close(): void;
}

/** Longer than the time in which edges notice that the file is gone, so that `.1` is complete when it becomes `.2`. */
const CHECK_MS = 10_000;

/**
 * Names `access.log` `access.log.1`, the one before `access.log.2`, and so on. Renaming loses nothing: edges
 * go on writing to the old file until they see that the name is free, and then open a new one.
 */
export function createLogRotation(options: LogRotationOptions): LogRotation {
  const { path, fileBytesMax, filesMax, log } = options;
  let busy = false;
  let failing = false;

  async function check(): Promise<boolean> {
    if (busy) return false;
    busy = true;
    try {
      const size = await sizeOf(path);
      if (size === undefined || size <= fileBytesMax) return false;
      await shift(path, filesMax);
      log.info('access-log.rotated', { path, bytes: size });
      failing = false;
      return true;
    } catch (error) {
      if (!failing) log.warn('access-log.rotation-failed', { path, message: messageOf(error) });
      failing = true;
      return false;
    } finally {
      busy = false;
    }
  }

  const timer = setInterval(() => void check(), options.checkMs ?? CHECK_MS).unref();
  return { check, close: () => clearInterval(timer) };
}

async function shift(path: string, filesMax: number): Promise<void> {
  const nameOf = (number: number) => (number === 0 ? path : `${path}.${number}`);
  await rm(nameOf(filesMax - 1), { force: true });
  for (let number = filesMax - 2; number >= 0; number--) {
    if ((await sizeOf(nameOf(number))) !== undefined) await rename(nameOf(number), nameOf(number + 1));
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
