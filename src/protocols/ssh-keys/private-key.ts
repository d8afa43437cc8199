import type { KeyObject } from 'node:crypto';
import { string, uint32 } from './wire.ts';

const MAGIC = 'openssh-key-v1\0';
/** PROTOCOL.key: the padding fills up to the block size of the cipher, which is 8 for `none`. */
const BLOCK = 8;

/** The public part of a key pair as an SSH key. Ed25519 and RSA: the types of our host keys. */
export function encodePublicKey(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  if (jwk.kty === 'OKP') return Buffer.concat([string('ssh-ed25519'), string(decoded(jwk.x))]);
  return Buffer.concat([string('ssh-rsa'), mpint(decoded(jwk.e)), mpint(decoded(jwk.n))]);
}

/** An Ed25519 key in OpenSSH's own format (PROTOCOL.key), without a passphrase: the only one that SSH software reads. */
export function encodeEd25519(key: KeyObject, check: number): string {
  const { x, d } = key.export({ format: 'jwk' });
  const [point, seed] = [decoded(x), decoded(d)];
  const name = string('ssh-ed25519');
  const secret = Buffer.concat([
    uint32(check),
    uint32(check),
    name,
    string(point),
    string(Buffer.concat([seed, point])),
    string(''),
  ]);
  const missing = (BLOCK - (secret.length % BLOCK)) % BLOCK;
  const padding = Buffer.from(Array.from({ length: missing }, (_, at) => at + 1));
  const whole = Buffer.concat([
    Buffer.from(MAGIC),
    string('none'),
    string('none'),
    string(''),
    uint32(1),
    string(Buffer.concat([name, string(point)])),
    string(Buffer.concat([secret, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

/** RFC 4251 §5: a leading zero keeps a positive number positive. */
function mpint(bytes: Buffer): Buffer {
  return string((bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

function decoded(text: string | undefined): Buffer {
  return Buffer.from(text ?? '', 'base64url');
}
