import {
  DEPTH_MAX,
  type Draft,
  emptyOf,
  type Field,
  type MessageLimits,
  type MessageType,
  type NamedField,
  type Reading,
} from './message.ts';

/**
 * Takes a parsed JSON document for a message (proto3's JSON mapping): names in either spelling, enumerations as
 * names or numbers, bytes in either alphabet of base64, 64-bit numbers as texts. Unknown names are skipped.
 */
export function messageOfJson<T>(type: MessageType<T>, document: unknown, limits: MessageLimits): Reading<T> {
  const reading = new JsonReading(limits.itemsMax);
  const value = reading.message(type, document, '', 0);
  if (reading.failure !== undefined) return { ok: false, reason: reading.failure };
  // `message` fills every field of `type`.
  return { ok: true, value: value as T };
}

/** The message as a plain object for `JSON.stringify`; what is empty is left out, as proto3 does. */
export function jsonOfMessage<T>(type: MessageType<T>, value: Draft<T>): Readonly<Record<string, unknown>> {
  const given = value as Readonly<Record<string, unknown>>;
  const document: Record<string, unknown> = {};
  for (const field of type.fields) {
    const one = given[field.name];
    if (field.repeated) {
      const each = (one ?? []) as readonly unknown[];
      if (each.length > 0) document[field.name] = each.map((item) => jsonOfValue(field, item));
    } else if (!isEmpty(one)) document[field.name] = jsonOfValue(field, one);
  }
  return document;
}

class JsonReading {
  failure: string | undefined;
  #items: number;

  constructor(itemsMax: number) {
    this.#items = itemsMax;
  }

  message(type: MessageType<unknown>, document: unknown, path: string, depth: number): unknown {
    const value: Record<string, unknown> = {};
    for (const field of type.fields) value[field.name] = emptyOf(field);
    if (typeof document !== 'object' || document === null || Array.isArray(document))
      return this.#wrong(path, 'is not an object');
    if (depth > DEPTH_MAX) return this.#wrong(path, 'is nested too deep');
    for (const [name, given] of Object.entries(document)) {
      const field = type.byName.get(name);
      // null means: not set.
      if (field === undefined || given === null) continue;
      const here = path === '' ? name : `${path}.${name}`;
      value[field.name] = field.repeated
        ? this.#array(field, given, here, depth)
        : this.#value(field, given, here, depth);
      if (this.failure !== undefined) break;
    }
    return value;
  }

  #array(field: NamedField, given: unknown, path: string, depth: number): unknown {
    if (!Array.isArray(given)) return this.#wrong(path, 'is not an array');
    const values: unknown[] = [];
    for (const [at, each] of given.entries()) {
      if (--this.#items < 0) return this.#wrong(path, 'has more elements than are taken');
      values.push(this.#value(field, each, `${path}[${at}]`, depth));
      if (this.failure !== undefined) break;
    }
    return values;
  }

  #value(field: Field<unknown>, given: unknown, path: string, depth: number): unknown {
    switch (field.kind) {
      case 'int32':
      case 'uint32':
        return this.#number(given, path, field.kind === 'int32' ? INT32 : UINT32);
      case 'int64':
      case 'uint64':
      case 'fixed64':
        return this.#bigint(given, path);
      case 'bool':
        return typeof given === 'boolean' ? given : this.#wrong(path, 'is not true or false');
      case 'string':
        return typeof given === 'string' ? given : this.#wrong(path, 'is not a text');
      case 'bytes':
        return bytesOfBase64(given) ?? this.#wrong(path, 'is not base64');
      case 'enum':
        return this.#enum(field, given, path);
      case 'duration':
        return durationOf(given) ?? this.#wrong(path, 'is not a duration such as "3.5s"');
      case 'message':
        return this.message(field.message!, given, path, depth + 1);
    }
  }

  #number(given: unknown, path: string, [min, max]: readonly [number, number]): unknown {
    const number = typeof given === 'string' && given !== '' ? Number(given) : given;
    const isOne = typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max;
    return isOne ? number : this.#wrong(path, `is not a whole number from ${min} to ${max}`);
  }

  #bigint(given: unknown, path: string): unknown {
    const isOne = (typeof given === 'string' && /^-?[0-9]{1,20}$/.test(given)) || Number.isSafeInteger(given);
    return isOne ? BigInt(given as string | number) : this.#wrong(path, 'is not a whole number');
  }

  #enum(field: Field<unknown>, given: unknown, path: string): unknown {
    if (typeof given === 'number') return this.#number(given, path, INT32);
    const number = typeof given === 'string' ? field.names?.byName.get(given) : undefined;
    return number ?? this.#wrong(path, 'is none of the names of its enumeration');
  }

  #wrong(path: string, what: string): undefined {
    this.failure ??= `${path === '' ? 'the document' : path.slice(0, PATH_MAX)} ${what}`;
    return undefined;
  }
}

/** Longest path in a message about a mistake. */
const PATH_MAX = 100;
const INT32: readonly [number, number] = [-(2 ** 31), 2 ** 31 - 1];
const UINT32: readonly [number, number] = [0, 2 ** 32 - 1];

function jsonOfValue(field: Field<unknown>, value: unknown): unknown {
  if (value instanceof Uint8Array) return base64(value);
  if (typeof value === 'bigint') return value.toString();
  if (field.kind === 'enum') return field.names?.byNumber.get(value as number) ?? value;
  if (field.kind === 'duration') return durationText(value as number);
  if (field.kind === 'message') return jsonOfMessage(field.message!, value as object);
  return value;
}

function isEmpty(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  return value === undefined || value === 0 || value === 0n || value === false || value === '';
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** Bytes in either alphabet, with or without padding; `undefined` when it is something else. */
export function bytesOfBase64(given: unknown): Uint8Array | undefined {
  if (typeof given !== 'string') return undefined;
  const end = given.endsWith('==') ? given.length - 2 : given.endsWith('=') ? given.length - 1 : given.length;
  // One character alone holds six bits, which is no byte.
  if (end % 4 === 1 || !BASE64.test(given.slice(0, end))) return undefined;
  return Buffer.from(given.slice(0, end), 'base64');
}

const BASE64 = /^[A-Za-z0-9+/_-]*$/;

function durationOf(given: unknown): number | undefined {
  if (typeof given !== 'string' || !/^-?[0-9]{1,12}(\.[0-9]{1,9})?s$/.test(given)) return undefined;
  return Math.round(Number(given.slice(0, -1)) * 1000);
}

function durationText(ms: number): string {
  return `${Number.isInteger(ms / 1000) ? ms / 1000 : (ms / 1000).toFixed(3)}s`;
}
