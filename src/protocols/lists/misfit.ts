import { type ListParser, type ListSink, problemText } from './entry.ts';
import type { ListFormat } from './formats.ts';

/** Formats that are one document of JSON, or JSON by the line. */
const JSON_FORMATS: ReadonlySet<ListFormat> = new Set([
  'eth-phishing-detect',
  'misp-warninglist',
  'threatfox-json',
  'urlhaus-json',
  'stix',
  'misp-event',
  'sallyport',
]);

/**
 * Why a text cannot be a list of this format; `undefined` when nothing speaks against it. An error page or a
 * document of another kind has lines that would pass for entries.
 */
export function misfit(format: ListFormat, start: string): string | undefined {
  // Spaces may be many: the first character that is none decides.
  const text = start
    .slice(0, LOOKED_AT)
    .replace(/^\ufeff/, '')
    .trimStart();
  if (text === '') return undefined;
  if (text.includes('\u0000')) return 'the list is not text';
  if (/^<!doctype html|^<html|^<head|^<body/i.test(text)) return 'the list is an HTML page';
  const isMarkup = /^<(?:\?xml|[a-z][\w.:-]*[\s>/]|!--)/i.test(text);
  if (isMarkup !== (format === 'openioc')) return isMarkup ? 'the list is XML' : 'the document is not XML';
  if (format === 'openioc') return undefined;
  const isJson = /^\{\s*["}]|^\[\s*(?:["{\]]|$)/.test(text);
  if (JSON_FORMATS.has(format)) return undefined;
  return isJson ? 'the list is JSON' : undefined;
}

const LOOKED_AT = 4096;

/** Takes nothing from a list and says why. */
export class RefusedList implements ListParser {
  readonly #reason: string;
  readonly #text: string;
  readonly #sink: ListSink;

  constructor(reason: string, start: string, sink: ListSink) {
    this.#reason = reason;
    this.#text = start.slice(0, 200).trim();
    this.#sink = sink;
  }

  receive(): void {
    // Nothing of it can be used.
  }

  receiveEnd(): void {
    this.#sink.problem({ line: 0, reason: this.#reason, text: problemText(this.#text) });
  }
}
