import { CsvSplitter, delimiterOf, fieldsOf, type RecordSink } from './csv-splitter.ts';
import {
  categoryOf,
  type EntryDefaults,
  type ListEntry,
  type ListParser,
  type ListSink,
  type ListValue,
  noteOf,
  problemText,
  referenceOf,
} from './entry.ts';
import { presentText } from './time.ts';

/** What a row says of its values, as far as it does. Empty texts say nothing. */
export type RowDetails = {
  readonly [K in Exclude<keyof ListEntry, 'kind' | 'value'>]?: ListEntry[K] | undefined;
};

/** Where the rows of a table go. */
export interface RowSink {
  /** A text is the reason why the row has no value. */
  values(values: readonly ListValue[] | string, details: RowDetails): void;
  problem(reason: string): void;
}

export type RowReader = (fields: readonly string[], out: RowSink) => void;

/** A kind of table: how its columns are found and its rows read. */
export interface Dialect {
  /** The reader for these columns, or why they are not those of this format. */
  open(columns: Columns): RowReader | string;
  /** Names of the columns where a list has no header line. */
  readonly fixed?: readonly string[] | undefined;
  /** Where it is always the same; otherwise the first line tells. */
  readonly delimiter?: string | undefined;
}

/** Where each column stands. `SHA-256`, `sha_256` and `sha256` are one name. */
export class Columns {
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names.map((name) => columnName(name));
  }

  /** The place of the first column that has one of these names; -1 when none has. */
  at(...wanted: readonly string[]): number {
    for (const name of wanted) {
      const at = this.names.indexOf(columnName(name));
      if (at >= 0) return at;
    }
    return -1;
  }

  has(...names: readonly string[]): boolean {
    return names.every((name) => this.at(name) >= 0);
  }
}

/** In a comment a sentence with a comma in it must not pass for a header. */
const COLUMN_NAME = /^[a-z][\w -]{0,40}$/i;

function columnName(text: string): string {
  return text
    .slice(0, 100)
    .trim()
    .toLowerCase()
    .replace(/[-_. ]/g, '');
}

/** A field without white space; empty when it is not there or says that nothing is known. */
export function fieldAt(fields: readonly string[], place: number): string {
  const field = fields[place];
  return field === undefined || field === '' ? '' : presentText(field);
}

/** Reads a table as a list. */
export function openTable(
  dialect: Dialect,
  defaults: EntryDefaults,
  sink: ListSink,
  lineBytesMax: number,
): ListParser {
  return new CsvSplitter(new Table(dialect, defaults, sink), sink, lineBytesMax, dialect.delimiter);
}

/** One row after the other, from whatever has rows. */
export class Table implements RecordSink, RowSink {
  readonly #dialect: Dialect;
  readonly #defaults: EntryDefaults;
  readonly #sink: ListSink;
  #columns: Columns | undefined;
  #read: RowReader | undefined;
  #line = 0;
  #fields: readonly string[] = [];

  constructor(dialect: Dialect, defaults: EntryDefaults, sink: ListSink) {
    this.#dialect = dialect;
    this.#defaults = defaults;
    this.#sink = sink;
    if (dialect.fixed !== undefined) this.#open(new Columns(dialect.fixed));
  }

  /** The header of many lists stands in a comment. */
  comment(text: string, line: number): void {
    if (this.#columns !== undefined) return;
    const fields = fieldsOf(text, this.#dialect.delimiter ?? delimiterOf(text));
    const columns = new Columns(fields);
    if (fields.length < 2 || !fields.every((name) => COLUMN_NAME.test(name))) return;
    if (typeof this.#dialect.open(columns) === 'string') return;
    this.#line = line;
    this.#open(columns);
  }

  record(fields: readonly string[], line: number): void {
    this.#line = line;
    this.#fields = fields;
    if (this.#columns === undefined) this.#open(new Columns(fields));
    else if (this.#read !== undefined && !this.#isHeaderAgain(fields)) this.#read(fields, this);
  }

  values(values: readonly ListValue[] | string, details: RowDetails): void {
    if (typeof values === 'string') {
      this.problem(values);
      return;
    }
    const { action, category, reference } = details;
    for (const { kind, value, note } of values) {
      this.#sink.entry({
        kind,
        value,
        action: action ?? this.#defaults.action,
        category: category === undefined || category === '' ? this.#defaults.category : categoryOf(category),
        severity: details.severity,
        note: noteOf(details.note ?? '', note),
        confidence: details.confidence,
        tlp: details.tlp,
        firstSeenMs: details.firstSeenMs,
        lastSeenMs: details.lastSeenMs,
        expiresAtMs: details.expiresAtMs,
        reference: reference === undefined || reference === '' ? undefined : referenceOf(reference),
      });
    }
  }

  problem(reason: string): void {
    this.#sink.problem({ line: this.#line, reason, text: problemText(this.#fields.join(',').slice(0, 400)) });
  }

  /** It may stand in a comment and then once more. */
  #isHeaderAgain(fields: readonly string[]): boolean {
    const names = this.#columns!.names;
    return (
      names.length > 0 &&
      fields.length === names.length &&
      columnName(fields[0]!) === names[0] &&
      fields.every((field, at) => columnName(field) === names[at])
    );
  }

  #open(columns: Columns): void {
    this.#columns = columns;
    const read = this.#dialect.open(columns);
    if (typeof read === 'string') this.problem(read);
    else this.#read = read;
  }
}
