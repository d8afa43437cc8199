import {
  feodoDialect,
  malwareBazaarDialect,
  openThreatFoxJson,
  openUrlhausJson,
  threatFoxDialect,
  tweetFeedDialect,
  urlhausDialect,
} from './abuse-ch.ts';
import { adguardLine } from './adguard.ts';
import { csvDialect, maltrailDialect } from './csv.ts';
import { type EntryDefaults, type ListParser, type ListSink, noteOf, problemText } from './entry.ts';
import type { ListFormat } from './formats.ts';
import { checksumLine, hashCommentLine, hashlookupDialect, mispHashesDialect } from './hash-tables.ts';
import { JsonParser, readEthPhishingDetect, readMispWarninglist } from './json-formats.ts';
import { LineParser } from './lines.ts';
import { misfit, RefusedList } from './misfit.ts';
import { nativeLine } from './native.ts';
import type { ListOptions } from './options.ts';
import { RpzReader } from './rpz.ts';
import { type Dialect, openTable } from './table.ts';
import {
  dnsmasqLine,
  hostsLine,
  type LineFormat,
  type LineSink,
  maltrailLine,
  plainLine,
  v2flyLine,
} from './text-formats.ts';
import { ut1File } from './ut1.ts';

/** A parser for a format. Asynchronous because what few need is loaded only where it is needed. */
export async function openListParser(options: ListOptions, sink: ListSink): Promise<ListParser> {
  const { format, defaults, lineBytesMax, start = '' } = options;
  const reason = misfit(format, start);
  if (reason !== undefined) return new RefusedList(reason, start, sink);
  const dialect = dialectOf(options, start);
  if (dialect !== undefined) return openTable(dialect, defaults, sink, lineBytesMax);
  if (format === 'stix' || format === 'misp-event' || format === 'openioc') {
    const { openStructuredParser } = await import('./structured.ts');
    return openStructuredParser(format, options, sink);
  }
  const openRecords = RECORD_FORMATS[format];
  if (openRecords !== undefined) return openRecords(defaults, sink, lineBytesMax);
  const readDocument = DOCUMENT_FORMATS[format];
  if (readDocument !== undefined) {
    return new JsonParser((json) => readDocument(json, defaults, sink), sink, options.documentBytesMax);
  }
  return openLines(options, sink);
}

type DocumentReader = (document: unknown, defaults: EntryDefaults, sink: ListSink) => void;

const DOCUMENT_FORMATS: Readonly<Partial<Record<ListFormat, DocumentReader>>> = {
  'eth-phishing-detect': readEthPhishingDetect,
  'misp-warninglist': readMispWarninglist,
};

/** Documents that are read object by object; an object is as long as a line may be. */
const RECORD_FORMATS: Readonly<
  Partial<Record<ListFormat, (defaults: EntryDefaults, sink: ListSink, recordBytesMax: number) => ListParser>>
> = {
  'threatfox-json': openThreatFoxJson,
  'urlhaus-json': openUrlhausJson,
};

const LINE_FORMATS: Readonly<Partial<Record<ListFormat, LineFormat>>> = {
  plain: plainLine,
  hosts: hostsLine,
  dnsmasq: dnsmasqLine,
  adguard: adguardLine,
  maltrail: maltrailLine,
  v2fly: v2flyLine,
  'hash-comment': hashCommentLine,
  md5sums: checksumLine,
};

const DIALECTS: Readonly<Partial<Record<ListFormat, Dialect>>> = {
  'urlhaus-csv': urlhausDialect,
  'malwarebazaar-csv': malwareBazaarDialect,
  'threatfox-csv': threatFoxDialect,
  'feodo-csv': feodoDialect,
  'tweetfeed-csv': tweetFeedDialect,
  'misp-hashes-csv': mispHashesDialect,
};

function dialectOf({ format, mapping = {} }: ListOptions, start: string): Dialect | undefined {
  if (format === 'csv') return csvDialect(mapping);
  if (format === 'hashlookup-csv') return hashlookupDialect(mapping);
  if (format === 'maltrail' && /^(?:\ufeff)?trail,type,family\r?\n/i.test(start)) return maltrailDialect;
  return DIALECTS[format];
}

function openLines({ format, defaults, lineBytesMax, path }: ListOptions, sink: ListSink): ListParser {
  const problem: ListSink['problem'] = (given) => sink.problem(given);
  if (format === 'sallyport') {
    return new LineParser((line, at) => nativeLine(line, at, defaults, sink), problem, lineBytesMax);
  }
  const file = format === 'ut1' ? ut1File(path ?? '') : undefined;
  const lines = new LineSource(
    file?.category === undefined ? defaults : { ...defaults, category: file.category },
    sink,
  );
  if (format === 'rpz') {
    const zone = new RpzReader(lines);
    const read = (line: string, at: number, isIndented: boolean): void => {
      lines.begin(line, at);
      zone.line(line, isIndented);
    };
    return new LineParser(read, problem, lineBytesMax, () => zone.end());
  }
  const read = file?.read ?? LINE_FORMATS[format] ?? plainLine;
  return new LineParser(
    (line, at) => {
      lines.begin(line, at);
      read(line, lines);
    },
    problem,
    lineBytesMax,
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
      note: note === '' ? '' : noteOf(note),
      action: action ?? this.#defaults.action,
      category: this.#defaults.category,
      severity: undefined,
    });
  };

  problem(reason: string): void {
    // Some reasons name what a line says.
    this.#sink.problem({ line: this.#line, reason: problemText(reason), text: problemText(this.#text) });
  }
}
