export { pkiCommands } from './commands.ts';
export { pkiErrors } from './errors.ts';
export type { Machine } from './machine.io.ts';
export { readOwnCertificate } from './own-certificate.io.ts';
export { openPki, type CertificateRow, type Pki, type PkiOptions, type TlsSnapshot } from './pki.ts';
export type { CertificateFinding } from './verify.ts';
