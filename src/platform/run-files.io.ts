import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectUnix } from './unix-channel.io.ts';
import { processStart } from './proc.io.ts';

/** Linux keeps 108 bytes for the path of a Unix socket; 100 leaves room for the longest name in it. */
const SOCKET_PATH_BYTES_MAX = 100;

/** A folder that only its owner may enter. */
export function privateDir(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/**
 * Where the sockets of a data directory are: `DATA_DIR/run`, or, where that path is too long for a socket, a
 * private folder of the runtime directory, whose path stands in `DATA_DIR/run/socket`.
 */
export function socketDir(dataDir: string): string {
  const run = join(dataDir, 'run');
  if (Buffer.byteLength(join(run, 'control.sock')) <= SOCKET_PATH_BYTES_MAX) return run;
  try {
    return dirname(readFileSync(join(run, 'socket'), 'utf8').trim());
  } catch {
    // Nobody has started the gateway here yet.
    return run;
  }
}

/** Makes the folder of the sockets; the owner of the lock calls it. */
export function makeSocketDir(dataDir: string, runtimeDir: string | undefined): string {
  const run = join(dataDir, 'run');
  if (Buffer.byteLength(join(run, 'control.sock')) <= SOCKET_PATH_BYTES_MAX) return run;
  const pointer = join(run, 'socket');
  const dir = mkdtempSync(join(runtimeDir ?? tmpdir(), 'sallyport-'));
  writeFileSync(pointer, `${join(dir, 'control.sock')}\n`, { mode: 0o600 });
  return dir;
}

/** Takes the sockets away again, with the folder where it is not the data directory's own. */
export function removeSocketDir(dataDir: string, dir: string): void {
  const run = join(dataDir, 'run');
  for (const name of ['control.sock', 'bus.sock']) rmSync(join(dir, name), { force: true });
  if (dir === run) return;
  rmSync(dir, { recursive: true, force: true });
  rmSync(join(run, 'socket'), { force: true });
}

/** True when somebody accepts on the socket. Whatever else stands there is what a killed process left. */
export async function socketAnswers(path: string): Promise<boolean> {
  try {
    const channel = await connectUnix(path, { frameBytesMax: 1, unsentBytesMax: 1 }, () => ({
      onFrame: () => undefined,
      onClose: () => undefined,
    }));
    channel.destroy();
    return true;
  } catch {
    return false;
  }
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

export interface RunLock {
  /** A process that was killed held it before. */
  readonly wasStale: boolean;
  release(): void;
}

/**
 * One gateway a data directory: `run/supervisor` names the process that has it. Returns the number of that
 * process when it lives. Taking is atomic (`link` fails when the name exists); a stale file is moved away
 * before, and what was moved is looked at again, so that of two that clean up only one goes on.
 */
export function takeRunLock(dataDir: string, pid: number): RunLock | { readonly heldBy: number } {
  const path = join(dataDir, 'run', 'supervisor');
  const own = `${path}.${pid}`;
  let wasStale = false;
  writeFileSync(own, `${pid} ${processStart(pid) ?? ''}\n`, { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(own, path);
        return { wasStale, release: () => rmSync(path, { force: true }) };
      } catch (error) {
        if (!isErrno(error, 'EEXIST')) throw error;
      }
      const holder = holderIn(path);
      if (holder !== undefined) return { heldBy: holder };
      wasStale = true;
      setAside(path, `${path}.stale.${pid}`);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function setAside(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    // Another one has moved it already.
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  // Meanwhile it may have become the lock of a living process: then it goes back.
  if (holderIn(aside) !== undefined) linkSync(aside, path);
  rmSync(aside, { force: true });
}

/** The living process that a lock file names. */
export function holderIn(path: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const [pid, start] = text.trim().split(' ');
  if (pid === undefined || start === undefined || !/^\d+$/.test(pid)) return undefined;
  return processStart(Number(pid)) === start ? Number(pid) : undefined;
}

/** The supervisor of a data directory, when one lives. */
export function runningSupervisor(dataDir: string): number | undefined {
  return holderIn(join(dataDir, 'run', 'supervisor'));
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
