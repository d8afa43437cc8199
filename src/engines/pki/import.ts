import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { pkiErrors } from './errors.ts';
import { maySign } from './issuer.ts';
import { chainOf } from './own-certificate.io.ts';
import type { StoredPair } from './store.io.ts';
import { namesIn } from './verify.ts';

/** A chain of ten is longer than any that a browser builds. */
const CHAIN_MAX = 10;
const PEM_CHARS_MAX = 256 * 1024;
const RSA_BITS_MIN = 2048;
/** RFC 5280 §4.2.1.12: what a TLS server needs when a certificate says what it is for. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export type Imported = 'server certificate' | 'authority';

/**
 * Certificates and a key in one PEM text, in any mixture of both, as a pair that can be used. Throws PKI_IMPORT with
 * what is wrong, and never with content of the text.
 */
export function pairIn(pem: string, what: Imported, nowMs: number): StoredPair {
  const refuse = (problem: string) => pkiErrors.PKI_IMPORT({ what, problem });
  if (pem.length > PEM_CHARS_MAX) throw refuse(`it has more than ${PEM_CHARS_MAX} characters`);
  const chain = chainOf(pem);
  const [first] = chain;
  if (first === undefined) throw refuse('there is no certificate in it that can be read');
  if (chain.length > CHAIN_MAX) throw refuse(`it has more than ${CHAIN_MAX} certificates`);
  const key = keyIn(pem, refuse);
  if (!first.checkPrivateKey(key)) {
    const place = chain.findIndex((each) => each.checkPrivateKey(key));
    throw refuse(
      place < 0
        ? 'the key is not the key of the first certificate'
        : `the key belongs to certificate ${place + 1}, which must be the first`,
    );
  }
  const problem = weakness(first, key) ?? disorder(chain) ?? untimely(chain, nowMs) ?? purpose(first, what);
  if (problem !== undefined) throw refuse(problem);
  return { certificatePem: chain.map(String).join(''), key };
}

function keyIn(pem: string, refuse: (problem: string) => Error): KeyObject {
  const blocks = pem.match(/-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]+-----END \1PRIVATE KEY-----/g) ?? [];
  const [block] = blocks;
  if (block === undefined) throw refuse('there is no private key in it');
  if (blocks.length > 1) throw refuse('there are several private keys in it');
  if (/ENCRYPTED/.test(block)) throw refuse('the private key has a passphrase');
  try {
    return createPrivateKey(block);
  } catch {
    // The cause is left out: OpenSSL's texts are about the content.
    throw refuse('the private key cannot be read');
  }
}

function weakness(certificate: X509Certificate, key: KeyObject): string | undefined {
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'ec') return undefined;
  if (key.asymmetricKeyType !== 'rsa') return 'its key is neither RSA nor of an elliptic curve';
  return bits < RSA_BITS_MIN ? `its RSA key has ${bits} bits, which is less than ${RSA_BITS_MIN}` : undefined;
}

function disorder(chain: readonly X509Certificate[]): string | undefined {
  const broken = chain.findIndex((holder, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && !(holder.checkIssued(issuer) && holder.verify(issuer.publicKey));
  });
  return broken < 0 ? undefined : `certificate ${broken + 1} is not signed by the one behind it`;
}

function untimely(chain: readonly X509Certificate[], nowMs: number): string | undefined {
  for (const [index, { validFromDate, validToDate }] of chain.entries()) {
    if (nowMs < validFromDate.getTime())
      return `certificate ${index + 1} is not valid before ${validFromDate.toISOString()}`;
    if (nowMs >= validToDate.getTime())
      return `certificate ${index + 1} expired at ${validToDate.toISOString()}`;
  }
  return undefined;
}

function purpose(first: X509Certificate, what: Imported): string | undefined {
  if (what === 'authority') return maySign(first) ? undefined : 'it may not sign other certificates';
  if (first.ca) return 'the first certificate is an authority';
  // Node's name for extended key usage.
  const uses = (first as { readonly keyUsage?: readonly string[] }).keyUsage ?? [];
  if (uses.length > 0 && !uses.includes(SERVER_AUTH)) return 'it is not for TLS servers';
  return namesIn(first).length === 0 ? 'it names no host and no address' : undefined;
}
