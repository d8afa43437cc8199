import { constants, type Dirent } from 'node:fs';
import { lstat, open, type FileHandle, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../kernel/index.ts';

/** What a walk comes by. */
export type Found =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
  /** A link, a device, a pipe, a socket: nothing to scan. */
  | { readonly kind: 'skipped'; readonly path: string; readonly why: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly why: string };

/**
 * The files below these paths, folder by folder. A link that was named is followed; one that is met on the way never
 * is: it leads out, or to a file that is met anyway.
 */
export async function* walk(paths: readonly string[], recursive: boolean): AsyncGenerator<Found> {
  for (const path of paths) {
    try {
      const named = await stat(path);
      if (named.isDirectory()) yield* inFolder(path, recursive);
      else yield named.isFile() ? { kind: 'file', path, bytes: named.size } : special(path);
    } catch (error) {
      yield { kind: 'unreadable', path, why: reasonOf(error) };
    }
  }
}

async function* inFolder(path: string, recursive: boolean): AsyncGenerator<Found> {
  // A list of its own, not a recursion: a tree may be deeper than the stack.
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        const inner = join(folder, entry.name);
        if (!entry.isDirectory()) yield await found(entry, inner);
        else if (recursive) folders.push(inner);
        else yield { kind: 'skipped', path: inner, why: 'a folder, and --no-recursive was given' };
      }
    } catch (error) {
      yield { kind: 'unreadable', path: folder, why: reasonOf(error) };
    }
  }
}

async function found(entry: Dirent, path: string): Promise<Found> {
  if (entry.isSymbolicLink()) return { kind: 'skipped', path, why: 'a link, which is not followed' };
  if (!entry.isFile()) return special(path);
  try {
    return { kind: 'file', path, bytes: (await lstat(path)).size };
  } catch (error) {
    return { kind: 'unreadable', path, why: reasonOf(error) };
  }
}

function special(path: string): Found {
  return { kind: 'skipped', path, why: 'no regular file' };
}

const READ_BYTES = 256 * 1024;

/** Opens without waiting: what was a file may be a pipe by now. */
export async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Error('no regular file');
}

/** The bytes of a file; a piece is valid until the next is asked for. */
export async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** `EACCES: permission denied, open '/x'` without the path, which is told beside it. */
export function reasonOf(error: unknown): string {
  return messageOf(error).replace(/, \w+ '.*$/s, '');
}
