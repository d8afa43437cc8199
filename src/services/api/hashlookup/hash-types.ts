/** Kinds of hashes that the API looks up, as it writes them. */
export interface HashType {
  /** In paths. */
  readonly name: 'md5' | 'sha1' | 'sha256';
  /** In documents and messages. */
  readonly field: 'MD5' | 'SHA-1' | 'SHA-256';
  readonly digits: number;
  /** Collisions can be made: that a file is known good is no proof that this one is. */
  readonly isWeak: boolean;
}

export const HASH_TYPES = {
  md5: { name: 'md5', field: 'MD5', digits: 32, isWeak: true },
  sha1: { name: 'sha1', field: 'SHA-1', digits: 40, isWeak: true },
  sha256: { name: 'sha256', field: 'SHA-256', digits: 64, isWeak: false },
} as const satisfies Readonly<Record<string, HashType>>;

/** The type of a hash by its length. */
export function hashTypeOf(digits: number): HashType | undefined {
  return Object.values(HASH_TYPES).find((type) => type.digits === digits);
}

/** Lower-case hexadecimal of the right length; `undefined` when the text is no such hash. */
export function hashIn(text: string, { digits }: Pick<HashType, 'digits'>): string | undefined {
  if (text.length !== digits) return undefined;
  let hasUpper = false;
  for (let at = 0; at < digits; at++) {
    const code = text.charCodeAt(at);
    if ((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66)) continue;
    if (code < 0x41 || code > 0x46) return undefined;
    hasUpper = true;
  }
  return hasUpper ? text.toLowerCase() : text;
}
