import {
  type EntryDefaults,
  type EntryKind,
  type ListEntry,
  type ListParser,
  type ListSink,
  type ListValue,
  problemText,
} from './entry.ts';
import { domainName, listValue } from './value.ts';

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
    problem('not eth-phishing-detect: it has no "blacklist"');
    return;
  }
  eachText(lists['blacklist'], sink, (value) => sink.entry(entryOf(value, defaults, defaults.action)));
  // What is an exception is not what the list is about.
  const exceptions = { ...defaults, category: 'known-good' };
  eachText(lists['whitelist'], sink, (value) => sink.entry(entryOf(value, exceptions, 'allow')));
  const fuzzy = lists['fuzzylist'];
  if (Array.isArray(fuzzy) && fuzzy.length > 0) {
    problem(
      `fuzzylist: ${fuzzy.length} names for fuzzy comparison were not imported`,
      `tolerance ${String(lists['tolerance'])}`,
    );
  }
}

/**
 * A MISP warning list: `type` says how its `list` compares, `matching_attributes` what it is about. A value that
 * is of another kind (`3::`, the fuzzy hash of nothing, in a list of hashes) is not taken for an address.
 */
export function readMispWarninglist(document: unknown, defaults: EntryDefaults, sink: ListSink): void {
  const warnings = record(document);
  const type = warnings?.['type'];
  const list = warnings?.['list'];
  if (warnings === undefined || !Array.isArray(list) || typeof type !== 'string') {
    sink.problem({ line: 0, reason: 'not a warning list: it has no "list" and "type"', text: '' });
    return;
  }
  if (type !== 'cidr' && type !== 'hostname' && type !== 'string') {
    const reason = `lists of type "${problemText(type)}" are not supported`;
    list.forEach((item: unknown, at) =>
      sink.problem({ line: at + 1, reason, text: problemText(String(item)) }),
    );
    return;
  }
  const kinds = kindsOf(warnings['matching_attributes']);
  list.forEach((item: unknown, at) => {
    const value = typeof item === 'string' ? warningValue(item, type) : 'not a text';
    const reason =
      typeof value === 'string'
        ? value
        : kinds?.has(value.kind) === false
          ? 'a value of another kind than the list is about'
          : undefined;
    if (typeof value !== 'string' && reason === undefined)
      sink.entry(entryOf(value, defaults, defaults.action));
    else if (reason !== undefined)
      sink.problem({
        line: at + 1,
        reason,
        text: problemText(typeof item === 'string' ? item : typeof item),
      });
  });
}

/** `string` compares whole values: exactly that host, which may be a top-level name. */
function warningValue(text: string, type: 'cidr' | 'hostname' | 'string'): ListValue | string {
  const value = listValue(text);
  if (type !== 'string') return value;
  if (typeof value !== 'string') return value.kind === 'domain' ? { ...value, kind: 'host' } : value;
  const name = /^[^\s.:/@]{2,63}$/.test(text) ? domainName(text, true) : '!';
  return name.startsWith('!') ? value : { kind: 'host', value: name, note: '' };
}

/** `undefined`: the list does not say, and everything is taken. */
function kindsOf(attributes: unknown): ReadonlySet<EntryKind> | undefined {
  if (!Array.isArray(attributes) || attributes.length === 0) return undefined;
  const kinds = new Set<EntryKind>();
  for (const attribute of attributes) {
    // `domain|ip`, `filename|md5`: two in one.
    for (const part of String(attribute).split('|'))
      for (const kind of ATTRIBUTE_KINDS.get(part) ?? []) kinds.add(kind);
  }
  return kinds;
}

const NAMES: readonly EntryKind[] = ['domain', 'host'];
const ADDRESSES: readonly EntryKind[] = ['address', 'network'];
const ATTRIBUTE_KINDS: ReadonlyMap<string, readonly EntryKind[]> = new Map([
  ['domain', NAMES],
  ['hostname', NAMES],
  ['ip', ADDRESSES],
  ['ip-src', ADDRESSES],
  ['ip-dst', ADDRESSES],
  ['url', ['url', 'domain', 'host', 'address']],
  ['uri', ['url', 'domain', 'host', 'address']],
  ['link', ['url', 'domain', 'host', 'address']],
  ...['md5', 'sha1', 'sha256'].map((name) => [name, ['hash']] as const),
  ...['email', 'email-src', 'email-dst', 'target-email', 'whois-registrant-email'].map(
    (name) => [name, ['email', 'domain', 'host']] as const,
  ),
]);

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
