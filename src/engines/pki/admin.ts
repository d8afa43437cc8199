import type { CertificateFinding } from './verify.ts';
import type { CertificateRow, Pki } from './pki.ts';

/** What operators change of the certificates. In control. */
export interface CertificateAdmin {
  /** Each resolves when every edge shows what is new. */
  importServer(pem: string, by: string): Promise<Shown>;
  removeServer(by: string): Promise<Shown>;
  importAuthority(pem: string, replace: boolean, by: string): Promise<Shown>;
}

/** What clients see now, and what they would complain about. */
export interface Shown {
  readonly certificates: readonly CertificateRow[];
  readonly findings: readonly CertificateFinding[];
}

export interface CertificateAdminOptions {
  readonly pki: Pki;
  publish(): Promise<void>;
  audit(action: string, details: Readonly<Record<string, string>>, by: string): Promise<void>;
}

export function createCertificateAdmin({ pki, publish, audit }: CertificateAdminOptions): CertificateAdmin {
  const changed = async (action: string, name: CertificateRow['name'], by: string): Promise<Shown> => {
    await publish();
    const certificates = pki.certificates();
    const row = certificates.find((each) => each.name === name);
    const { subject = '', fingerprint = '' } = row ?? {};
    await audit(action, { subject, fingerprint }, by);
    return { certificates, findings: pki.verify() };
  };
  return {
    async importServer(pem, by) {
      pki.importServer(pem);
      return changed('certificate.import', 'server', by);
    },
    async removeServer(by) {
      pki.removeServer();
      return changed('certificate.remove', 'server', by);
    },
    async importAuthority(pem, replace, by) {
      pki.importAuthority(pem, replace);
      return changed('certificate.authority-import', 'authority', by);
    },
  };
}
