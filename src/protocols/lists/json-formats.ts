import { type ListEntry, type ListParser, type ListSink, type EntryDefaults, problemText } from './entry.ts';
import { type ListValue, listValue } from './value.ts';

/** Reads a whole JSON document, bounded, and hands out what it holds when it has ended. */
export class JsonParser implements ListParser {
  readonly #chunks: Buffer[] = [];
  readonly #bytesMax: number;
  readonly #read: (document: unknown) => void;
  readonly #sink: ListSink;
  #bytes = 0;

  constructor(read: (document: unknown) => void, sink: ListSink, bytesMax: number) {
    this.#read = read;
    this.#sink = sink;
    this.#bytesMax = bytesMax;
  }

  receive(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= this.#bytesMax) this.#chunks.push(Buffer.from(bytes));
    else this.#chunks.length = 0;
  }

  receiveEnd(): void {
    const problem = (reason: string): void => this.#sink.problem({ line: 0, reason, text: '' });
    if (this.#bytes > this.#bytesMax) {
      problem(`the document is longer than ${this.#bytesMax} bytes`);
      return;
    }
    let document: unknown;
    try {
      document = JSON.parse(
        Buffer.concat(this.#chunks)
          .toString('utf8')
          .replace(/^\ufeff/, ''),
      );
    } catch {
      problem('the document is not JSON');
      return;
    }
    this.#read(document);
  }
}

/** MetaMask's eth-phishing-detect: `blacklist`, `whitelist`, and names for fuzzy comparison. */
export function readEthPhishingDetect(document: unknown, defaults: EntryDefaults, sink: ListSink): void {
  const problem = (reason: string, text = ''): void => sink.problem({ line: 0, reason, text });
  const lists = record(document);
  if (lists === undefined || !Array.isArray(lists['blacklist'])) {
    problem('the document has no "blacklist"');
    return;
  }
  eachText(lists['blacklist'], sink, (value) => sink.entry(entryOf(value, defaults, defaults.action)));
  eachText(lists['whitelist'], sink, (value) => sink.entry(entryOf(value, defaults, 'allow')));
  const fuzzy = lists['fuzzylist'];
  if (Array.isArray(fuzzy) && fuzzy.length > 0) {
    problem(
      `fuzzylist: ${fuzzy.length} names for fuzzy comparison were not imported`,
      `tolerance ${String(lists['tolerance'])}`,
    );
  }
}

/** A MISP warning list: `type` says how its `list` compares. */
export function readMispWarninglist(document: unknown, defaults: EntryDefaults, sink: ListSink): void {
  const warnings = record(document);
  const type = warnings?.['type'];
  if (warnings === undefined || !Array.isArray(warnings['list']) || typeof type !== 'string') {
    sink.problem({ line: 0, reason: 'the document has no "list" and "type"', text: '' });
    return;
  }
  if (type !== 'cidr' && type !== 'hostname' && type !== 'string') {
    const reason = `lists of type "${type}" are not supported`;
    warnings['list'].forEach((item: unknown, at) =>
      sink.problem({ line: at + 1, reason, text: problemText(String(item)) }),
    );
    return;
  }
  eachText(warnings['list'], sink, (value) => {
    // `string` compares whole values: exactly that host.
    const isExact = type === 'string' && value.kind === 'domain';
    sink.entry(entryOf(isExact ? { ...value, kind: 'host' } : value, defaults, defaults.action));
  });
}

function eachText(list: unknown, sink: ListSink, take: (value: ListValue) => void): void {
  if (!Array.isArray(list)) return;
  list.forEach((item: unknown, at) => {
    const value = typeof item === 'string' ? listValue(item) : 'not a text';
    if (typeof value !== 'string') take(value);
    else
      sink.problem({
        line: at + 1,
        reason: value,
        text: problemText(typeof item === 'string' ? item : typeof item),
      });
  });
}

function entryOf(value: ListValue, defaults: EntryDefaults, action: 'allow' | 'block'): ListEntry {
  return { ...value, action, category: defaults.category, severity: undefined };
}

function record(document: unknown): Record<string, unknown> | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined;
  // An object that is no array has texts as keys.
  return document as Record<string, unknown>;
}
