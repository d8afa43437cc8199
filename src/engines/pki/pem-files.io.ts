import { readSecretFile } from '../../platform/index.ts';
import { pkiErrors } from './errors.ts';

const PEM_BYTES_MAX = 256 * 1024;

/** The texts of these files, one behind the other. Throws PKI_IMPORT_FILE. */
export function readPemFiles(files: readonly string[]): string {
  return files
    .map((file) => {
      // Who may read it is the operator's business.
      const bytes = readSecretFile(file, PEM_BYTES_MAX, true);
      if (Buffer.isBuffer(bytes)) return bytes.toString('latin1');
      throw pkiErrors.PKI_IMPORT_FILE({ file, problem: bytes.problem }, { cause: bytes.cause });
    })
    .join('\n');
}
