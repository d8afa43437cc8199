import { adguardLine } from './adguard.ts';
import { type CsvMapping, CsvParser, csvRecords } from './csv.ts';
import type { ListFormat } from './detect.ts';
import { type EntryDefaults, type ListParser, type ListSink, problemText } from './entry.ts';
import { JsonParser, readEthPhishingDetect, readMispWarninglist } from './json-formats.ts';
import { LineParser } from './lines.ts';
import {
  dnsmasqLine,
  hostsLine,
  type LineFormat,
  type LineSink,
  maltrailLine,
  plainLine,
  v2flyLine,
} from './text-formats.ts';

export interface ListOptions {
  readonly format: ListFormat;
  readonly defaults: EntryDefaults;
  /** For `csv`. */
  readonly mapping?: CsvMapping;
  /** The beginning of the list, to tell the two forms of `maltrail` apart. */
  readonly start?: string;
  readonly lineBytesMax: number;
  /** Largest document of the JSON formats, which are read as a whole. */
  readonly documentBytesMax: number;
}

const LINE_FORMATS: Readonly<Partial<Record<ListFormat, LineFormat>>> = {
  plain: plainLine,
  hosts: hostsLine,
  dnsmasq: dnsmasqLine,
  adguard: adguardLine,
  maltrail: maltrailLine,
  v2fly: v2flyLine,
};

/** A parser for a format. Asynchronous because the CSV library is loaded only where it is needed. */
export async function openListParser(options: ListOptions, sink: ListSink): Promise<ListParser> {
  const { format, defaults } = options;
  const isMaltrailCsv =
    format === 'maltrail' && /^(?:\ufeff)?trail,type,family\r?\n/i.test(options.start ?? '');
  if (format === 'csv' || isMaltrailCsv) {
    const { parse } = await import('csv-parse/sync');
    return new CsvParser(
      parse,
      csvRecords(options.mapping ?? {}, defaults, sink),
      sink,
      options.lineBytesMax,
    );
  }
  if (format === 'eth-phishing-detect') {
    return new JsonParser(
      (json) => readEthPhishingDetect(json, defaults, sink),
      sink,
      options.documentBytesMax,
    );
  }
  if (format === 'misp-warninglist') {
    return new JsonParser(
      (json) => readMispWarninglist(json, defaults, sink),
      sink,
      options.documentBytesMax,
    );
  }
  const read = LINE_FORMATS[format] ?? plainLine;
  const lines = new LineSource(defaults, sink);
  return new LineParser(
    (line, lineNumber) => {
      lines.begin(line, lineNumber);
      read(line, lines);
    },
    (problem) => sink.problem(problem),
    options.lineBytesMax,
  );
}

/** Adds to what a line says what the list says, and the place to a problem. */
class LineSource implements LineSink {
  readonly #defaults: EntryDefaults;
  readonly #sink: ListSink;
  #text = '';
  #line = 0;

  constructor(defaults: EntryDefaults, sink: ListSink) {
    this.#defaults = defaults;
    this.#sink = sink;
  }

  begin(text: string, line: number): void {
    this.#text = text;
    this.#line = line;
  }

  value: LineSink['value'] = ({ kind, value, note }, action) => {
    this.#sink.entry({
      kind,
      value,
      note,
      action: action ?? this.#defaults.action,
      category: this.#defaults.category,
      severity: undefined,
    });
  };

  problem(reason: string): void {
    this.#sink.problem({ line: this.#line, reason, text: problemText(this.#text) });
  }
}
