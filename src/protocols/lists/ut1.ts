import { addressValue } from './address-value.ts';
import type { ListValue } from './entry.ts';
import { type LineFormat, report } from './text-formats.ts';
import { urlText } from './typed-value.ts';
import { listValue } from './value.ts';

/** What a path says of a file of UT1's collection (also Shalla's): its category and what its lines are. */
export interface Ut1File {
  /** `undefined` where the path has no folder. */
  readonly category: string | undefined;
  readonly read: LineFormat;
}

/** `adult/domains`, `adult/urls`, `adult/expressions`: the folder is the category, the name says the form. */
export function ut1File(path: string): Ut1File {
  const parts = path.split(/[/\\]/).filter((part) => part !== '' && part !== '.' && part !== '..');
  const name = (parts.pop() ?? '').toLowerCase().replace(/\.gz$/, '');
  const folder = parts.pop();
  return {
    category: folder !== undefined && isUt1Name(name) ? folder : undefined,
    read: name === 'urls' ? urlLine : (OTHER_FILES.get(name) ?? mixedLine),
  };
}

export function isUt1Name(name: string): boolean {
  return name === 'domains' || name === 'urls' || OTHER_FILES.has(name);
}

const urlLine: LineFormat = (line, sink) => {
  if (!line.startsWith('#')) report(urlText(line), sink);
};

/** One name a line; in lists that are called otherwise, URLs may be between them. */
const mixedLine: LineFormat = (line, sink) => {
  if (line.startsWith('#')) return;
  // A network is none of the things that stand here, but reads as `host/path`.
  const value: ListValue | string =
    line.includes('/') && addressValue(line) === undefined ? urlText(line) : listValue(line);
  report(value, sink);
};

const OTHER_FILES: ReadonlyMap<string, LineFormat> = new Map([
  ['expressions', (_line, sink) => sink.problem('a regular expression is not supported')],
  ['very_restrictive_expression', (_line, sink) => sink.problem('a regular expression is not supported')],
  ['usage', (_line, sink) => sink.problem('"usage" says what a list is for and names nothing')],
]);
