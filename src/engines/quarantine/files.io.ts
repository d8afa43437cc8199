import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from '../../platform/index.ts';
import { CHUNK_BYTES, ChunkSealer, openChunk, TAG_BYTES } from '../../protocols/sealed-chunks/index.ts';
import { HEADER_BYTES, itemHeader } from './format.ts';

/** Where the items of a data directory are; a file that is being written ends in `.part`. */
export function itemsDir(dataDir: string): string {
  return join(dataDir, 'quarantine');
}

export interface WriteItem {
  readonly dir: string;
  readonly id: string;
  readonly key: Uint8Array;
  readonly wrappedKey: Uint8Array;
  readonly bytesMax: number;
  readonly sha256: string;
}

/** Writes an item whole or not at all; it is on the disk when this resolves. `false`: not the bytes that were announced. */
export async function writeItem(
  { dir, id, key, wrappedKey, bytesMax, sha256 }: WriteItem,
  source: AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const part = join(dir, `${id}.part`);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    // `wx`: a name that somebody prepared, a symbolic link among them, is never followed.
    const file = await open(part, 'wx', 0o600);
    try {
      const sealer = new ChunkSealer(key);
      await file.writeFile(itemHeader(wrappedKey));
      for await (const piece of source) {
        bytes += piece.length;
        if (bytes > bytesMax) break;
        hash.update(piece);
        for (const chunk of sealer.push(piece)) await file.writeFile(chunk);
      }
      await file.writeFile(sealer.finish());
      await file.sync();
    } finally {
      await file.close();
    }
    if (bytes > bytesMax || hash.digest('hex') !== sha256) {
      await rm(part, { force: true });
      return false;
    }
    await rename(part, join(dir, id));
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(dir);
  return true;
}

/** The first bytes of an item, with the wrapped key; `undefined`: it is not there. */
export async function readHeader(dir: string, id: string): Promise<Buffer | undefined> {
  return withFile(join(dir, id), async (file) => {
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0);
    return header.subarray(0, bytesRead);
  });
}

/** The bytes of an item. Each piece is authentic when it is given; throws `ItemDamaged` at the first that is not. */
export async function* readItem(dir: string, id: string, key: Uint8Array): AsyncGenerator<Buffer> {
  const file = await open(join(dir, id), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    let number = 0;
    for (let at = HEADER_BYTES; ; number++) {
      const sealed = Buffer.alloc(Math.max(0, Math.min(CHUNK_BYTES + TAG_BYTES, size - at)));
      const { bytesRead } = await file.read(sealed, 0, sealed.length, at);
      at += sealed.length;
      const isLast = at >= size;
      const plain = bytesRead === sealed.length ? openChunk(key, number, isLast, sealed) : undefined;
      if (plain === undefined) throw new ItemDamaged(`piece ${number + 1} is not what was written`);
      if (plain.length > 0) yield plain;
      if (isLast) return;
    }
  } finally {
    await file.close();
  }
}

/** What is on the disk is not what was written. */
export class ItemDamaged extends Error {}

/** Puts bytes into a new file, which has its name when all of them are there. Never replaces a file. */
export async function writeNewFile(
  path: string,
  part: string,
  source: AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = join(dirname(path), part);
  const file = await open(temporary, 'wx', 0o600);
  try {
    try {
      for await (const piece of source) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike `rename`, `link` fails where there is a file.
    await link(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

export async function storedSize(dir: string, id: string): Promise<number | undefined> {
  try {
    return (await stat(join(dir, id))).size;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export async function removeItem(dir: string, id: string): Promise<void> {
  await rm(join(dir, id), { force: true });
  await rm(join(dir, `${id}.part`), { force: true });
}

export interface ItemFile {
  readonly name: string;
  readonly id: string;
  readonly changedAtMs: number;
}

export async function itemFiles(dir: string): Promise<readonly ItemFile[]> {
  const found: ItemFile[] = [];
  for (const name of await readdir(dir)) {
    const id = name.replace(/\.part$/, '');
    try {
      found.push({ name, id, changedAtMs: (await stat(join(dir, name))).mtimeMs });
    } catch (error) {
      // It has been renamed or removed since.
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  return found;
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
