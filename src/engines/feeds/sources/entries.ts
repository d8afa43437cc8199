import { type ListEntry, type ListFormat, openListParser } from '../../../protocols/lists/index.ts';
import type { ObjectEntry } from './objects.io.ts';

export interface ObjectEntries {
  readonly entries: readonly ObjectEntry[];
  /** What could not be used, with the first reason. */
  readonly problems: number;
  readonly reason: string | undefined;
}

/** The entries in one document of a format, without what the import fills in by itself. */
export async function entriesIn(
  format: ListFormat,
  document: unknown,
  documentBytesMax: number,
): Promise<ObjectEntries> {
  const entries: ObjectEntry[] = [];
  let problems = 0;
  let reason: string | undefined;
  const parser = await openListParser(
    { format, defaults: { action: 'block', category: '' }, lineBytesMax: documentBytesMax, documentBytesMax },
    {
      entry: (entry) => void entries.push(lean(entry)),
      problem: (problem) => {
        problems++;
        reason ??= problem.reason;
      },
    },
  );
  parser.receive(Buffer.from(JSON.stringify(document)));
  parser.receiveEnd();
  return { entries, problems, reason };
}

function lean({ action, category, severity, note, ...rest }: ListEntry): ObjectEntry {
  return {
    ...rest,
    // What the subscription says for `block` may be another word, so it is left to the import.
    ...(action === 'allow' ? { action } : {}),
    ...(category === '' ? {} : { category }),
    ...(severity === undefined ? {} : { severity }),
    ...(note === '' ? {} : { note }),
  };
}
