import { bytesItem } from './members.ts';
import { embeddedIn, packageIn } from './ole-package.ts';
import type { Item, OpenBounds, Source } from './types.ts';

/** Objects in RTF are long lines of hexadecimal digits behind `\objdata`, with anything between the digits. */
export function* rtfOpener(source: Source, bounds: OpenBounds): Iterable<Item> {
  const text = source.read(0, bounds.memoryMax).toString('latin1');
  if (source.size > bounds.memoryMax) {
    yield {
      kind: 'trouble',
      name: '',
      reason: 'limit',
      detail: `RTF of more than ${bounds.memoryMax} bytes`,
    };
  }
  let number = 0;
  for (let at = text.indexOf('\\objdata'); at >= 0; at = text.indexOf('\\objdata', at + 8)) {
    if (bounds.expired() || number >= bounds.entriesMax) return;
    const bytes = hexFrom(text, at + 8);
    if (bytes.length < 4) continue;
    // An OLE 1 object has its data behind a head with names; what begins a known file is looked for.
    const inner = bytes.indexOf(COMPOUND);
    yield bytesItem(`object-${++number}`, inner > 0 ? bytes.subarray(inner) : bytes);
    const native = embeddedIn(bytes);
    const packed = native === undefined ? undefined : packageIn(native);
    if (packed !== undefined) yield bytesItem(`object-${number}/${packed.name}`, packed.bytes);
  }
}

const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/** Digits up to the end of the group; control words, groups inside and spaces between them are noise. */
function hexFrom(text: string, from: number): Buffer {
  let depth = 0;
  let at = from;
  const digits: string[] = [];
  while (at < text.length) {
    const char = text[at]!;
    if (char === '\\') {
      const word = /^\\(?:[a-z]{1,32}-?\d{0,10} ?|'[0-9a-f]{2}|[^])/i.exec(text.slice(at, at + 64));
      at += word?.[0].length ?? 1;
      continue;
    }
    if (char === '{') depth++;
    if (char === '}' && --depth < 0) break;
    if (/[0-9a-f]/i.test(char) && depth === 0) digits.push(char);
    at++;
  }
  return Buffer.from(digits.join(''), 'hex');
}
