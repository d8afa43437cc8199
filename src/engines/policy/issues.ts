import type { z } from 'zod';
import { nearest } from '../config/index.ts';
import { problemAt, type PolicyProblem, type Source, valueAt } from './places.ts';
import { policySchema } from './schema.ts';

/** What the schema found, in our words and with its places. */
export function problemsOf(
  issue: z.core.$ZodIssue,
  before: readonly PropertyKey[],
  source: Source,
): readonly PolicyProblem[] {
  const path = [...before, ...issue.path];
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(issue.errors, valueAt(source.value, path));
    if (branch !== undefined) return branch.flatMap((each) => problemsOf(each, path, source));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path, key, source));
  }
  if (issue.code === 'invalid_key') {
    return [problemAt(path, source, issue.issues[0]?.message ?? issue.message)];
  }
  return [problemAt(path, source, issue.message)];
}

/** Of the forms that a value may have, the one that its kind says was meant. */
function meantBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  value: unknown,
): readonly z.core.$ZodIssue[] | undefined {
  const wrongKind = (issues: readonly z.core.$ZodIssue[]): boolean =>
    issues.some(
      ({ code, path }) =>
        path.length === 0 &&
        (code === 'invalid_type' || (code === 'invalid_value' && typeof value === 'object')),
    );
  return branches.find((issues) => issues.length > 0 && !wrongKind(issues)) ?? branches.at(-1);
}

function unknownKey(parent: readonly PropertyKey[], key: string, source: Source): PolicyProblem {
  const known = keysOf(policySchema, parent);
  const near = nearest(key, known);
  const hint =
    near === undefined
      ? known.length === 0
        ? undefined
        : `Known here: ${known.join(', ')}`
      : `Did you mean \`${near}\`?`;
  return problemAt([...parent, key], source, 'unknown key', hint);
}

/** Keys that the schema knows at a place below it. */
function keysOf(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const { def } = schema as { readonly def: Readonly<Record<string, unknown>> };
  switch (def['type']) {
    case 'prefault':
    case 'optional':
      return keysOf(def['innerType'], path);
    case 'pipe':
      return keysOf(def['in'], path);
    case 'lazy':
      return keysOf((def['getter'] as () => unknown)(), path);
    case 'union': {
      const found = (def['options'] as readonly unknown[]).map((option) => keysOf(option, path));
      return found.find((keys) => keys.length > 0) ?? [];
    }
    case 'array':
      return typeof path[0] === 'number' ? keysOf(def['element'], path.slice(1)) : [];
    case 'record':
      return path.length > 0 ? keysOf(def['valueType'], path.slice(1)) : [];
    case 'object': {
      const shape = def['shape'] as Readonly<Record<string, unknown>>;
      const [step] = path;
      if (step === undefined) return Object.keys(shape);
      const next = shape[String(step)];
      return next === undefined ? [] : keysOf(next, path.slice(1));
    }
    default:
      return [];
  }
}
