import { createHash, randomBytes } from 'node:crypto';

/**
 * Texts that were seen, by 64 bits of a keyed hash: 16 bytes a text at most. The key is random, so nobody can make
 * an entry that hides another; by chance, ten million texts lose one in 400,000 renderings.
 */
export class SeenTexts {
  readonly #key = randomBytes(16);
  #slots = new BigUint64Array(1024);
  #count = 0;

  /** False: it was there already. */
  add(text: string): boolean {
    const hash = createHash('sha256').update(this.#key).update(text).digest().readBigUInt64LE(0) || 1n;
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    const at = slotOf(this.#slots, hash);
    if (this.#slots[at] === hash) return false;
    this.#slots[at] = hash;
    this.#count++;
    return true;
  }

  #grow(): void {
    const next = new BigUint64Array(this.#slots.length * 2);
    for (const hash of this.#slots) if (hash !== 0n) next[slotOf(next, hash)] = hash;
    this.#slots = next;
  }
}

function slotOf(slots: BigUint64Array, hash: bigint): number {
  const mask = slots.length - 1;
  let at = Number(hash & 0xffff_ffffn) & mask;
  while (slots[at] !== 0n && slots[at] !== hash) at = (at + 1) & mask;
  return at;
}
