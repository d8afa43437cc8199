import { stateErrors } from './errors.ts';
import { diffOf, isObject, type Difference, type Json, type JsonObject } from './diff.ts';
import type { SectionDocument, StateSection } from './section.ts';
import type { VersionRow } from './state.ts';
import type { StateTransaction } from './tables.ts';

/** Older versions are removed; a thousand changes by hand are years. */
const VERSIONS_KEPT = 1000;
export const VERSIONS_LIST_MAX = 1000;

/** Mark of the format in exported documents. */
export const DOCUMENT_FORMAT = 1;

export async function readDocument(
  tx: StateTransaction,
  sections: readonly StateSection[],
): Promise<Readonly<Record<string, SectionDocument>>> {
  const entries: [string, SectionDocument][] = [];
  for (const section of sections) entries.push([section.name, await section.read(tx)]);
  return Object.fromEntries(entries);
}

export async function writeVersion(
  tx: StateTransaction,
  version: { readonly atMs: number; readonly author: string; readonly summary: string },
  before: JsonObject,
  after: JsonObject,
): Promise<{ readonly number: number; readonly diff: readonly Difference[] }> {
  const diff = diffOf(before, after);
  const { number } = await tx
    .insertInto('versions')
    .values({
      at_ms: version.atMs,
      author: version.author,
      summary: version.summary,
      diff: JSON.stringify(diff),
      document: JSON.stringify(after),
    })
    .returning('number')
    .executeTakeFirstOrThrow();
  await tx
    .deleteFrom('versions')
    .where('number', '<=', number - VERSIONS_KEPT)
    .execute();
  return { number, diff };
}

export async function listVersions(
  tx: StateTransaction,
  limit: number,
  before?: number,
): Promise<readonly VersionRow[]> {
  const rows = await tx
    .selectFrom('versions')
    .select(['number', 'at_ms', 'author', 'summary', 'diff'])
    .where('number', '<', before ?? Number.MAX_SAFE_INTEGER)
    .orderBy('number', 'desc')
    .limit(Math.max(1, Math.min(VERSIONS_LIST_MAX, limit)))
    .execute();
  return rows.map(versionRow);
}

export async function readVersion(
  tx: StateTransaction,
  number: number,
): Promise<VersionRow & { readonly document: JsonObject }> {
  const row = await tx.selectFrom('versions').selectAll().where('number', '=', number).executeTakeFirst();
  if (row === undefined) {
    const oldest = await tx.selectFrom('versions').select('number').orderBy('number').executeTakeFirst();
    throw stateErrors.STATE_VERSION_UNKNOWN({ number, oldest: oldest?.number ?? 'none' });
  }
  // Only `writeVersion` writes documents.
  return { ...versionRow(row), document: JSON.parse(row.document) as JsonObject };
}

/** Checks a document that somebody wrote; throws with every problem at once. */
export async function checkDocument(
  document: unknown,
  sections: readonly StateSection[],
): Promise<ReadonlyMap<StateSection, SectionDocument>> {
  const problems: { readonly path: string; readonly message: string }[] = [];
  const found = new Map<StateSection, SectionDocument>();
  // Documents come from YAML or JSON, and hold nothing else.
  const json = document as Json | undefined;
  if (!isObject(json))
    throw invalid([{ path: '(document)', message: `expected sections: ${names(sections)}` }]);
  for (const [name, value] of Object.entries(json)) {
    if (name === 'format') {
      if (value !== DOCUMENT_FORMAT) problems.push({ path: name, message: `expected ${DOCUMENT_FORMAT}` });
      continue;
    }
    const section = sections.find((candidate) => candidate.name === name);
    if (section === undefined) {
      problems.push({ path: name, message: `unknown section; known are ${names(sections)}` });
    } else if (value === null) found.set(section, {});
    else if (!isSectionDocument(value)) {
      problems.push({ path: name, message: 'expected entries by name, each with keys of its own' });
    } else {
      for (const { path, message } of await section.check(value))
        problems.push({ path: `${name}.${path}`, message });
      found.set(section, value);
    }
  }
  if (problems.length > 0) throw invalid(problems);
  return found;
}

function isSectionDocument(value: Json): value is SectionDocument & JsonObject {
  return isObject(value) && Object.values(value).every((entry) => isObject(entry));
}

function names(sections: readonly StateSection[]): string {
  return sections.map(({ name }) => name).join(', ');
}

function invalid(problems: readonly { readonly path: string; readonly message: string }[]) {
  const text = problems.map(({ path, message }) => `  ${path}: ${message}`).join('\n');
  return stateErrors.STATE_DOCUMENT_INVALID({ text, problems });
}

function versionRow(row: {
  readonly number: number;
  readonly at_ms: number;
  readonly author: string;
  readonly summary: string;
  readonly diff: string;
}): VersionRow {
  return {
    number: row.number,
    atMs: row.at_ms,
    author: row.author,
    summary: row.summary,
    // Only `writeVersion` writes differences.
    diff: JSON.parse(row.diff) as readonly Difference[],
  };
}
