import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatBytes } from '../../kernel/index.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

/** Below the first the gateway may soon fail to write; below the second it is time to look. */
const FREE_BYTES_MIN = 256 * 1024 ** 2;
const FREE_BYTES_SOON = 2 * 1024 ** 3;
const PRIVATE_FILES = ['master.key', 'initial-password', join('ssh', 'host_ed25519')];

export const dataDirChecks: Check = async ({ config }) => {
  const there = nearestFolder(config.dataDir);
  return [writable(there, config.dataDir), ...privateFiles(config.dataDir), await disk(there)];
};

/** What does not exist yet is made at the first start, in the nearest folder that does. */
function nearestFolder(path: string): string {
  let there = path;
  while (!existsSync(there)) there = dirname(there);
  return there;
}

function writable(there: string, dataDir: string): Finding {
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    return ok('data directory', dataDir);
  } catch {
    return problem(
      'data directory',
      `${there} cannot be written to`,
      'give it to the user that runs the gateway, or choose another with --data-dir',
    );
  }
}

function privateFiles(dataDir: string): readonly Finding[] {
  return PRIVATE_FILES.map((name) => join(dataDir, name))
    .filter((path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0)
    .map((path) => problem('data directory', `${path} can be read by others`, `chmod 600 ${path}`));
}

async function disk(folder: string): Promise<Finding> {
  const { bavail, bsize, blocks, files, ffree } = await statfs(folder);
  return judgeDisk(folder, { free: bavail * bsize, total: blocks * bsize, inodes: files, inodesFree: ffree });
}

export interface DiskSpace {
  /** Bytes. */
  readonly free: number;
  readonly total: number;
  /** 0: the file system has no fixed number of them. */
  readonly inodes: number;
  readonly inodesFree: number;
}

export function judgeDisk(folder: string, { free, total, inodes, inodesFree }: DiskSpace): Finding {
  const detail = `${formatBytes(free)} of ${formatBytes(total)} are free in ${folder}`;
  const hint =
    'make room: sallyport quarantine purge, smaller events.keepBytes or accessLog.filesMax, or a larger disk';
  if (free < FREE_BYTES_MIN) return problem('disk', detail, hint);
  if (inodes > 0 && inodesFree < inodes / 100) {
    return problem('disk', `${inodesFree} of ${inodes} inodes are free in ${folder}`, hint);
  }
  return free < Math.min(FREE_BYTES_SOON, total / 10) ? warning('disk', detail, hint) : ok('disk', detail);
}
