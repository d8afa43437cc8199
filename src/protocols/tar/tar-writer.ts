const BLOCK = 512;
const NAME_BYTES_MAX = 100;
const SIZE_MAX = 0o77777777777;

export interface TarFile {
  /** Relative, with slashes, at most 100 bytes. */
  readonly name: string;
  /** Bytes, at most 8 GiB - 1. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtimeS: number;
}

/** The header block of a regular file (POSIX.1-2001 ustar). Throws RangeError for what it cannot express. */
export function tarHeader({ name, size, mtimeS }: TarFile): Buffer {
  if (Buffer.byteLength(name) > NAME_BYTES_MAX)
    throw new RangeError(`a name of more than 100 bytes: ${name}`);
  if (size > SIZE_MAX) throw new RangeError(`${name} is larger than 8 GiB`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write('0000600\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write(`${Math.floor(mtimeS).toString(8).padStart(11, '0')}\0`, 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** What fills a file's data up to a whole block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** Two blocks of zeros. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}
