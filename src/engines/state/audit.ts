import type { JsonObject } from './diff.ts';
import type { AuditEntry, AuditQuery, AuditRow } from './state.ts';
import type { StateTransaction } from './tables.ts';

export const AUDIT_LIST_MAX = 1000;
const TEXT_CHARS_MAX = 256;
const DETAILS_CHARS_MAX = 16_384;

export async function writeAudit(
  tx: StateTransaction,
  atMs: number,
  entry: AuditEntry & { readonly source: string },
): Promise<void> {
  const details = JSON.stringify(entry.details);
  await tx
    .insertInto('audit')
    .values({
      at_ms: atMs,
      actor: entry.actor.slice(0, TEXT_CHARS_MAX),
      source: entry.source.slice(0, TEXT_CHARS_MAX),
      action: entry.action,
      outcome: entry.outcome,
      details: details.length <= DETAILS_CHARS_MAX ? details : '{"cut":true}',
    })
    .execute();
}

/** Newest first. */
export async function readAudit(tx: StateTransaction, query: AuditQuery): Promise<readonly AuditRow[]> {
  const { actor, action, beforeId } = query;
  let select = tx.selectFrom('audit').selectAll().orderBy('id', 'desc');
  if (actor !== undefined) select = select.where('actor', '=', actor);
  if (action?.endsWith('.')) {
    // A range instead of LIKE: nothing in the text can be a wildcard, and `/` follows `.`.
    select = select.where('action', '>=', action).where('action', '<', `${action.slice(0, -1)}/`);
  } else if (action !== undefined) select = select.where('action', '=', action);
  if (beforeId !== undefined) select = select.where('id', '<', beforeId);
  const rows = await select.limit(Math.max(1, Math.min(AUDIT_LIST_MAX, query.limit))).execute();
  return rows.map((row) => ({
    id: row.id,
    atMs: row.at_ms,
    actor: row.actor,
    source: row.source,
    action: row.action,
    outcome: row.outcome === 'done' || row.outcome === 'refused' ? row.outcome : 'failed',
    // Only `writeAudit` writes details, from an object.
    details: JSON.parse(row.details) as JsonObject,
  }));
}
