/** Negotiation of the media type (TAXII 2.1 §1.6.8, on top of RFC 9110 §12.5.1). */
import type { TaxiiRefusal } from './resources.ts';

/**
 * `undefined`: an answer in TAXII 2.1 is fine. A missing `Accept` and the ranges that cover us are, a type without
 * a version is (it means the newest); another version, or a weight of 0, is not.
 */
export function acceptRefusal(accept: string | undefined): TaxiiRefusal | undefined {
  if (accept === undefined || accept.trim() === '') return undefined;
  const ranges = split(accept, ',').map(mediaType);
  // The most specific range that covers us decides, for `*/*, application/taxii+json;q=0` refuses us.
  const covering = ranges.filter(covers).toSorted((x, y) => precision(y) - precision(x));
  if (covering[0] !== undefined && covering[0].parameters.get('q') !== 0) return undefined;
  return {
    status: 406,
    code: 'TAXII_NOT_ACCEPTABLE',
    title: 'Not acceptable',
    description: 'This server answers in application/taxii+json;version=2.1 only: name it in Accept',
  };
}

/** `undefined`: the body of a POST says that it is TAXII 2.1. */
export function contentTypeRefusal(contentType: string | undefined): TaxiiRefusal | undefined {
  const type = mediaType(contentType ?? '');
  if (type.name === 'application/taxii+json' && isOurVersion(type)) return undefined;
  return {
    status: 415,
    code: 'TAXII_MEDIA_TYPE',
    title: 'Unsupported media type',
    description: 'Objects are added as application/taxii+json;version=2.1: say so in Content-Type',
  };
}

/** Whether an answer that a client got is TAXII: some servers leave the version out. */
export function isTaxiiMedia(contentType: string | undefined): boolean {
  return contentTypeRefusal(contentType) === undefined;
}

interface MediaType {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string | number>;
}

function covers(range: MediaType): boolean {
  if (range.name === '*/*' || range.name === 'application/*') return true;
  return range.name === 'application/taxii+json' && isOurVersion(range);
}

function isOurVersion(type: MediaType): boolean {
  const version = type.parameters.get('version');
  return version === undefined || version === '2.1';
}

function precision(range: MediaType): number {
  if (range.name === '*/*') return 0;
  if (range.name === 'application/*') return 1;
  return range.parameters.has('version') ? 3 : 2;
}

function mediaType(text: string): MediaType {
  const [name = '', ...rest] = split(text, ';');
  const parameters = new Map<string, string | number>();
  for (const each of rest) {
    const equals = each.indexOf('=');
    if (equals < 0) continue;
    const key = each.slice(0, equals).trim().toLowerCase();
    const value = each
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    parameters.set(key, key === 'q' ? Number(value) : value);
  }
  return { name: name.toLowerCase(), parameters };
}

/** Splits where the separator is outside quotes (RFC 9110 §5.6.4). */
function split(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') isQuoted = !isQuoted;
    else if (isQuoted && char === '\\') at++;
    else if (!isQuoted && char === separator) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts.filter((part) => part !== '');
}
