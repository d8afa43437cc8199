import { readSecretFile } from '../../platform/index.ts';
import { KRL_BYTES_MAX } from '../../protocols/ssh-keys/index.ts';
import { identityErrors } from './errors.ts';

/** The bytes of a revocation list that `ssh-keygen -k` has made. Throws IDENTITY_KRL. */
export function readKrlFile(file: string): Buffer {
  // Nothing of it is secret: who may read it is the operator's business.
  const bytes = readSecretFile(file, KRL_BYTES_MAX, true);
  if (Buffer.isBuffer(bytes)) return bytes;
  throw identityErrors.IDENTITY_KRL(
    { problem: `${file} cannot be read (${bytes.problem})` },
    { cause: bytes.cause },
  );
}
