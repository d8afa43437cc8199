import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { masterKey, readSecretFile, seal, unseal, writeSecretFile } from '../../platform/index.ts';
import { pkiErrors } from './errors.ts';

/** A certificate in the store with its key. */
export interface StoredPair {
  readonly certificatePem: string;
  readonly key: KeyObject;
}

export type PairName = 'ca' | 'server';

export interface CertificateStore {
  readonly folder: string;
  /** `undefined`: there is none. Throws when there is one that cannot be used. */
  load(name: PairName): StoredPair | undefined;
  save(name: PairName, pair: StoredPair): void;
}

const FILE_BYTES_MAX = 64 * 1024;

/**
 * Certificates in `DATA_DIR/pki`: `<name>.crt` for everybody, `<name>.key.sealed` encrypted with
 * `DATA_DIR/master.key`, so that a copy of the folder alone gives no key away.
 */
export function openCertificateStore(dataDir: string): CertificateStore {
  const folder = join(dataDir, 'pki');
  const keyFile = join(dataDir, 'master.key');
  const sealedFile = (name: PairName) => join(folder, `${name}.key.sealed`);
  const certificateFile = (name: PairName) => join(folder, `${name}.crt`);
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
        writeSecretFile(sealedFile(name), seal(master, label(name), bytes));
        writeSecretFile(certificateFile(name), certificatePem, 0o644);
      });
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
