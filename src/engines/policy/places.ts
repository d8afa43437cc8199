import type { ConfigProblem, Locate } from '../config/index.ts';
import { ACTIONS } from './actions/index.ts';
import { CRITERION } from './criteria/index.ts';

export type PolicyProblem = ConfigProblem;

/** The text of a policy as plain data, and where its parts stand. */
export interface Source {
  readonly value: unknown;
  readonly locate: Locate;
}

/** A problem of a place in the document. Without a hint, an example of the criterion or action shows what is meant. */
export function problemAt(
  path: readonly PropertyKey[],
  { locate }: Source,
  message: string,
  hint?: string,
): PolicyProblem {
  const place = locate(path);
  // What is missing has no place of its own.
  const { line, column } = place ?? { line: 1, column: 1 };
  return { path: pathText(path), line, column, message, hint: hint ?? exampleFor(path) };
}

function exampleFor(path: readonly PropertyKey[]): string | undefined {
  for (const step of path.toReversed()) {
    const name = String(step);
    const found = CRITERION.get(name) ?? ACTIONS.find((action) => action.name === name);
    if (found !== undefined) return `For example ${name}: ${found.example}`;
  }
  return HINTS[String(path.at(-1) ?? '')];
}

const HINTS: Readonly<Record<string, string>> = {
  default: 'What happens to everything that no rule is about stands at the end of the document',
  name: 'For example name: no-gambling',
  // oxlint-disable-next-line unicorn/no-thenable -- the word of the document; never a function
  then: 'For example then: block',
  when: 'For example when: { host: "*.example.com" }',
  zone: 'For example zone: Europe/Berlin',
};

/** The place of an entry; a value that stands alone has no index in the text. */
export function placeOf(
  path: readonly PropertyKey[],
  index: number,
  { value }: Source,
): readonly PropertyKey[] {
  return Array.isArray(valueAt(value, path)) ? [...path, index] : path;
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined),
    value,
  );
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>((before, step) => {
    if (typeof step === 'number') return `${before}[${step}]`;
    return before === '' ? String(step) : `${before}.${String(step)}`;
  }, '');
  return text === '' ? '(file)' : text;
}
