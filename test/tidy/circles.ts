import { posix } from 'node:path';
import { importsOf, type SourceFile } from './source.ts';

/**
 * Groups of files that need each other in a circle (Tarjan's strongly connected components of more than one file), each sorted.
 * Types count as well: two files of which neither can be read first are one file, or lack a third.
 */
export function circlesOf(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const needs = new Map(files.map((file) => [file.path, neededBy(file)]));
  const circles: string[][] = [];
  const found = new Map<string, { order: number; low: number }>();
  const open: string[] = [];
  const visit = (path: string): { order: number; low: number } => {
    const own = { order: found.size, low: found.size };
    found.set(path, own);
    open.push(path);
    for (const next of needs.get(path) ?? []) {
      if (!needs.has(next)) continue;
      const known = found.get(next);
      if (known === undefined) own.low = Math.min(own.low, visit(next).low);
      else if (open.includes(next)) own.low = Math.min(own.low, known.order);
    }
    if (own.low === own.order) {
      const circle = open.splice(open.indexOf(path));
      if (circle.length > 1) circles.push(circle.toSorted());
    }
    return own;
  };
  for (const { path } of files) if (!found.has(path)) visit(path);
  return circles;
}

/** Paths of the files that it imports; packages and what Node brings are none. */
function neededBy({ path, text }: SourceFile): readonly string[] {
  return importsOf(text)
    .filter(({ from }) => from.startsWith('.'))
    .map(({ from }) => posix.join(posix.dirname(path), from));
}
