import { randomBytes, scrypt } from 'node:crypto';
import { readSecretFile } from '../../platform/index.ts';
import { backupErrors } from './errors.ts';

/**
 * A backup: "SPB1", two bytes of length, a header as JSON, then `protocols/sealed-chunks` of a gzipped tar. The
 * header holds only what is needed to make the key, so a changed one opens nothing.
 */
export const MAGIC = Buffer.from('SPB1', 'latin1');
export const FORMAT = 1;
export const HEADER_BYTES_MAX = 4096;

export interface BackupHeader {
  readonly format: number;
  /** Base64, 16 bytes. */
  readonly salt: string;
  /** Cost of scrypt (RFC 7914): memory is 128 · N · r bytes. */
  readonly n: number;
}

/** The first entry of the tar. */
export interface Manifest {
  readonly format: number;
  readonly version: string;
  readonly at: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** OWASP's choice for scrypt: 128 MiB for one guess. */
const SCRYPT_N = 2 ** 17;
const SCRYPT_R = 8;
const KEY_BYTES = 32;
const PASSPHRASE_CHARS_MIN = 12;
const PASSPHRASE_BYTES_MAX = 4096;

export function newHeader(): BackupHeader {
  return { format: FORMAT, salt: randomBytes(16).toString('base64'), n: SCRYPT_N };
}

export async function keyFrom(passphrase: string, { salt, n }: BackupHeader): Promise<Buffer> {
  const maxmem = 256 * SCRYPT_N * SCRYPT_R;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const cost = { N: n, r: SCRYPT_R, p: 1, maxmem };
  scrypt(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), KEY_BYTES, cost, (error, key) =>
    error === null ? resolve(key) : reject(error),
  );
  return promise;
}

export function headerBytes(header: BackupHeader): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(json.length);
  return Buffer.concat([MAGIC, length, json]);
}

/** `undefined`: this is no header of a backup. */
export function headerIn(json: Buffer): BackupHeader | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, salt, n } = value as Partial<Record<keyof BackupHeader, unknown>>;
  // A foreign cost could take all memory: only ours is read.
  return typeof format === 'number' && typeof salt === 'string' && n === SCRYPT_N
    ? { format, salt, n }
    : undefined;
}

/** The first line of a file that only its owner may read. */
export function readPassphrase(path: string): string {
  const bytes = readSecretFile(path, PASSPHRASE_BYTES_MAX);
  if (!Buffer.isBuffer(bytes)) throw backupErrors.BACKUP_PASSPHRASE({ path, reason: bytes.problem });
  return checkedPassphrase(bytes.toString('utf8').split(/\r?\n/, 1)[0] ?? '', path);
}

/** Throws BACKUP_PASSPHRASE: it is too short, or longer than anybody types. `path` says where it came from. */
export function checkedPassphrase(text: string, path: string): string {
  if (text.length < PASSPHRASE_CHARS_MIN || text.length > PASSPHRASE_BYTES_MAX) {
    throw backupErrors.BACKUP_PASSPHRASE({ path, reason: `it has ${text.length} characters` });
  }
  return text;
}
