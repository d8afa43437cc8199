import { LineCounter, isMap, isScalar, isSeq, parseDocument, stringify, type Document } from 'yaml';
import { z } from 'zod';
import { conflictsOf } from './checks.ts';
import type { ConfigProblem } from './errors.ts';
import { nearest } from './nearest.ts';
import { FILE_SCHEMA, ROOT, SECTIONS, configReference, keysOf, type FileTree } from './schema.ts';

export interface Parsed {
  /** Complete only when there are no problems. */
  readonly tree: Partial<FileTree>;
  readonly problems: readonly ConfigProblem[];
}

/** A place in the text, from a path in steps. */
type Locate = (
  path: readonly PropertyKey[],
) => { readonly line: number; readonly column: number } | undefined;

/** Values of options: they go before the file, and a problem with one is shown under the option's name. */
export interface Override {
  readonly key: keyof typeof ROOT | 'allowDestinations';
  readonly option: string;
  readonly value: unknown;
}

/** Text of `sallyport.yaml` → checked tree, or everything that is wrong with it. Pure. */
export function parseConfig(text: string, overrides: readonly Override[] = []): Parsed {
  const lines = new LineCounter();
  // Without prettyErrors the messages quote nothing from the file, so no secret in it gets into a log.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) {
    return { tree: {}, problems: document.errors.map((error) => syntaxProblem(error, lines)) };
  }
  let value: unknown;
  try {
    value = withoutNulls(document.toJS({ maxAliasCount: 100 }));
  } catch {
    // The only thing that `toJS` throws for: more aliases than a person writes.
    return { tree: {}, problems: [wholeFile('uses too many aliases', undefined)] };
  }
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    return {
      tree: {},
      problems: [wholeFile('expected sections such as `listeners:` and `egress:`', undefined)],
    };
  }
  return check(value ?? {}, locator(document, lines), overrides);
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

/** Finds the key of the deepest step that the text has: a missing key is shown at its section. */
function locator(document: Document, lines: LineCounter): Locate {
  return (path) => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find(
          ({ key }) => (isScalar(key) ? String(key.value ?? '') : undefined) === String(step),
        );
        if (pair === undefined) break;
        if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        const item: unknown = node.items[Number(step)];
        if (!isScalar(item) && !isMap(item) && !isSeq(item)) break;
        offset = item.range?.[0] ?? offset;
        node = item;
      } else break;
    }
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
}

function syntaxProblem(
  error: { readonly code: string; readonly message: string; readonly pos: readonly number[] },
  lines: LineCounter,
): ConfigProblem {
  const { line, col } = lines.linePos(error.pos[0] ?? 0);
  const message = SYNTAX[error.code] ?? 'is not valid YAML here';
  return {
    path: '(file)',
    line,
    column: col,
    message,
    hint: 'Keys end with a colon and a blank, and levels are indented with blanks',
  };
}

/** The mistakes that people make; the parser's own messages may quote the file, and that may hold a secret. */
const SYNTAX: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'is indented with a tab; use blanks',
  DUPLICATE_KEY: 'repeats a key of the same section',
  BAD_INDENT: 'is indented differently from its neighbors',
  MISSING_CHAR: 'misses a character, for example a closing quote or bracket',
  MULTIPLE_DOCS: 'starts a second document; one is expected',
};

function wholeFile(message: string, line: number | undefined): ConfigProblem {
  return { path: '(file)', line, column: undefined, message, hint: undefined };
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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) return { problem: syntaxProblem(error, lines) };
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { problem: undefined, value };
  } catch {
    return { problem: wholeFile('uses too many aliases', undefined) };
  }
}

export function formatYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
