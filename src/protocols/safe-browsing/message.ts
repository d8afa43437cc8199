/** Names and numbers of an enumeration. Numbers that are not in it are kept as they are. */
export interface EnumTable {
  readonly byName: ReadonlyMap<string, number>;
  readonly byNumber: ReadonlyMap<number, string>;
}

export function enumTable(numbers: Readonly<Record<string, number>>): EnumTable {
  const entries = Object.entries(numbers);
  return { byName: new Map(entries), byNumber: new Map(entries.map(([name, number]) => [number, name])) };
}

/** How a field looks in memory: 64-bit numbers are `bigint`, a duration is whole milliseconds. */
export type FieldKind =
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'bool'
  | 'string'
  | 'bytes'
  | 'enum'
  | 'duration'
  | 'message';

export interface Field<T> {
  readonly number: number;
  readonly kind: FieldKind;
  readonly repeated: boolean;
  /** Written even when it is zero: readers of proto2 tell what is missing from what is zero. */
  readonly always: boolean;
  readonly names?: EnumTable;
  readonly message?: MessageType<unknown>;
  /** Never there; carries the type. */
  readonly type?: T;
}

export interface NamedField extends Field<unknown> {
  /** As in JSON. */
  readonly name: string;
}

export interface MessageType<T> {
  readonly fields: readonly NamedField[];
  readonly byNumber: ReadonlyMap<number, NamedField>;
  /** By its JSON name and by its name in the protocol's definition. */
  readonly byName: ReadonlyMap<string, NamedField>;
  readonly type?: T;
}

/** What a type of message holds. */
export type Decoded<M> = M extends MessageType<infer T> ? T : never;

/** What is given to an encoder: everything that is missing is empty. */
export type Draft<T> = T extends Uint8Array | bigint | number | string | boolean | undefined
  ? T
  : T extends readonly (infer Each)[]
    ? readonly Draft<Each>[]
    : { readonly [K in keyof T]?: Draft<T[K]> };

type Shape = Readonly<Record<string, Field<unknown>>>;
type ShapeOf<S extends Shape> = { readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never };

export function messageType<const S extends Shape>(shape: S): MessageType<ShapeOf<S>> {
  const fields = Object.entries(shape).map(([name, field]): NamedField => ({ ...field, name }));
  const names = fields.flatMap((field) => [
    [field.name, field] as const,
    [snakeName(field.name), field] as const,
  ]);
  return {
    fields,
    byNumber: new Map(fields.map((field) => [field.number, field])),
    byName: new Map(names),
  };
}

function snakeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function fieldOf<T>(number: number, kind: FieldKind, rest: Partial<Field<T>> = {}): Field<T> {
  return { number, kind, repeated: false, always: false, ...rest };
}

export const int32 = (number: number): Field<number> => fieldOf(number, 'int32');
export const uint32 = (number: number): Field<number> => fieldOf(number, 'uint32');
export const int64 = (number: number): Field<bigint> => fieldOf(number, 'int64');
export const uint64 = (number: number): Field<bigint> => fieldOf(number, 'uint64');
export const fixed64 = (number: number): Field<bigint> => fieldOf(number, 'fixed64');
export const bool = (number: number): Field<boolean> => fieldOf(number, 'bool');
export const text = (number: number): Field<string> => fieldOf(number, 'string');
export const bytes = (number: number): Field<Uint8Array> => fieldOf(number, 'bytes');
export const duration = (number: number): Field<number | undefined> => fieldOf(number, 'duration');
export const enumeration = (number: number, names: EnumTable): Field<number> =>
  fieldOf(number, 'enum', { names });
export const message = <T>(number: number, of: MessageType<T>): Field<T | undefined> =>
  fieldOf(number, 'message', { message: of });
export const repeated = <T>(each: Field<T>): Field<readonly NonNullable<T>[]> => {
  const { number, kind, names, message: of } = each;
  return fieldOf(number, kind, {
    repeated: true,
    ...(names === undefined ? {} : { names }),
    ...(of === undefined ? {} : { message: of }),
  });
};
export const always = <T>(each: Field<T>): Field<T> => ({ ...each, always: true });

const EMPTY_BYTES = new Uint8Array(0);

/** What a field holds that nobody has set. */
export function emptyOf({ kind, repeated: isRepeated }: Field<unknown>): unknown {
  if (isRepeated) return [];
  switch (kind) {
    case 'int64':
    case 'uint64':
    case 'fixed64':
      return 0n;
    case 'bool':
      return false;
    case 'string':
      return '';
    case 'bytes':
      return EMPTY_BYTES;
    case 'duration':
    case 'message':
      return undefined;
    default:
      return 0;
  }
}

/** Bounds of what a peer may send. */
export interface MessageLimits {
  /** Elements of all repeated fields together. */
  readonly itemsMax: number;
}

/** Deepest nesting; the messages here need five. */
export const DEPTH_MAX = 8;

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };
