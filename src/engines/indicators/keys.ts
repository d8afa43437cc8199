import { hash } from 'node:crypto';
import { type Address, formatAddress, type Match, type Severity } from '../../kernel/index.ts';

export type IndicatorKind = Match['kind'];

/** The position is the number in segment files: only ever append. */
export const KINDS = [
  'domain',
  'host',
  'url',
  'address',
  'network',
  'hash',
  'email',
] as const satisfies readonly IndicatorKind[];
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[];

export const KIND_NUMBER: Readonly<Record<IndicatorKind, number>> = {
  domain: 0,
  host: 1,
  url: 2,
  address: 3,
  network: 4,
  hash: 5,
  email: 6,
};

/** Hashes are stored whole, each type in a table of its own; everything else by the SHA-256 of a text. */
export const TABLES = ['keys', 'md5', 'sha1', 'sha256'] as const;
export type TableName = (typeof TABLES)[number];
export const KEY_BYTES: Readonly<Record<TableName, number>> = { keys: 16, md5: 16, sha1: 20, sha256: 32 };
export const KEY_BYTES_MAX = 32;

export function noKinds(): Record<IndicatorKind, number> {
  return { domain: 0, host: 0, url: 0, address: 0, network: 0, hash: 0, email: 0 };
}

/** The table of a hash by its number of hexadecimal digits; `undefined` when it is none of ours. */
export function hashTable(digits: number): Exclude<TableName, 'keys'> | undefined {
  return digits === 32 ? 'md5' : digits === 40 ? 'sha1' : digits === 64 ? 'sha256' : undefined;
}

/**
 * The Safe Browsing expression that an entry of these kinds stands for. Entries of several kinds may share
 * one: `evil.example/` is the domain, the host, and the URL of its root.
 */
export function expressionOf(kind: 'domain' | 'host' | 'url' | 'address', value: string): string {
  if (kind === 'url') return value;
  return kind === 'address' && value.includes(':') ? `[${value}]/` : `${value}/`;
}

export function isExpressionKind(kind: IndicatorKind): kind is 'domain' | 'host' | 'url' | 'address' {
  return kind !== 'network' && kind !== 'hash' && kind !== 'email';
}

/** What identifies an entry, apart from its kind: the expression, a network or mail address with its letter, a hash itself. */
export function keyText(kind: IndicatorKind, value: string): string {
  if (isExpressionKind(kind)) return expressionOf(kind, value);
  return kind === 'network' ? `n:${value}` : kind === 'email' ? `m:${value}` : value;
}

/**
 * A key while something is looked up: its text, and its bytes, which are computed when the first filter says
 * "maybe". For a hash they are the hash; for everything else the first 128 bits of the text's SHA-256, so that
 * nobody can craft a name that is taken for another one.
 */
export class Key {
  text = '';
  table: TableName = 'keys';
  readonly #bytes = new Uint8Array(KEY_BYTES_MAX);
  #isHashed = false;

  set(kind: IndicatorKind, value: string): this {
    const table = kind === 'hash' ? hashTable(value.length) : undefined;
    return this.setText(keyText(kind, value), table ?? 'keys');
  }

  setText(text: string, table: TableName): this {
    this.text = text;
    this.table = table;
    this.#isHashed = false;
    return this;
  }

  get bytes(): Uint8Array {
    if (!this.#isHashed) writeKey(this.text, this.table, this.#bytes, 0);
    this.#isHashed = true;
    return this.#bytes;
  }
}

/** Writes the bytes of a key. */
export function writeKey(text: string, table: TableName, into: Uint8Array, at: number): void {
  if (table === 'keys') {
    // As a binary string: three times as fast as a Buffer, which has to be allocated outside the heap.
    const digest = hash('sha256', text, 'binary');
    for (let byte = 0; byte < 16; byte++) into[at + byte] = digest.charCodeAt(byte);
    return;
  }
  for (let byte = 0; byte * 2 < text.length; byte++) {
    into[at + byte] = (digit(text.charCodeAt(byte * 2)) << 4) | digit(text.charCodeAt(byte * 2 + 1));
  }
}

/** Below 0, 0 or above 0, as the keys sort. */
export function compareKeys(a: Uint8Array, at: number, b: Uint8Array, bt: number, bytes: number): number {
  for (let byte = 0; byte < bytes; byte++) {
    const difference = a[at + byte]! - b[bt + byte]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

export function networkText(address: Address, prefix: number): string {
  return `${formatAddress(masked(address, prefix))}/${prefix}`;
}

export function masked(address: Address, prefix: number): Address {
  const bits = BigInt((address.family === 4 ? 32 : 128) - prefix);
  return { family: address.family, value: (address.value >> bits) << bits };
}

/** The value of a lower-case hexadecimal digit. */
function digit(code: number): number {
  return code <= 0x39 ? code - 0x30 : code - 0x57;
}
