/** Bytes that are known at every position, so that gigabytes can be made and compared without keeping them. */
const BLOCK = makeBlock(65_521);

/** `length` bytes of the pattern from `offset` on. */
export function patternBytes(offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length;) {
    const from = (offset + at) % BLOCK.length;
    at += BLOCK.copy(bytes, at, from, Math.min(BLOCK.length, from + length - at));
  }
  return bytes;
}

/** Compares a stream with the pattern as it comes. */
export class PatternCheck {
  bytes = 0;
  /** Position of the first wrong byte. */
  wrongAt: number | undefined;

  take(chunk: Uint8Array): void {
    if (this.wrongAt === undefined && !patternBytes(this.bytes, chunk.length).equals(chunk)) {
      const expected = patternBytes(this.bytes, chunk.length);
      this.wrongAt = this.bytes + chunk.findIndex((byte, at) => byte !== expected[at]);
    }
    this.bytes += chunk.length;
  }
}

/** A prime length, so that no buffer size hides an offset; the generator of Park and Miller. */
function makeBlock(length: number): Buffer {
  const block = Buffer.alloc(length);
  let state = 42;
  for (let at = 0; at < length; at++) {
    state = (state * 48_271) % 2_147_483_647;
    block[at] = state & 255;
  }
  return block;
}
