import { type NamedList, STEP, type Steps } from '../../../protocols/safe-browsing/index.ts';

/** Entries of the table by the first 16 bits: a list of a million has sixteen behind each. */
const TABLE = 65_536;

/** All prefixes of one server, to be asked for the hash of an expression. Immutable. */
export class PrefixIndex {
  /** Of all lists, ascending. */
  readonly #numbers: Uint32Array;
  /** Where the numbers with these first 16 bits begin; one more for the end. */
  readonly #starts = new Uint32Array(TABLE + 1);
  /** Longer prefixes by their first four bytes, in hexadecimal. */
  readonly #longer = new Map<number, readonly string[]>();

  private constructor(numbers: Uint32Array, lists: readonly NamedList[]) {
    this.#numbers = numbers;
    for (const each of lists.flatMap((list) => list.longer)) {
      const head = Buffer.from(each).readUInt32BE(0);
      const known = this.#longer.get(head) ?? [];
      this.#longer.set(head, [...known, Buffer.from(each).toString('hex')]);
    }
  }

  static *of(lists: readonly NamedList[]): Steps<PrefixIndex> {
    const index = new PrefixIndex(yield* unionSteps(lists.map(({ prefixes }) => prefixes)), lists);
    const starts = index.#starts;
    let high = 0;
    for (let at = 0; at < index.#numbers.length; at++) {
      const first = index.#numbers[at]! >>> 16;
      while (high <= first) starts[high++] = at;
      if (at % STEP === STEP - 1) yield;
    }
    while (high <= TABLE) starts[high++] = index.#numbers.length;
    return index;
  }

  /** The prefixes of a SHA-256 (32 bytes), in hexadecimal; none nearly always. */
  prefixesOf(hash: Buffer): readonly string[] {
    const head = hash.readUInt32BE(0);
    const found: string[] = [];
    if (this.#has(head)) found.push(hash.toString('hex', 0, 4));
    if (this.#longer.size === 0) return found;
    const longer = this.#longer.get(head);
    if (longer === undefined) return found;
    const whole = hash.toString('hex');
    for (const each of longer) if (whole.startsWith(each) && !found.includes(each)) found.push(each);
    return found;
  }

  #has(number: number): boolean {
    let low = this.#starts[number >>> 16]!;
    let high = this.#starts[(number >>> 16) + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.#numbers[middle]!;
      if (found === number) return true;
      if (found < number) low = middle + 1;
      else high = middle;
    }
    return false;
  }
}

function* unionSteps(sets: readonly Uint32Array[]): Steps<Uint32Array> {
  let all: Uint32Array = new Uint32Array(0);
  for (const set of sets) {
    const union = new Uint32Array(all.length + set.length);
    let filled = 0;
    let inAll = 0;
    let inSet = 0;
    while (inAll < all.length || inSet < set.length) {
      const a = inAll < all.length ? all[inAll]! : Number.POSITIVE_INFINITY;
      const b = inSet < set.length ? set[inSet]! : Number.POSITIVE_INFINITY;
      union[filled++] = Math.min(a, b);
      if (a <= b) inAll++;
      if (b <= a) inSet++;
      if (filled % STEP === 0) yield;
    }
    all = union.slice(0, filled);
  }
  return all;
}
