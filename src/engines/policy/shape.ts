import type { ListKind } from './document.ts';

/** Says what is wrong with a text; `undefined`: nothing. */
export type Check = (text: string) => string | undefined;

/**
 * What may be written as a value, as data: the schema, its messages and the reference are made of it, so that the
 * edges, which only compile, need no schema library.
 */
export type Shape =
  /** One text or a list of them; `list`: a name behind `$` stands for a named list of that kind. */
  | {
      readonly kind: 'texts';
      readonly what: string;
      readonly check: Check;
      readonly list?: ListKind;
      readonly lower?: boolean;
    }
  | { readonly kind: 'choices'; readonly values: readonly string[] }
  | { readonly kind: 'flag' }
  /** `{min, max}`, both ends belong to it; a number alone is `min`. */
  | { readonly kind: 'range'; readonly unit: 'number' | 'size'; readonly max: number }
  /** One or a list of `{name, equals | contains | matches | present}`. */
  | { readonly kind: 'fields' }
  /** Members, each of which may be absent, but not all. */
  | { readonly kind: 'members'; readonly members: Readonly<Record<string, Shape>> };

export interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface FieldTest {
  /** Lower case. */
  readonly name: string;
  readonly equals?: string | undefined;
  readonly contains?: string | undefined;
  readonly matches?: string | undefined;
  readonly present?: boolean | undefined;
}

export function isInside({ min, max }: Range, value: number): boolean {
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

export function rangeText({ min, max }: Range): string {
  if (max === undefined) return `at least ${min}`;
  return min === undefined ? `at most ${max}` : `${min} to ${max}`;
}
