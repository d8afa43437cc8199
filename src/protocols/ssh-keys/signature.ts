import { verify } from 'node:crypto';
import type { KeyType, PublicKey } from './public-key.ts';
import { Fields } from './wire.ts';

/** Signature algorithm → hash. SHA-1 (`ssh-rsa`) is not among them. */
const HASHES: Readonly<Record<string, { readonly type: KeyType; readonly hash: string | null }>> = {
  'ssh-ed25519': { type: 'ssh-ed25519', hash: null },
  'rsa-sha2-256': { type: 'ssh-rsa', hash: 'sha256' },
  'rsa-sha2-512': { type: 'ssh-rsa', hash: 'sha512' },
  'ecdsa-sha2-nistp256': { type: 'ecdsa-sha2-nistp256', hash: 'sha256' },
  'ecdsa-sha2-nistp384': { type: 'ecdsa-sha2-nistp384', hash: 'sha384' },
  'ecdsa-sha2-nistp521': { type: 'ecdsa-sha2-nistp521', hash: 'sha512' },
};

/**
 * Whether `signature`, as RFC 4253 §6.6 encodes it (the name of its algorithm, then the value), is that of the
 * key over `signed`. Algorithms that are not modern fit nothing.
 */
export function isSignedBy(
  { type, key }: Pick<PublicKey, 'type' | 'key'>,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  const fields = new Fields(signature);
  const algorithm = fields.text();
  const value = fields.bytes();
  const known = HASHES[algorithm ?? ''];
  if (value === undefined || fields.left > 0 || known?.type !== type) return false;
  const raw = type.startsWith('ecdsa-') ? derOf(value) : value;
  if (raw === undefined) return false;
  try {
    return verify(known.hash, signed, { key, dsaEncoding: 'der' }, raw);
  } catch {
    // OpenSSL refuses a value that has not the form of a signature.
    return false;
  }
}

/** RFC 5656 §3.1.2: two `mpint`; as DER (SEC 1 §C.8). */
function derOf(value: Uint8Array): Buffer | undefined {
  const fields = new Fields(value);
  const [r, s] = [fields.bytes(), fields.bytes()];
  // An integer of P-521 has 66 bytes and at most one zero before them.
  if (r === undefined || s === undefined || fields.left > 0 || r.length > 67 || s.length > 67)
    return undefined;
  const body = Buffer.concat([Buffer.of(2, r.length), r, Buffer.of(2, s.length), s]);
  return Buffer.concat([
    body.length < 128 ? Buffer.of(0x30, body.length) : Buffer.of(0x30, 0x81, body.length),
    body,
  ]);
}
