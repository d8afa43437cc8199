import { stringify } from 'yaml';
import { z } from 'zod';
import { conflictsOf } from './checks.ts';
import type { ConfigProblem } from './errors.ts';
import { nearest } from './nearest.ts';
import { FILE_SCHEMA, ROOT, SECTIONS, configReference, keysOf, type FileTree } from './schema.ts';
import { openYaml, wholeFile, type Locate } from './yaml-source.ts';

export interface Parsed {
  /** Complete only when there are no problems. */
  readonly tree: Partial<FileTree>;
  readonly problems: readonly ConfigProblem[];
}

/** Values of options: they go before the file, and a problem with one is shown under the option's name. */
export interface Override {
  readonly key: keyof typeof ROOT | 'allowDestinations';
  readonly option: string;
  readonly value: unknown;
}

/** Text of `sallyport.yaml` → checked tree, or everything that is wrong with it. Pure. */
export function parseConfig(text: string, overrides: readonly Override[] = []): Parsed {
  const source = openYaml(text);
  if (source.problem !== undefined) return { tree: {}, problems: source.problems };
  const value = withoutNulls(source.value);
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    return {
      tree: {},
      problems: [wholeFile('expected sections such as `listeners:` and `egress:`')],
    };
  }
  return check(value ?? {}, source.locate, overrides);
}

function check(value: object, locate: Locate, overrides: readonly Override[]): Parsed {
  const given = new Map<string, unknown>(Object.entries(value));
  const problems: ConfigProblem[] = [];
  const tree: Record<string, unknown> = {};
  const optionOf = new Map<string, string>();
  for (const { key, option, value: text } of overrides) {
    if (key === 'allowDestinations') addDestinations(given, text);
    else {
      given.set(key, text);
      optionOf.set(key, option);
    }
  }
  // Section by section, so that one wrong section does not hide the rules between keys of another.
  for (const [name, schema] of Object.entries({ ...ROOT, ...SECTIONS })) {
    const fallback = name in SECTIONS ? {} : undefined;
    const result = z.safeParse(schema, given.get(name) ?? fallback);
    if (result.success) tree[name] = result.data;
    else problems.push(...result.error.issues.flatMap((issue) => problemsOf(issue, name, locate, optionOf)));
    given.delete(name);
  }
  for (const name of given.keys()) problems.push(unknownKey([], name, locate));
  // Every value came out of the schema of its own key.
  const typed = tree as Partial<FileTree>;
  for (const { path, message, hint } of conflictsOf(typed))
    problems.push({ ...at(path, locate), message, hint });
  return { tree: typed, problems: problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

/** `--allow-destination` adds to the key of the file; wrong values are found when the section is checked. */
function addDestinations(given: Map<string, unknown>, values: unknown): void {
  const egress = given.get('egress') ?? {};
  if (typeof egress !== 'object' || egress === null || Array.isArray(egress)) return;
  const listed: unknown = Reflect.get(egress, 'allowDestinations') ?? [];
  if (!Array.isArray(listed) || !Array.isArray(values)) return;
  given.set('egress', { ...egress, allowDestinations: [...(listed as unknown[]), ...(values as unknown[])] });
}

function problemsOf(
  issue: z.core.$ZodIssue,
  section: string,
  locate: Locate,
  optionOf: ReadonlyMap<string, string>,
): readonly ConfigProblem[] {
  const path = [section, ...issue.path];
  const option = optionOf.get(section);
  if (option !== undefined) {
    return [{ path: option, line: undefined, column: undefined, message: issue.message, hint: undefined }];
  }
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, locate));
  const message =
    issue.code === 'invalid_type' && issue.expected === 'object'
      ? 'expected a section with keys of its own'
      : issue.message;
  return [{ ...at(path, locate), message, hint: undefined }];
}

function unknownKey(parent: readonly PropertyKey[], key: string, locate: Locate): ConfigProblem {
  const known = keysOf(parent);
  const near = nearest(key, known);
  const elsewhere = configReference().find(
    (row) => row.key.split('.').at(-1) === key || row.key.startsWith(`${key}.`),
  );
  const hint =
    near !== undefined
      ? `Did you mean \`${[...parent, near].map(String).join('.')}\`?`
      : elsewhere !== undefined
        ? `The key belongs elsewhere: \`${elsewhere.key.startsWith(`${key}.`) ? key : elsewhere.key}\``
        : `Known here: ${known.join(', ')}`;
  return { ...at([...parent, key], locate), message: 'unknown key', hint };
}

function at(path: readonly PropertyKey[], locate: Locate): Pick<ConfigProblem, 'path' | 'line' | 'column'> {
  const text = path.reduce<string>((before, step) => {
    if (typeof step === 'number') return `${before}[${step}]`;
    const name = step === '' ? '""' : String(step);
    return before === '' ? name : `${before}.${name}`;
  }, '');
  const place = locate(path);
  return { path: text, line: place?.line, column: place?.column };
}

/** `http:` with nothing below it is an empty section, not a wrong one. Entries of lists stay. */
function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value))
    return (value as unknown[]).map((item) => (item === null ? item : withoutNulls(item)));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]: [string, unknown]) => [key, withoutNulls(item)]),
  );
}

/** JSON Schema of the file: editors complete keys with it. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(FILE_SCHEMA, { io: 'input', unrepresentable: 'any' });
}

/** Any YAML or JSON text as plain data, with the same care as the file: nothing of it is quoted in a problem. */
export function parseYaml(
  text: string,
): { readonly problem: undefined; readonly value: unknown } | { readonly problem: ConfigProblem } {
  const { problem, value } = openYaml(text);
  return problem === undefined ? { problem, value } : { problem };
}

export function formatYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
