import { createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * A stream of any length, encrypted in chunks: up to 64 KiB of AES-256-GCM and 16 bytes of tag each.
 *
 * The nonce of a chunk is its number (11 bytes) and a byte that is 1 for the last one: chunks can neither be
 * swapped nor left out, and an end that was cut off is found (the STREAM construction of Hoang, Reyhanitabar,
 * Rogaway and Vizar, 2015). A key encrypts one stream once, so no nonce comes twice.
 */
export const CHUNK_BYTES = 64 * 1024;
export const TAG_BYTES = 16;

/** Cuts what comes into chunks and encrypts them. The last chunk is known only at the end, so one is held back. */
export class ChunkSealer {
  readonly #key: Uint8Array;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #number = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  push(bytes: Uint8Array): readonly Buffer[] {
    // A copy: the caller's bytes are valid until its next piece only.
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
    if (this.#heldBytes <= CHUNK_BYTES) return [];
    const all = Buffer.concat(this.#held, this.#heldBytes);
    const sealed: Buffer[] = [];
    let at = 0;
    for (; all.length - at > CHUNK_BYTES; at += CHUNK_BYTES) {
      sealed.push(this.#seal(all.subarray(at, at + CHUNK_BYTES), false));
    }
    this.#held = [all.subarray(at)];
    this.#heldBytes = all.length - at;
    return sealed;
  }

  finish(): Buffer {
    return this.#seal(Buffer.concat(this.#held, this.#heldBytes), true);
  }

  #seal(plain: Buffer, isLast: boolean): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonceOf(this.#number++, isLast));
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
}

/** `undefined`: the chunk was changed, belongs elsewhere, or is not the last where it says so. */
export function openChunk(
  key: Uint8Array,
  number: number,
  isLast: boolean,
  sealed: Buffer,
): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return plain;
  } catch {
    // `final` throws when the tag does not fit, and for nothing else.
    return undefined;
  }
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
