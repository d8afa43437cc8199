import { close, closeSync, openSync, readSync, writeSync } from 'node:fs';

/** A new file that is written from its start to its end. */
export class OutputFile {
  readonly path: string;
  readonly descriptor: number;
  /** Bytes written so far. */
  length = 0;
  #isOpen = true;

  constructor(path: string) {
    this.path = path;
    this.descriptor = openSync(path, 'wx+', 0o600);
  }

  write(bytes: Uint8Array): void {
    this.writeAt(bytes, this.length);
    this.length += bytes.length;
  }

  writeAt(bytes: Uint8Array, offset: number): void {
    let done = 0;
    while (done < bytes.length)
      done += writeSync(this.descriptor, bytes, done, bytes.length - done, offset + done);
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#isOpen) closeSync(this.descriptor);
    this.#isOpen = false;
  }
}

/**
 * Closes a file that was only read, without waiting: where it has no name any more, closing frees all its pages,
 * and that takes a moment for hundreds of megabytes.
 */
export function closeLater(file: number): void {
  close(file, () => {
    // Nothing was written, so nothing is lost.
  });
}

/** Reads up to `length` bytes; fewer only at the end of the file. */
export function readFully(
  file: number,
  into: Uint8Array,
  at: number,
  length: number,
  offset: number,
): number {
  let done = 0;
  while (done < length) {
    const read = readSync(file, into, at + done, length - done, offset + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}
