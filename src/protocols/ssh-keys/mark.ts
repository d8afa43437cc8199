import type { Certificate } from './certificate.ts';
import { fingerprint, parseKeyLine } from './public-key.ts';

const KEY = 'SHA256:[A-Za-z0-9+/]{43}';
const SERIAL = '(?:0|[1-9]\\d{0,19})';
/** How keys and certificates are named that no longer sign in. */
const MARK = new RegExp(
  `^(?:${KEY}|(?:${KEY}/)?(?:serial:${SERIAL}(?:-${SERIAL})?|id:[^\\p{C}]{1,200}))$`,
  'u',
);
const RANGE = /^(.*serial:)(\d+)-(\d+)$/;
const ONE_SERIAL = /^(.*serial:)(\d+)$/;

/**
 * `SHA256:…` of a key or an authority; `serial:42`, `serial:40-49` or `id:alice` of certificates, of all authorities
 * or of one: `SHA256:…/serial:42`.
 */
export function isMark(text: string): boolean {
  return MARK.test(text);
}

/** A mark as somebody wrote it, or the fingerprint of the key that they gave instead; `undefined`: neither. */
export function markOf(text: string): string | undefined {
  const key = parseKeyLine(text);
  return key === undefined ? (isMark(text) ? text : undefined) : fingerprint(key.key.blob);
}

/** Serials and key ids are given by an authority, and mean nothing at another one. */
export function needsAuthority(mark: string): boolean {
  return /^(?:serial|id):/.test(mark);
}

/** The same mark, for certificates of one authority only. */
export function markAt(authority: string, mark: string): string {
  return `${authority}/${mark}`;
}

/** Every mark by which a certificate may be revoked. */
export function marksOf({ authority, key, serial, keyId }: Certificate): readonly string[] {
  const signer = fingerprint(authority.blob);
  const own = [`serial:${serial}`, `id:${keyId}`];
  return [signer, fingerprint(key.blob), ...own, ...own.map((mark) => markAt(signer, mark))];
}

interface Range {
  /** Up to the numbers: `SHA256:…/serial:`. */
  readonly of: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** What signs nobody in any more. */
export class RevokedMarks {
  readonly #marks: ReadonlySet<string>;
  readonly #ranges: readonly Range[];

  constructor(marks: Iterable<string>) {
    this.#marks = new Set(marks);
    this.#ranges = Array.from(this.#marks).flatMap((mark) => {
      const [, of, from, to] = RANGE.exec(mark) ?? [];
      // An id may look like a range of serials.
      if (of === undefined || from === undefined || to === undefined || !/^(?:.{50}\/)?serial:$/.test(of))
        return [];
      return [{ of, from: BigInt(from), to: BigInt(to) }];
    });
  }

  /** True when a key or certificate with these marks is revoked. */
  hasAny(marks: readonly string[]): boolean {
    return marks.some((mark) => this.#marks.has(mark) || this.#isInRange(mark));
  }

  #isInRange(mark: string): boolean {
    if (this.#ranges.length === 0) return false;
    const [, of, text] = ONE_SERIAL.exec(mark) ?? [];
    if (of === undefined || text === undefined) return false;
    const serial = BigInt(text);
    return this.#ranges.some((range) => range.of === of && range.from <= serial && serial <= range.to);
  }
}
