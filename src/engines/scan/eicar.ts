import type { Finding } from '../../kernel/index.ts';

/**
 * The test file of EICAR (2006): 68 bytes at the beginning of a file. Kept in two parts, so that this file is
 * none.
 */
const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
  'latin1',
);
export const EICAR_BYTES = EICAR.length;

/** Whether a file begins as the test file does. Its definition allows white space behind; scanners are as lenient. */
export function isEicar(start: Uint8Array): boolean {
  return start.length >= EICAR_BYTES && EICAR.equals(start.subarray(0, EICAR_BYTES));
}

export function eicarFinding(path: string): Finding {
  return { stage: 'eicar', name: 'EICAR-Test-File', source: 'built-in', severity: 'critical', path };
}
