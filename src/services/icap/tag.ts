import { hash } from 'node:crypto';
import { encodeAnswer } from '../../protocols/icap/index.ts';

/** The service tag of every answer: another one whenever a verdict or a decision might be (RFC 3507 §4.7). */
export interface Tag {
  readonly text: string;
  /** The 204 of a kept connection with nothing to tell. */
  readonly unmodified: Uint8Array;
}

/** Made anew when one of the versions has changed; compared, not hashed, for every answer. */
export class VersionTag implements Tag {
  readonly #versions: () => readonly [scan: string, policy: string];
  #scan: string | undefined = undefined;
  #policy: string | undefined = undefined;
  #text = '';
  #unmodified: Uint8Array = new Uint8Array(0);

  constructor(versions: () => readonly [scan: string, policy: string]) {
    this.#versions = versions;
  }

  get text(): string {
    this.#look();
    return this.#text;
  }

  get unmodified(): Uint8Array {
    this.#look();
    return this.#unmodified;
  }

  #look(): void {
    const [scan, policy] = this.#versions();
    if (scan === this.#scan && policy === this.#policy) return;
    this.#scan = scan;
    this.#policy = policy;
    // 28 characters of at most 32.
    this.#text = `SP01${hash('sha256', `${scan}\n${policy}`).slice(0, 24)}`;
    const answer = { status: 204, istag: this.#text, fields: [], keepAlive: true };
    this.#unmodified = Buffer.concat(encodeAnswer(answer));
  }
}
