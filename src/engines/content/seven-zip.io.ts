import process from 'node:process';
import type { SevenZipModule, SevenZipModuleFactory } from '7z-wasm';
import type { Item, OpenBounds, Source, Trouble } from './types.ts';

/** 7-Zip takes as much memory as the dictionary of an archive says. */
const DICTIONARY_MAX = 64 * 1024 * 1024;
const LINES_MAX = 200_000;
/** ENOSPC as Emscripten numbers it. */
const NO_SPACE = 51;
/** Anything but the right one: without a password 7-Zip would ask for it. */
const NO_PASSWORD = '-p\u{1}';

/**
 * Everything that 7-Zip opens and nothing of our own does, by its content, or as the `type` that it also is: 7z, RAR, CAB, CPIO, RPM, LZH, ARJ, disk images. It
 * runs as WebAssembly: it has a memory of its own and a file system in that memory, and reaches nothing else.
 */
export async function* sevenZipOpener(source: Source, bounds: OpenBounds, type?: 'Udf'): AsyncIterable<Item> {
  if (source.size > bounds.memoryMax) {
    const detail = `an archive of this type and more than ${bounds.memoryMax} bytes`;
    yield { kind: 'trouble', name: '', reason: 'limit', detail };
    return;
  }
  const archive = source.read(0, source.size);
  if (hasHiddenNames(archive)) {
    yield { kind: 'trouble', name: '', reason: 'encrypted', detail: 'its names have a password, too' };
    return;
  }
  const as = type === undefined ? [] : [`-t${type}`];
  let listing = await run(archive, ['l', '-slt', '-ba', ...as], bounds);
  if (listing.failed && isDmg(archive)) {
    // It looks into the first volume at once, and gives the image up where it cannot: then the volumes alone.
    as.push('-tDmg');
    listing = await run(archive, ['l', '-slt', '-ba', ...as], bounds);
  }
  const trouble = troubleIn(listing);
  if (trouble !== undefined) yield { kind: 'trouble', name: '', ...trouble };
  if (trouble !== undefined && trouble.reason !== 'damaged') return;
  for (const name of encryptedIn(listing.lines)) {
    yield { kind: 'trouble', name, reason: 'encrypted', detail: 'the entry has a password' };
  }
  if (dictionaryIn(listing.lines) > DICTIONARY_MAX) {
    const detail = `needs a dictionary of more than ${DICTIONARY_MAX} bytes`;
    yield { kind: 'trouble', name: '', reason: 'limit', detail };
    return;
  }
  const extracted = await run(archive, ['x', '-y', '-o/out', '-aou', ...as], bounds);
  for (const { path, bytes } of filesIn(extracted.module)) {
    yield {
      kind: 'member',
      member: {
        name: path,
        read: (sink) => {
          sink(bytes);
          return undefined;
        },
      },
    };
  }
  const cut = troubleIn(extracted);
  if (cut !== undefined && cut.reason !== trouble?.reason && cut.reason !== 'encrypted') {
    yield { kind: 'trouble', name: '', ...cut };
  }
}

/** 7z: the list of names is packed itself, with AES among the methods (id 06 F1 07 01): 7-Zip only crashes on it. */
function hasHiddenNames(archive: Buffer): boolean {
  if (archive.length < 32 || archive.toString('latin1', 0, 2) !== '7z') return false;
  const at = 32 + Number(archive.readBigUInt64LE(12));
  return archive[at] === 0x17 && archive.subarray(at, at + 1024).includes(AES_ID);
}

function isDmg(archive: Buffer): boolean {
  return archive.toString('latin1', archive.length - 512, archive.length - 508) === 'koly';
}

const AES_ID = Buffer.from('06f10701', 'hex');

interface Run {
  readonly module: SevenZipModule;
  readonly lines: readonly string[];
  /** What it wrote was cut: too much, or too late. */
  readonly cut: 'limit' | 'timeout' | undefined;
  readonly crashed: boolean;
  readonly failed: boolean;
}

