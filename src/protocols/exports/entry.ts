import type { MatchAction, Severity, Tlp } from '../../kernel/index.ts';

export type ExportEntryKind = 'domain' | 'host' | 'url' | 'address' | 'network' | 'hash' | 'email';

/** One indicator on its way out. `value` is canonical; a URL is `host/path?query`. */
export interface ExportEntry {
  readonly kind: ExportEntryKind;
  readonly value: string;
  readonly action: MatchAction;
  readonly category: string;
  readonly severity: Severity;
  /** 0 to 100. */
  readonly confidence: number;
  readonly tlp: Tlp;
  readonly addedAtS: number;
  readonly firstSeenS?: number | undefined;
  readonly lastSeenS?: number | undefined;
  readonly expiresAtS?: number | undefined;
  readonly note: string;
  readonly reference: string;
}

/** What firewalls call the kinds: a list of theirs holds one of these. */
export const EXPORT_GROUPS = {
  ip: ['address', 'network'],
  domain: ['domain', 'host'],
  url: ['url'],
  hash: ['hash'],
  email: ['email'],
} as const satisfies Readonly<Record<string, readonly ExportEntryKind[]>>;
export type ExportGroup = keyof typeof EXPORT_GROUPS;

export function groupOf(kind: ExportEntryKind): ExportGroup {
  if (kind === 'address' || kind === 'network') return 'ip';
  return kind === 'host' ? 'domain' : kind;
}

/** What a writer may say about the list as a whole. Nothing here changes while the list does not. */
export interface ExportFacts {
  readonly name: string;
  /** Of the indicators; also the serial number of a zone. */
  readonly generation: number;
  /** Only entries of this group; `undefined`: of all. */
  readonly group: ExportGroup | undefined;
  /** Signature ids of Suricata rules are counted from here. */
  readonly sidBase: number;
  /** Rules, at most; further entries are counted as left out. */
  readonly rulesMax: number;
  /** Attributes of one MISP event. */
  readonly eventEntriesMax: number;
  /** Who says so, in STIX; ids are made from it. */
  readonly producer: string;
  /** When the entries were added last: the date of documents that have one. */
  readonly changedAtS: number;
}

/** Where a writer puts its text. */
export interface ExportSink {
  write(text: string): void;
  /** What follows is a document of its own, until the next part. */
  part(name: string): void;
  /** A line of comment with this prefix that says at the end how many entries were written and left out. */
  summary(prefix: string): void;
}

/** Turns entries into text, one after the other. */
export interface ExportWriter {
  /** How often all entries are shown, in the same order; 1 when absent. */
  readonly passes?: number;
  head(): void;
  /** False: the format cannot say this, and the entry is counted as left out. Asked once in each pass. */
  entry(entry: ExportEntry, pass: number): boolean;
  /** After the last entry of a pass. */
  end?(pass: number): void;
}

export interface ExportFormat {
  /** As in the path: `stix.json`. */
  readonly name: string;
  readonly about: string;
  readonly type: string;
  readonly groups: readonly ExportGroup[];
  /** One entry is one line of its own, so the list can be cut anywhere. */
  readonly paged: boolean;
  create(facts: ExportFacts, out: ExportSink): ExportWriter;
}

/** `\n`, other controls and what is not ASCII can end a line or hide one: they become spaces. */
export function printable(text: string, max = 200): string {
  return text
    .replaceAll(/[^ -~]+/g, ' ')
    .slice(0, max)
    .trim();
}

/** An identifier of `a-z`, digits and `_` that stands for a name in formats that allow no more. */
export function identifier(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '_');
}

/** Names that resolvers, firewalls and zone files take without escapes. */
export function isPlainName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(name)
  );
}

/** A value that is one line without blanks; every value of the store is, and one that were not is left out. */
export function isOneWord(value: string): boolean {
  return /^[!-~]+$/.test(value);
}
