import type { Threat } from './categories.ts';
import { THREAT_NAMES } from './lists.ts';

/**
 * What a client holds, as its state (v4) or version (v5): the first `count` entries of the list with that
 * checksum. It names the content, so every edge, and every gateway with the same feeds, gives the same one.
 *
 *   1 byte   format, 1
 *   1 byte   list
 *   16 bytes the first half of the checksum
 *   4 bytes  count, big-endian
 */
export interface ListState {
  readonly threat: Threat;
  /** Hexadecimal of 16 bytes. */
  readonly content: string;
  readonly count: number;
}

const FORMAT = 1;
const BYTES = 22;

export function stateToken({ threat, content, count }: ListState): Uint8Array {
  const token = Buffer.alloc(BYTES);
  token[0] = FORMAT;
  token[1] = THREAT_NAMES[threat].id;
  token.write(content, 2, 'hex');
  token.writeUInt32BE(count, 18);
  return token;
}

/** `undefined`: another server's, or damaged. */
export function stateOfToken(token: Uint8Array): ListState | undefined {
  if (token.length !== BYTES || token[0] !== FORMAT) return undefined;
  const names = Object.entries(THREAT_NAMES).find(([, { id }]) => id === token[1]);
  if (names === undefined) return undefined;
  const bytes = Buffer.from(token);
  // The keys of the table are the threats.
  return {
    threat: names[0] as Threat,
    content: bytes.toString('hex', 2, 18),
    count: bytes.readUInt32BE(18),
  };
}

/** How a checksum is written in a state. */
export function contentOf(checksum: Uint8Array): string {
  return Buffer.from(checksum).toString('hex', 0, 16);
}
