import type { Packing } from './inflate.ts';
import type { Trouble } from './types.ts';

/** Nobody packs a body more often; curl gives up at five. */
const CODINGS_MAX = 4;

/** What is to be undone, the last coding first. `trouble`: what it is cannot be known here. */
export interface Codings {
  readonly packings: readonly (Packing | 'deflate')[];
  readonly trouble: Trouble | undefined;
}

const NONE: Codings = { packings: [], trouble: undefined };

/**
 * The codings of a Content-Encoding (RFC 9110 §8.4): gzip, deflate, br (RFC 7932), zstd (RFC 9659). Those that a body
 * was put through first stand first.
 */
export function readCodings(field: string | undefined): Codings {
  if (field === undefined || field === '') return NONE;
  const names = field
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length === 0) return NONE;
  if (names.length > CODINGS_MAX) {
    return { packings: [], trouble: { reason: 'limit', detail: `more than ${CODINGS_MAX} content codings` } };
  }
  const packings: Codings['packings'][number][] = [];
  for (const name of names.toReversed()) {
    const packing = PACKINGS.get(name);
    if (packing === undefined) return { packings, trouble: unread(name) };
    packings.push(packing);
  }
  return { packings, trouble: undefined };
}

/** The codings of an Accept-Encoding that can be undone here; `identity` when there is none. */
export function readableCodings(accepted: string | undefined): string {
  const kept = (accepted ?? '').split(',').filter((each) => {
    const name = each.split(';', 1)[0]!.trim().toLowerCase();
    return PACKINGS.has(name) || name === 'identity';
  });
  return kept.length === 0 ? 'identity' : kept.map((each) => each.trim()).join(', ');
}

const PACKINGS: ReadonlyMap<string, Packing | 'deflate'> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'brotli'],
  ['zstd', 'zstd'],
]);

function unread(name: string): Trouble {
  // RFC 8188: the key is not in the message.
  if (name === 'aes128gcm') return { reason: 'encrypted', detail: 'the content coding aes128gcm' };
  const shown = /^[!#$%&'*+.^_`|~\w-]{1,32}$/.test(name) ? name : 'with a name that is none';
  return { reason: 'unsupported', detail: `the content coding ${shown} cannot be undone` };
}

/** What goes by `deflate`: RFC 9110 §8.4.1.2 means zlib (RFC 1950), and some send the bare data. */
export function deflatePacking(head: Buffer): Packing {
  const [method = 0, flags = 0] = head;
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0 ? 'zlib' : 'raw';
}
