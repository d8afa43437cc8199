import {
  type CsvMapping,
  type ListEntry,
  type ListFormat,
  type ListProblem,
  openListParser,
} from '../../src/protocols/lists/index.ts';

export interface Parsed {
  readonly entries: readonly ListEntry[];
  readonly problems: readonly ListProblem[];
  readonly removed: readonly ListEntry[];
}

export interface Given {
  readonly mapping?: CsvMapping;
  readonly cuts?: number;
  readonly lineBytesMax?: number;
  readonly documentBytesMax?: number;
  readonly path?: string;
  /** A sink that cannot take entries out. */
  readonly wholeOnly?: boolean;
}

/** Parses a list, in one piece or cut into pieces of `cuts` bytes. */
export async function parsedList(
  format: ListFormat,
  list: string | Uint8Array,
  given: Given = {},
): Promise<Parsed> {
  const entries: ListEntry[] = [];
  const problems: ListProblem[] = [];
  const removed: ListEntry[] = [];
  const bytes = typeof list === 'string' ? Buffer.from(list) : Buffer.from(list);
  const parser = await openListParser(
    {
      format,
      defaults: { action: 'block', category: 'default' },
      start: bytes.toString('utf8', 0, 1000),
      lineBytesMax: given.lineBytesMax ?? 1000,
      documentBytesMax: given.documentBytesMax ?? 100_000,
      ...(given.mapping === undefined ? {} : { mapping: given.mapping }),
      ...(given.path === undefined ? {} : { path: given.path }),
    },
    {
      entry: (entry) => void entries.push(entry),
      problem: (problem) => void problems.push(problem),
      ...(given.wholeOnly === true ? {} : { remove: (entry: ListEntry) => void removed.push(entry) }),
    },
  );
  const step = given.cuts ?? bytes.length;
  for (let at = 0; at < bytes.length; at += Math.max(1, step)) {
    // A reused buffer, as a file stream may have it: the parser must have copied what it keeps.
    const chunk = Buffer.from(bytes.subarray(at, at + Math.max(1, step)));
    parser.receive(chunk);
    chunk.fill(0x7a);
  }
  parser.receiveEnd();
  return { entries, problems, removed };
}

/** `kind value` of entries, with `!` for allow, then `line: reason` of problems. */
export async function listSummary(
  format: ListFormat,
  list: string | Uint8Array,
  given: Given = {},
): Promise<readonly string[]> {
  const { entries, problems } = await parsedList(format, list, given);
  return [
    ...entries.map(({ kind, value, action }) => `${action === 'allow' ? '!' : ''}${kind} ${value}`),
    ...problems.map(({ line, reason }) => `${line}: ${reason}`),
  ];
}
