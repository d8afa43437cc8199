/**
 * Reads tar archives (POSIX.1-2001 ustar and pax, GNU long names) piece by piece. Pure: bytes in, events out;
 * nothing is written anywhere, so links and odd paths can do no harm here.
 *
 * Layout (POSIX.1-2001, pax "ustar Interchange Format"): 512-byte blocks; a header with the name at 0 (100
 * bytes), size in octal at 124 (12), checksum at 148 (8), type at 156, magic at 257, name prefix at 345 (155);
 * then the data, filled up to a whole block. Two blocks of zeros end the archive.
 */
export type TarEvent =
  | { readonly kind: 'file'; readonly name: string; readonly size: number }
  /** Bytes of the file before; valid until the next call of `receive`. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'file-end' }
  | { readonly kind: 'need-data' }
  | { readonly kind: 'end' }
  | { readonly kind: 'violation'; readonly code: TarViolation };

export type TarViolation =
  | 'TAR_BAD_HEADER'
  | 'TAR_BAD_NAME'
  | 'TAR_NAME_TOO_LONG'
  | 'TAR_TOO_MANY_FILES'
  | 'TAR_CUT';

export interface TarLimits {
  /** Longest name, and longest pax header. */
  readonly nameBytesMax: number;
  readonly entriesMax: number;
}

const BLOCK = 512;
const REGULAR = new Set(['0', '\0', '7']);

type State =
  | { readonly kind: 'header' }
  | {
      readonly kind: 'data';
      left: number;
      pad: number;
      readonly use: 'file' | 'name' | 'pax' | 'skip';
      kept: Buffer[];
    }
  | { readonly kind: 'over'; readonly event: TarEvent };

export class TarReader {
  readonly #limits: TarLimits;
  #buffer: Buffer = Buffer.alloc(0);
  #ended = false;
  #state: State = { kind: 'header' };
  #longName: string | undefined;
  #longSize: number | undefined;
  #entries = 0;

  constructor(limits: TarLimits) {
    this.#limits = limits;
  }

  receive(bytes: Uint8Array): void {
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#buffer, bytes]);
  }

  receiveEnd(): void {
    this.#ended = true;
  }

  next(): TarEvent {
    for (;;) {
      const state = this.#state;
      if (state.kind === 'over') return state.event;
      const event = state.kind === 'header' ? this.#header() : this.#data(state);
      if (event !== undefined) return event;
    }
  }

  #header(): TarEvent | undefined {
    if (this.#buffer.length < BLOCK) {
      if (!this.#ended) return { kind: 'need-data' };
      // GNU tar warns when the closing zeros are missing, and goes on; so do we, at a block's edge.
      return this.#over(this.#buffer.length === 0 ? { kind: 'end' } : { kind: 'violation', code: 'TAR_CUT' });
    }
    const block = this.#take(BLOCK);
    if (block.every((byte) => byte === 0)) return this.#over({ kind: 'end' });
    const size = octal(block, 124, 12);
    if (size === undefined || checksum(block) !== octal(block, 148, 8)) {
      return this.#over({ kind: 'violation', code: 'TAR_BAD_HEADER' });
    }
    const type = String.fromCharCode(block[156]!);
    const isName = type === 'L';
    if (isName || type === 'x' || type === 'g' || type === 'K') {
      if (size > this.#limits.nameBytesMax) {
        return this.#over({ kind: 'violation', code: 'TAR_NAME_TOO_LONG' });
      }
      this.#start(size, isName ? 'name' : type === 'x' ? 'pax' : 'skip');
      return undefined;
    }
    if (++this.#entries > this.#limits.entriesMax) {
      return this.#over({ kind: 'violation', code: 'TAR_TOO_MANY_FILES' });
    }
    const name = this.#longName ?? ustarName(block);
    const whole = this.#longSize ?? size;
    this.#longName = undefined;
    this.#longSize = undefined;
    if (!REGULAR.has(type)) {
      // Folders, links and devices carry nothing that is read here; some writers give them a size.
      this.#start(/[1-6]/.test(type) ? 0 : whole, 'skip');
      return undefined;
    }
    if (name === '' || name.includes('\0')) return this.#over({ kind: 'violation', code: 'TAR_BAD_NAME' });
    this.#start(whole, 'file');
    return { kind: 'file', name, size: whole };
  }

  #data(state: Extract<State, { kind: 'data' }>): TarEvent | undefined {
    if (state.left > 0) {
      if (this.#buffer.length === 0) return this.#wait();
      const bytes = this.#take(Math.min(state.left, this.#buffer.length));
      state.left -= bytes.length;
      if (state.use === 'file') return { kind: 'data', bytes };
      if (state.use !== 'skip') state.kept.push(Buffer.from(bytes));
      return undefined;
    }
    if (state.pad > 0) {
      if (this.#buffer.length === 0) return this.#wait();
      state.pad -= this.#take(Math.min(state.pad, this.#buffer.length)).length;
      return undefined;
    }
    this.#state = { kind: 'header' };
    if (state.use === 'file') return { kind: 'file-end' };
    if (state.use === 'name') this.#longName = untilNul(Buffer.concat(state.kept));
    if (state.use === 'pax') this.#pax(Buffer.concat(state.kept));
    return undefined;
  }

  /** Records of `LENGTH KEY=VALUE\n`; only path and size matter here. */
  #pax(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const space = bytes.indexOf(0x20, at);
      const length = Number(bytes.toString('latin1', at, space));
      if (space < 0 || !Number.isInteger(length) || length <= space - at) return;
      const record = bytes.toString('utf8', space + 1, at + length - 1);
      const equals = record.indexOf('=');
      const key = record.slice(0, equals);
      if (key === 'path') this.#longName = record.slice(equals + 1);
      if (key === 'size' && /^\d{1,15}$/.test(record.slice(equals + 1))) {
        this.#longSize = Number(record.slice(equals + 1));
      }
      at += length;
    }
  }

  #start(size: number, use: Extract<State, { kind: 'data' }>['use']): void {
    this.#state = { kind: 'data', left: size, pad: (BLOCK - (size % BLOCK)) % BLOCK, use, kept: [] };
  }

  #wait(): TarEvent {
    return this.#ended ? this.#over({ kind: 'violation', code: 'TAR_CUT' }) : { kind: 'need-data' };
  }

  #over(event: TarEvent): TarEvent {
    this.#state = { kind: 'over', event };
    return event;
  }

  #take(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }
}

/** Octal with spaces or NUL around it, or GNU's base 256 (first bit set). */
function octal(block: Buffer, at: number, length: number): number | undefined {
  const field = block.subarray(at, at + length);
  if ((field[0]! & 0x80) !== 0) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = untilNul(field).trim();
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** The sum of all bytes, the checksum itself taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [at, byte] of block.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}

function ustarName(block: Buffer): string {
  const name = untilNul(block.subarray(0, 100));
  const isUstar = block.toString('latin1', 257, 262) === 'ustar' && block[262] === 0;
  const prefix = isUstar ? untilNul(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
