import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SpoolFile, Source } from './types.ts';

/**
 * A file that only its owner may read and that has no name any more: whatever happens to the process, nothing
 * stays behind.
 */
export function openUnnamed(dir: string): number {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, `.spool-${randomBytes(12).toString('hex')}`);
  const fd = openSync(path, 'wx+', 0o600);
  try {
    unlinkSync(path);
  } catch (error) {
    closeSync(fd);
    rmSync(path, { force: true });
    throw error;
  }
  return fd;
}

/** The file behind a descriptor, as a source; closing it is the owner's business. */
export function fileSource(fd: number, size: number): Source {
  const readInto = (target: Buffer, at: number): Buffer => {
    const bytes = target.subarray(0, Math.max(0, Math.min(target.length, size - at)));
    let read = 0;
    while (read < bytes.length) {
      const got = readSync(fd, bytes, read, bytes.length - read, at + read);
      if (got === 0) break;
      read += got;
    }
    return bytes.subarray(0, read);
  };
  return {
    size,
    read: (at, length) => readInto(Buffer.allocUnsafe(Math.max(0, Math.min(length, size - at))), at),
    readInto,
  };
}

/** A spool file that is written and read without waiting: for threads of their own. `undefined`: no room. */
export function openSpoolFile(dir: string): SpoolFile | undefined {
  let fd: number;
  try {
    fd = openUnnamed(dir);
  } catch {
    // Full, read-only or gone: one answer for all, the scan says `unavailable`.
    return undefined;
  }
  let size = 0;
  let isOpen = true;
  return {
    write: (bytes) => {
      try {
        let written = 0;
        while (written < bytes.length) {
          written += writeSync(fd, bytes, written, bytes.length - written, size + written);
        }
        size += bytes.length;
        return true;
      } catch {
        // The disk is full, or a quota of the system is used up.
        return false;
      }
    },
    source: () => fileSource(fd, size),
    close: () => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}
