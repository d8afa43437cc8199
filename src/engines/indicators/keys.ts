import { hash } from 'node:crypto';
import { type Address, formatAddress, type Match, type Severity } from '../../kernel/index.ts';

/**
 * What identifies an entry: a letter for its kind, a colon and its canonical value, for example
 * `d:evil.example`. Files keep the first 128 bits of its SHA-256, so that nobody can craft a name that
 * is taken for another one.
 */
export type IndicatorKind = Exclude<Match['kind'], 'hash'>;

/** The position is the number in segment files: only ever append. */
export const KINDS = [
  'domain',
  'host',
  'url',
  'address',
  'network',
] as const satisfies readonly IndicatorKind[];
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[];

const LETTERS: Readonly<Record<IndicatorKind, string>> = {
  domain: 'd:',
  host: 'h:',
  url: 'u:',
  address: 'a:',
  network: 'n:',
};

export function keyText(kind: IndicatorKind, value: string): string {
  return LETTERS[kind] + value;
}

export function networkText(address: Address, prefix: number): string {
  return `${formatAddress(masked(address, prefix))}/${prefix}`;
}

export function masked(address: Address, prefix: number): Address {
  const bits = BigInt((address.family === 4 ? 32 : 128) - prefix);
  return { family: address.family, value: (address.value >> bits) << bits };
}

/** Writes the first 128 bits of the key's SHA-256 as four big-endian words. */
export function hashKey(text: string, into: Uint32Array, at: number): void {
  // As a binary string: three times as fast as a Buffer, which has to be allocated outside the heap.
  const digest = hash('sha256', text, 'binary');
  for (let word = 0; word < 4; word++) {
    const k = word * 4;
    into[at + word] =
      (digest.charCodeAt(k) << 24) |
      (digest.charCodeAt(k + 1) << 16) |
      (digest.charCodeAt(k + 2) << 8) |
      digest.charCodeAt(k + 3);
  }
}
