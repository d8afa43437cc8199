import { fileTypeOf } from '../../protocols/file-type/index.ts';
import { bytesItem } from './members.ts';
import type { Item, OpenBounds, Source } from './types.ts';

/** How much of a text is searched. */
const TEXT_BYTES = 16 * 1024 * 1024;
/** Shorter runs are names, keys and checksums: one of SHA-512 has 88. */
const RUN_MIN = 90;
/** Lines of MIME have 76 characters, those of other writers 60 or more. */
const LINE_MIN = 60;
const URI_MIN = 12;
/** Families of which pages carry many, and in which nothing is hidden that a browser would run. */
const HARMLESS: ReadonlySet<string> = new Set(['image', 'media']);

interface Blob {
  readonly name: string;
  bytes(): Buffer;
}

/** Whether a text carries files: pages that hand one to the browser without its being fetched. */
export function hasBlobs(source: Source): boolean {
  return blobsIn(source).next().done !== true;
}

/** Files in `data:` addresses (RFC 2397), and in long runs of base64 or hexadecimal digits. */
export function* blobsOpener(source: Source, { entriesMax, expired }: OpenBounds): Iterable<Item> {
  let number = 0;
  for (const { name, bytes } of blobsIn(source)) {
    if (++number > entriesMax || expired()) return;
    yield bytesItem(`${name}-${number}`, bytes);
  }
}

function* blobsIn(source: Source): Generator<Blob> {
  const text = source.read(0, TEXT_BYTES);
  const inUris = uriStarts(text);
  let end = 0;
  for (const from of startsIn(text, inUris)) {
    if (from < end) continue;
    const uri = inUris.has(from);
    const to = runEnd(text, from);
    if (to - from < (uri ? URI_MIN : RUN_MIN)) continue;
    end = to;
    const digits = text.subarray(from, to);
    const decode = (): Buffer => decoded(digits);
    if (isVaried(digits) && isFile(decodedStart(digits)))
      yield { name: uri ? 'data' : 'base64', bytes: decode };
  }
  yield* plainUris(text);
}

/** Where runs may begin, in order: in a `data:` address, and wherever a line of digits is long. */
function startsIn(text: Buffer, inUris: ReadonlySet<number>): readonly number[] {
  const lines = lineStarts(text);
  return inUris.size === 0 ? lines : [...lines, ...inUris].toSorted((a, b) => a - b);
}

/** Behind each `base64,`, as in a `data:` address. */
function uriStarts(text: Buffer): ReadonlySet<number> {
  const starts = new Set<number>();
  // Sought by what has no case.
  for (let at = text.indexOf('64,'); at >= 0; at = text.indexOf('64,', at + 3)) {
    if (at >= 4 && text.toString('latin1', at - 4, at).toLowerCase() === 'base') starts.add(at + 3);
  }
  return starts;
}

/**
 * Beginnings of unbroken digits that are as long as a line. Of so many characters one is at every place looked at, and
 * so most of a text is not looked at: every text that is scanned comes through here.
 */
function lineStarts(text: Buffer): number[] {
  const starts: number[] = [];
  for (let at = LINE_MIN - 1, done = 0; at < text.length;) {
    if (KIND[text[at]!] !== DIGIT) {
      done = at + 1;
      at += LINE_MIN;
      continue;
    }
    let from = at;
    while (from > done && KIND[text[from - 1]!] === DIGIT) from--;
    let to = at + 1;
    while (to < text.length && KIND[text[to]!] === DIGIT) to++;
    if (to - from >= LINE_MIN) starts.push(from);
    done = to + 1;
    at = to + LINE_MIN;
  }
  return starts;
}

/** The end of the characters of base64 that begin there, in one line or over long lines. */
function runEnd(text: Buffer, from: number): number {
  let line = from;
  let at = from;
  while (at < text.length) {
    const kind = KIND[text[at]!]!;
    if (kind === DIGIT) {
      at++;
      continue;
    }
    if (kind !== SPACE || at - line < LINE_MIN) return at;
    let next = at;
    while (next < text.length && next - at < SPACES_MAX && KIND[text[next]!] === SPACE) next++;
    if (next === text.length || KIND[text[next]!] !== DIGIT) return at;
    at = next;
    line = next;
  }
  return at;
}

const OTHER = 0;
const DIGIT = 1;
const SPACE = 2;
const SPACES_MAX = 32;
const KIND = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (/[A-Za-z0-9+/_-]/.test(String.fromCharCode(byte))) return DIGIT;
  return byte === 9 || byte === 10 || byte === 13 || byte === 32 ? SPACE : OTHER;
});

function decoded(digits: Buffer): Buffer {
  const text = digits.toString('latin1').replaceAll(/\s+/g, '');
  return isHex(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
}

/** Enough to tell what it is. */
const START_DIGITS = 5600;

function decodedStart(digits: Buffer): Buffer {
  return decoded(digits.subarray(0, START_DIGITS));
}

/** A ruler of one character is no file, though `33…` would be one of hexadecimal digits, and that one again. */
function isVaried(digits: Buffer): boolean {
  return new Set(digits.subarray(0, 4096)).size >= VARIETY_MIN;
}

const VARIETY_MIN = 6;

function isHex(text: string): boolean {
  return /^[0-9a-f]+$/i.test(text);
}

/** Noise is what names and paths decode to. */
function isFile(start: Buffer): boolean {
  const { name, family } = fileTypeOf(start);
  return name !== 'unknown' && name !== 'empty' && (name === 'svg' || !HARMLESS.has(family));
}

/** `data:text/html,…` without base64: escaped as in any other address. */
function* plainUris(text: Buffer): Generator<Blob> {
  for (let at = text.indexOf('data:'); at >= 0; at = text.indexOf('data:', at + 5)) {
    const head = /^data:([^,;"'<>\s]{0,100})((?:;[^,;"'<>\s]{0,100}){0,4}),/i.exec(
      text.toString('latin1', at, at + 512),
    );
    if (
      head === null ||
      /;base64$/i.test(head[2] ?? '') ||
      /^(?:image|font|video|audio)\/(?!svg)/i.test(head[1]!)
    )
      continue;
    const from = at + head[0].length;
    let to = from;
    while (to < text.length && !ENDS.has(text[to]!)) to++;
    if (to - from < URI_MIN) continue;
    const bytes = (): Buffer => unescaped(text.subarray(from, to));
    yield { name: 'data', bytes };
  }
}

/** What ends an address in an attribute or a script. */
const ENDS: ReadonlySet<number> = new Set(Buffer.from('"\'`<>) \t\r\n'));

function unescaped(text: Buffer): Buffer {
  const out = Buffer.alloc(text.length);
  let size = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text[at] === 0x25 ? Number.parseInt(text.toString('latin1', at + 1, at + 3), 16) : NaN;
    if (Number.isNaN(code)) out[size++] = text[at]!;
    else {
      out[size++] = code;
      at += 2;
    }
  }
  return out.subarray(0, size);
}
