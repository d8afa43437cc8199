/** RFC 4251 §5: the data types of SSH that keys and certificates are made of. */

/** Reads fields in their order. Every method gives `undefined` when the bytes end too early. */
export class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes have been read. */
  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number | undefined {
    return this.left < 1 ? undefined : this.#bytes[this.#at++];
  }

  uint32(): number | undefined {
    if (this.left < 4) return undefined;
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  uint64(): bigint | undefined {
    if (this.left < 8) return undefined;
    this.#at += 8;
    return this.#bytes.readBigUInt64BE(this.#at - 8);
  }

  /** `string`: a view of the bytes. */
  bytes(): Buffer | undefined {
    const length = this.uint32();
    if (length === undefined || length > this.left) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** `string` as UTF-8; bytes that are none give `undefined`. */
  text(): string | undefined {
    const bytes = this.bytes();
    return bytes === undefined ? undefined : utf8(bytes);
  }

  /** `mpint` (positive) without its leading zeros. */
  integer(): Buffer | undefined {
    const bytes = this.bytes();
    if (bytes === undefined || (bytes[0] ?? 0) > 127) return undefined;
    let zeros = 0;
    while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
    return bytes.subarray(zeros);
  }
}

export function string(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8: names that nobody can have typed.
    return undefined;
  }
}
