const CRLF: Uint8Array = Buffer.from('\r\n');

/** The last chunk with an empty trailer section (RFC 9112 §7.1). */
export const LAST_CHUNK: Uint8Array = Buffer.from('0\r\n\r\n');

/** One chunk as pieces to write together; the payload is not copied. It may not be empty: that would be the end. */
export function encodeChunk(
  bytes: Uint8Array,
): readonly [prefix: Uint8Array, bytes: Uint8Array, end: Uint8Array] {
  if (bytes.length === 0) throw new RangeError('an empty chunk ends the body');
  return [Buffer.from(`${bytes.length.toString(16)}\r\n`, 'latin1'), bytes, CRLF];
}

/** The last chunk with a trailer section as an `end` event has it. */
export function encodeLastChunk(trailers: Uint8Array | undefined): Uint8Array {
  if (trailers === undefined || trailers.length === 0) return LAST_CHUNK;
  const bytes = Buffer.allocUnsafe(trailers.length + 5);
  bytes.write('0\r\n', 0, 'latin1');
  bytes.set(trailers, 3);
  bytes.write('\r\n', trailers.length + 3, 'latin1');
  return bytes;
}
