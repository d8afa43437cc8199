import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { masterKey, readSecretFile, seal, unseal, writeSecretFile } from '../../platform/index.ts';
import { pkiErrors } from './errors.ts';

/** A certificate in the store with its key. */
export interface StoredPair {
  readonly certificatePem: string;
  readonly key: KeyObject;
}

/** `imported`: a server certificate of the operator that came in by a command. */
export type PairName = 'ca' | 'server' | 'imported';

export interface CertificateStore {
  readonly folder: string;
  /** `undefined`: there is none. Throws when there is one that cannot be used. */
  load(name: PairName): StoredPair | undefined;
  save(name: PairName, pair: StoredPair): void;
  /** False: there was none. */
  remove(name: PairName): boolean;
}

const NEXT = '.next';
/** A chain of ten certificates is below this. */
const FILE_BYTES_MAX = 256 * 1024;

/**
 * Certificates in `DATA_DIR/pki`: `<name>.crt` for everybody, `<name>.key.sealed` encrypted with
 * `DATA_DIR/master.key`, so that a copy of the folder alone gives no key away.
 */
export function openCertificateStore(dataDir: string): CertificateStore {
  const folder = join(dataDir, 'pki');
  const keyFile = join(dataDir, 'master.key');
  const sealedFile = (name: PairName, next = '') => join(folder, `${name}.key.sealed${next}`);
  const certificateFile = (name: PairName, next = '') => join(folder, `${name}.crt${next}`);
  /** A pair whose certificate is there has its key beside it, and takes the place of the one before. */
  const finish = (name: PairName): void => {
    if (!existsSync(certificateFile(name, NEXT))) return;
    if (existsSync(sealedFile(name, NEXT))) renameSync(sealedFile(name, NEXT), sealedFile(name));
    renameSync(certificateFile(name, NEXT), certificateFile(name));
  };
  // A new key would open nothing that is here, and hide that the old one is gone.
  if (existsSync(sealedFile('ca')) && !existsSync(keyFile)) {
    throw pkiErrors.PKI_MASTER_KEY({ file: keyFile, problem: 'missing' });
  }
  guarded(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  const master = masterKey(keyFile);
  if (!Buffer.isBuffer(master)) {
    throw pkiErrors.PKI_MASTER_KEY({ file: keyFile, problem: master.problem }, { cause: master.cause });
  }
  return {
    folder,
    load(name) {
      guarded(folder, () => finish(name));
      const certificate = readSecretFile(certificateFile(name), FILE_BYTES_MAX, true);
      const sealed = readSecretFile(sealedFile(name), FILE_BYTES_MAX);
      const missing = [certificate, sealed].filter(
        (file) => !Buffer.isBuffer(file) && file.problem === 'missing',
      );
      if (missing.length === 2) return undefined;
      if (!Buffer.isBuffer(certificate)) {
        throw pkiErrors.PKI_AUTHORITY({ folder, problem: `${name}.crt: ${certificate.problem}` });
      }
      if (!Buffer.isBuffer(sealed)) {
        throw pkiErrors.PKI_AUTHORITY({ folder, problem: `${name}.key.sealed: ${sealed.problem}` });
      }
      const bytes = unseal(master, label(name), sealed);
      if (bytes === undefined) {
        throw pkiErrors.PKI_SEALED({ file: sealedFile(name), masterKey: keyFile, folder });
      }
      return {
        certificatePem: certificate.toString('latin1'),
        key: createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }),
      };
    },
    save(name, { certificatePem, key }) {
      const bytes = key.export({ type: 'pkcs8', format: 'der' });
      guarded(folder, () => {
        // In this order: a kill at any moment leaves the pair before or this one, and never half of each.
        rmSync(certificateFile(name, NEXT), { force: true });
        writeSecretFile(sealedFile(name, NEXT), seal(master, label(name), bytes));
        writeSecretFile(certificateFile(name, NEXT), certificatePem, 0o644);
        finish(name);
      });
    },
    remove(name) {
      const isThere = existsSync(certificateFile(name));
      guarded(folder, () => {
        for (const file of [certificateFile(name), sealedFile(name)]) rmSync(file, { force: true });
      });
      return isThere;
    },
  };
}

function label(name: PairName): string {
  return `sallyport pki ${name} key`;
}

function guarded(folder: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const problem = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw pkiErrors.PKI_STORE({ folder, problem }, { cause });
  }
}
