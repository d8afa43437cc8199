import { readdirSync, readFileSync } from 'node:fs';

/** One TypeScript file of the tree, path relative to the root of the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Import {
  /** As written: `../../kernel/index.ts`, `node:net`, `zod`. */
  readonly from: string;
  /** Names that exist at run time; `undefined` where the whole module is loaded. */
  readonly values: readonly string[] | undefined;
  readonly line: number;
}

/** Every file below the folders whose name ends as asked, sorted. */
export function filesBelow(folders: readonly string[], ends: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => ends.some((end) => path.endsWith(end)))
      .toSorted()
      .map((path) => ({ path, text: readFileSync(path, 'utf8') })),
  );
}

/** Everything that a file imports or exports from elsewhere, dynamic imports too. */
export function importsOf(text: string): readonly Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(?:([^;'"]*?)\s+from\s+)?'([^']+)'/gm);
  const dynamic = text.matchAll(/()\bimport\(\s*'([^']+)'\s*\)/g);
  return [...statements, ...dynamic].map((match) => ({
    from: match[2]!,
    values: valueNames(match[1] ?? ''),
    line: lineAt(text, match.index),
  }));
}

/** `{ a, type B }` → `['a']`; `type { B }` → `[]`; `* as x` → `undefined`. */
function valueNames(clause: string): readonly string[] | undefined {
  if (/^type\b/.test(clause)) return [];
  const braces = /^\{([\s\S]*)\}$/.exec(clause.trim());
  if (braces === null) return undefined;
  return braces[1]!
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(/\s+as\s+/)[0]!);
}

/** The text with comments and the insides of strings blanked, line numbers kept. */
export function codeOnly(text: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return text.replace(token, (match) => match.replace(/[^\n]/g, ' '));
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
