import { equals, matchesLower } from './chars.ts';
import { FIELD } from './known.ts';

/** Numbers per field in the offsets: name start, name end, value start, value end, known field. */
export const FIELD_STRIDE = 5;

/**
 * The fields of one head, as offsets into its bytes; texts are made when they are asked for. Valid as long as the
 * bytes are. Names compare in any case, values are Latin-1 without the white space around them.
 */
export class FieldTable {
  readonly count: number;
  /** Offsets from the start of the head, `FIELD_STRIDE` numbers per field. A line ends with CRLF before the next name. */
  readonly offsets: readonly number[];
  readonly #source: Buffer;
  readonly #base: number;

  constructor(source: Buffer, base: number, offsets: readonly number[]) {
    this.#source = source;
    this.#base = base;
    this.offsets = offsets;
    this.count = offsets.length / FIELD_STRIDE;
  }

  /** The name of field `index`, in lower case. */
  name(index: number): string {
    const at = index * FIELD_STRIDE;
    return this.#text(this.offsets[at]!, this.offsets[at + 1]!).toLowerCase();
  }

  value(index: number): string {
    const at = index * FIELD_STRIDE;
    return this.#text(this.offsets[at + 2]!, this.offsets[at + 3]!);
  }

  /** Which of `FIELD` it is. */
  known(index: number): number {
    return this.offsets[index * FIELD_STRIDE + 4] ?? FIELD.OTHER;
  }

  /** The value of the first field with that name. */
  get(lowerName: string): string | undefined {
    const index = this.indexOf(lowerName, 0);
    return index < 0 ? undefined : this.value(index);
  }

  has(lowerName: string): boolean {
    return this.indexOf(lowerName, 0) >= 0;
  }

  /** The values of all fields with that name, in order. */
  all(lowerName: string): string[] {
    const values: string[] = [];
    for (let at = this.indexOf(lowerName, 0); at >= 0; at = this.indexOf(lowerName, at + 1)) {
      values.push(this.value(at));
    }
    return values;
  }

  /** Index of the first field of that name at or behind `from`; -1 when there is none. */
  indexOf(lowerName: string, from: number): number {
    const { offsets } = this;
    for (let at = from * FIELD_STRIDE; at < offsets.length; at += FIELD_STRIDE) {
      const start = offsets[at]!;
      if (offsets[at + 1]! - start !== lowerName.length) continue;
      if (matchesLower(this.#source, this.#base + start, lowerName)) return at / FIELD_STRIDE;
    }
    return -1;
  }

  /** Index of the first known field `field`; -1 when there is none. */
  indexOfKnown(field: number): number {
    const { offsets } = this;
    for (let at = 4; at < offsets.length; at += FIELD_STRIDE) {
      if (offsets[at] === field) return (at - 4) / FIELD_STRIDE;
    }
    return -1;
  }

  /** Whether the value of field `index` is exactly `text` (Latin-1), without making a string of it. */
  valueIs(index: number, text: string): boolean {
    const at = index * FIELD_STRIDE;
    const start = this.offsets[at + 2]!;
    return this.offsets[at + 3]! - start === text.length && equals(this.#source, this.#base + start, text);
  }

  #text(from: number, to: number): string {
    return from === to ? '' : this.#source.toString('latin1', this.#base + from, this.#base + to);
  }
}
