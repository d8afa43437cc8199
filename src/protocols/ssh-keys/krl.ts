import { markAt } from './mark.ts';
import { fingerprint } from './public-key.ts';
import { Fields } from './wire.ts';

/** A revocation list of OpenSSH (PROTOCOL.krl), as marks. */
export interface Krl {
  readonly version: bigint;
  readonly comment: string;
  /** In the order of the list, each once; neighboring serials are one range. */
  readonly marks: readonly string[];
}

/** A bitmap of that size is gone through in milliseconds. */
export const KRL_BYTES_MAX = 262_144;
const MAGIC = Buffer.from('SSHKRL\n\0', 'latin1');

const SECTION = { certificates: 1, keys: 2, sha1: 3, signature: 4, sha256: 5, extension: 255 } as const;
const CERT = { serials: 0x20, range: 0x21, bitmap: 0x22, ids: 0x23, extension: 0x39 } as const;

type Problem = { readonly problem: string };
type Range = readonly [from: bigint, to: bigint];

/**
 * Signatures of the list are not checked: OpenSSH has given them up, and whoever imports it is an admin. What is not
 * understood makes the list unusable, as sshd has it: half a list would let the other half in.
 */
export function parseKrl(bytes: Uint8Array, marksMax: number): Krl | Problem {
  if (bytes.length > KRL_BYTES_MAX) return { problem: `it has more than ${KRL_BYTES_MAX} bytes` };
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) return { problem: 'it does not begin as one' };
  const fields = new Fields(bytes.subarray(MAGIC.length));
  if (fields.uint32() !== 1) return { problem: 'its format has another version than 1' };
  const version = fields.uint64();
  const [generated, flags, reserved, comment] = [
    fields.uint64(),
    fields.uint64(),
    fields.bytes(),
    fields.text(),
  ];
  if (version === undefined || generated === undefined || flags === undefined) return CUT;
  if (reserved === undefined || comment === undefined) return CUT;
  const marks = new Set<string>();
  while (fields.left > 0) {
    const type = fields.byte();
    const section = fields.bytes();
    if (type === undefined || section === undefined) return CUT;
    if (type === SECTION.signature) break;
    const found = sectionMarks(type, new Fields(section), marksMax);
    if ('problem' in found) return found;
    for (const mark of found) marks.add(mark);
    if (marks.size > marksMax) return { problem: `it names more than ${marksMax} keys and certificates` };
  }
  return { version, comment, marks: [...marks] };
}

const CUT: Problem = { problem: 'it ends in the middle' };

function sectionMarks(type: number, fields: Fields, marksMax: number): readonly string[] | Problem {
  if (type === SECTION.certificates) return certificateMarks(fields, marksMax);
  if (type === SECTION.keys) return eachOf(fields, (blob) => fingerprint(blob));
  if (type === SECTION.sha256) {
    const found = eachOf(fields, (hash) => `SHA256:${hash.toString('base64').replaceAll('=', '')}`);
    return !('problem' in found) && found.some((mark) => mark.length !== 50) ? CUT : found;
  }
  if (type === SECTION.sha1) {
    return {
      problem:
        'it names keys by SHA-1, of which no fingerprint can be told; make it with the keys or sha256:',
    };
  }
  if (type === SECTION.extension) return extension(fields);
  return { problem: `it has a section of the unknown type ${type}` };
}

function certificateMarks(fields: Fields, marksMax: number): readonly string[] | Problem {
  const [authority, reserved] = [fields.bytes(), fields.bytes()];
  if (authority === undefined || reserved === undefined) return CUT;
  const ranges: Range[] = [];
  const ids: string[] = [];
  while (fields.left > 0) {
    const type = fields.byte();
    const content = fields.bytes();
    if (type === undefined || content === undefined) return CUT;
    const inner = new Fields(content);
    if (type === CERT.ids) {
      const found = eachOf(inner, (id) => `id:${id.toString('utf8')}`);
      if ('problem' in found) return found;
      ids.push(...found);
    } else if (type === CERT.extension) {
      const found = extension(inner);
      if ('problem' in found) return found;
    } else {
      const found = serialRanges(type, inner, marksMax);
      if ('problem' in found) return found;
      ranges.push(...found);
    }
    if (ranges.length + ids.length > 2 * marksMax) return tooMany(marksMax);
  }
  const serials = merged(ranges).map(([from, to]) =>
    from === to ? `serial:${from}` : `serial:${from}-${to}`,
  );
  const marks = [...serials, ...ids];
  // Without a key the section is about all authorities.
  return authority.length === 0 ? marks : marks.map((mark) => markAt(fingerprint(authority), mark));
}

function serialRanges(type: number, fields: Fields, marksMax: number): readonly Range[] | Problem {
  if (type === CERT.range) {
    const [from, to] = [fields.uint64(), fields.uint64()];
    if (from === undefined || to === undefined || fields.left > 0 || from > to) return CUT;
    return [[from, to]];
  }
  if (type === CERT.serials) {
    const found: Range[] = [];
    while (fields.left > 0) {
      const serial = fields.uint64();
      if (serial === undefined) return CUT;
      found.push([serial, serial]);
    }
    return found;
  }
  if (type !== CERT.bitmap) return { problem: `it revokes certificates in the unknown way ${type}` };
  const [offset, bitmap] = [fields.uint64(), fields.integer()];
  if (offset === undefined || bitmap === undefined || fields.left > 0) return CUT;
  return bitmapRanges(offset, bitmap, marksMax);
}

/** Bit n, counted from the end, is the serial `offset` + n. */
function bitmapRanges(offset: bigint, bitmap: Buffer, marksMax: number): readonly Range[] | Problem {
  const found: Range[] = [];
  let from = -1;
  for (let bit = 0; bit <= bitmap.length * 8; bit++) {
    const isSet = ((bitmap[bitmap.length - 1 - (bit >> 3)] ?? 0) >> (bit & 7)) & 1;
    if (isSet === 1 && from < 0) from = bit;
    if (isSet === 1 || from < 0) continue;
    found.push([offset + BigInt(from), offset + BigInt(bit - 1)]);
    from = -1;
    if (found.length > marksMax) return tooMany(marksMax);
  }
  return found;
}

function merged(ranges: readonly Range[]): readonly Range[] {
  const result: [bigint, bigint][] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1] + 1n) last[1] = to > last[1] ? to : last[1];
    else result.push([from, to]);
  }
  return result;
}

function eachOf(fields: Fields, read: (content: Buffer) => string): readonly string[] | Problem {
  const found: string[] = [];
  while (fields.left > 0) {
    const content = fields.bytes();
    if (content === undefined) return CUT;
    found.push(read(content));
  }
  return found;
}

/** `string name, boolean critical, string contents`: none is known, and a critical one must be. */
function extension(fields: Fields): readonly string[] | Problem {
  const [name, critical] = [fields.text(), fields.byte()];
  if (name === undefined || critical === undefined) return CUT;
  return critical === 0 ? [] : { problem: 'it has a critical extension that is not known here' };
}

function tooMany(marksMax: number): Problem {
  return { problem: `it names more than ${marksMax} keys and certificates` };
}
