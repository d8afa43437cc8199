/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** One difference between two documents. `path` steps through keys with dots: `users.alice.role`. */
export interface Difference {
  readonly op: 'add' | 'remove' | 'change';
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** What changed, in the order of the keys. Lists are compared whole: their order means something. */
export function diffOf(before: Json | undefined, after: Json | undefined, path = ''): readonly Difference[] {
  if (before === undefined) return after === undefined ? [] : [{ op: 'add', path, after }];
  if (after === undefined) return [{ op: 'remove', path, before }];
  if (!isObject(before) || !isObject(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ op: 'change', path, before, after }];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys.flatMap((key) =>
    diffOf(own(before, key), own(after, key), path === '' ? key : `${path}.${key}`),
  );
}

/** `~ users.alice.role: user → admin`; for people. */
export function diffLine({ op, path, before, after }: Difference): string {
  if (op === 'change') return `~ ${path}: ${valueText(before)} → ${valueText(after)}`;
  return `${op === 'add' ? '+' : '-'} ${path}: ${valueText(op === 'add' ? after : before)}`;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Texts of many lines, such as policies, have a command of their own to be compared by. */
function shortText(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\n')
    ? `(${value.split('\n').length - 1} lines)`
    : value;
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function valueText(value: Json | undefined): string {
  const shown = JSON.stringify(value ?? null, (_, part: unknown) => shortText(part));
  return typeof value === 'string' ? String(shortText(value)) : shown;
}
