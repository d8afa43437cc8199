import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { parseAddress } from '../../kernel/index.ts';
import * as der from './der.ts';
import { valuesIn } from './der-read.ts';

/** X.509 v3 certificates (RFC 5280): an authority with an EC P-256 key, and servers under it or under one that was imported. */

export interface CertificateSpec {
  /** Common name of the holder, at most 64 characters (RFC 5280, ub-common-name). */
  readonly subject: string;
  readonly publicKey: KeyObject;
  /** Who signs: its name as DER; the holder itself for an authority. */
  readonly issuer: { readonly name: Uint8Array; readonly key: KeyObject };
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** 16 random bytes: unique without a register, and no guess for who would collide hashes. */
  readonly serial: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

const ECDSA_WITH_SHA256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
/** RFC 4055 §5: with NULL for its parameters. */
const RSA_WITH_SHA256 = der.sequence(
  der.objectIdentifier('1.2.840.113549.1.1.11'),
  der.tagged(0x05, new Uint8Array()),
);

/** PEM of a signed certificate. */
export function signCertificate(spec: CertificateSpec): string {
  const algorithm = spec.issuer.key.asymmetricKeyType === 'rsa' ? RSA_WITH_SHA256 : ECDSA_WITH_SHA256;
  const tbs = der.sequence(
    der.context(0, der.integer(Buffer.of(2))),
    // RFC 5280 §4.1.2.2: positive; a first bit of 0 and another of 1 keep its length.
    der.integer(Buffer.concat([Buffer.of(0x40 | ((spec.serial[0] ?? 0) & 0x3f)), spec.serial.subarray(1)])),
    algorithm,
    spec.issuer.name,
    der.sequence(der.time(spec.notBeforeMs), der.time(spec.notAfterMs)),
    distinguishedName(spec.subject),
    subjectPublicKeyInfo(spec.publicKey),
    der.context(3, der.sequence(...spec.extensions)),
  );
  const signature = sign('sha256', tbs, spec.issuer.key);
  return pem(der.sequence(tbs, algorithm, der.bitString(signature)));
}

/** RFC 5280 §4.2.1.9, .3, .2: may sign certificates, but none that may sign others. */
export function authorityExtensions(publicKey: KeyObject): readonly Uint8Array[] {
  return [
    extension('2.5.29.19', der.sequence(der.boolean(true), der.integer(Buffer.of(0))), 'critical'),
    // keyCertSign (5) and cRLSign (6): bits count from the left.
    extension('2.5.29.15', der.bitString(Buffer.of(0b0000_0110), 1), 'critical'),
    extension('2.5.29.14', der.octetString(keyIdentifier(publicKey))),
  ];
}

/** A TLS server with these names. */
export function serverExtensions(
  publicKey: KeyObject,
  authorityKeyId: Uint8Array,
  names: readonly string[],
): readonly Uint8Array[] {
  return [
    extension('2.5.29.19', der.sequence(), 'critical'),
    // digitalSignature (0): all that ECDHE needs.
    extension('2.5.29.15', der.bitString(Buffer.of(0b1000_0000), 7), 'critical'),
    extension('2.5.29.37', der.sequence(der.objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', der.sequence(...names.map(generalName))),
    extension('2.5.29.35', der.sequence(der.contextPrimitive(0, authorityKeyId))),
    extension('2.5.29.14', der.octetString(keyIdentifier(publicKey))),
  ];
}

function extension(oid: string, value: Uint8Array, critical?: 'critical'): Uint8Array {
  // DER leaves a DEFAULT FALSE out.
  const flag = critical === undefined ? [] : [der.boolean(true)];
  return der.sequence(der.objectIdentifier(oid), ...flag, der.octetString(value));
}

/** RFC 5280 §4.2.1.6: dNSName [2], iPAddress [7] as 4 or 16 bytes. */
function generalName(name: string): Uint8Array {
  const family = isIP(name);
  if (family === 0) return der.contextPrimitive(2, Buffer.from(name, 'latin1'));
  const hex = (parseAddress(name)?.value ?? 0n).toString(16).padStart(family === 4 ? 8 : 32, '0');
  return der.contextPrimitive(7, Buffer.from(hex, 'hex'));
}

/** A name of ours, as DER. */
export function distinguishedName(commonName: string): Uint8Array {
  const attribute = (oid: string, text: string) =>
    der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(text)));
  return der.sequence(attribute('2.5.4.10', 'Sallyport'), attribute('2.5.4.3', commonName));
}

/** RFC 7093 §2 method 1: the first 160 bits of SHA-256 over the bits of the key. */
export function keyIdentifier(key: KeyObject): Uint8Array {
  const [info] = valuesIn(subjectPublicKeyInfo(key)) ?? [];
  const bits = info === undefined ? undefined : valuesIn(info.content)?.at(-1);
  // The first byte says that all bits count.
  return createHash('sha256')
    .update(bits?.content.subarray(1) ?? '')
    .digest()
    .subarray(0, 20);
}

function subjectPublicKeyInfo(key: KeyObject): Uint8Array {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}

function pem(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
