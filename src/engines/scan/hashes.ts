import { createHash, hash, type Hash } from 'node:crypto';

/** What the weak stage gives: MD5 and SHA-1, in lower-case hexadecimal. */
export interface WeakHashes {
  readonly md5: string;
  readonly sha1: string;
}

export interface Hashes extends WeakHashes {
  readonly sha256: string;
}

export const NO_WEAK_HASHES: WeakHashes = { md5: '', sha1: '' };

/**
 * The hashes of one body. SHA-256 is computed as the bytes come. MD5 and SHA-1 take three times as long and are
 * often not needed: they are computed at the end from the body in memory, or, from `beginWeak` on, as the bytes
 * come.
 */
export class BodyHashes {
  readonly #strong: Hash = createHash('sha256');
  #weak: { readonly md5: Hash; readonly sha1: Hash } | undefined;
  #sha256 = '';
  #found: WeakHashes | undefined;

  update(bytes: Uint8Array): void {
    this.#strong.update(bytes);
    this.#weak?.md5.update(bytes);
    this.#weak?.sha1.update(bytes);
  }

  /** The body will not stay in memory; `before` is what has come of it. */
  beginWeak(before: Iterable<Uint8Array>): void {
    if (this.#weak !== undefined) return;
    this.#weak = { md5: createHash('md5'), sha1: createHash('sha1') };
    for (const bytes of before) {
      this.#weak.md5.update(bytes);
      this.#weak.sha1.update(bytes);
    }
  }

  /** After the last byte. */
  sha256(): string {
    if (this.#sha256 === '') this.#sha256 = this.#strong.digest('hex');
    return this.#sha256;
  }

  /** After the last byte; `body` is asked for when they were not computed on the way. */
  weak(body: () => Uint8Array): WeakHashes {
    this.#found ??=
      this.#weak === undefined
        ? weakHashesOf(body())
        : { md5: this.#weak.md5.digest('hex'), sha1: this.#weak.sha1.digest('hex') };
    return this.#found;
  }
}

export function weakHashesOf(bytes: Uint8Array): WeakHashes {
  return { md5: hash('md5', bytes), sha1: hash('sha1', bytes) };
}
