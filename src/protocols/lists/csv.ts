import type { parse as ParseCsv } from 'csv-parse/sync';
import { messageOf, type Severity } from '../../kernel/index.ts';
import { type EntryDefaults, type ListParser, type ListSink, problemText } from './entry.ts';
import { maltrailValue } from './text-formats.ts';
import { type ListValue, listValue } from './value.ts';

/** Which column says what; the name from the header line, or its number from 1. */
export interface CsvMapping {
  readonly value?: string;
  readonly category?: string;
  readonly kind?: string;
  readonly action?: string;
  readonly severity?: string;
  readonly note?: string;
}

export const CSV_FIELDS = ['value', 'category', 'kind', 'action', 'severity', 'note'] as const;
type CsvField = (typeof CSV_FIELDS)[number];

/** Names that columns have in lists that exist, where the operator maps nothing. */
const USUAL_NAMES: Readonly<Record<CsvField, readonly string[]>> = {
  value: [
    'value',
    'entry',
    'indicator',
    'ioc',
    'trail',
    'domain',
    'host',
    'hostname',
    'url',
    'address',
    'ip',
  ],
  category: ['category', 'threat', 'family', 'classification'],
  kind: ['kind'],
  action: ['action'],
  severity: ['severity'],
  note: ['note', 'comment', 'description'],
};

/** A record that never ends (a lost quote) is given up at this many times the longest line. */
const OPEN_LINES_MAX = 4;

/**
 * CSV with a header line. The text is cut where a line ends outside quotes and handed over in pieces, so
 * a broken record spoils nothing after it.
 */
export class CsvParser implements ListParser {
  readonly #parse: typeof ParseCsv;
  readonly #take: (fields: readonly string[], line: number) => void;
  readonly #sink: ListSink;
  readonly #lineBytesMax: number;
  readonly #decoder = new TextDecoder('utf-8');
  #text = '';
  #line = 0;
  #delimiter: string | undefined;

  constructor(
    parse: typeof ParseCsv,
    take: (fields: readonly string[], line: number) => void,
    sink: ListSink,
    lineBytesMax: number,
  ) {
    this.#parse = parse;
    this.#take = take;
    this.#sink = sink;
    this.#lineBytesMax = lineBytesMax;
  }

  receive(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    // Hand out all records that are whole; keep the beginning of one whose line or quote is open.
    for (;;) {
      const end = this.#text.includes('"') ? endOutsideQuotes(this.#text) : this.#text.lastIndexOf('\n') + 1;
      const whole = this.#text.slice(0, end);
      this.#text = this.#text.slice(end);
      if (whole !== '') this.#records(whole, this.#line);
      if (this.#text.length <= this.#lineBytesMax * OPEN_LINES_MAX) return;
      this.#giveUp();
    }
  }

  receiveEnd(): void {
    this.#text += this.#decoder.decode();
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#records(text, this.#line);
  }

  #records(text: string, start: number): void {
    this.#delimiter ??= delimiterOf(text);
    try {
      const records = this.#parse(text, {
        delimiter: this.#delimiter,
        relax_column_count: true,
        relax_quotes: true,
        skip_empty_lines: true,
        trim: true,
        info: true,
        bom: true,
        comment: '#',
        comment_no_infix: true,
        max_record_size: this.#lineBytesMax,
      });
      // With `info` a record comes with its place.
      for (const { record, info } of records as unknown as readonly CsvRecord[])
        this.#take(record, start + info.lines);
    } catch (error) {
      const end = text.indexOf('\n') + 1;
      // One broken record fails the whole piece: take it line by line, and only that one is lost.
      if (end > 0 && end < text.length) this.#eachLine(text, start);
      else
        this.#sink.problem({
          line: start + 1,
          reason: `not CSV: ${messageOf(error)}`,
          text: problemText(text),
        });
    }
    this.#line = start;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#line++;
  }

  #eachLine(text: string, start: number): void {
    let line = start;
    for (let at = 0; at < text.length; line++) {
      const feed = text.indexOf('\n', at);
      const end = feed < 0 ? text.length : feed + 1;
      this.#records(text.slice(at, end), line);
      at = end;
    }
  }

  /** Goes on behind the line that opened the quote, so that what follows is outside again. */
  #giveUp(): void {
    const reason = `a record longer than ${this.#lineBytesMax} bytes`;
    this.#sink.problem({ line: this.#line + 1, reason, text: problemText(this.#text.slice(0, 200)) });
    const end = this.#text.indexOf('\n');
    if (end >= 0) this.#line++;
    this.#text = end < 0 ? '' : this.#text.slice(end + 1);
  }
}

