import type { State, StateTransaction } from '../state/index.ts';
import type { PolicyDocument } from './document.ts';
import type { Grant } from './warnings.ts';

/** A policy that takes itself back unless somebody confirms it. */
export interface Pending {
  readonly untilMs: number;
  readonly actor: string;
  /** Names the text that waits. */
  readonly version: string;
  /** The last confirmed text; `null`: the shipped policy. */
  readonly before: string | null;
}

/** The checked form of a text, so that a start need not read YAML. */
export interface Checked {
  readonly version: string;
  readonly document: PolicyDocument;
}

interface Marks {
  readonly 'policy.pending': Pending;
  readonly 'policy.checked': Checked;
  readonly 'policy.grants': readonly Grant[];
}

export async function readMark<K extends keyof Marks>(
  tx: StateTransaction,
  name: K,
): Promise<Marks[K] | undefined> {
  const row = await tx.selectFrom('facts').select('value').where('name', '=', name).executeTakeFirst();
  // Only `writeMark` writes these names.
  return row === undefined ? undefined : (JSON.parse(row.value) as Marks[K]);
}

export async function writeMark<K extends keyof Marks>(
  tx: StateTransaction,
  name: K,
  mark: Marks[K] | undefined,
): Promise<void> {
  if (mark === undefined) return void (await tx.deleteFrom('facts').where('name', '=', name).execute());
  const value = JSON.stringify(mark);
  await tx
    .insertInto('facts')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

/** One mark alone. */
export function noteMark<K extends keyof Marks>(state: State, name: K, mark: Marks[K]): Promise<void> {
  return state.note((tx) => writeMark(tx, name, mark));
}
