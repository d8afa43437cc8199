import { filteredInto } from './pdf-filters.ts';
import type { Item, OpenBounds, Sink, Source } from './types.ts';

/** How far before `stream` its dictionary may begin; real ones have a few hundred bytes. */
const DICTIONARY_BYTES = 4096;
const SCRIPT_MAX = 1024 * 1024;

/**
 * Streams of a PDF (ISO 32000-1 §7.3.8) and scripts in strings. The table of objects is not asked: readers
 * repair files without one, so every object that stands in the file counts. Pictures and fonts stay packed.
 */
export function* pdfOpener(source: Source, bounds: OpenBounds): Iterable<Item> {
  if (source.size > bounds.memoryMax) {
    yield {
      kind: 'trouble',
      name: '',
      reason: 'limit',
      detail: `a PDF of more than ${bounds.memoryMax} bytes`,
    };
  }
  const bytes = source.read(0, bounds.memoryMax);
  const told = new Set<string>();
  yield* structureItems(bytes, told);
  let number = 0;
  for (let at = bytes.indexOf('stream', 0, 'latin1'); at >= 0; at = bytes.indexOf('stream', at, 'latin1')) {
    if (bounds.expired()) return;
    const isEnd = bytes.toString('latin1', Math.max(0, at - 3), at) === 'end';
    const dictionary = isEnd ? '' : dictionaryBefore(bytes, at);
    if (dictionary === '') {
      at += 6;
      continue;
    }
    const start = dataStart(bytes, at + 6);
    const next = bytes.indexOf('endstream', start + lengthOf(bytes, dictionary, start), 'latin1');
    const end = next < 0 ? bytes.length : withoutLineEnd(bytes, start, next);
    number++;
    yield* streamItems(bytes.subarray(start, end), dictionary, `stream-${number}`, told);
    at = next < 0 ? bytes.length : next + 9;
  }
}

/** The text between `<<` and `>>` that ends right before. */
function dictionaryBefore(bytes: Buffer, at: number): string {
  const text = bytes.toString('latin1', Math.max(0, at - DICTIONARY_BYTES), at);
  if (!/>>\s*$/.test(text.slice(-64))) return '';
  const object = text.lastIndexOf(' obj');
  return namesDecoded(object < 0 ? text : text.slice(object));
}

/** §7.3.8.1: CR LF or LF follow the word; some writers leave CR alone. */
function dataStart(bytes: Buffer, at: number): number {
  if (bytes[at] === 13) return bytes[at + 1] === 10 ? at + 2 : at + 1;
  return bytes[at] === 10 ? at + 1 : at;
}

/** The length that is said, when the stream ends there: an attached PDF has the word in it. Else 0. */
function lengthOf(bytes: Buffer, dictionary: string, start: number): number {
  const said = /\/Length\s+(\d{1,10})\b(?!\s+\d+\s+R\b)/.exec(dictionary)?.[1];
  const end = start + Number(said ?? 0);
  return bytes
    .toString('latin1', end, end + 11)
    .trimStart()
    .startsWith('endstream')
    ? end - start
    : 0;
}

/** The end of the line before `endstream` is not of the data (§7.3.8.1). */
function withoutLineEnd(bytes: Buffer, start: number, end: number): number {
  let at = end;
  if (at > start && bytes[at - 1] === 10) at--;
  if (at > start && bytes[at - 1] === 13) at--;
  return at;
}

