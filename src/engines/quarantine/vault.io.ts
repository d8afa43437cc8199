import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { masterKey, readSecretFile, seal, unseal } from '../../platform/index.ts';
import { quarantineErrors } from './errors.ts';
import { readHeader } from './files.io.ts';
import { KEY_BYTES, keyLabel, wrappedKeyIn } from './format.ts';
import type { Place } from './messages.ts';

/** Keys of items. Only control holds the master key: an edge that was taken over reads the one item it writes. */
export interface Vault {
  /** A name and a key for a new item. */
  place(): Place;
  /** The key of an item; throws what is wrong with it. */
  keyOf(id: string): Promise<Buffer>;
}

/** The master key is read at the first need: most gateways keep nothing. */
export function openVault(dataDir: string, dir: string): Vault {
  const path = join(dataDir, 'master.key');
  let known: Buffer | undefined;
  const master = (read: (path: string) => ReturnType<typeof masterKey>): Buffer => {
    if (known !== undefined) return known;
    const key = read(path);
    if (!Buffer.isBuffer(key)) throw quarantineErrors.QUARANTINE_KEY({ path, reason: key.problem });
    return (known = key);
  };
  return {
    place() {
      const id = randomUUID();
      const key = randomBytes(KEY_BYTES);
      const wrapped = seal(master(masterKey), keyLabel(id), key);
      return { id, key: key.toString('base64'), wrappedKey: wrapped.toString('base64') };
    },
    async keyOf(id) {
      const header = await readHeader(dir, id);
      if (header === undefined) throw quarantineErrors.QUARANTINE_DAMAGED({ id, reason: 'its file is gone' });
      const wrapped = wrappedKeyIn(header);
      if (wrapped === undefined) {
        throw quarantineErrors.QUARANTINE_DAMAGED({ id, reason: 'its file does not begin as an item does' });
      }
      // A key that is made now opens nothing, and would hide that the old one is lost.
      const key = unseal(master(existingKey), keyLabel(id), wrapped);
      if (key !== undefined) return key;
      const reason = 'its key does not open with the master.key of this data directory';
      throw quarantineErrors.QUARANTINE_DAMAGED({ id, reason });
    },
  };
}

function existingKey(path: string): ReturnType<typeof masterKey> {
  const key = readSecretFile(path, KEY_BYTES);
  return Buffer.isBuffer(key) && key.length !== KEY_BYTES ? { problem: 'damaged' } : key;
}
