/**
 * Index of a TAXII collection over the entries of an export, made once for each state of the indicators:
 * `records` by (date added, id), then their numbers by id. A page is a binary search and as many small reads as it
 * has objects, however large the collection is.
 *
 *   0  date added, µs, float64     24  UUID of the object, 16 bytes
 *   8  modified, ms, float64       40  length of its line, uint32
 *  16  offset of its line, float64 44  hash of its line, 8 bytes
 */
export const RECORD_BYTES = 52;
export const AT = { date: 0, modified: 8, offset: 16, id: 24, length: 40, hash: 44 } as const;
export const ID_BYTES = 16;
export const HASH_BYTES = 8;

export function idBytes(id: string): Buffer | undefined {
  const hex = id.slice(id.indexOf('--') + 2).replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}

export function idText(type: string, bytes: Buffer, at = 0): string {
  const hex = bytes.toString('hex', at, at + ID_BYTES);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return `${type}--${parts.join('-')}`;
}

/** Microseconds since 1970 as TAXII writes them. Every record has a date of its own, so that paging by dates works too. */
export function microTimestamp(us: number): string {
  const micros = String(us % 1000).padStart(3, '0');
  return new Date(Math.floor(us / 1000)).toISOString().replace('Z', `${micros}Z`);
}
