import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that came with a request, for commands that read files. */
export interface HandedFile {
  /** The positional that names it. */
  readonly word: string;
  /** Commands tell the kind of some files by the end of their name. */
  readonly name: string;
  readonly text: string;
}

/** Lends the text as a file of its own while the work runs. */
export async function withHandedFile<T>(
  dataDir: string,
  { name, text }: HandedFile,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const dir = join(dataDir, 'run', `handed-${randomUUID()}`);
  await mkdir(dir, { mode: 0o700, recursive: true });
  try {
    // Only letters and digits of the name: it came from somebody else.
    const path = join(dir, name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '') || 'file');
    await writeFile(path, text, { mode: 0o600 });
    return await work(path);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export function isHandedFile(file: unknown): file is HandedFile {
  if (typeof file !== 'object' || file === null) return false;
  const { word, name, text } = file as Readonly<Record<string, unknown>>;
  return typeof word === 'string' && typeof name === 'string' && typeof text === 'string';
}
