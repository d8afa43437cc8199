import type { HeaderChange, PolicyDecision } from '../../engines/policy/index.ts';

/** What the codec leaves out of a head, and the lines that it adds. */
export interface Edits {
  /** Lower case. */
  readonly drop: ReadonlySet<string>;
  readonly add: string;
}

export const NO_EDITS: Edits = { drop: new Set(), add: '' };

/** Changes of the rules that fitted. A field that is set replaces all of that name; of two, the first rule's stays. */
export function editsOf(decision: PolicyDecision | undefined, message: HeaderChange['message']): Edits {
  if (decision === undefined || decision.changes.length === 0) return NO_EDITS;
  const drop = new Set<string>();
  let add = '';
  for (const change of decision.changes) {
    const name = change.name.toLowerCase();
    if (change.message !== message || drop.has(name)) continue;
    drop.add(name);
    // Names and values were checked when the policy was applied: no line can end in them.
    if (change.op === 'set') add += `${change.name}: ${change.value}\r\n`;
  }
  return drop.size === 0 ? NO_EDITS : { drop, add };
}
