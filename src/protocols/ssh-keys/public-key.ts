import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { Fields } from './wire.ts';

/** A public key as RFC 4253 §6.6, RFC 5656 §3.1 and RFC 8709 §4 encode it. */
export interface PublicKey {
  readonly type: KeyType;
  /** The encoded key. */
  readonly blob: Buffer;
  readonly key: KeyObject;
  /** Of a hardware key (PROTOCOL.u2f): what it was made for, usually `ssh:`. It is in everything that the key signs. */
  readonly application?: string;
}

/** DSA and RSA below 2048 bits are refused (NIST SP 800-131A). */
export const KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** An RSA key of 16,384 bits takes 2 KiB; nobody has a larger one. */
export const KEY_BYTES_MAX = 4096;
const RSA_BITS_MIN = 2048;
const RSA_BITS_MAX = 16_384;

const CURVES = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', jwk: 'P-256', bytes: 32 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', jwk: 'P-384', bytes: 48 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', jwk: 'P-521', bytes: 66 },
} as const;

/** `undefined`: not a key, not one of the types, or too weak. */
export function parsePublicKey(blob: Uint8Array): PublicKey | undefined {
  if (blob.length > KEY_BYTES_MAX) return undefined;
  const fields = new Fields(blob);
  const type = fields.text();
  if (type === undefined || !isKeyType(type)) return undefined;
  const key = readKey(type, fields);
  return key === undefined || fields.left > 0 ? undefined : { type, blob: Buffer.from(blob), ...key };
}

/** The fields of a key of that type, as they also stand in a certificate. */
export function readKey(
  type: KeyType,
  fields: Fields,
): { readonly key: KeyObject; readonly application?: string } | undefined {
  const key = keyObject(type, fields);
  if (key === undefined || !isHardware(type)) return key && { key };
  const application = fields.text();
  return application === undefined ? undefined : { key, application };
}

/** Keys that a token holds: it signs what it is asked to, together with whether somebody touched it. */
export function isHardware(type: KeyType): boolean {
  return type.startsWith('sk-');
}

function keyObject(type: KeyType, fields: Fields): KeyObject | undefined {
  try {
    if (type === 'ssh-ed25519' || type === 'sk-ssh-ed25519@openssh.com') return ed25519(fields.bytes());
    if (type === 'ssh-rsa') return rsa(fields.integer(), fields.integer());
    return ecdsa(type === 'sk-ecdsa-sha2-nistp256@openssh.com' ? 'ecdsa-sha2-nistp256' : type, fields);
  } catch {
    // OpenSSL says that this is no key: a point that is not on its curve.
    return undefined;
  }
}

export function isKeyType(text: string): text is KeyType {
  return KEY_TYPES.some((type) => type === text);
}

/** A line of `id_ed25519.pub`: `ssh-ed25519 AAAA… comment`. Options in front, as in `authorized_keys`, are refused. */
export function parseKeyLine(
  line: string,
): { readonly key: PublicKey; readonly comment: string } | undefined {
  const match = /^\s*(\S+)\s+([A-Za-z0-9+/]+={0,2})(?:\s+(.*?))?\s*$/.exec(line);
  if (match === null) return undefined;
  const key = parsePublicKey(Buffer.from(match[2] ?? '', 'base64'));
  return key === undefined || key.type !== match[1] ? undefined : { key, comment: match[3] ?? '' };
}

/** `SHA256:…`, as `ssh-keygen -l` shows it. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`;
}

export function keyLine({ type, blob }: Pick<PublicKey, 'type' | 'blob'>, comment = ''): string {
  return `${type} ${blob.toString('base64')}${comment === '' ? '' : ` ${comment}`}`;
}

function ed25519(point: Buffer | undefined): KeyObject | undefined {
  if (point?.length !== 32) return undefined;
  return fromJwk({ kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') });
}

function rsa(exponent: Buffer | undefined, modulus: Buffer | undefined): KeyObject | undefined {
  if (exponent === undefined || modulus === undefined || exponent.length > 8) return undefined;
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX) return undefined;
  return fromJwk({ kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') });
}

function ecdsa(type: keyof typeof CURVES, fields: Fields): KeyObject | undefined {
  const { name, jwk, bytes } = CURVES[type];
  const curve = fields.text();
  const point = fields.bytes();
  // SEC 1 §2.3.3, uncompressed: RFC 5656 §3.1 lets a server take that form alone.
  if (curve !== name || point?.length !== 1 + 2 * bytes || point[0] !== 4) return undefined;
  const x = point.subarray(1, 1 + bytes).toString('base64url');
  return fromJwk({ kty: 'EC', crv: jwk, x, y: point.subarray(1 + bytes).toString('base64url') });
}

function fromJwk(key: Record<string, string>): KeyObject {
  return createPublicKey({ key, format: 'jwk' });
}
