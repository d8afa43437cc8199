import type { StatedIndicator, StatedProblem, StatedSink } from '../../kernel/index.ts';
import { MISP_OPTIONS, readMisp } from '../misp/index.ts';
import { readStix } from '../stix/index.ts';
import {
  categoryOf,
  type ListEntry,
  type ListParser,
  type ListSink,
  noteOf,
  problemText,
  referenceOf,
} from './entry.ts';
import { JsonParser } from './json-formats.ts';
import type { ListOptions } from './options.ts';
import { typedValues } from './typed-value.ts';

export type StructuredFormat = 'stix' | 'misp-event' | 'openioc';

export interface StructuredOptions extends Pick<ListOptions, 'defaults' | 'documentBytesMax'> {
  /** Takes attributes of MISP that are not meant for detection (`to_ids`), too. */
  readonly mispContextToo?: boolean | undefined;
}

/** A parser for documents of threat intelligence. Asynchronous because the XML library is loaded only for OpenIOC. */
export async function openStructuredParser(
  format: StructuredFormat,
  options: StructuredOptions,
  sink: ListSink,
): Promise<ListParser> {
  const stated = new StatedEntries(options, sink);
  switch (format) {
    case 'stix':
      return new JsonParser((json) => readStix(json, stated), sink, options.documentBytesMax);
    case 'misp-event': {
      const toIdsOnly = options.mispContextToo !== true;
      const read = (json: unknown): void => readMisp(json, stated, { ...MISP_OPTIONS, toIdsOnly });
      return new JsonParser(read, sink, options.documentBytesMax);
    }
    case 'openioc': {
      const { readOpenIoc } = await import('../openioc/index.ts');
      return new TextParser((text) => readOpenIoc(text, stated), sink, options.documentBytesMax);
    }
  }
}

/** How the kinds of the kernel are called in the types of lists. */
const TYPES: Readonly<Record<StatedIndicator['kind'], string>> = {
  domain: 'domain',
  host: 'hostname',
  url: 'url',
  address: 'ip',
  network: 'ip',
  hash: 'hash',
  email: 'email',
};

/** Makes entries of what documents state: canonical, and with what the list says of all. */
class StatedEntries implements StatedSink {
  readonly #defaults: ListOptions['defaults'];
  readonly #sink: ListSink;

  constructor({ defaults }: StructuredOptions, sink: ListSink) {
    this.#defaults = defaults;
    this.#sink = sink;
  }

  indicator(indicator: StatedIndicator, position: number): void {
    const values = typedValues(TYPES[indicator.kind], indicator.value);
    if (values === undefined || typeof values === 'string') {
      this.problem({ position, reason: values ?? 'not a value', text: indicator.value });
      return;
    }
    for (const { kind, value, note } of values) this.#entry(indicator, { kind, value, note }, position);
  }

  problem({ position, reason, text }: StatedProblem): void {
    this.#sink.problem({ line: position, reason: safe(reason), text: problemText(text) });
  }

  #entry(
    indicator: StatedIndicator,
    value: Pick<ListEntry, 'kind' | 'value' | 'note'>,
    position: number,
  ): void {
    const entry: ListEntry = {
      kind: value.kind,
      value: value.value,
      action: indicator.action ?? this.#defaults.action,
      category: indicator.category === undefined ? this.#defaults.category : categoryOf(indicator.category),
      severity: indicator.severity,
      note: noteOf(value.note, indicator.note),
      confidence: indicator.confidence,
      tlp: indicator.tlp,
      firstSeenMs: indicator.firstSeenMs,
      lastSeenMs: indicator.lastSeenMs,
      expiresAtMs: indicator.expiresAtMs,
      reference: referenceOf(indicator.reference),
    };
    if (!indicator.isRevoked) this.#sink.entry(entry);
    else if (this.#sink.remove !== undefined) this.#sink.remove(entry);
    else this.problem({ position, reason: 'revoked by its producer', text: indicator.value });
  }
}

/** Reasons quote patterns and terms. */
const REASON_MAX = 400;

function safe(reason: string): string {
  return reason
    .slice(0, REASON_MAX)
    .replace(/[^\u0020-\u007e…]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** Reads a whole text document, bounded, and hands it out when it has ended. */
class TextParser implements ListParser {
  readonly #read: (text: string) => void;
  readonly #sink: ListSink;
  readonly #bytesMax: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(read: (text: string) => void, sink: ListSink, bytesMax: number) {
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
    if (this.#bytes > this.#bytesMax) {
      const reason = `the document is longer than ${this.#bytesMax} bytes`;
      this.#sink.problem({ line: 0, reason, text: '' });
      return;
    }
    const bytes = Buffer.concat(this.#chunks);
    // UTF-16 with its byte order mark (XML 1.0 appendix F); everything else that OpenIOC comes in is UTF-8.
    const encoding =
      bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : bytes[0] === 0xfe && bytes[1] === 0xff
          ? 'utf-16be'
          : 'utf-8';
    this.#read(new TextDecoder(encoding).decode(bytes));
  }
}
