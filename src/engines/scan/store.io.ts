import { closeSync, read, write } from 'node:fs';
import { messageOf, type MaybePromise } from '../../kernel/index.ts';
import { fileSource, memorySource, openUnnamed, type Source } from '../content/index.ts';

/** What all files of a process may use together. */
export class Room {
  readonly #max: number;
  #used = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get used(): number {
    return this.#used;
  }

  has(bytes: number): boolean {
    return this.#used + bytes <= this.#max;
  }

  take(bytes: number): boolean {
    if (!this.has(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

export interface StoreLimits {
  readonly memoryMax: number;
  readonly bytesMax: number;
  readonly dir: string;
  readonly memory: Room;
  readonly spool: Room;
}

/** How a thread gets at the bytes: a copy that is handed over, or the descriptor, which threads share. */
export type Handed =
  | { readonly kind: 'memory'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'file'; readonly fd: number; readonly size: number };

/**
 * The bytes of one file: in memory, beyond `memoryMax` in a spool file. Who reads in another thread holds the
 * store; it is closed when nobody holds it any more.
 */
export class BodyStore {
  readonly #limits: StoreLimits;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #inMemory = 0;
  #inSpool = 0;
  #fd: number | undefined;
  #writing: Promise<void> | undefined;
  #holds = 1;
  #closed = false;
  /** Why the file was not kept; `undefined`: it is all there. */
  lost: { readonly reason: 'limit' | 'unavailable'; readonly why: string } | undefined;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(bytes: Uint8Array): MaybePromise<void> {
    if (this.lost !== undefined || this.#closed) return;
    const { bytesMax, memoryMax, memory } = this.#limits;
    if (this.#bytes + bytes.length > bytesMax) {
      return this.#lose('limit', `longer than ${bytesMax} bytes (scan.bytesMax)`);
    }
    this.#bytes += bytes.length;
    if (this.#fd === undefined && this.#bytes <= memoryMax && memory.take(bytes.length)) {
      this.#inMemory += bytes.length;
      this.#pieces.push(Buffer.from(bytes));
      return;
    }
    return this.#spool(bytes);
  }

  /** Whether so many more bytes stay in memory with what is there. */
  fits(bytes: number): boolean {
    const { bytesMax, memoryMax, memory } = this.#limits;
    const all = this.#bytes + bytes;
    return (
      this.#fd === undefined &&
      this.#writing === undefined &&
      this.lost === undefined &&
      all <= memoryMax &&
      all <= bytesMax &&
      memory.has(bytes)
    );
  }

  /** What is in memory. */
  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** Resolves when everything is where it belongs. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) {
      const writing = this.#writing;
      await writing;
      if (this.#writing === writing) this.#writing = undefined;
    }
  }

  /** Who awaits the result keeps the bytes as they are meanwhile: a copy of each would be garbage by the gigabyte. */
  #spool(bytes: Uint8Array): Promise<void> {
    const before = this.#writing;
    if (before === undefined) {
      const writing = this.#spill(bytes).then(() => {
        if (this.#writing === writing) this.#writing = undefined;
      });
      this.#writing = writing;
      return writing;
    }
    const copy = Buffer.from(bytes);
    const writing = before.then(() => this.#spill(copy));
    this.#writing = writing;
    return writing;
  }

  async #spill(bytes: Uint8Array): Promise<void> {
    if (this.lost !== undefined || this.#closed) return;
    try {
      if (this.#fd === undefined) {
        this.#fd = openUnnamed(this.#limits.dir);
        for (const piece of this.#pieces) {
          if (!(await this.#put(piece))) return;
        }
        this.#pieces = [];
        this.#limits.memory.give(this.#inMemory);
        this.#inMemory = 0;
      }
      await this.#put(bytes);
    } catch (error) {
      this.#lose('unavailable', messageOf(error));
    }
  }

  async #put(bytes: Uint8Array): Promise<boolean> {
    const fd = this.#fd;
    if (fd === undefined || this.#closed) return false;
    if (!this.#limits.spool.take(bytes.length)) {
      this.#lose('unavailable', 'the spool is full (scan.spoolMax)');
      return false;
    }
    const at = this.#inSpool;
    this.#inSpool += bytes.length;
    // Closing waits for writes that are under way.
    this.#holds++;
    try {
      for (let done = 0; done < bytes.length;) {
        const from = done;
        done += await new Promise<number>((resolve, reject) => {
          write(fd, bytes, from, bytes.length - from, at + from, (error, count) => {
            if (error === null) resolve(count);
            else reject(error);
          });
        });
      }
      return true;
    } finally {
      this.release();
    }
  }

  #lose(reason: 'limit' | 'unavailable', why: string): void {
    this.lost ??= { reason, why };
    this.#pieces = [];
    this.#limits.memory.give(this.#inMemory);
    this.#inMemory = 0;
  }

  /** For the type and the stages of this thread. Only after `settled`. */
  source(): Source {
    if (this.#fd !== undefined) return fileSource(this.#fd, this.#inSpool);
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return memorySource(this.#pieces[0] ?? Buffer.alloc(0));
  }

  /** For another thread, which must hold the store meanwhile. */
  handed(): Handed {
    if (this.#fd !== undefined) return { kind: 'file', fd: this.#fd, size: this.#inSpool };
    return { kind: 'memory', bytes: new Uint8Array(this.source().read(0, this.#bytes)) };
  }

  async *replay(): AsyncGenerator<Uint8Array> {
    await this.settled();
    const fd = this.#fd;
    if (fd === undefined) {
      yield* this.#pieces;
      return;
    }
    const size = this.#inSpool;
    const ring: Buffer[] = [];
    for (let at = 0, turn = 0; at < size; turn++) {
      this.#holds++;
      const block = (ring[turn % REPLAY_BLOCKS] ??= Buffer.allocUnsafeSlow(REPLAY_BYTES));
      const buffer = block.subarray(0, Math.min(REPLAY_BYTES, size - at));
      try {
        const got = await new Promise<number>((resolve, reject) => {
          read(fd, buffer, 0, buffer.length, at, (error, count) => {
            if (error === null) resolve(count);
            else reject(error);
          });
        });
        if (got === 0) return;
        at += got;
        yield buffer.subarray(0, got);
      } finally {
        this.release();
      }
    }
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    if (--this.#holds > 0) return;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#pieces = [];
    this.#limits.memory.give(this.#inMemory);
    this.#limits.spool.give(this.#inSpool);
    this.#inMemory = 0;
    this.#inSpool = 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.release();
  }
}

const REPLAY_BYTES = 64 * 1024;
/**
 * Blocks are used again: a new one for each piece is garbage that the collector lets grow to 64 MiB. A socket
 * keeps at most its high-water mark and one piece, two blocks, until it asks its writer to wait.
 */
const REPLAY_BLOCKS = 16;
