import type { MaybePromise } from '../../kernel/index.ts';
import { inflateInto } from './inflate.ts';
import { memorySource } from './source.ts';
import type { Sink, Trouble } from './types.ts';

const FILTERS_MAX = 4;
/** What one filter gives the next is in memory as a whole. */
const BETWEEN_MAX = 32 * 1024 * 1024;
const TOO_LONG: Trouble = { reason: 'limit', detail: 'a stream that several filters made is too long' };

/**
 * The data of a stream through its filters (ISO 32000-1 §7.4), one after the other. Pictures stay as they are: what
 * their filters hold is nothing else.
 */
export function filteredInto(
  data: Buffer,
  filters: readonly string[],
  sink: Sink,
): MaybePromise<Trouble | undefined> {
  const [filter, ...rest] = filters;
  if (filter === undefined) {
    sink(data);
    return undefined;
  }
  if (filters.length > FILTERS_MAX) {
    return { reason: 'limit', detail: `more than ${FILTERS_MAX} filters on a stream` };
  }
  switch (filter) {
    case 'ASCIIHexDecode':
    case 'AHx':
      return filteredInto(asciiHex(data), rest, sink);
    case 'ASCII85Decode':
    case 'A85':
      return filteredInto(ascii85(data), rest, sink);
    case 'RunLengthDecode':
    case 'RL':
      return filteredInto(runLengths(data), rest, sink);
    case 'LZWDecode':
    case 'LZW':
      return filteredInto(lzw(data), rest, sink);
    case 'FlateDecode':
    case 'Fl':
      return rest.length === 0
        ? inflateInto(memorySource(data), 'zlib', sink)
        : deflatedInto(data, rest, sink);
    case 'Crypt':
      return { reason: 'encrypted', detail: 'a stream has a key of its own' };
    default:
      sink(data);
      return undefined;
  }
}

async function deflatedInto(data: Buffer, rest: readonly string[], sink: Sink): Promise<Trouble | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const own = await inflateInto(memorySource(data), 'zlib', (piece) => {
    pieces.push(piece);
    bytes += piece.length;
    return bytes <= BETWEEN_MAX;
  });
  const trouble = await filteredInto(Buffer.concat(pieces), rest, sink);
  return bytes > BETWEEN_MAX ? TOO_LONG : (own ?? trouble);
}

function asciiHex(text: Buffer): Buffer {
  const digits = text
    .toString('latin1')
    .replace(/>[^]*$/, '')
    .replace(/\s+/g, '');
  return Buffer.from(digits, 'hex');
}

function ascii85(text: Buffer): Buffer {
  let zeros = 0;
  for (const char of text) if (char === 0x7a) zeros++;
  // Four bytes of five characters; `z` alone is four zeros.
  const plain = Buffer.alloc(zeros * 4 + Math.ceil(((text.length - zeros) * 4) / 5) + 4);
  let size = 0;
  let value = 0;
  let digits = 0;
  for (const char of text) {
    if (char === 0x7e) break;
    if (char === 0x7a && digits === 0) {
      size += 4;
      continue;
    }
    if (char < 0x21 || char > 0x75) continue;
    value = value * 85 + (char - 0x21);
    if (++digits < 5) continue;
    plain.writeUInt32BE(value % 0x1_0000_0000, size);
    size += 4;
    value = 0;
    digits = 0;
  }
  if (digits > 1) {
    for (let missing = digits; missing < 5; missing++) value = value * 85 + 84;
    const last = Buffer.alloc(4);
    last.writeUInt32BE(value % 0x1_0000_0000);
    size += last.copy(plain, size, 0, digits - 1);
  }
  return plain.subarray(0, size);
}

/** §7.4.5: a length and so many bytes, or a length and one byte to repeat; 128 is the end. */
function runLengths(data: Buffer): Buffer {
  const out: Buffer[] = [];
  let bytes = 0;
  for (let at = 0; at < data.length && bytes < BETWEEN_MAX;) {
    const length = data[at++]!;
    if (length === 128) break;
    const run = length < 128 ? data.subarray(at, at + length + 1) : Buffer.alloc(257 - length, data[at] ?? 0);
    at += length < 128 ? length + 1 : 1;
    bytes += run.length;
    out.push(run);
  }
  return Buffer.concat(out);
}

const CLEAR = 256;
const END = 257;
const CODES_MAX = 4096;

/** §7.4.4: codes of 9 to 12 bits, which become longer one code early, as writers do unless they say otherwise. */
function lzw(data: Buffer): Buffer {
  const out: Buffer[] = [];
  let bytes = 0;
  let table: Buffer[] = [];
  let width = 9;
  let before: Buffer | undefined;
  let held = 0;
  let bits = 0;
  const restart = (): void => {
    table = Array.from({ length: CLEAR }, (_, byte) => Buffer.from([byte]));
    // Places of the two codes that are no bytes.
    table.push(Buffer.alloc(0), Buffer.alloc(0));
    width = 9;
    before = undefined;
  };
  restart();
  for (const byte of data) {
    held = ((held << 8) | byte) & 0xf_ffff;
    bits += 8;
    if (bits < width) continue;
    bits -= width;
    const code = (held >> bits) & ((1 << width) - 1);
    if (code === END || bytes > BETWEEN_MAX) break;
    if (code === CLEAR) {
      restart();
      continue;
    }
    const known: Buffer | undefined = table[code];
    if (known === undefined && (before === undefined || code !== table.length)) break;
    const entry: Buffer = known ?? Buffer.concat([before!, before!.subarray(0, 1)]);
    out.push(entry);
    bytes += entry.length;
    if (before !== undefined && table.length < CODES_MAX) {
      table.push(Buffer.concat([before, entry.subarray(0, 1)]));
    }
    before = entry;
    width = table.length + 1 >= 2048 ? 12 : table.length + 1 >= 1024 ? 11 : table.length + 1 >= 512 ? 10 : 9;
  }
  return Buffer.concat(out);
}
