import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSecretFile, writeSecretFile } from '../../platform/index.ts';
import { identityErrors } from './errors.ts';

const PASSWORD_FILE_BYTES_MAX = 4096;

/** Where the first password waits when nobody watched the first start. Removed when `admin` gets another one. */
export function initialPasswordFile(dataDir: string): string {
  return join(dataDir, 'initial-password');
}

export function saveInitialPassword(dataDir: string, password: string): void {
  writeSecretFile(initialPasswordFile(dataDir), `${password}\n`);
}

export function removeInitialPassword(dataDir: string): void {
  rmSync(initialPasswordFile(dataDir), { force: true });
}

/** The first line of a file that an operator named. Its mode is the operator's business. */
export function readPasswordFile(file: string): string {
  const bytes = readSecretFile(file, PASSWORD_FILE_BYTES_MAX, true);
  if (Buffer.isBuffer(bytes)) return firstLine(bytes.toString('utf8'));
  throw identityErrors.IDENTITY_PASSWORD_FILE({ file, problem: bytes.problem }, { cause: bytes.cause });
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
