import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatBytes, HEALTH_CODES } from '../../kernel/index.ts';
import { diskHealth, type DiskSpace, spaceOf } from '../disk.io.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

/** Below this it is time to look; below `health.diskFreeMin` the gateway may soon fail to write. */
const FREE_BYTES_SOON = 2 * 1024 ** 3;
const PRIVATE_FILES = ['master.key', 'initial-password', join('ssh', 'host_ed25519')];

export const dataDirChecks: Check = async ({ config }) => {
  const there = nearestFolder(config.dataDir);
  return [
    writable(there, config.dataDir),
    ...privateFiles(config.dataDir),
    judgeDisk(there, await spaceOf(there), config.health.diskFreeMin),
  ];
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

/** Exported for its test. `freeMin`: bytes, of `health.diskFreeMin`. */
export function judgeDisk(folder: string, space: DiskSpace, freeMin: number): Finding {
  const { free, total } = space;
  const health = diskHealth(folder, space, freeMin);
  if (health.state !== 'ok') return problem('disk', health.reason, HEALTH_CODES[health.code].hint);
  const detail = `${formatBytes(free)} of ${formatBytes(total)} are free in ${folder}`;
  return free < Math.min(FREE_BYTES_SOON, total / 10)
    ? warning('disk', detail, HEALTH_CODES['disk-low'].hint)
    : ok('disk', detail);
}
