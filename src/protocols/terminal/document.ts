import { printable } from './text.ts';

/** Any JSON value as text for a person, in the manner of YAML. For results that bring no view. */
export function documentText(document: unknown): string {
  return document === undefined ? '' : `${lines(document).join('\n')}\n`;
}

function lines(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.length === 0 ? ['(none)'] : value.flatMap((item) => indented(lines(item), '- ', '  '));
  }
  if (typeof value !== 'object' || value === null) return scalar(value).split('\n');
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return entries.length === 0 ? ['(none)'] : entries.flatMap(([name, each]) => entryLines(name, each));
}

function entryLines(name: string, value: unknown): readonly string[] {
  const own = lines(value);
  const isNested = typeof value === 'object' && value !== null && own[0] !== '(none)';
  if (!isNested && own.length === 1) return [`${printable(name)}: ${own[0]}`];
  return [`${printable(name)}:`, ...indented(own, '  ', '  ')];
}

function indented(texts: readonly string[], first: string, others: string): readonly string[] {
  return texts.map((text, at) => (at === 0 ? first : others) + text);
}

function scalar(value: unknown): string {
  if (value === null) return '-';
  return printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'));
}
