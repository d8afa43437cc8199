import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { GatewayError, messageOf } from '../../kernel/index.ts';
import { isErrno } from '../../platform/index.ts';
import { CHUNK_BYTES, openChunk, TAG_BYTES } from '../../protocols/sealed-chunks/index.ts';
import { TarReader } from '../../protocols/tar/index.ts';
import { backupErrors } from './errors.ts';
import { FORMAT, HEADER_BYTES_MAX, headerIn, keyFrom, MAGIC, type Manifest } from './format.io.ts';

const LIMITS = { nameBytesMax: 1024, entriesMax: 100_000 };
const MANIFEST_BYTES_MAX = 16 * 1024 * 1024;

/** Unpacks a whole backup into a folder that is empty. What is not authentic ends it; nothing else was touched. */
export async function readBackup(file: string, passphrase: string, into: string): Promise<Manifest> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    throw backupErrors.BACKUP_UNREADABLE({
      path: file,
      reason: isErrno(error, 'ENOENT') ? 'there is no such file' : messageOf(error),
    });
  }
  try {
    const plain = createGunzip();
    // What fails on the way ends the reading of `plain` with the same error.
    pipeline(Readable.from(chunks(handle, file, passphrase)), plain, () => undefined);
    return await unpack(plain, file, into);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw backupErrors.BACKUP_UNREADABLE({ path: file, reason: messageOf(error) }, { cause: error });
  } finally {
    await handle.close();
  }
}

async function* chunks(handle: FileHandle, path: string, passphrase: string): AsyncGenerator<Buffer> {
  const start = Buffer.alloc(MAGIC.length + 2);
  await handle.read(start, 0, start.length, 0);
  const length = start.readUInt16BE(MAGIC.length);
  if (!start.subarray(0, MAGIC.length).equals(MAGIC) || length > HEADER_BYTES_MAX) {
    throw backupErrors.BACKUP_UNREADABLE({ path, reason: 'it does not begin as one' });
  }
  const json = Buffer.alloc(length);
  await handle.read(json, 0, length, start.length);
  const header = headerIn(json);
  if (header === undefined) throw backupErrors.BACKUP_UNREADABLE({ path, reason: 'its header is damaged' });
  if (header.format !== FORMAT) {
    throw backupErrors.BACKUP_NEWER({ path, format: header.format, known: FORMAT });
  }
  const key = await keyFrom(passphrase, header);
  const { size } = await handle.stat();
  let at = start.length + length;
  for (let number = 0; at < size; number++) {
    const sealed = Buffer.alloc(Math.min(CHUNK_BYTES + TAG_BYTES, size - at));
    await handle.read(sealed, 0, sealed.length, at);
    at += sealed.length;
    const plain = openChunk(key, number, at >= size, sealed);
    if (plain === undefined) {
      throw number === 0
        ? backupErrors.BACKUP_WRONG_PASSPHRASE({ path })
        : backupErrors.BACKUP_UNREADABLE({ path, reason: `it was changed or cut off after ${at} bytes` });
    }
    yield plain;
  }
}

/** The names were authenticated; they are checked all the same: a restore writes nowhere but below its folder. */
function safeName(name: string): boolean {
  return (
    !name.startsWith('/') && !name.split('/').some((part) => part === '..' || part === '.' || part === '')
  );
}

async function unpack(plain: AsyncIterable<Buffer>, path: string, into: string): Promise<Manifest> {
  const reader = new TarReader(LIMITS);
  const pieces = plain[Symbol.asyncIterator]();
  let manifest: Manifest | undefined;
  let target: FileHandle | undefined;
  const head: Buffer[] = [];
  let headBytes = 0;
  const bad = (reason: string) => backupErrors.BACKUP_UNREADABLE({ path, reason });
  try {
    for (;;) {
      const event = reader.next();
      switch (event.kind) {
        case 'need-data': {
          const next = await pieces.next();
          if (next.done === true) reader.receiveEnd();
          else reader.receive(next.value);
          break;
        }
        case 'file': {
          if (manifest === undefined) {
            if (event.name !== 'manifest.json' || event.size > MANIFEST_BYTES_MAX)
              throw bad('it has no manifest');
            break;
          }
          if (!safeName(event.name)) throw bad(`it names ${event.name}`);
          await mkdir(dirname(join(into, event.name)), { recursive: true, mode: 0o700 });
          target = await open(join(into, event.name), 'wx', 0o600);
          break;
        }
        case 'data':
          if (target !== undefined) await target.write(event.bytes);
          else if ((headBytes += event.bytes.length) <= MANIFEST_BYTES_MAX)
            head.push(Buffer.from(event.bytes));
          break;
        case 'file-end':
          if (target === undefined) manifest = JSON.parse(Buffer.concat(head).toString('utf8')) as Manifest;
          else {
            await target.sync();
            await target.close();
            target = undefined;
          }
          break;
        case 'violation':
          throw bad(event.code);
        case 'end':
          if (manifest === undefined) throw bad('it is empty');
          return manifest;
      }
    }
  } finally {
    await target?.close();
  }
}
