export { createCertificateAdmin, type CertificateAdmin } from './admin.ts';
export { pkiCommands } from './commands.ts';
export { pkiErrors } from './errors.ts';
export { certificateImportCommands } from './import-commands.ts';
export type { Machine } from './machine.io.ts';
export { readOwnCertificate } from './own-certificate.io.ts';
export { openPki, type CertificateRow, type Pki, type PkiOptions, type TlsSnapshot } from './pki.ts';
export type { CertificateFinding } from './verify.ts';
