import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type CommandIo, GatewayError, messageOf } from '../../kernel/index.ts';
import { ChunkSealer } from '../../protocols/sealed-chunks/index.ts';
import { tarEnd, tarHeader, tarPadding } from '../../protocols/tar/index.ts';
import { appErrors } from '../errors.ts';
import { backupErrors } from './errors.ts';
import { FORMAT, headerBytes, keyFrom, type Manifest, newHeader } from './format.io.ts';
import { snapshot } from './snapshot.io.ts';

export interface BackupRequest {
  readonly dataDir: string;
  /** Must not exist. */
  readonly file: string;
  readonly passphrase: string;
  readonly version: string;
  readonly nowMs: number;
  /** Names the working folder: two backups at once do not meet. */
  readonly id: string;
  /** Imported lists, too: they may be large, and a subscribed one is fetched again. */
  readonly indicators: boolean;
  readonly progress: CommandIo['progress'];
}

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly files: number;
  readonly at: string;
}

/** Writes the whole backup beside its place, then moves it there: a file with the name is complete. */
export async function writeBackup(request: BackupRequest): Promise<BackupReport> {
  const { dataDir, file, id, nowMs, version } = request;
  if ((await stat(file).catch(() => undefined)) !== undefined) {
    throw appErrors.FILE_EXISTS({ path: file });
  }
  const work = join(dataDir, `backup-${id}`);
  const part = join(dirname(file), `.${id}.part`);
  try {
    const names = await snapshot(dataDir, work, request);
    const files = await Promise.all(
      names.map(async (name) => ({ name, bytes: (await stat(join(work, name))).size })),
    );
    const at = new Date(nowMs).toISOString();
    const manifest: Manifest = { format: FORMAT, version, at, files };
    const bytes = await seal(part, request.passphrase, tarOf(work, manifest, request.progress));
    await rename(part, file);
    return { file, bytes, files: files.length, at };
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    if (error instanceof GatewayError || !(error instanceof Error) || !('code' in error)) throw error;
    throw backupErrors.BACKUP_UNWRITABLE({ path: file, reason: messageOf(error) }, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function* tarOf(
  work: string,
  manifest: Manifest,
  progress: CommandIo['progress'],
): AsyncGenerator<Uint8Array> {
  const mtimeS = Date.parse(manifest.at) / 1000;
  const text = Buffer.from(JSON.stringify(manifest, undefined, 1));
  yield tarHeader({ name: 'manifest.json', size: text.length, mtimeS });
  yield text;
  yield tarPadding(text.length);
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const { name, bytes } of manifest.files) {
    yield tarHeader({ name, size: bytes, mtimeS });
    for await (const piece of createReadStream(join(work, name)) as AsyncIterable<Buffer>) {
      done += piece.length;
      progress('write', done, total);
      yield piece;
    }
    yield tarPadding(bytes);
  }
  yield tarEnd();
}

async function seal(part: string, passphrase: string, tar: AsyncIterable<Uint8Array>): Promise<number> {
  const header = newHeader();
  const sealer = new ChunkSealer(await keyFrom(passphrase, header));
  const handle = await open(part, 'wx', 0o600);
  try {
    await handle.write(headerBytes(header));
    const packed = createGzip();
    // What fails on the way ends the reading of `packed` with the same error.
    pipeline(Readable.from(tar), packed, () => undefined);
    for await (const piece of packed as AsyncIterable<Buffer>) {
      for (const chunk of sealer.push(piece)) await handle.write(chunk);
    }
    await handle.write(sealer.finish());
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
