/** Text of real projects is far below; what is packed better than this is made to be. */
const TEXT_MAX = 8 * 1024 * 1024;
const CHUNK_BYTES = 4096;

/**
 * The source of a module of macros, unpacked ([MS-OVBA] §2.4.1). It stands somewhere in its stream; every
 * module begins with `Attribut`, of which the first byte is a flag byte away. `undefined`: there is none.
 */
export function macroText(stream: Buffer): Buffer | undefined {
  const mark = stream.indexOf('\0Attribut', 0, 'latin1');
  if (mark < 3 || stream[mark - 3] !== 1) return undefined;
  return unpacked(stream.subarray(mark - 3));
}

/** A container: the byte 1, then chunks of at most 4096 plain bytes, each with a head of two bytes. */
function unpacked(packed: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (let at = 1; at + 2 <= packed.length && bytes < TEXT_MAX;) {
    const head = packed.readUInt16LE(at);
    const end = Math.min(packed.length, at + (head & 0x0fff) + 3);
    if ((head & 0x7000) !== 0x3000) break;
    const body = packed.subarray(at + 2, end);
    const chunk = (head & 0x8000) === 0 ? Buffer.from(body) : chunkOf(body);
    chunks.push(chunk);
    bytes += chunk.length;
    at = end;
  }
  return Buffer.concat(chunks);
}

/** Flag bytes say of the next eight tokens whether they are bytes or copies of what came before (§2.4.1.3.5). */
function chunkOf(body: Buffer): Buffer {
  const plain = Buffer.alloc(CHUNK_BYTES);
  let size = 0;
  for (let at = 0; at < body.length && size < CHUNK_BYTES;) {
    const flags = body[at++]!;
    for (let bit = 0; bit < 8 && at < body.length && size < CHUNK_BYTES; bit++) {
      if ((flags & (1 << bit)) === 0) {
        plain[size++] = body[at++]!;
        continue;
      }
      if (at + 2 > body.length) return plain.subarray(0, size);
      const token = body.readUInt16LE(at);
      at += 2;
      const offsetBits = Math.max(4, Math.ceil(Math.log2(size)));
      const lengthMask = 0xffff >> offsetBits;
      const offset = (token >> (16 - offsetBits)) + 1;
      const length = Math.min((token & lengthMask) + 3, CHUNK_BYTES - size);
      if (offset > size) return plain.subarray(0, size);
      for (let count = 0; count < length; count++, size++) plain[size] = plain[size - offset]!;
    }
  }
  return plain.subarray(0, size);
}
