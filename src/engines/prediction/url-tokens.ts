import type { HostParts } from '../../protocols/url/index.ts';
import { hashText, seedOf } from './hashing.ts';

/** Most tokens of a URL that are looked at: twice what a URL of 2,048 bytes gives. */
const TOKENS_MAX = 4096;
/** Letters of a path and of a query that are cut into pieces; what follows says little more. */
const PATH_CUT = 160;
const QUERY_CUT = 160;

/** Each has a sum of its own, so that the trees can weigh them. */
export const TOKEN_GROUPS = ['place', 'name', 'subdomain', 'path'] as const;

const SUFFIX = seedOf('suffix');
const DOMAIN = seedOf('domain');
const NAME = seedOf('name');
const NAME_WORD = seedOf('name-word');
const SUB = seedOf('sub');
const SUB_WORD = seedOf('sub-word');
const PORT = seedOf('port');
const NETWORK = seedOf('network');
const PATH = seedOf('path');
const PATH_WORD = seedOf('path-word');
const PARAMETER = seedOf('parameter');
const ENDING = seedOf('ending');
const QUERY = seedOf('query');

/**
 * Pieces of a URL as hashes: words, and runs of three to five letters. Neither the scheme nor a leading `www` nor a
 * trailing slash is among them: they tell where a list comes from, not what a page is.
 */
export class UrlTokens {
  readonly hashes = new Uint32Array(TOKENS_MAX);
  /** Where the tokens of each of `TOKEN_GROUPS` end. */
  readonly ends = new Uint32Array(TOKEN_GROUPS.length);
  count = 0;

  fill(parts: HostParts, port: number, path: string, query: string): this {
    const { ends } = this;
    this.count = 0;
    this.#place(parts, port);
    ends[0] = this.count;
    this.#runs(parts.name, NAME);
    this.#words(parts.name, NAME_WORD);
    ends[1] = this.count;
    if (parts.subdomain !== '') {
      this.#runs(parts.subdomain, SUB);
      this.#words(parts.subdomain, SUB_WORD);
    }
    ends[2] = this.count;
    this.#path(path);
    if (query !== '') this.#query(query);
    ends[3] = this.count;
    return this;
  }

  #place(parts: HostParts, port: number): void {
    if (port !== 0 && port !== 80 && port !== 443) this.#push(hashText(String(port), 0, undefined, PORT));
    if (parts.isAddress) {
      const { host } = parts;
      this.#push(hashText(host, 0, host.indexOf('.'), NETWORK));
      return;
    }
    const { suffix, domain } = parts;
    this.#push(hashText(suffix, 0, suffix.length, SUFFIX));
    if (suffix.includes('.'))
      this.#push(hashText(suffix, suffix.lastIndexOf('.') + 1, suffix.length, SUFFIX));
    this.#push(hashText(domain, 0, domain.length, DOMAIN));
  }

  #path(path: string): void {
    const end = path.endsWith('/') ? path.length - 1 : path.length;
    if (end <= 1) return;
    const text = path.slice(1, Math.min(end, PATH_CUT)).toLowerCase();
    this.#words(text, PATH_WORD);
    this.#runs(text, PATH);
    const dot = text.lastIndexOf('.');
    if (dot > text.lastIndexOf('/')) this.#push(hashText(text, dot, text.length, ENDING));
  }

  #query(query: string): void {
    const text = query.slice(0, QUERY_CUT).toLowerCase();
    this.#words(text, QUERY);
    for (let start = 0; start < text.length;) {
      const next = text.indexOf('&', start);
      const end = next < 0 ? text.length : next;
      const equals = text.indexOf('=', start);
      this.#push(hashText(text, start, equals < 0 || equals > end ? end : equals, PARAMETER));
      start = end + 1;
    }
  }

  /** Runs of three, four and five letters, edges included. */
  #runs(text: string, seed: number): void {
    if (text === '') return;
    const framed = `^${text}$`;
    for (let start = 0; start + 3 <= framed.length; start++) {
      this.#push(hashText(framed, start, start + 3, seed));
      if (start + 4 <= framed.length) this.#push(hashText(framed, start, start + 4, seed));
      if (start + 5 <= framed.length) this.#push(hashText(framed, start, start + 5, seed));
    }
  }

  /** Letters and digits between anything else. */
  #words(text: string, seed: number): void {
    let start = 0;
    for (let at = 0; at <= text.length; at++) {
      if (at < text.length && isWordCode(text.charCodeAt(at))) continue;
      if (at > start) this.#push(hashText(text, start, at, seed));
      start = at + 1;
    }
  }

  #push(hash: number): void {
    if (this.count < TOKENS_MAX) this.hashes[this.count++] = hash;
  }
}

function isWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code >= 128;
}
