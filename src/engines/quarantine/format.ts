import { CHUNK_BYTES, TAG_BYTES } from '../../protocols/sealed-chunks/index.ts';

/**
 * An item on the disk:
 *
 *     0  4  "SPQ1"
 *     4  2  length n of the wrapped key, big endian
 *     6  n  the item's own key, sealed with the master key for this item's id
 *        …  chunks of `protocols/sealed-chunks`; a key encrypts one item once
 */
const MAGIC = Buffer.from('SPQ1', 'latin1');
const HEAD_BYTES = 6;
export const KEY_BYTES = 32;
/** Format, nonce, key and tag of `seal`. */
export const WRAPPED_BYTES = 1 + 12 + KEY_BYTES + 16;
export const HEADER_BYTES = HEAD_BYTES + WRAPPED_BYTES;

export function itemHeader(wrappedKey: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt16BE(wrappedKey.length, MAGIC.length);
  return Buffer.concat([head, wrappedKey]);
}

/** The wrapped key; `undefined`: these are not the first `HEADER_BYTES` of an item. */
export function wrappedKeyIn(header: Buffer): Buffer | undefined {
  if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (header.readUInt16BE(MAGIC.length) !== WRAPPED_BYTES) return undefined;
  return header.subarray(HEAD_BYTES, HEADER_BYTES);
}

/** What wraps the key is bound to the item: a file that was renamed does not open. */
export function keyLabel(id: string): string {
  return `sallyport quarantine ${id}`;
}

/** Size on the disk of a file of so many bytes. */
export function storedBytesOf(bytes: number): number {
  return HEADER_BYTES + bytes + TAG_BYTES * Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}
