import { readdir, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** One file of the console with the forms of it that were compressed when it was built. */
export interface ConsoleFile {
  readonly content: Uint8Array;
  readonly gzip: Uint8Array | undefined;
  readonly brotli: Uint8Array | undefined;
}

/** By path below the folder, such as `assets/console-1A2B3C.js`. */
export type ConsoleFolder = ReadonlyMap<string, ConsoleFile>;

/** When it was built, in ms since 1970; `undefined`: it was not. */
export async function consoleBuiltAt(folder = DIST): Promise<number | undefined> {
  try {
    return (await stat(`${folder}/index.html`)).mtimeMs;
  } catch {
    // Not there, or not ours to read: either way there is nothing to serve.
    return undefined;
  }
}

/** Where `scripts/console.ts` puts what it builds. */
const DIST = fileURLToPath(new URL('../../../../console/dist/', import.meta.url));

/** All of the built console, some hundred kilobytes. `undefined`: it was not built. */
export async function readConsole(folder = DIST): Promise<ConsoleFolder | undefined> {
  const names = await namesIn(folder);
  if (!names.includes('index.html')) return undefined;
  const contents = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(`${folder}/${name}`)] as const)),
  );
  return new Map(
    [...contents]
      .filter(([name]) => !/\.(?:gz|br)$/.test(name))
      .map(([name, content]) => [
        name,
        { content, gzip: contents.get(`${name}.gz`), brotli: contents.get(`${name}.br`) },
      ]),
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    return found
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(folder.length).replace(/^\/+/, ''));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
