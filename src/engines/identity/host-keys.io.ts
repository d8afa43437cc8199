import { generateKeyPair, createPrivateKey, randomInt, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { masterKey, readSecretFile, seal, unseal, writeSecretFile } from '../../platform/index.ts';
import { encodeEd25519, encodePublicKey, fingerprint } from '../../protocols/ssh-keys/index.ts';
import { identityErrors } from './errors.ts';

/** The keys that the SSH door shows. They stay the same for the life of the gateway: clients remember them. */
export interface HostKeys {
  /** Private keys as SSH software reads them; the strongest first. For the process of the door alone. */
  readonly pems: readonly string[];
  readonly rows: readonly HostKeyRow[];
}

export interface HostKeyRow {
  readonly type: string;
  readonly fingerprint: string;
  /** For `known_hosts` and DNS. */
  readonly line: string;
}

const generate = promisify(generateKeyPair);
/** NIST SP 800-57 part 1 §5.6.1.1: 128 bits of strength, as Ed25519 has. */
const RSA_BITS = 3072;
const FILE_BYTES_MAX = 16 * 1024;
const KINDS = ['ed25519', 'rsa'] as const;
type Kind = (typeof KINDS)[number];

/** Reads `DATA_DIR/ssh`; what is missing is made. Throws IDENTITY_HOST_KEYS when anything cannot be used. */
export async function openHostKeys(dataDir: string): Promise<HostKeys> {
  const folder = join(dataDir, 'ssh');
  const keyFile = join(dataDir, 'master.key');
  const failed = (problem: string, cause?: unknown): Error =>
    identityErrors.IDENTITY_HOST_KEYS({ folder, problem }, { cause });
  // A new master key would open nothing that is here, and hide that the old one is gone.
  if (KINDS.some((kind) => existsSync(fileOf(folder, kind))) && !existsSync(keyFile)) {
    throw failed('master.key: missing');
  }
  const master = masterKey(keyFile);
  if (!Buffer.isBuffer(master)) throw failed(`master.key: ${master.problem}`, master.cause);
  const load = async (kind: Kind): Promise<KeyObject> => {
    const file = fileOf(folder, kind);
    const sealed = readSecretFile(file, FILE_BYTES_MAX);
    if (Buffer.isBuffer(sealed)) {
      const bytes = unseal(master, labelOf(kind), sealed);
      if (bytes === undefined) throw failed(`${kind}: sealed with another master.key, or changed`);
      return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
    }
    if (sealed.problem !== 'missing') throw failed(`${kind}: ${sealed.problem}`, sealed.cause);
    const key = await makeKey(kind);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeSecretFile(file, seal(master, labelOf(kind), key.export({ type: 'pkcs8', format: 'der' })));
    return key;
  };
  const keys = await Promise.all(KINDS.map(async (kind) => ({ kind, key: await load(kind) })));
  return { pems: keys.map(({ kind, key }) => pemOf(kind, key)), rows: keys.map(({ key }) => rowOf(key)) };
}

function rowOf(key: KeyObject): HostKeyRow {
  const blob = encodePublicKey(key);
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString();
  return { type, fingerprint: fingerprint(blob), line: `${type} ${blob.toString('base64')}` };
}

async function makeKey(kind: Kind): Promise<KeyObject> {
  if (kind === 'ed25519') return (await generate('ed25519')).privateKey;
  return (await generate('rsa', { modulusLength: RSA_BITS })).privateKey;
}

function pemOf(kind: Kind, key: KeyObject): string {
  if (kind === 'ed25519') return encodeEd25519(key, randomInt(2 ** 32));
  return String(key.export({ type: 'pkcs1', format: 'pem' }));
}

function fileOf(folder: string, kind: Kind): string {
  return join(folder, `host-${kind}.key.sealed`);
}

function labelOf(kind: Kind): string {
  return `sallyport ssh host key ${kind}`;
}
