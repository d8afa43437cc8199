import type { KeyObject, X509Certificate } from 'node:crypto';
import { keyIdentifier } from './certificate.ts';
import * as der from './der.ts';
import { valuesIn, type Value } from './der-read.ts';

/** What a certificate under an authority says of it. */
export interface Issuer {
  /** Its subject as DER, byte for byte: whoever compares names compares bytes. */
  readonly name: Uint8Array;
  readonly key: KeyObject;
  /** Its subject key identifier, or one of ours. */
  readonly keyId: Uint8Array;
}

const SUBJECT_KEY_IDENTIFIER = der.objectIdentifier('2.5.29.14');
const KEY_USAGE = der.objectIdentifier('2.5.29.15');
/** RFC 5280 §4.2.1.3: keyCertSign is bit 5, counted from the left. */
const KEY_CERT_SIGN = 0b0000_0100;

export function issuerOf(certificate: X509Certificate, key: KeyObject): Issuer {
  const found = extensionOf(certificate, SUBJECT_KEY_IDENTIFIER);
  const [identifier] = found === undefined ? [] : (valuesIn(found) ?? []);
  return {
    name: subjectOf(certificate),
    key,
    keyId: identifier?.content ?? keyIdentifier(certificate.publicKey),
  };
}

/** Whether it may sign other certificates: an authority, and its key usage, where it has one, says so. */
export function maySign(certificate: X509Certificate): boolean {
  if (!certificate.ca) return false;
  const usage = extensionOf(certificate, KEY_USAGE);
  if (usage === undefined) return true;
  const [bits] = valuesIn(usage) ?? [];
  // The first byte says how many bits of the last one do not count.
  return ((bits?.content[1] ?? 0) & KEY_CERT_SIGN) !== 0;
}

function subjectOf(certificate: X509Certificate): Uint8Array {
  // RFC 5280 §4.1: serial, algorithm, issuer, validity, subject, behind the version where there is one.
  const fields = fieldsOf(certificate);
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (subject === undefined) throw new TypeError('a certificate that OpenSSL has read has a subject');
  return subject.whole;
}

function extensionOf(certificate: X509Certificate, oid: Uint8Array): Uint8Array | undefined {
  const wrapped = fieldsOf(certificate).find(({ tag }) => tag === 0xa3);
  const [list] = wrapped === undefined ? [] : (valuesIn(wrapped.content) ?? []);
  const extensions = list === undefined ? [] : (valuesIn(list.content) ?? []);
  for (const { content } of extensions) {
    const parts = valuesIn(content) ?? [];
    const isIt = parts[0] !== undefined && Buffer.compare(parts[0].whole, oid) === 0;
    if (isIt) return parts.at(-1)?.content;
  }
  return undefined;
}

function fieldsOf(certificate: X509Certificate): readonly Value[] {
  const [outer] = valuesIn(certificate.raw) ?? [];
  const [toBeSigned] = outer === undefined ? [] : (valuesIn(outer.content) ?? []);
  return toBeSigned === undefined ? [] : (valuesIn(toBeSigned.content) ?? []);
}
