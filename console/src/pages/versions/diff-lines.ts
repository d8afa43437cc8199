import type { Difference } from '../../lib/types.ts';

/** Differences of documents as lines: the path, then what went and what came. */
export function diffLines(differences: readonly Difference[]): readonly string[] {
  return differences
    .filter(({ before, after }) => !isNothing(before) || !isNothing(after))
    .flatMap(({ path, before, after }) => [
      `  ${path}`,
      ...(before === undefined ? [] : textOf(before).map((line) => `- ${line}`)),
      ...(after === undefined ? [] : textOf(after).map((line) => `+ ${line}`)),
    ]);
}

/** Texts of several lines, as policies are, stand as they were written. */
function textOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.replace(/\n$/, '').split('\n');
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && 'text' in value) {
    const { text, ...rest } = value as Readonly<Record<string, unknown>>;
    if (typeof text === 'string')
      return [
        ...(Object.keys(rest).length === 0 ? [] : textOf(rest)),
        ...text.replace(/\n$/, '').split('\n'),
      ];
  }
  return JSON.stringify(value, undefined, 2).split('\n');
}

/** A section that was not there, or has nothing in it. */
function isNothing(value: unknown): boolean {
  return (
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
