import type { Severity, Tlp } from '../../kernel/index.ts';

export type EntryKind = 'domain' | 'host' | 'url' | 'address' | 'network' | 'hash' | 'email';

/** What a value of a list is; `value` is canonical and ASCII. */
export interface ListValue {
  readonly kind: EntryKind;
  readonly value: string;
  readonly note: string;
}

/** One line of a list, understood. `value` is canonical and ASCII. */
export interface ListEntry {
  readonly kind: EntryKind;
  /**
   * A domain matches itself and what is below it; a host only itself; a URL is `host/path?query`; a hash is
   * MD5, SHA-1 or SHA-256 in lower-case hexadecimal, told apart by its length; an email is `name@host`.
   */
  readonly value: string;
  readonly action: 'allow' | 'block';
  readonly category: string;
  /** `undefined`: the list says nothing. */
  readonly severity: Severity | undefined;
  /** What the list says besides: a port, a family. Empty when nothing. */
  readonly note: string;
  /** How sure the list is, 0 to 100. */
  readonly confidence?: number | undefined;
  readonly tlp?: Tlp | undefined;
  /** Milliseconds since 1970. */
  readonly firstSeenMs?: number | undefined;
  readonly lastSeenMs?: number | undefined;
  /** From then on the entry does not match. */
  readonly expiresAtMs?: number | undefined;
  /** Where the list has it from: the address of a report, the id of an event or object. */
  readonly reference?: string | undefined;
}

/** One line that was not understood, or that says something this gateway cannot match. */
export interface ListProblem {
  /** From 1; in JSON lists the position in its array. 0: the list as a whole. */
  readonly line: number;
  readonly reason: string;
  /** The line, cut and with everything unprintable escaped. */
  readonly text: string;
  /** The list is not whole or no list at all: nothing of it may be used. */
  readonly isBroken?: true;
}

/** What a list says of an entry, where the line itself does not. */
export interface EntryDefaults {
  readonly action: 'allow' | 'block';
  readonly category: string;
}

export interface ListSink {
  entry(entry: ListEntry): void;
  /**
   * An entry that the list takes out (`"remove": true` of the format `sallyport`); kind and value say which.
   * A sink that cannot take out leaves this undefined, and such lines become problems.
   */
  remove?: ((entry: ListEntry) => void) | undefined;
  problem(problem: ListProblem): void;
}

/** Takes a list apart, piece by piece, however it is cut. Never throws for what a list holds. */
export interface ListParser {
  receive(bytes: Uint8Array): void;
  receiveEnd(): void;
}

export const PROBLEM_TEXT_MAX = 120;
/** Notes, categories and references of lists are remarks, not documents. */
const NOTE_MAX = 500;
const CATEGORY_MAX = 100;
const REFERENCE_MAX = 1000;

/** What is said in several places as one note: without what is empty, on one line, cut. */
export function noteOf(...parts: readonly string[]): string {
  const [only, ...others] = parts.filter((part) => part !== '');
  if (only === undefined) return '';
  return cutLine(others.length === 0 ? only : [only, ...others].join(', '), NOTE_MAX);
}

export function categoryOf(text: string): string {
  return cutLine(text, CATEGORY_MAX);
}

export function referenceOf(text: string): string {
  return cutLine(text, REFERENCE_MAX);
}

/** No control characters, which would forge lines of logs and listings; half a surrogate pair is dropped. */
function cutLine(text: string, most: number): string {
  const cut = text.length > most ? text.slice(0, most) : text;
  return CONTROL.test(cut) || text.length > most
    ? cut
        .replace(ALL_CONTROL, ' ')
        .toWellFormed()
        .replace(/\ufffd$/, '')
    : cut;
}

// oxlint-disable no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const ALL_CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
// oxlint-enable no-control-regex

/** Cut, and safe to print: control characters and everything beyond ASCII as `\u{…}`. */
export function problemText(text: string): string {
  const isLong = text.length > PROBLEM_TEXT_MAX;
  const cut = isLong ? text.slice(0, PROBLEM_TEXT_MAX) : text;
  return (
    cut.replace(/[^\u0020-\u007e]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`) +
    (isLong ? '…' : '')
  );
}
