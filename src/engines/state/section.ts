import type { MaybePromise } from '../../kernel/index.ts';
import type { JsonObject } from './diff.ts';
import type { StateTransaction } from './tables.ts';

/** Entries of a section by name. Never holds a secret: it is exported, compared and kept in versions. */
export type SectionDocument = Readonly<Record<string, JsonObject>>;

/**
 * One part of the configuration in the state store, declared by the engine that owns it. Versions, `config
 * export`, `apply` and `rollback` are made of sections alone.
 */
export interface StateSection {
  /** Key in the exported document: `users`. */
  readonly name: string;
  read(tx: StateTransaction): Promise<SectionDocument>;
  /** What is wrong with a document that somebody wrote; `path` below the section. Empty: nothing. */
  check(
    document: SectionDocument,
  ): MaybePromise<readonly { readonly path: string; readonly message: string }[]>;
  /**
   * Makes the store say what the document says, as far as it can without the secrets that a document lacks.
   * Returns sentences about what it could not do, for the operator.
   */
  apply(tx: StateTransaction, document: SectionDocument, nowMs: number): Promise<readonly string[]>;
}

/** A section whose entries are plain documents: the engine needs no table of its own. */
export function documentSection(name: string, check: StateSection['check']): StateSection {
  return {
    name,
    check,
    async read(tx) {
      const rows = await tx
        .selectFrom('documents')
        .select(['name', 'body'])
        .where('section', '=', name)
        .orderBy('name')
        .execute();
      // Only `putDocument` writes bodies, and it writes objects.
      return Object.fromEntries(rows.map((row) => [row.name, JSON.parse(row.body) as JsonObject]));
    },
    async apply(tx, document) {
      await tx.deleteFrom('documents').where('section', '=', name).execute();
      for (const [entry, body] of Object.entries(document)) await putDocument(tx, name, entry, body);
      return [];
    },
  };
}

/** Adds or replaces one entry of a `documentSection`. */
export async function putDocument(
  tx: StateTransaction,
  section: string,
  name: string,
  body: JsonObject,
): Promise<void> {
  const text = JSON.stringify(body);
  await tx
    .insertInto('documents')
    .values({ section, name, body: text })
    .onConflict((conflict) => conflict.columns(['section', 'name']).doUpdateSet({ body: text }))
    .execute();
}

/** Removes one entry of a `documentSection`; false: there was none. */
export async function removeDocument(tx: StateTransaction, section: string, name: string): Promise<boolean> {
  const rows = await tx
    .deleteFrom('documents')
    .where('section', '=', section)
    .where('name', '=', name)
    .returning('name')
    .execute();
  return rows.length > 0;
}
