import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readSecretFile } from '../../platform/index.ts';
import { pkiErrors } from './errors.ts';

/** A certificate chain and its key as PEM, checked. */
export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** A chain of ten certificates is below this. */
const PEM_BYTES_MAX = 256 * 1024;

/**
 * Reads the operator's certificate: first the gateway's own, then its chain. Throws what an operator can act on.
 * Messages never hold content of the files.
 */
export function readOwnCertificate(certificateFile: string, keyFile: string, nowMs: number): KeyPair {
  const certificatePem = readPem('tls.certificateFile', certificateFile);
  const chain = chainOf(certificatePem);
  const [first] = chain;
  if (first === undefined) {
    throw pkiErrors.PKI_FILE({
      key: 'tls.certificateFile',
      file: certificateFile,
      problem: 'no certificate in it',
    });
  }
  const keyPem = readPem('tls.keyFile', keyFile);
  const key = privateKeyOf(keyPem, keyFile);
  if (!first.checkPrivateKey(key)) throw pkiErrors.PKI_KEY_MISMATCH({ certificateFile, keyFile });
  if (nowMs < first.validFromDate.getTime() || nowMs >= first.validToDate.getTime()) {
    const [from, to] = [first.validFromDate, first.validToDate].map((date) => date.toISOString());
    throw pkiErrors.PKI_EXPIRED({ certificateFile, from, to });
  }
  return {
    certificatePem: chain.map(String).join(''),
    keyPem: String(key.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** The certificates of a PEM text in their order; empty when one of them cannot be read. */
export function chainOf(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function readPem(key: string, file: string): string {
  // Who may read it is the operator's business: groups such as ssl-cert are common.
  const bytes = readSecretFile(file, PEM_BYTES_MAX, true);
  if (Buffer.isBuffer(bytes)) return bytes.toString('latin1');
  throw pkiErrors.PKI_FILE({ key, file, problem: bytes.problem }, { cause: bytes.cause });
}

function privateKeyOf(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const encrypted = code === 'ERR_MISSING_PASSPHRASE' || /ENCRYPTED/.test(pem);
    const problem = encrypted ? 'the key is encrypted with a passphrase' : 'no private key in it';
    // The cause is left out: OpenSSL's texts are about the content.
    throw pkiErrors.PKI_FILE({ key: 'tls.keyFile', file, problem });
  }
}
