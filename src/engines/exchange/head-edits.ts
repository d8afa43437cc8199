import { editHead, RequestBlockReader, ResponseBlockReader } from '../../protocols/http1/index.ts';
import type { HeaderChange, PolicyDecision } from '../policy/index.ts';

/** What a codec leaves out of a head, and the lines that it adds. */
export interface Edits {
  /** Lower case. */
  readonly drop: ReadonlySet<string>;
  readonly add: string;
}

const NO_EDITS: Edits = { drop: new Set(), add: '' };

type Changing = Pick<PolicyDecision, 'changes'>;
type Message = HeaderChange['message'];

/** Changes of the rules that fitted. A field that is set replaces all of that name; of two, the first rule's stays. */
export function editsOf(decision: Changing | undefined, message: Message): Edits {
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

/**
 * Changes of rules that fitted only when the body was known; `before`: what the head was made by. Of two changes of a
 * field the first rule's stays here as well.
 */
export function laterChanges(before: Changing | undefined, now: Changing, message: Message): Changing {
  if (now.changes.length === 0) return now;
  const known = new Set(before?.changes);
  const names = new Set<string>();
  const changes = now.changes.filter((change) => {
    const name = change.name.toLowerCase();
    if (change.message !== message || names.has(name)) return false;
    names.add(name);
    return !known.has(change);
  });
  return { changes };
}

/** A head that is encoded already, with other fields. */
export function editBlock(block: Uint8Array, message: Message, edits: Edits, fieldsMax: number): Uint8Array {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const reader =
    message === 'request' ? new RequestBlockReader(fieldsMax) : new ResponseBlockReader(fieldsMax);
  reader.begin(bytes.length);
  const { head } =
    reader.scan(bytes, 0, bytes.length) === 'done' ? reader.take(bytes, 0) : { head: undefined };
  if (head === undefined) throw new TypeError('the head is none that the codec has written');
  return editHead(head, edits);
}

/** Reason of a decision some of whose changes could not be made; a sentence follows it. */
export const LATE_REASON = 'header-changes-late';
/** Via, Connection and framing, which the head of a peer may not have had, and what rules add. */
export const FIELDS_OF_OURS = 200;

/** The decision, which says that its head had gone before these rules fitted. */
export function saidLate(decision: PolicyDecision, { changes }: Changing): PolicyDecision {
  if (changes.length === 0) return decision;
  const names = [...new Set(changes.map(({ message, name }) => `${name} of the ${message}`))].join(', ');
  const why = `not changed, because the head had gone before the body was known: ${names}`;
  return { ...decision, reasons: [...decision.reasons, LATE_REASON, why] };
}
