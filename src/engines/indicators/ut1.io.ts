import { closeSync, createReadStream, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { listValue } from '../../protocols/lists/index.ts';
import { TarReader } from '../../protocols/tar/index.ts';
import { indicatorErrors } from './errors.ts';

export interface Ut1Options {
  /** Take only these categories; empty: all. */
  readonly only: readonly string[];
  readonly lineBytesMax: number;
  /** After unpacking, of all files together. */
  readonly bytesMax: number;
  /** Files of an archive or a folder. */
  readonly filesMax: number;
}

export const UT1_DEFAULTS: Ut1Options = {
  only: [],
  lineBytesMax: 65_536,
  bytesMax: 4 * 1024 ** 3,
  filesMax: 10_000,
};

export interface Ut1Report {
  readonly entries: number;
  /** Lines that are no domain, URL, address or network. */
  readonly rejected: number;
  readonly categories: readonly { readonly name: string; readonly entries: number }[];
}

/** Files with regular expressions, which this gateway does not match, are passed over. */
const READ = new Set(['domains', 'urls']);
const LINES_BYTES = 256 * 1024;
/** ustar has 256 bytes for a name; pax and GNU archives of lists stay far below this. */
const NAME_BYTES_MAX = 4096;

/**
 * The blacklists of the university of Toulouse (and lists laid out alike: squidGuard's): a folder for each
 * category with files `domains` and `urls`, as a folder on disk or a tar archive, packed with gzip or not.
 * Written as one list of format `sallyport`, in which every entry has its category.
 */
export async function flattenUt1(
  source: string,
  target: string,
  options: Partial<Ut1Options> = {},
): Promise<Ut1Report> {
  const flattener = new Flattener(source, target, { ...UT1_DEFAULTS, ...options });
  try {
    await (statSync(source).isDirectory() ? flattener.folder() : flattener.archive());
    return flattener.report();
  } finally {
    flattener.close();
  }
}

class Flattener {
  readonly #source: string;
  readonly #options: Ut1Options;
  readonly #file: number;
  readonly #counts = new Map<string, number>();
  #pending: string[] = [];
  #pendingBytes = 0;
  #bytes = 0;
  #rejected = 0;
  #files = 0;

  constructor(source: string, target: string, options: Ut1Options) {
    this.#source = source;
    this.#options = options;
    this.#file = openSync(target, 'w', 0o600);
  }

  close(): void {
    closeSync(this.#file);
  }

  report(): Ut1Report {
    this.#flush();
    if (this.#files === 0) throw this.#wrong('it has no folder with a file "domains" or "urls"');
    const categories = [...this.#counts].map(([name, entries]) => ({ name, entries }));
    return {
      entries: categories.reduce((sum, { entries }) => sum + entries, 0),
      rejected: this.#rejected,
      categories: categories.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  async folder(): Promise<void> {
    const here = readdirSync(this.#source, { withFileTypes: true });
    if (here.length > this.#options.filesMax) throw this.#wrong(`more than ${this.#options.filesMax} files`);
    // A folder of one category is taken, too.
    if (here.some((each) => each.isFile() && READ.has(each.name))) {
      return this.#category(this.#source, basename(this.#source));
    }
    for (const each of here
      .filter((one) => one.isDirectory())
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      await this.#category(join(this.#source, each.name), each.name);
    }
  }

  async archive(): Promise<void> {
    const reader = new TarReader({ nameBytesMax: NAME_BYTES_MAX, entriesMax: this.#options.filesMax });
    let lines: Lines | undefined;
    const drain = (): boolean => {
      for (;;) {
        const event = reader.next();
        if (event.kind === 'need-data') return false;
        if (event.kind === 'end') return true;
        if (event.kind === 'violation') throw this.#wrong(SENTENCE[event.code]);
        if (event.kind === 'file') lines = this.#linesOf(event.name);
        else if (event.kind === 'data') lines?.receive(event.bytes);
        else lines = void lines?.end();
      }
    };
    const stream = createReadStream(this.#source);
    try {
      for await (const chunk of isGzip(this.#source) ? unpacked(stream) : stream) {
        // A stream without an encoding gives buffers.
        this.#count(chunk as Buffer);
        reader.receive(chunk as Buffer);
        if (drain()) return;
      }
      reader.receiveEnd();
      drain();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      throw code.startsWith('Z_') ? this.#wrong(`the gzip data are damaged or cut (${code})`) : error;
    } finally {
      stream.destroy();
    }
  }

  async #category(folder: string, name: string): Promise<void> {
    for (const file of READ) {
      const path = join(folder, file);
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
      const lines = this.#linesOf(`${name}/${file}`);
      if (lines === undefined) continue;
      for await (const chunk of createReadStream(path)) {
        this.#count(chunk as Buffer);
        lines.receive(chunk as Buffer);
      }
      lines.end();
    }
  }

  /** `undefined`: a file that is not read. */
  #linesOf(path: string): Lines | undefined {
    const [file = '', category = ''] = path.split('/').toReversed();
    const { only, lineBytesMax } = this.#options;
    if (!READ.has(file) || !/^[\w.+-]{1,100}$/.test(category)) return undefined;
    this.#files++;
    if (only.length > 0 && !only.includes(category)) return undefined;
    return new Lines(lineBytesMax, (line) => this.#line(line, category, file === 'urls'));
  }

  #line(line: string | undefined, category: string, isUrl: boolean): void {
    const text = line?.trim();
    if (text === '' || text?.startsWith('#') === true) return;
    // Without a scheme, `192.0.2.0/24` could be a network as well as a path.
    const value =
      text === undefined ? 'too long' : listValue(isUrl && !/:\/\//.test(text) ? `http://${text}` : text);
    if (typeof value === 'string') {
      this.#rejected++;
      return;
    }
    this.#counts.set(category, (this.#counts.get(category) ?? 0) + 1);
    const note = value.note === '' ? {} : { note: value.note };
    const written = `${JSON.stringify({ kind: value.kind, value: value.value, category, ...note })}\n`;
    this.#pending.push(written);
    this.#pendingBytes += written.length;
    if (this.#pendingBytes >= LINES_BYTES) this.#flush();
  }

  #flush(): void {
    writeSync(this.#file, this.#pending.join(''));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #count(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.bytesMax)
      throw this.#wrong(`it unpacks to more than ${this.#options.bytesMax} bytes`);
  }

  #wrong(reason: string): Error {
    return indicatorErrors.INDICATORS_UT1({ path: this.#source, reason });
  }
}

/** Lines of a file that comes in pieces; one that is too long is told as `undefined`, once. */
class Lines {
  readonly #bytesMax: number;
  readonly #take: (line: string | undefined) => void;
  #rest: Buffer = Buffer.alloc(0);
  #isTooLong = false;

  constructor(bytesMax: number, take: (line: string | undefined) => void) {
    this.#bytesMax = bytesMax;
    this.#take = take;
  }

  receive(bytes: Uint8Array): void {
    const all = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    let start = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, start)) {
      this.#line(all.subarray(start, end));
      start = end + 1;
    }
    this.#rest = all.subarray(start);
    if (this.#rest.length > this.#bytesMax) {
      this.#rest = Buffer.alloc(0);
      this.#isTooLong = true;
    }
  }

  end(): void {
    if (this.#rest.length > 0 || this.#isTooLong) this.#line(this.#rest);
  }

  #line(bytes: Buffer): void {
    const isTooLong = this.#isTooLong || bytes.length > this.#bytesMax;
    this.#isTooLong = false;
    // Old categories hold bytes of ISO 8859-1 in URLs; as UTF-8 they are no address and are rejected.
    this.#take(isTooLong ? undefined : bytes.toString('utf8'));
  }
}

const SENTENCE = {
  TAR_BAD_HEADER: 'it is no tar archive, or damaged',
  TAR_BAD_NAME: 'a file of the archive has no name',
  TAR_NAME_TOO_LONG: `a file of the archive has a name of more than ${NAME_BYTES_MAX} bytes`,
  TAR_TOO_MANY_FILES: 'the archive has more files than lists have',
  TAR_CUT: 'the archive ends early',
} as const;

function isGzip(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(2);
    return readSync(file, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}

function unpacked(stream: Readable): Readable {
  const gunzip = createGunzip();
  stream.once('error', (error) => gunzip.destroy(error));
  return stream.pipe(gunzip);
}