/** §7.3.5: `#53` in a name stands for `S`. */
function namesDecoded(text: string): string {
  if (!text.includes('#')) return text;
  return text.replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Pictures, fonts, tables of the file itself: nothing that a person opens. */
const INERT = /\/Subtype\s*\/Image\b|\/FontFile|\/Length1\s|\/Type\s*\/XRef\b|\/FunctionType\s/;

function* streamItems(data: Buffer, dictionary: string, name: string, told: Set<string>): Iterable<Item> {
  const isFile = /\/Type\s*\/EmbeddedFile\b/.test(dictionary);
  if (!isFile && INERT.test(dictionary)) return;
  const filters = filtersOf(dictionary);
  const isObjects = /\/Type\s*\/ObjStm\b/.test(dictionary);
  if (filters.length === 0 && !isFile) return;
  const kind = isFile ? 'file' : isObjects ? 'objects' : name;
  const kept: Buffer[] = [];
  yield {
    kind: 'member',
    member: {
      name: kind === name ? name : `${name}-${kind}`,
      read: (sink) => filteredInto(data, filters, isObjects ? both(sink, kept) : sink),
    },
  };
  if (isObjects) yield* structureItems(Buffer.concat(kept), told);
}

function both(sink: Sink, kept: Buffer[]): Sink {
  return (bytes) => {
    kept.push(bytes);
    return sink(bytes);
  };
}

function filtersOf(dictionary: string): readonly string[] {
  const said = /\/(?:Filter|F)\s*(\[[^\]]{0,400}\]|\/\w+)/.exec(dictionary)?.[1] ?? '';
  return Array.from(said.matchAll(/\/(\w+)/g), ([, filter]) => filter ?? '');
}

/** What the objects say that is no stream: scripts in strings, programs that are started, a password. */
function* structureItems(bytes: Buffer, told: Set<string>): Iterable<Item> {
  const text = namesDecoded(structureOf(bytes));
  const once = (word: string): boolean => !told.has(word) && told.add(word).has(word);
  if (/\/(?:JS|JavaScript)\b/.test(text) && once('js')) {
    yield { kind: 'trait', trait: 'pdf-javascript', name: '' };
  }
  if (/\/S\s*\/Launch\b/.test(text) && once('launch')) yield { kind: 'trait', trait: 'pdf-launch', name: '' };
  if (/\/Encrypt\s+\d{1,9}\s+\d{1,5}\s+R\b/.test(text) && once('encrypt')) {
    yield { kind: 'trouble', name: '', reason: 'encrypted', detail: 'its strings and streams are encrypted' };
  }
  let number = told.size;
  for (const match of text.matchAll(/\/JS\s*([(<])/g)) {
    const at = match.index + match[0].length;
    const script = match[1] === '(' ? literal(text, at) : hexString(text, at);
    told.add(`script-${++number}`);
    yield {
      kind: 'member',
      member: {
        name: `script-${number}.js`,
        read: (sink) => {
          sink(script);
          return undefined;
        },
      },
    };
  }
}

/** The file without the data of its streams. */
function structureOf(bytes: Buffer): string {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const stream = bytes.indexOf('stream', from, 'latin1');
    if (stream < 0) break;
    parts.push(bytes.toString('latin1', from, stream));
    const end = bytes.indexOf('endstream', stream + 6, 'latin1');
    if (end < 0) return parts.join('');
    from = end + 9;
  }
  parts.push(bytes.toString('latin1', from));
  return parts.join('');
}

/** §7.3.4.2: brackets in pairs, and a backslash before what stands for something else. */
function literal(text: string, from: number): Buffer {
  let depth = 1;
  let at = from;
  const end = Math.min(text.length, from + SCRIPT_MAX);
  for (; at < end; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) break;
  }
  const plain = text.slice(from, at).replace(/\\(\r\n|[0-7]{1,3}|[^])/g, (_, said: string) => escaped(said));
  return wideOrNot(Buffer.from(plain, 'latin1'));
}

function escaped(said: string): string {
  if (/^[0-7]/.test(said)) return String.fromCharCode(Number.parseInt(said, 8) & 0xff);
  return { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '\n': '', '\r': '', '\r\n': '' }[said] ?? said;
}

function hexString(text: string, from: number): Buffer {
  const end = text.indexOf('>', from);
  const hex = text.slice(from, Math.min(end < 0 ? text.length : end, from + SCRIPT_MAX)).replace(/\s+/g, '');
  return wideOrNot(Buffer.from(hex.length % 2 === 0 ? hex : `${hex}0`, 'hex'));
}

/** Texts may be UTF-16 with a mark (§7.9.2.2). */
function wideOrNot(bytes: Buffer): Buffer {
  if (bytes[0] !== 0xfe || bytes[1] !== 0xff) return bytes;
  return Buffer.from(
    Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le'),
    'utf8',
  );
}
