import { join } from 'node:path';
import { masterKey, seal, unseal, type SecretFileFailure } from '../../platform/index.ts';

/** Seals small secrets of accounts with `DATA_DIR/master.key`, under a label that says whose they are. */
export interface Sealing {
  seal(label: string, secret: Uint8Array): string;
  /** `undefined`: sealed with another key or label, or changed since. */
  unseal(label: string, sealed: string): Buffer | undefined;
}

/** Opens the master key at the first use: most gateways have no second factors. */
export function openSealing(dataDir: string, failed: (failure: SecretFileFailure) => Error): Sealing {
  let key: Buffer | undefined;
  const keyNow = (): Buffer => {
    const found = key ?? masterKey(join(dataDir, 'master.key'));
    if (!Buffer.isBuffer(found)) throw failed(found);
    key = found;
    return found;
  };
  return {
    seal: (label, secret) => seal(keyNow(), label, secret).toString('base64'),
    unseal: (label, sealed) => unseal(keyNow(), label, Buffer.from(sealed, 'base64')),
  };
}
