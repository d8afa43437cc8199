import { LineCounter, isMap, isScalar, isSeq, parseDocument, type Document } from 'yaml';
import type { ConfigProblem } from './errors.ts';

/** A place in the text, from a path in steps. */
export type Locate = (
  path: readonly PropertyKey[],
) => { readonly line: number; readonly column: number } | undefined;

/** YAML or JSON text as plain data, with the places where its parts stand; or what is wrong with its form. */
export type YamlSource =
  | { readonly problem: undefined; readonly value: unknown; readonly locate: Locate }
  | {
      /** The first of the problems. */
      readonly problem: ConfigProblem;
      readonly problems: readonly ConfigProblem[];
      readonly value: undefined;
    };

/** Nothing of the text is quoted in a problem, so no secret in it gets into a log. */
export function openYaml(text: string): YamlSource {
  const lines = new LineCounter();
  // Without prettyErrors the parser's own messages quote nothing either.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [first, ...rest] = document.errors.map((error) => syntaxProblem(error, lines));
  if (first !== undefined) return { problem: first, problems: [first, ...rest], value: undefined };
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { problem: undefined, value, locate: locator(document, lines) };
  } catch {
    // The only thing that `toJS` throws for: more aliases than a person writes.
    const problem = wholeFile('uses too many aliases');
    return { problem, problems: [problem], value: undefined };
  }
}

/** Keys may be numbers or nothing; steps are texts. */
function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  return typeof key === 'number' || typeof key === 'boolean' ? String(key) : '';
}

/** Finds the key of the deepest step that the text has: a missing key is shown at its section. */
function locator(document: Document, lines: LineCounter): Locate {
  return (path) => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && keyText(key.value) === String(step));
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

/** A problem of the text as a whole. */
export function wholeFile(message: string): ConfigProblem {
  return { path: '(file)', line: undefined, column: undefined, message, hint: undefined };
}
