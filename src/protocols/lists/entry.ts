import type { Severity } from '../../kernel/index.ts';

export type EntryKind = 'domain' | 'host' | 'url' | 'address' | 'network';

/** One line of a list, understood. `value` is canonical and ASCII. */
export interface ListEntry {
  readonly kind: EntryKind;
  /** A domain matches itself and what is below it; a host only itself; a URL is `host/path?query`. */
  readonly value: string;
  readonly action: 'allow' | 'block';
  readonly category: string;
  /** `undefined`: the list says nothing. */
  readonly severity: Severity | undefined;
  /** What the list says besides: a port, a family. Empty when nothing. */
  readonly note: string;
}

/** One line that was not understood, or that says something this gateway cannot match. */
export interface ListProblem {
  /** From 1; in JSON lists the position in its array. 0: the list as a whole. */
  readonly line: number;
  readonly reason: string;
  /** The line, cut and with everything unprintable escaped. */
  readonly text: string;
}

/** What a list says of an entry, where the line itself does not. */
export interface EntryDefaults {
  readonly action: 'allow' | 'block';
  readonly category: string;
}

export interface ListSink {
  entry(entry: ListEntry): void;
  problem(problem: ListProblem): void;
}

/** Takes a list apart, piece by piece, however it is cut. Never throws for what a list holds. */
export interface ListParser {
  receive(bytes: Uint8Array): void;
  receiveEnd(): void;
}

export const PROBLEM_TEXT_MAX = 120;

/** Cut, and safe to print: control characters and everything beyond ASCII as `\u{…}`. */
export function problemText(text: string): string {
  const isLong = text.length > PROBLEM_TEXT_MAX;
  const cut = isLong ? text.slice(0, PROBLEM_TEXT_MAX) : text;
  return (
    cut.replace(/[^\u0020-\u007e]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`) +
    (isLong ? '…' : '')
  );
}
