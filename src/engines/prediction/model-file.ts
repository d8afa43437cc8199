/**
 * A model as a file: one line of JSON that says what follows and who vouches for it, then the body, JSON as well.
 *
 *     {"format":"sallyport-model/1","kind":"files","version":"2026-11-24.1","sha256":"…","signature":"…"}
 *     {…}
 *
 * Models of ours carry no signature: their digest stands in the code (shipped-digests.ts). Those of an operator are
 * signed by the gateway that trained them, over kind, version and digest.
 */
import { createHash, sign, verify, type KeyObject } from 'node:crypto';

export const MODEL_KINDS = ['files', 'urls', 'domains'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

export interface ModelFile {
  readonly kind: ModelKind;
  readonly version: string;
  /** SHA-256 of the body, hexadecimal: the identity of the model. */
  readonly sha256: string;
  /** `shipped` with this release, or signed by a key of this gateway. */
  readonly origin: 'shipped' | 'signed';
  /** Parsed, and not yet checked by who uses it. */
  readonly body: unknown;
}

/** Why a file is no model that may be used. */
export interface ModelRefusal {
  readonly refused: 'damaged' | 'other-kind' | 'unsigned' | 'bad-signature';
}

export interface ModelTrust {
  /** Digests of the bodies that this release ships. */
  readonly digests: ReadonlySet<string>;
  /** Public keys (Ed25519) whose signature counts. */
  readonly keys: readonly KeyObject[];
}

const FORMAT = 'sallyport-model/1';
const HEADER_BYTES_MAX = 1_024;
/** Ours are below 2 MiB; what is larger is not parsed. */
export const MODEL_BYTES_MAX = 16 * 1024 * 1024;

export function writeModel(
  kind: ModelKind,
  version: string,
  body: unknown,
  key: KeyObject | undefined,
): Buffer {
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const signature =
    key === undefined ? null : sign(null, signedText(kind, version, sha256), key).toString('base64');
  const header = JSON.stringify({ format: FORMAT, kind, version, sha256, signature });
  return Buffer.concat([Buffer.from(`${header}\n`), text]);
}

export function readModel(bytes: Uint8Array, kind: ModelKind, trust: ModelTrust): ModelFile | ModelRefusal {
  if (bytes.length > MODEL_BYTES_MAX) return { refused: 'damaged' };
  const end = bytes.subarray(0, HEADER_BYTES_MAX).indexOf(0x0a);
  const header = end < 0 ? undefined : readHeader(bytes.subarray(0, end));
  if (header === undefined) return { refused: 'damaged' };
  const text = bytes.subarray(end + 1);
  if (createHash('sha256').update(text).digest('hex') !== header.sha256) return { refused: 'damaged' };
  if (header.kind !== kind) return { refused: 'other-kind' };
  const { version, sha256, signature } = header;
  const shipped = trust.digests.has(sha256);
  if (!shipped) {
    if (signature === undefined) return { refused: 'unsigned' };
    const signed = signedText(kind, version, sha256);
    if (!trust.keys.some((key) => verify(null, signed, key, signature))) return { refused: 'bad-signature' };
  }
  const body = parseJson(text);
  if (body === undefined) return { refused: 'damaged' };
  return { kind, version, sha256, origin: shipped ? 'shipped' : 'signed', body };
}

interface Header {
  readonly kind: string;
  readonly version: string;
  readonly sha256: string;
  readonly signature: Buffer | undefined;
}

function readHeader(bytes: Uint8Array): Header | undefined {
  const value = parseJson(bytes);
  if (typeof value !== 'object' || value === null) return undefined;
  // The fields are looked at one by one.
  const { format, kind, version, sha256, signature } = value as Record<string, unknown>;
  if (format !== FORMAT || typeof kind !== 'string' || typeof sha256 !== 'string') return undefined;
  if (typeof version !== 'string' || !/^[\w.-]{1,64}$/.test(version)) return undefined;
  const signed = typeof signature === 'string' ? Buffer.from(signature, 'base64') : undefined;
  return { kind, version, sha256, signature: signed };
}

function signedText(kind: string, version: string, sha256: string): Buffer {
  return Buffer.from(`${FORMAT}\n${kind}\n${version}\n${sha256}\n`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    // No JSON is an answer here.
    return undefined;
  }
}