/** Understands the records of a CSV list: the first is the header unless columns are mapped by number. */
export function csvRecords(
  mapping: CsvMapping,
  defaults: EntryDefaults,
  sink: ListSink,
): (fields: readonly string[], line: number) => void {
  const isNumbered =
    Object.values(mapping).length > 0 && Object.values(mapping).every((name) => /^\d+$/.test(name));
  let columns: Columns | undefined = isNumbered ? columnsOf(mapping, []) : undefined;
  let isMaltrail = false;
  let isUnusable = false;
  return (fields, line) => {
    const text = (): string => problemText(fields.join(','));
    if (columns === undefined) {
      const names = fields.map((name) => name.toLowerCase());
      columns = columnsOf(mapping, names);
      isMaltrail = names.join() === 'trail,type,family';
      isUnusable = columns.value === undefined;
      if (isUnusable)
        sink.problem({ line, reason: 'no column holds values: map one with value=COLUMN', text: text() });
      return;
    }
    if (isUnusable) return;
    const column = (field: CsvField): string => fields[columns?.[field] ?? -1] ?? '';
    const raw = column('value');
    const kind = column('kind').toLowerCase();
    const value = isMaltrail ? maltrailValue(raw) : kind === 'url' ? urlText(raw) : listValue(raw);
    if (typeof value === 'string') {
      sink.problem({ line, reason: value, text: text() });
      return;
    }
    const action = column('action').toLowerCase();
    if (action !== '' && action !== 'allow' && action !== 'block') {
      sink.problem({ line, reason: 'the action is neither "allow" nor "block"', text: text() });
      return;
    }
    const severity = column('severity').toLowerCase();
    if (severity !== '' && !isSeverity(severity)) {
      sink.problem({ line, reason: 'the severity is unknown', text: text() });
      return;
    }
    const category = column('category');
    const [family, member] = isMaltrail ? splitOnce(category) : [category, ''];
    sink.entry({
      ...ofKind(value, kind),
      note: [member, value.note, column('note')].filter(Boolean).join(', '),
      action: action === '' ? defaults.action : action,
      category: family === '' ? defaults.category : family,
      // Its own sensor rates what is only suspicious (free top-level domains, say) low.
      severity: severity === '' ? (isMaltrail && family === 'suspicious' ? 'low' : undefined) : severity,
    });
  };
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

type Columns = Readonly<Partial<Record<CsvField, number>>>;

function columnsOf(mapping: CsvMapping, names: readonly string[]): Columns {
  const columns: Partial<Record<CsvField, number>> = {};
  for (const field of CSV_FIELDS) {
    const wanted = mapping[field];
    const candidates = wanted === undefined ? USUAL_NAMES[field] : [wanted.toLowerCase()];
    const at =
      wanted !== undefined && /^\d+$/.test(wanted)
        ? Number(wanted) - 1
        : (candidates.map((name) => names.indexOf(name)).find((found) => found >= 0) ?? -1);
    if (at >= 0) columns[field] = at;
  }
  return columns;
}

/** The column says `host` for exactly that host; everything else is seen from the value itself. */
function ofKind(value: ListValue, kind: string): ListValue {
  if (value.kind === 'domain' && (kind === 'host' || kind === 'hostname')) return { ...value, kind: 'host' };
  return value;
}

/** In a column of URLs `192.0.2.1/24` is a path, not a network. */
function urlText(text: string): ListValue | string {
  return listValue(text.includes('://') || /^hxxps?\W/i.test(text) ? text : `http://${text}`);
}

function splitOnce(text: string): readonly [string, string] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
}

function isSeverity(text: string): text is Severity {
  return text === 'low' || text === 'medium' || text === 'high' || text === 'critical';
}

function delimiterOf(text: string): string {
  const header = text.slice(0, text.indexOf('\n'));
  const counts = [',', ';', '\t'].map((delimiter) => [header.split(delimiter).length, delimiter] as const);
  return counts.toSorted((x, y) => y[0] - x[0])[0]![1];
}

/** Behind the last line feed that is outside quotes; 0 when there is none. */
function endOutsideQuotes(text: string): number {
  let isQuoted = false;
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) isQuoted = !isQuoted;
    else if (code === 0x0a && !isQuoted) end = at + 1;
  }
  return end;
}
