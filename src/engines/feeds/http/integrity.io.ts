import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { feedErrors } from '../errors.ts';

const HASH = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/i;

/**
 * The SHA-256 that a checksum file gives for a list: one alone, or the line of the file's name in the form of
 * `sha256sum` (`HASH  NAME`, `HASH *NAME`) or of BSD (`SHA256 (NAME) = HASH`).
 */
export function checksumIn(text: string, name: string): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => HASH.test(line));
  const named = lines.filter((line) => {
    const gnu = /^\\?[0-9a-f]{64}[ \t]+[ *]?(.+?)\s*$/i.exec(line)?.[1];
    const bsd = /^SHA256 \((.+)\) = /i.exec(line)?.[1];
    const file = gnu ?? bsd;
    return file !== undefined && (file === name || file.endsWith(`/${name}`));
  });
  const bare = lines.filter((line) => /^\s*[0-9a-f]{64}\s*$/i.test(line));
  // A file with one checksum is for one list, however it is called there.
  const line = named[0] ?? bare[0] ?? (lines.length === 1 ? lines[0] : undefined);
  return HASH.exec(line ?? '')?.[0].toLowerCase();
}

export function readPublicKey(file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(readFileSync(file));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no PEM';
    throw feedErrors.FEEDS_FILE({ field: 'publicKeyFile', file, problem: code }, { cause });
  }
  const kind = key.asymmetricKeyType;
  if (kind === 'ed25519' || kind === 'rsa') return key;
  throw feedErrors.FEEDS_FILE({
    field: 'publicKeyFile',
    file,
    problem: `a key of type ${kind ?? 'unknown'}`,
  });
}

/** Ed25519 (RFC 8032), or RSA PKCS #1 v1.5 with SHA-256 (what `openssl dgst -sha256 -sign` makes). */
export function checkSignature(key: KeyObject, file: string, signature: Buffer): void {
  const isRsa = key.asymmetricKeyType === 'rsa';
  const data = readFileSync(file);
  if (!verify(isRsa ? 'sha256' : null, data, key, rawSignature(signature))) {
    throw feedErrors.FEEDS_SIGNATURE({
      reason: `the ${isRsa ? 'RSA' : 'Ed25519'} signature is of other bytes or of another key`,
    });
  }
}

/** As bytes, or Base64 with or without line ends. */
function rawSignature(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replaceAll(/\s+/g, '');
  return /^[A-Za-z0-9+/]{40,}={0,2}$/.test(text) && bytes.length !== 64 ? Buffer.from(text, 'base64') : bytes;
}
