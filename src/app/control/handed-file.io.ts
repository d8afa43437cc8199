import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
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

/** What a command wrote, until somebody has taken it. */
export interface GivenFile {
  readonly path: string;
  readonly bytes: number;
}

/** Names of folders below `run` that a killed process leaves behind. */
const LEFTOVER = /^(?:handed|given)-/;
/** Whoever asked takes it at once; a connection that broke meanwhile never does. */
const TAKE_MS = 60_000;

/**
 * Has a file written into a folder of its own, which `takeGivenFile` empties. It is removed after a while in any case.
 */
export async function withGivenFile(
  dataDir: string,
  name: string,
  write: (path: string) => Promise<unknown>,
): Promise<GivenFile> {
  const dir = join(dataDir, 'run', `given-${randomUUID()}`);
  await mkdir(dir, { mode: 0o700, recursive: true });
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const path = join(dir, name);
    await write(path);
    const { size } = await stat(path);
    setTimeout(() => void remove().catch(() => undefined), TAKE_MS).unref();
    return { path, bytes: size };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** At the start: what was lent or given when the process before was killed. */
export async function removeLeftovers(dataDir: string): Promise<void> {
  const run = join(dataDir, 'run');
  const names = await readdir(run).catch(() => []);
  const old = names.filter((name) => LEFTOVER.test(name));
  await Promise.all(old.map((name) => rm(join(run, name), { recursive: true, force: true })));
}

export function isHandedFile(file: unknown): file is HandedFile {
  if (typeof file !== 'object' || file === null) return false;
  const { word, name, text } = file as Readonly<Record<string, unknown>>;
  return typeof word === 'string' && typeof name === 'string' && typeof text === 'string';
}
