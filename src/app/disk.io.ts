import { statfs } from 'node:fs/promises';
import { formatBytes, type Health, messageOf } from '../kernel/index.ts';

export interface DiskSpace {
  /** Bytes that the gateway may still write. */
  readonly free: number;
  readonly total: number;
  /** 0: the file system has no fixed number of them. */
  readonly inodes: number;
  readonly inodesFree: number;
}

/** Less than this is nothing: a database alone wants several pages at once. */
const FULL_BYTES = 1024 ** 2;

export async function spaceOf(folder: string): Promise<DiskSpace> {
  const { bavail, bsize, blocks, files, ffree } = await statfs(folder);
  return { free: bavail * bsize, total: blocks * bsize, inodes: files, inodesFree: ffree };
}

/** As a part of the health, also when the folder is away. `freeMin`: bytes, of `health.diskFreeMin`. */
export async function healthOfDisk(folder: string, freeMin: number): Promise<Health> {
  try {
    return diskHealth(folder, await spaceOf(folder), freeMin);
  } catch (error) {
    return { state: 'degraded', code: 'disk-full', reason: `${folder} cannot be used: ${messageOf(error)}` };
  }
}

/** What so much space means. `freeMin`: bytes, of `health.diskFreeMin`. */
export function diskHealth(folder: string, space: DiskSpace, freeMin: number): Health {
  const { free, total, inodes, inodesFree } = space;
  const state = 'degraded';
  const detail = `${formatBytes(free)} of ${formatBytes(total)} are free in ${folder}`;
  if (free < FULL_BYTES) return { state, code: 'disk-full', reason: detail };
  if (free < freeMin) return { state, code: 'disk-low', reason: detail };
  if (inodes > 0 && inodesFree < inodes / 100) {
    const reason = `${inodesFree} of ${inodes} inodes are free in ${folder}`;
    return { state, code: inodesFree === 0 ? 'disk-full' : 'disk-low', reason };
  }
  return { state: 'ok' };
}
