import { formatBytes } from '../../kernel/index.ts';
import { openYaml } from '../config/index.ts';
import { CEILINGS, checkBounds, type PolicyBounds } from './bounds.ts';
import { checkMeaning } from './check.ts';
import { CRITERION } from './criteria/index.ts';
import { type Condition, LIST_KINDS, type PolicyDocument } from './document.ts';
import { problemsOf } from './issues.ts';
import type { PolicyProblem, Source } from './places.ts';
import { schemaOf } from './schema-shapes.ts';
import { listSchema, NAME, policySchema, ruleSchema, scheduleSchema } from './schema.ts';

export type { PolicyProblem } from './places.ts';

export interface ReadPolicy {
  /** Complete when there are no problems. */
  readonly document: PolicyDocument | undefined;
  readonly problems: readonly PolicyProblem[];
  /** What is allowed but hardly meant. */
  readonly warnings: readonly PolicyProblem[];
}

/** Text of a policy → checked document, or everything that is wrong with it, each with its place and what to do. Pure. */
export function readPolicy(text: string, bounds: PolicyBounds = CEILINGS): ReadPolicy {
  if (Buffer.byteLength(text) > bounds.bytesMax) return tooLarge(bounds.bytesMax);
  const source = openYaml(text);
  if (source.problem !== undefined) return { document: undefined, problems: source.problems, warnings: [] };
  const parsed = policySchema.safeParse(source.value ?? {});
  const found = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, [], source));
  const document = withLines(parsed.success ? parsed.data : rightParts(source.value), source);
  const { problems, warnings } = checkMeaning(document, source);
  const all = sorted([...found, ...problems, ...checkBounds(document, bounds, source)]);
  return all.length === 0
    ? { document, problems: [], warnings: sorted(warnings) }
    : { document: undefined, problems: all, warnings: [] };
}

function withLines(parsed: object, { locate }: Source): PolicyDocument {
  // The schema's output has the shape of a document, but for the line of each rule.
  const document = parsed as PolicyDocument;
  const rules = document.rules.map((rule, index) => ({
    ...rule,
    line: locate(['rules', index])?.line ?? 0,
  }));
  const { version, lists, schedules } = document;
  return { version, lists, schedules, rules, default: document.default };
}

/** What is right in a document that has faults, so that the rules between its parts are checked, too. */
function rightParts(value: unknown): object {
  const { lists, schedules, rules } = recordOf(value);
  const found = Array.isArray(rules) ? (rules as unknown[]) : [];
  const parsed = found.map((rule) => ruleSchema.safeParse(rule));
  const named = (section: unknown, one: (entry: unknown) => unknown): object =>
    Object.fromEntries(Object.entries(recordOf(section)).map(([name, entry]) => [name, one(entry)]));
  return {
    version: 1,
    lists: named(lists, (entry) => {
      const kind = LIST_KINDS.find((each) => each in recordOf(entry)) ?? 'hosts';
      return listSchema.safeParse(entry).data ?? { kind, entries: [] };
    }),
    schedules: named(schedules, (entry) => scheduleSchema.safeParse(entry).data ?? []),
    rules: parsed.map((result, at) => result.data ?? rightRule(recordOf(found[at]))),
    default: 'allow',
  };
}

/** Stands for a rule with faults of its own: the others keep their places, and what is right in it is looked at. */
function rightRule({ name, when, then }: Readonly<Record<string, unknown>>): object {
  const isName = typeof name === 'string' && NAME.test(name);
  return {
    name: isName ? name : '',
    note: '',
    enabled: false,
    when: rightCondition(when),
    // oxlint-disable-next-line unicorn/no-thenable -- the word of the document; never a function
    then: rightThen(then),
  };
}

function rightThen(then: unknown): object {
  const { scan } = recordOf(then);
  return typeof scan === 'string' ? { scan } : {};
}

function rightCondition(when: unknown): Condition {
  const entries = Object.entries(recordOf(when)).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'not' || name === 'any') {
      const nested = Array.isArray(value) ? (value as unknown[]) : [value];
      return [[name, nested.map(rightCondition)]];
    }
    const criterion = CRITERION.get(name);
    const parsed = criterion === undefined ? undefined : schemaOf(criterion.shape).safeParse(value);
    return parsed?.success === true ? [[name, parsed.data]] : [];
  });
  return Object.fromEntries(entries);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

function tooLarge(bytesMax: number): ReadPolicy {
  const hint = 'Make feeds of its lists; the bound is policy.bytesMax';
  const problem = {
    path: '(file)',
    line: undefined,
    column: undefined,
    message: `is larger than ${formatBytes(bytesMax)}`,
    hint,
  };
  return { document: undefined, problems: [problem], warnings: [] };
}

function sorted(problems: readonly PolicyProblem[]): readonly PolicyProblem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
