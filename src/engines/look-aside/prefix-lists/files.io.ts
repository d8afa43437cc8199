import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeptLists, keptListsOf, type Steps } from '../../../protocols/safe-browsing/index.ts';
import { lookAsideErrors } from '../errors.ts';

const SUFFIX = '.lists';
const DIGEST_BYTES = 32;

/** Lists of hash prefixes of all feeds that have such, each in a file of `DATA_DIR/prefix-lists`. */
function prefixListsFolder(dataDir: string): string {
  return join(dataDir, 'prefix-lists');
}

/** In control: what feeds put in and take out. */
export interface PrefixListStore {
  has(name: string): boolean;
  /** Rejects with `LOOK_ASIDE_LISTS_DAMAGED` where the file is none; the old one stays. */
  install(name: string, file: string): Promise<{ readonly entries: number; readonly version: string }>;
  remove(name: string): Promise<void>;
}

/** `changed` is told and waited for. */
export function openPrefixListStore(dataDir: string, changed: () => Promise<void>): PrefixListStore {
  const folder = prefixListsFolder(dataDir);
  const fileOf = (name: string): string => join(folder, `${name}${SUFFIX}`);
  return {
    has: (name) => existsSync(fileOf(name)),
    async install(name, file) {
      const bytes = await readFile(file);
      const kept = await paced(keptListsOf(bytes));
      if (kept === undefined) throw lookAsideErrors.LOOK_ASIDE_LISTS_DAMAGED({ feed: name, file });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const partial = `${fileOf(name)}.new`;
      copyFileSync(file, partial);
      renameSync(partial, fileOf(name));
      await changed();
      const entries = kept.lists.reduce((sum, list) => sum + list.prefixes.length + list.longer.length, 0);
      return { entries, version: digestOf(bytes) };
    },
    async remove(name) {
      if (!existsSync(fileOf(name))) return;
      rmSync(fileOf(name));
      await changed();
    },
  };
}

/** Names what is there: changes with every change. */
export function prefixListsVersion(dataDir: string): string {
  const folder = prefixListsFolder(dataDir);
  return namesIn(folder)
    .map((name) => {
      const stat = statSync(join(folder, `${name}${SUFFIX}`), { throwIfNoEntry: false });
      return `${name}:${stat?.ino}:${stat?.size}:${stat?.mtimeMs}`;
    })
    .join(' ');
}

export interface LoadedLists extends KeptLists {
  readonly feed: string;
}

/** What is there now. A file that is damaged is named in `problems` and left out: its feed fetches it again. */
export async function loadPrefixLists(dataDir: string): Promise<{
  readonly loaded: readonly LoadedLists[];
  readonly problems: readonly string[];
}> {
  const folder = prefixListsFolder(dataDir);
  const loaded: LoadedLists[] = [];
  const problems: string[] = [];
  for (const feed of namesIn(folder)) {
    const kept = await read(join(folder, `${feed}${SUFFIX}`));
    if (kept === undefined) problems.push(feed);
    else loaded.push({ ...kept, feed });
  }
  return { loaded, problems };
}

async function read(file: string): Promise<KeptLists | undefined> {
  try {
    return await paced(keptListsOf(await readFile(file)));
  } catch {
    // It was removed meanwhile, or cannot be read: the same to whoever asks it.
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .toSorted();
}

function digestOf(bytes: Buffer): string {
  return bytes.subarray(-DIGEST_BYTES).toString('hex').slice(0, 16);
}

/** Work on long lists, with time for everything else in between. */
export async function paced<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
