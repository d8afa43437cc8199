import { open, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

const CHUNK_BYTES = 256 * 1024;

/** A file that control wrote for somebody who downloads it. */
export interface TakenFile {
  /** Length in bytes. */
  readonly length: number;
  /** To be read once, to the end or not: then nothing is left of it. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Takes what `withGivenFile` gave: its name is gone at once, its bytes when they are read. Rejects when it is not there. */
export async function takeGivenFile(dataDir: string, path: string): Promise<TakenFile> {
  if (!path.startsWith(join(dataDir, 'run', 'given-')) || path.includes(`${sep}..${sep}`)) {
    throw new TypeError('a path that control did not give');
  }
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    await rm(dirname(path), { recursive: true, force: true });
    return { length: size, bytes: handle.createReadStream({ highWaterMark: CHUNK_BYTES }) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
