import { createHash } from 'node:crypto';

/** Marks our tokens in logs of others, so that secret scanners find a leaked one. */
export const TOKEN_PREFIX = 'spt_';
/** 256 bits: cannot be guessed, so a plain hash keeps it and no ban is needed. */
export const TOKEN_BYTES = 32;

export function newToken(random: (count: number) => Uint8Array): string {
  return TOKEN_PREFIX + Buffer.from(random(TOKEN_BYTES)).toString('base64url');
}

/**
 * SHA-256, hexadecimal. Tokens are found by this in a hash map: what an attacker could learn from the time of
 * the look-up is a prefix of a hash, which says nothing of the token.
 */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
