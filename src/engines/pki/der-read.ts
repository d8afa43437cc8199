/** One value of DER: tag, length, content. */
export interface Value {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** Certificates are far below it. */
const LENGTH_BYTES_MAX = 4;

/** The values that stand one behind the other; `undefined`: it is no DER. Copies nothing. */
export function valuesIn(bytes: Uint8Array): readonly Value[] | undefined {
  const values: Value[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!;
    const first = bytes[at + 1];
    if (first === undefined) return undefined;
    const size = first < 0x80 ? 0 : first & 0x7f;
    // 0x80 is the indefinite length of BER, which DER has not (X.690 §10.1).
    if (first === 0x80 || size > LENGTH_BYTES_MAX || at + 2 + size > bytes.length) return undefined;
    let length = first;
    if (size > 0) {
      length = 0;
      for (const byte of bytes.subarray(at + 2, at + 2 + size)) length = length * 256 + byte;
    }
    const start = at + 2 + size;
    if (start + length > bytes.length) return undefined;
    const end = start + length;
    values.push({ tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return values;
}
