import { readFileSync } from 'node:fs';
import { defineErrors } from '../../kernel/index.ts';
import type { ParentConfig } from '../config/index.ts';
import type { ParentSettings } from './parents.ts';

export const egressErrors = defineErrors({
  EGRESS_PASSWORD_FILE: {
    kind: 'config',
    message: 'egress.parents[{index}].passwordFile: {file} cannot be read ({why})',
    hint: 'make the file readable for the user that runs the gateway; its first line is the password',
  },
});

/** Fills in the credentials: RFC 7617 Basic, as the ready-made field line. */
export function readParents(parents: readonly ParentConfig[]): readonly ParentSettings[] {
  return parents.map(({ host, port, user, passwordFile, only }, index) => {
    if (user === undefined) return { host, port, only, fields: '' };
    const password = passwordFile === undefined ? '' : firstLine(passwordFile, index);
    const credentials = Buffer.from(`${user}:${password}`).toString('base64');
    return { host, port, only, fields: `Proxy-Authorization: Basic ${credentials}\r\n` };
  });
}

function firstLine(file: string, index: number): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown'; // node:fs throws nothing else
    throw egressErrors.EGRESS_PASSWORD_FILE({ index, file, why }, { cause });
  }
}
