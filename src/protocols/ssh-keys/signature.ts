import { createHash, verify } from 'node:crypto';
import { isHardware, type KeyType, type PublicKey } from './public-key.ts';
import { Fields, uint32 } from './wire.ts';

/** Signature algorithm → hash. SHA-1 (`ssh-rsa`) is not among them. */
const HASHES: Readonly<Record<string, { readonly type: KeyType; readonly hash: string | null }>> = {
  'ssh-ed25519': { type: 'ssh-ed25519', hash: null },
  'rsa-sha2-256': { type: 'ssh-rsa', hash: 'sha256' },
  'rsa-sha2-512': { type: 'ssh-rsa', hash: 'sha512' },
  'ecdsa-sha2-nistp256': { type: 'ecdsa-sha2-nistp256', hash: 'sha256' },
  'ecdsa-sha2-nistp384': { type: 'ecdsa-sha2-nistp384', hash: 'sha384' },
  'ecdsa-sha2-nistp521': { type: 'ecdsa-sha2-nistp521', hash: 'sha512' },
  'sk-ssh-ed25519@openssh.com': { type: 'sk-ssh-ed25519@openssh.com', hash: null },
  'sk-ecdsa-sha2-nistp256@openssh.com': { type: 'sk-ecdsa-sha2-nistp256@openssh.com', hash: 'sha256' },
};

/** PROTOCOL.u2f: somebody touched the token; it knew who, by a PIN or a finger. */
const FLAG = { present: 0x01, verified: 0x04 } as const;

interface Parts {
  readonly algorithm: string;
  readonly value: Buffer;
  /** Of a hardware key. The counter is part of what is signed; sshd compares it with nothing, nor do we. */
  readonly token: { readonly flags: number; readonly counter: number } | undefined;
}

/**
 * Whether `signature`, as RFC 4253 §6.6 encodes it (the name of its algorithm, then the value), is that of the
 * key over `signed`. Algorithms that are not modern fit nothing, and a hardware key that nobody touched signs nothing.
 */
export function isSignedBy(
  key: Pick<PublicKey, 'type' | 'key' | 'application'>,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { type } = key;
  const parts = partsOf(signature, isHardware(type));
  const known = HASHES[parts?.algorithm ?? ''];
  if (parts === undefined || known?.type !== type) return false;
  const raw = type.includes('ecdsa-') ? derOf(parts.value) : parts.value;
  const message = parts.token === undefined ? signed : tokenMessage(key.application, parts.token, signed);
  if (raw === undefined || message === undefined) return false;
  try {
    return verify(known.hash, message, { key: key.key, dsaEncoding: 'der' }, raw);
  } catch {
    // OpenSSL refuses a value that has not the form of a signature.
    return false;
  }
}

/** True when a token made the signature after a PIN or a finger (`verify-required`). */
export function isUserVerified(signature: Uint8Array): boolean {
  return ((partsOf(signature, true)?.token?.flags ?? 0) & FLAG.verified) !== 0;
}

function partsOf(signature: Uint8Array, byToken: boolean): Parts | undefined {
  const fields = new Fields(signature);
  const [algorithm, value] = [fields.text(), fields.bytes()];
  const [flags, counter] = byToken ? [fields.byte(), fields.uint32()] : [];
  if (algorithm === undefined || value === undefined || fields.left > 0) return undefined;
  if (!byToken) return { algorithm, value, token: undefined };
  return flags === undefined || counter === undefined
    ? undefined
    : { algorithm, value, token: { flags, counter } };
}

/** PROTOCOL.u2f, "SSH U2F Signatures": what the token has signed in fact. */
function tokenMessage(
  application: string | undefined,
  { flags, counter }: { readonly flags: number; readonly counter: number },
  signed: Uint8Array,
): Buffer | undefined {
  if (application === undefined || (flags & FLAG.present) === 0) return undefined;
  return Buffer.concat([sha256(application), Buffer.of(flags), uint32(counter), sha256(signed)]);
}

function sha256(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest();
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
