import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface QueueLimits {
  /** Of all that waits; when it is reached, the oldest file goes and is counted. */
  readonly bytesMax: number;
  /** A file that is larger is followed by the next. */
  readonly fileBytes: number;
}

/** Where the reader stands: lines before it are delivered. */
export interface QueuePosition {
  readonly file: number;
  readonly offset: number;
}

export interface QueueRead {
  readonly lines: readonly string[];
  /** Behind the last of them. */
  readonly next: QueuePosition;
}

const NAME = /^(\d{8})\.queue$/;
const READ_BYTES = 256 * 1024;

/**
 * Lines that wait for a receiver, in files of a folder: what was taken is there after a restart. Only whole lines
 * are read, so that one that a kill cut off is skipped and not joined with the next. Synchronous: a line is an
 * append to the page cache. The folder is its own: sizes are read once and counted from then on.
 */
export class DiskQueue {
  readonly #dir: string;
  readonly #limits: QueueLimits;
  /** Bytes of each file, the oldest first. */
  readonly #sizes = new Map<number, number>();
  #writing: { file: number; fd: number; bytes: number } | undefined;
  #delivered: QueuePosition;
  /** Lines that were removed unread because the queue was full. */
  droppedBytes = 0;

  constructor(dir: string, limits: QueueLimits) {
    this.#dir = dir;
    this.#limits = limits;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const file of filesIn(dir)) this.#sizes.set(file, statSync(this.#path(file)).size);
    const first = this.#first ?? 1;
    const saved = readPosition(join(dir, 'position'));
    this.#delivered = saved !== undefined && saved.file >= first ? saved : { file: first, offset: 0 };
  }

  append(lines: readonly string[]): void {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const writing = this.#file();
    writeSync(writing.fd, bytes);
    writing.bytes += bytes.length;
    this.#sizes.set(writing.file, (this.#sizes.get(writing.file) ?? 0) + bytes.length);
    if (this.bytes > this.#limits.bytesMax) this.#makeRoom();
  }

  /** What was not delivered yet, from a position on; `undefined`: nothing more. */
  read(from: QueuePosition, linesMax: number): QueueRead | undefined {
    for (const [file, bytes] of this.#sizes) {
      if (file < from.file) continue;
      const offset = file === from.file ? from.offset : 0;
      if (offset >= bytes) continue;
      const path = this.#path(file);
      const fd = openSync(path, 'r');
      try {
        const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, bytes - offset));
        const count = readSync(fd, buffer, 0, buffer.length, offset);
        const read = wholeLines(buffer.subarray(0, count), linesMax);
        if (read.bytes > 0) return { lines: read.lines, next: { file, offset: offset + read.bytes } };
        // Half a line at the end of a file that is written no more, or one that is too long for any of ours.
        if (file !== this.#writing?.file) continue;
        return undefined;
      } finally {
        closeSync(fd);
      }
    }
    return undefined;
  }

  /** Everything before the position has arrived: it is not sent again, also not after a restart. */
  delivered(position: QueuePosition): void {
    if (position.file < this.#delivered.file) return;
    this.#delivered = position;
    for (const file of this.#sizes.keys()) {
      if (file < position.file && file !== this.#writing?.file) this.#drop(file);
    }
    const path = join(this.#dir, 'position');
    writeFileSync(`${path}.new`, `${position.file} ${position.offset}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  get position(): QueuePosition {
    return this.#delivered;
  }

  /** Bytes that wait. */
  get bytes(): number {
    let sum = 0;
    for (const [file, size] of this.#sizes) if (file >= this.#delivered.file) sum += size;
    return sum - (this.#sizes.has(this.#delivered.file) ? this.#delivered.offset : 0);
  }

  close(): void {
    if (this.#writing !== undefined) closeSync(this.#writing.fd);
    this.#writing = undefined;
  }

  /** Ends it for good. */
  remove(): void {
    this.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #file() {
    if (this.#writing !== undefined && this.#writing.bytes < this.#limits.fileBytes) return this.#writing;
    this.close();
    // Never the file of the process before: its last line may be half.
    const file = Math.max(...this.#sizes.keys(), this.#delivered.file - 1) + 1;
    this.#writing = { file, fd: openSync(this.#path(file), 'a', 0o600), bytes: 0 };
    return this.#writing;
  }

  #makeRoom(): void {
    for (const [file, size] of this.#sizes) {
      if (this.bytes <= this.#limits.bytesMax) return;
      if (file === this.#writing?.file) {
        // All that waits is in the file that is written: the next lines go into another, then this one can go.
        this.#writing = { ...this.#writing, bytes: Number.POSITIVE_INFINITY };
        return;
      }
      this.droppedBytes += size - (file === this.#delivered.file ? this.#delivered.offset : 0);
      this.#drop(file);
      if (this.#delivered.file <= file) this.#delivered = { file: file + 1, offset: 0 };
    }
  }

  #path(file: number): string {
    return join(this.#dir, `${String(file).padStart(8, '0')}.queue`);
  }

  get #first(): number | undefined {
    return this.#sizes.keys().next().value;
  }

  #drop(file: number): void {
    rmSync(this.#path(file), { force: true });
    this.#sizes.delete(file);
  }
}

/** Oldest first. */
function filesIn(dir: string): readonly number[] {
  return readdirSync(dir)
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .toSorted((a, b) => a - b);
}

function wholeLines(
  bytes: Buffer,
  linesMax: number,
): { readonly lines: readonly string[]; readonly bytes: number } {
  const lines: string[] = [];
  let at = 0;
  while (lines.length < linesMax) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    lines.push(bytes.subarray(at, end).toString('utf8'));
    at = end + 1;
  }
  return { lines, bytes: at };
}

function readPosition(path: string): QueuePosition | undefined {
  try {
    const match = /^(\d+) (\d+)\n$/.exec(readFileSync(path, 'utf8'));
    return match === null ? undefined : { file: Number(match[1]), offset: Number(match[2]) };
  } catch {
    // Nothing was delivered yet.
    return undefined;
  }
}
