import { posix } from 'node:path';
import {
  DEEP_IMPORTS,
  EFFECT_CALLS,
  EFFECT_FREE_NAMES,
  EFFECT_MODULES,
  ENGINE_ORDER,
  FILE_LINES_MAX,
  PACKAGES_ANYWHERE,
  PAIRS,
  STOREYS,
} from './house.ts';
import type { Import, SourceFile } from './source.ts';
import { codeOnly, importsOf, lineAt } from './source.ts';

/** Storeys whose folders are modules of their own; the others are one module each. */
const DIVIDED = new Set(['protocols', 'engines', 'services']);

/** Every rule that a file of `src/` breaks, as `path:line: sentence`. */
export function problemsOf(file: SourceFile): readonly string[] {
  const imports = importsOf(file.text);
  const found = [
    ...imports.flatMap((each) => importProblem(file.path, each) ?? []),
    ...imports.flatMap((each) => effectProblem(file.path, each) ?? []),
    ...effectCalls(file),
    ...mutableState(file),
    ...lengthProblem(file),
  ];
  return found.map(({ line, text }) => `${file.path}:${line}: ${text}`);
}

interface Problem {
  readonly line: number;
  readonly text: string;
}

/** `src/engines/policy/rule.ts` → `engines/policy`; `src/app/bus/frames.ts` → `app`; `src/main.ts` → `main`. */
export function moduleOf(path: string): string {
  const [, storey = '', folder = ''] = path.split('/');
  if (storey === 'main.ts') return 'main';
  return DIVIDED.has(storey) ? `${storey}/${folder}` : storey;
}

function importProblem(path: string, { from, line }: Import): Problem | undefined {
  if (!from.startsWith('.')) return undefined;
  const target = posix.join(posix.dirname(path), from);
  if (!target.startsWith('src/')) {
    return target === 'package.json' || isTest(path)
      ? undefined
      : { line, text: `imports ${target}, outside src/` };
  }
  const [own, other] = [moduleOf(path), moduleOf(target)];
  if (own === other) return undefined;
  const [ownStorey, otherStorey] = [own.split('/')[0]!, other.split('/')[0]!];
  const arrow = `${own} → ${other}`;
  if (ownStorey === otherStorey) {
    if (!mayKnow(own, other)) return { line, text: `${arrow}: neighbors do not know each other` };
  } else if (!(STOREYS[ownStorey] ?? []).includes(otherStorey)) {
    // A test may bring the real thing where the code takes a parameter.
    if (!(isTest(path) && otherStorey === 'platform'))
      return { line, text: `${arrow}: arrows point down only` };
  }
  const isDeep = posix.basename(target) !== 'index.ts' && DEEP_IMPORTS[`${path} ${target}`] === undefined;
  return isDeep ? { line, text: `imports ${target}, past its index.ts` } : undefined;
}

function mayKnow(own: string, other: string): boolean {
  if (PAIRS[`${own} ${other}`] !== undefined) return true;
  const rank = (module: string): number =>
    ENGINE_ORDER.findIndex((row) => row.some((name) => `engines/${name}` === module));
  return rank(other) >= 0 && rank(other) < rank(own);
}

function effectProblem(path: string, { from, values, line }: Import): Problem | undefined {
  const isEffect = EFFECT_MODULES.some((module) => from === module || from.startsWith(`${module}/`));
  const isFree = values?.every((name) => EFFECT_FREE_NAMES.includes(name)) === true;
  if (!isEffect || isFree || mayAct(path)) return undefined;
  return { line, text: `imports ${from}: effects live in platform/ and in files called *.io.ts` };
}

function effectCalls({ path, text }: SourceFile): readonly Problem[] {
  if (mayAct(path)) return [];
  const code = codeOnly(text);
  return EFFECT_CALLS.flatMap(({ pattern, instead }) =>
    [...code.matchAll(pattern)].map((match) => ({
      line: lineAt(code, match.index),
      text: `${match[0].replace(/[(.]$/, '')}: ${instead}`,
    })),
  );
}

function mutableState({ path, text }: SourceFile): readonly Problem[] {
  if (isTest(path) || path === 'src/main.ts') return [];
  return [...text.matchAll(/^(?:export\s+)?(?:let|var)\s+\w+/gm)].map((match) => ({
    line: lineAt(text, match.index),
    text: `${match[0]}: no mutable state of a module`,
  }));
}

function lengthProblem({ text }: SourceFile): readonly Problem[] {
  const lines = text.split('\n').length - 1;
  return lines <= FILE_LINES_MAX
    ? []
    : [{ line: lines, text: `${lines} lines; the wall is ${FILE_LINES_MAX}` }];
}

/** Packages that more than one module imports, types included. */
export function sharedPackages(files: readonly SourceFile[]): readonly string[] {
  const users = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    if (isTest(path)) continue;
    for (const { from } of importsOf(text)) {
      if (from.startsWith('.') || from.startsWith('node:')) continue;
      const name = from
        .split('/')
        .slice(0, from.startsWith('@') ? 2 : 1)
        .join('/');
      if (PACKAGES_ANYWHERE.includes(name)) continue;
      users.set(name, (users.get(name) ?? new Set()).add(moduleOf(path)));
    }
  }
  return [...users]
    .filter(([, modules]) => modules.size > 1)
    .map(([name, modules]) => `${name} is imported in ${[...modules].toSorted().join(' and ')}`);
}

function mayAct(path: string): boolean {
  return (
    isTest(path) || path.startsWith('src/platform/') || path.endsWith('.io.ts') || path === 'src/main.ts'
  );
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}
