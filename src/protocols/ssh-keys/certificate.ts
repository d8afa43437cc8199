import { isKeyType, parsePublicKey, readKey, type KeyType, type PublicKey } from './public-key.ts';
import { isSignedBy } from './signature.ts';
import { Fields, string } from './wire.ts';

/** An OpenSSH certificate (PROTOCOL.certkeys). Nothing of it is true before `isSignedByAuthority` has said so. */
export interface Certificate {
  /** The key that the certificate is about, and that its holder signs with. */
  readonly key: PublicKey;
  readonly serial: bigint;
  readonly kind: 'user' | 'host';
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Seconds since 1970 UTC; valid from `after`, and before `before`. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly critical: ReadonlyMap<string, string>;
  readonly extensions: ReadonlyMap<string, string>;
  readonly authority: PublicKey;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const SUFFIX = '-cert-v01@openssh.com';
/** Two RSA keys, 256 principals and their options fit well. */
export const CERTIFICATE_BYTES_MAX = 32_768;
/** PROTOCOL.certkeys sets none; sshd has the same. */
const PRINCIPALS_MAX = 256;
const OPTIONS_MAX = 64;

/** True for the algorithm name of a certificate: `ssh-ed25519-cert-v01@openssh.com`. */
export function isCertificateAlgorithm(name: string): boolean {
  return name.endsWith(SUFFIX);
}

/** `undefined`: not a certificate, or of a type that is not taken. */
export function parseCertificate(blob: Uint8Array): Certificate | undefined {
  if (blob.length > CERTIFICATE_BYTES_MAX) return undefined;
  const fields = new Fields(blob);
  const name = fields.text();
  const plain = name?.endsWith(SUFFIX) === true ? name.slice(0, -SUFFIX.length) : '';
  // Names with a domain have it behind the mark of a certificate.
  const type = plain.startsWith('sk-') ? `${plain}@openssh.com` : plain;
  if (!isKeyType(type)) return undefined;
  // The nonce keeps the authority from signing bytes that somebody else has chosen.
  if (fields.bytes() === undefined) return undefined;
  const key = keyIn(type, blob, fields);
  const serial = fields.uint64();
  const kind = fields.uint32();
  const keyId = fields.text();
  const principals = textsIn(fields.bytes());
  const [validAfter, validBefore] = [fields.uint64(), fields.uint64()];
  const [critical, extensions] = [optionsIn(fields.bytes()), optionsIn(fields.bytes())];
  const reserved = fields.bytes();
  const authority = authorityIn(fields.bytes());
  const signed = Buffer.from(blob.slice(0, fields.at));
  const signature = fields.bytes();
  if (
    key === undefined ||
    serial === undefined ||
    (kind !== 1 && kind !== 2) ||
    keyId === undefined ||
    principals === undefined ||
    validAfter === undefined ||
    validBefore === undefined ||
    critical === undefined ||
    extensions === undefined ||
    reserved === undefined ||
    authority === undefined ||
    signature === undefined ||
    fields.left > 0
  ) {
    return undefined;
  }
  return {
    key,
    serial,
    kind: kind === 1 ? 'user' : 'host',
    keyId,
    principals,
    validAfter,
    validBefore,
    critical,
    extensions,
    authority,
    signed,
    signature: Buffer.from(signature),
  };
}

export function isSignedByAuthority({ authority, signed, signature }: Certificate): boolean {
  return isSignedBy(authority, signed, signature);
}

function keyIn(type: KeyType, blob: Uint8Array, fields: Fields): PublicKey | undefined {
  const from = fields.at;
  const key = readKey(type, fields);
  if (key === undefined) return undefined;
  // The same fields with the plain name in front are the plain key.
  return { type, ...key, blob: Buffer.concat([string(type), blob.subarray(from, fields.at)]) };
}

/** PROTOCOL.certkeys: an authority is a plain key; certificates do not sign certificates. */
function authorityIn(blob: Buffer | undefined): PublicKey | undefined {
  return blob === undefined ? undefined : parsePublicKey(blob);
}

function textsIn(bytes: Buffer | undefined): readonly string[] | undefined {
  if (bytes === undefined) return undefined;
  const fields = new Fields(bytes);
  const texts: string[] = [];
  while (fields.left > 0) {
    const text = fields.text();
    if (text === undefined || texts.length >= PRINCIPALS_MAX) return undefined;
    texts.push(text);
  }
  return texts;
}

/** Names in ascending order, each once; the data of an option is a `string` in a `string`, or empty. */
function optionsIn(bytes: Buffer | undefined): ReadonlyMap<string, string> | undefined {
  if (bytes === undefined) return undefined;
  const fields = new Fields(bytes);
  const options = new Map<string, string>();
  while (fields.left > 0) {
    const name = fields.text();
    const data = fields.bytes();
    const value = data?.length === 0 ? '' : dataOf(data);
    if (name === undefined || value === undefined || options.has(name) || options.size >= OPTIONS_MAX) {
      return undefined;
    }
    options.set(name, value);
  }
  return options;
}

function dataOf(data: Buffer | undefined): string | undefined {
  if (data === undefined) return undefined;
  const inner = new Fields(data);
  const text = inner.text();
  return inner.left === 0 ? text : undefined;
}
