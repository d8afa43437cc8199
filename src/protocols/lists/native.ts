import type { Tlp } from '../../kernel/index.ts';
import { canonicalUrl } from '../url/index.ts';
import { type EntryDefaults, type EntryKind, type ListEntry, type ListSink, problemText } from './entry.ts';
import { isSeverity, tlpOf } from './typed-value.ts';
import { domainName, listValue } from './value.ts';

const KINDS = ['domain', 'host', 'url', 'address', 'network', 'hash', 'email'] as const;
/** What a line may say, and how its value is checked. */
const KEYS: Readonly<Record<string, (value: unknown) => boolean>> = {
  kind: (value) => KINDS.some((kind) => kind === value),
  value: (value) => typeof value === 'string',
  action: (value) => value === 'allow' || value === 'block',
  category: (value) => typeof value === 'string',
  severity: (value) => typeof value === 'string' && isSeverity(value),
  note: (value) => typeof value === 'string',
  confidence: (value) => typeof value === 'number' && value >= 0 && value <= 100 && Number.isInteger(value),
  tlp: (value) => typeof value === 'string' && tlpOf(value) === value,
  firstSeenMs: isTime,
  lastSeenMs: isTime,
  expiresAtMs: isTime,
  reference: (value) => typeof value === 'string',
  remove: (value) => typeof value === 'boolean',
};

/**
 * A line of Sallyport's own format: one `ListEntry` as JSON, with `"remove": true` for one that is taken out.
 * Strict: an unknown key or a value that is none is a problem, for only programs write this.
 */
export function nativeLine(line: string, lineNumber: number, defaults: EntryDefaults, sink: ListSink): void {
  const problem = (reason: string): void =>
    sink.problem({ line: lineNumber, reason, text: problemText(line) });
  if (!line.startsWith('{')) {
    problem('not an object');
    return;
  }
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    problem('not JSON');
    return;
  }
  // What starts with a brace is an object.
  for (const [key, value] of Object.entries(document as object)) {
    // An own key: `constructor` is none of ours.
    const check = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (check?.(value) === true) continue;
    problem(check === undefined ? 'unknown key' : `"${key}" has a value that is not allowed`);
    return;
  }
  // Every key that is there has been checked.
  const given = document as Partial<ListEntry> & { readonly remove?: boolean };
  if (given.kind === undefined || given.value === undefined) {
    problem('"kind" or "value" is missing');
    return;
  }
  const value = canonicalOf(given.kind, given.value);
  if (value === undefined) {
    problem(`the value is not of kind ${given.kind}`);
    return;
  }
  const entry: ListEntry = {
    kind: given.kind,
    value,
    action: given.action ?? defaults.action,
    category: given.category ?? defaults.category,
    severity: given.severity,
    note: given.note ?? '',
    confidence: given.confidence,
    tlp: given.tlp,
    firstSeenMs: given.firstSeenMs,
    lastSeenMs: given.lastSeenMs,
    expiresAtMs: given.expiresAtMs,
    reference: given.reference,
  };
  if (given.remove !== true) sink.entry(entry);
  else if (sink.remove === undefined)
    problem('a line that takes out an entry, in a list that is imported whole');
  else sink.remove(entry);
}

/** An entry as a line of the format `sallyport`, with its line feed. */
export function listEntryLine(entry: ListEntry, remove = false): string {
  const { kind, value, action, category, severity, note, confidence, reference } = entry;
  const tlp: Tlp | undefined = entry.tlp;
  const { firstSeenMs, lastSeenMs, expiresAtMs } = entry;
  // JSON leaves out what is undefined.
  return `${JSON.stringify({
    kind,
    value,
    action,
    category,
    severity,
    note: note === '' ? undefined : note,
    confidence,
    tlp,
    firstSeenMs,
    lastSeenMs,
    expiresAtMs,
    reference: reference === '' ? undefined : reference,
    remove: remove ? true : undefined,
  })}\n`;
}

/** The canonical form of a value that should have it already; `undefined` when it is not of that kind. */
function canonicalOf(kind: EntryKind, text: string): string | undefined {
  if (kind === 'domain' || kind === 'host') {
    const name = domainName(text, true);
    return name.startsWith('!') ? undefined : name;
  }
  if (kind === 'url') {
    const url = text.includes('://') ? undefined : canonicalUrl(`http://${text}`);
    return url !== undefined && /[/?]/.test(text) && /^[\x21-\x7e]+$/.test(url.key) ? url.key : undefined;
  }
  const value = listValue(text);
  return typeof value !== 'string' && value.kind === kind ? value.value : undefined;
}

function isTime(value: unknown): boolean {
  // The last day that Date knows.
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 8_640_000_000_000_000;
}
