import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** AES-256-GCM: 32 bytes. */
const KEY_BYTES = 32;
/** NIST SP 800-38D §8.2.2: a random nonce of 96 bits. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/** Why a file with a secret cannot be used. */
export type SecretFileProblem =
  | 'missing'
  | 'not-a-file'
  | 'too-large'
  | 'open-to-others'
  | 'damaged'
  | 'unreadable';

export interface SecretFileFailure {
  readonly problem: SecretFileProblem;
  readonly cause?: unknown;
}

/**
 * Reads a file that holds a secret. It is refused when other users may read or write it: such a secret is
 * none. `shared` leaves that check out, for files that somebody else manages.
 */
export function readSecretFile(path: string, bytesMax: number, shared = false): Buffer | SecretFileFailure {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    return { problem: hasCode(cause, 'ENOENT') ? 'missing' : 'unreadable', cause };
  }
  try {
    // The open file is looked at, not the name: nobody can put another one in between.
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { problem: 'not-a-file' };
    if (!shared && (stat.mode & 0o077) !== 0) return { problem: 'open-to-others' };
    if (stat.size > bytesMax) return { problem: 'too-large' };
    const bytes = Buffer.alloc(stat.size);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(fd, bytes, at, bytes.length - at, at);
      if (count === 0) break;
      at += count;
    }
    return bytes.subarray(0, at);
  } catch (cause) {
    return { problem: 'unreadable', cause };
  } finally {
    closeSync(fd);
  }
}

/** Writes a file that only its owner may read, whole or not at all, and on the disk before it returns. */
export function writeSecretFile(path: string, data: string | Uint8Array, mode = 0o600): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    // `wx`: a name that somebody prepared, a symbolic link among them, is never followed.
    const fd = openSync(temporary, 'wx', mode);
    try {
      fchmodSync(fd, mode);
      writeFileSync(fd, data);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** The key that seals secrets at rest; made at the first call (`O_EXCL`: of two, one makes it). */
export function masterKey(path: string): Buffer | SecretFileFailure {
  try {
    const fd = openSync(path, 'wx', 0o600);
    try {
      writeFileSync(fd, randomBytes(KEY_BYTES));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    syncFolder(dirname(path));
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) return { problem: 'unreadable', cause };
  }
  const key = readSecretFile(path, KEY_BYTES);
  if (!Buffer.isBuffer(key)) return key.problem === 'too-large' ? { problem: 'damaged' } : key;
  return key.length === KEY_BYTES ? key : { problem: 'damaged' };
}

/** Encrypts and authenticates. `label` says what it is: a sealed value moved to another place does not open there. */
export function seal(key: Uint8Array, label: string, secret: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(label));
  return Buffer.concat([
    Buffer.of(FORMAT),
    nonce,
    cipher.update(secret),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** `undefined`: sealed with another key, under another label, or changed since. */
export function unseal(key: Uint8Array, label: string, sealed: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(sealed);
  if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== FORMAT) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(label))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    // `final` throws when the tag does not fit, and for nothing else.
    return undefined;
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