/** A fresh instance each time: what a hostile archive left in the memory of one is gone with it. */
async function run(archive: Buffer, [command = '', ...options]: string[], bounds: OpenBounds): Promise<Run> {
  const lines: string[] = [];
  const keep = (line: string): void => {
    if (lines.length < LINES_MAX) lines.push(line);
  };
  const module = await instance({ print: keep, printErr: keep });
  // The types say less than there is: what the file system calls for each write can be replaced.
  const files = module.FS as unknown as FileSystem;
  files.writeFile('/in', archive);
  files.mkdir('/out');
  let cut: Run['cut'];
  let written = 0;
  const write = files.write.bind(files);
  files.write = (stream, buffer, offset, length, ...rest) => {
    if (stream.node?.rdev === 0 || stream.node?.rdev === undefined) {
      written += length;
      if (written > bounds.memoryMax * 2) cut = 'limit';
      else if (bounds.expired()) cut = 'timeout';
      if (cut !== undefined) throw new files.ErrnoError(NO_SPACE);
    }
    return write(stream, buffer, offset, length, ...rest);
  };
  let crashed = false;
  let code: unknown = 0;
  const exitCode = process.exitCode;
  try {
    code = module.callMain([command, ...options, '-sccUTF-8', '-bsp0', '-spd', NO_PASSWORD, '/in']);
  } catch {
    // An exit by exception, or a trap of WebAssembly: what was written before is there.
    crashed = true;
  } finally {
    // Emscripten sets that of our process.
    process.exitCode = exitCode;
  }
  return { module, lines, cut, crashed, failed: crashed || (typeof code === 'number' && code > 1) };
}

/**
 * Emscripten hangs a listener on the process for each instance, which would keep the instance with its memory for
 * ever, and take part in what happens when something of ours fails.
 */
async function instance(options: Parameters<SevenZipModuleFactory>[0]): Promise<SevenZipModule> {
  // A CommonJS module whose types speak of a default export in the default: what is imported is the function itself.
  const open = (await import('7z-wasm')).default as unknown as SevenZipModuleFactory;
  const before = process.listeners('uncaughtException');
  const module = await open(options);
  for (const listener of process.listeners('uncaughtException')) {
    if (!before.includes(listener)) process.off('uncaughtException', listener);
  }
  return module;
}

interface FileSystem {
  writeFile(path: string, bytes: Uint8Array): void;
  mkdir(path: string): void;
  readdir(path: string): readonly string[];
  readFile(path: string): Uint8Array;
  lstat(path: string): { readonly mode: number };
  isDir(mode: number): boolean;
  isFile(mode: number): boolean;
  write(
    stream: { readonly node?: { readonly rdev?: number } },
    buffer: unknown,
    offset: number,
    length: number,
    ...rest: readonly unknown[]
  ): number;
  readonly ErrnoError: new (code: number) => Error;
}

function troubleIn({ lines, cut, failed }: Run): Trouble | undefined {
  if (cut === 'timeout') return { reason: 'timeout', detail: 'time for unpacking is over' };
  if (cut === 'limit') return { reason: 'limit', detail: 'unpacks to more than fits into memory' };
  const text = lines.slice(-500).join('\n');
  if (/encrypted archive|Wrong password/i.test(text)) {
    return { reason: 'encrypted', detail: 'it has a password' };
  }
  if (/Unsupported Method|E_NOTIMPL/i.test(text))
    return { reason: 'unsupported', detail: 'packed with an unknown method' };
  return failed ? { reason: 'damaged', detail: 'it is damaged or cut' } : undefined;
}

/** `Path = …` begins an entry of the listing; `Encrypted = +` says of it that it has a password. */
function encryptedIn(lines: readonly string[]): readonly string[] {
  const names: string[] = [];
  let name = '';
  for (const line of lines) {
    if (line.startsWith('Path = ')) name = line.slice(7);
    if (line === 'Encrypted = +') names.push(name);
  }
  return names;
}

/** The largest dictionary of the methods: `LZMA2:24` is a power of two, `LZMA:32m` and `v5:m3:128k` are sizes; so is the model of `PPMD:o6:mem24`. */
function dictionaryIn(lines: readonly string[]): number {
  let most = 0;
  for (const line of lines) {
    if (!line.startsWith('Method = ')) continue;
    for (const [, digits, unit] of line.matchAll(/:(?:mem)?(\d{1,10})([bkmg]?)(?![\w])/gi)) {
      const scale = { '': 0, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit?.toLowerCase() ?? ''] ?? 0;
      const value = Number(digits);
      most = Math.max(most, scale === 0 ? (value < 40 ? 2 ** value : 0) : value * scale);
    }
  }
  return most;
}

function* filesIn(module: SevenZipModule): Generator<{ path: string; bytes: Buffer }> {
  // As above.
  const files = module.FS as unknown as FileSystem;
  const open: string[] = ['/out'];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const name of files.readdir(folder)) {
      if (name === '.' || name === '..') continue;
      const path = `${folder}/${name}`;
      const { mode } = files.lstat(path);
      if (files.isDir(mode)) open.push(path);
      if (!files.isFile(mode)) continue;
      const bytes = files.readFile(path);
      yield {
        path: path.slice('/out/'.length),
        bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      };
    }
  }
}
