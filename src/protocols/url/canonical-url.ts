import { canonicalHostOfBytes } from './canonical-host.ts';
import { canonicalPath, plainPathEnd } from './canonical-path.ts';
import { unescapeFully } from './escapes.ts';
import { expressionsOf } from './expressions.ts';

/** Longest URL that is looked at unless the caller says otherwise; twice what browsers send. */
export const URL_BYTES_MAX = 65_536;

/** A URL in the canonical form of Safe Browsing: what lists are compared by. Immutable. */
export interface CanonicalUrl {
  /** Lower case, without the colon. */
  readonly scheme: string;
  /** As `canonicalHost` gives it. */
  readonly host: string;
  /** The scheme's own (0 for an unknown scheme) when the text had none. */
  readonly port: number;
  /** Starts with `/`. */
  readonly path: string;
  /** Without `?`; empty when there is none. */
  readonly query: string;
  /** `host/path?query`: the identity in lists, which know neither scheme nor port. */
  readonly key: string;
  /** Host suffixes × path prefixes, the longest first; `key` is the first one. At most 42. */
  expressions(): readonly string[];
}

const DEFAULT_PORT: Readonly<Record<string, number>> = { http: 80, https: 443, ftp: 21, ws: 80, wss: 443 };

/**
 * Canonical form of a URL as people and lists write it; without a scheme it is `http`. `undefined` when
 * it has no host (`mailto:x`), a port that is none, or more than `bytesMax` bytes.
 */
export function canonicalUrl(text: string, bytesMax = URL_BYTES_MAX): CanonicalUrl | undefined {
  if (text.length > bytesMax) return undefined;
  let isAscii = true;
  for (let at = 0; at < text.length && isAscii; at++) isAscii = text.charCodeAt(at) < 0x80;
  return canonicalUrlOfBytes(isAscii ? text : Buffer.from(text, 'utf8').toString('latin1'), bytesMax);
}

/** The same for bytes from a wire, as a binary string (`latin1`). */
export function canonicalUrlOfBytes(bytes: string, bytesMax = URL_BYTES_MAX): CanonicalUrl | undefined {
  if (bytes.length > bytesMax) return undefined;
  const fragment = bytes.indexOf('#');
  let rest = (fragment < 0 ? bytes : bytes.slice(0, fragment)).replace(/[\t\r\n]/g, '');
  rest = trimSpaces(rest);
  let scheme = 'http';
  // A scheme that is itself escaped (`http%3A%2F%2F`) is seen only after unescaping.
  if (!SCHEME.test(rest) && /^[a-z][a-z0-9+.-]*%/i.test(rest)) {
    const unescaped = unescapeFully(rest);
    if (SCHEME.test(unescaped)) rest = unescaped;
  }
  const match = SCHEME.exec(rest);
  if (match !== null) {
    scheme = match[1]!.toLowerCase();
    rest = rest.slice(match[0].length);
  } else if (OTHER_SCHEME.test(rest)) return undefined;
  const end = rest.search(/[/?\\]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const place = hostAndPort(authority.slice(authority.lastIndexOf('@') + 1));
  if (place === undefined) return undefined;
  return canonicalUrlOf(scheme, place.host, place.port, end < 0 ? '/' : rest.slice(end), bytesMax);
}

/**
 * The same from parts that a codec has taken apart: binary strings, the scheme in lower case, IPv6 in
 * brackets, `port` 0 for the scheme's own. `pathAndQuery` starts with `/` or `?`, or is empty.
 */
export function canonicalUrlOf(
  scheme: string,
  host: string,
  port: number,
  pathAndQuery: string,
  bytesMax = URL_BYTES_MAX,
): CanonicalUrl | undefined {
  if (host.length + pathAndQuery.length > bytesMax) return undefined;
  const canonical = canonicalHostOfBytes(host);
  if (canonical === undefined) return undefined;
  const realPort = port === 0 ? (DEFAULT_PORT[scheme] ?? 0) : port;
  const end = plainPathEnd(pathAndQuery);
  if (end >= 0) {
    const isWhole = end === pathAndQuery.length;
    const path = isWhole ? pathAndQuery : pathAndQuery.slice(0, end);
    return new Parts(scheme, canonical, realPort, path, isWhole ? '' : pathAndQuery.slice(end + 1));
  }
  const fragment = pathAndQuery.indexOf('#');
  const raw = fragment < 0 ? pathAndQuery : pathAndQuery.slice(0, fragment);
  const { path, query } = canonicalPath(raw.replace(/[\t\r\n]/g, ''));
  return new Parts(scheme, canonical, realPort, path, query);
}

const SCHEME = /^([a-z][a-z0-9+.-]*):[/\\]{2}/i;
/** `mailto:x`, `javascript:…`, but not `host:8080/`. */
const OTHER_SCHEME = /^[a-z][a-z0-9+.-]*:(?!\d{0,5}(?:[/?\\]|$))/i;

class Parts implements CanonicalUrl {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly query: string;

  constructor(scheme: string, host: string, port: number, path: string, query: string) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.path = path;
    this.query = query;
  }

  get key(): string {
    return this.query === '' ? this.host + this.path : `${this.host}${this.path}?${this.query}`;
  }

  expressions(): readonly string[] {
    return expressionsOf(this.host, this.path, this.query);
  }
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.endsWith(']')) return { host: text, port: 0 };
  const digits = text.slice(colon + 1);
  if (!/^\d{0,5}$/.test(digits) || Number(digits) > 65_535) return undefined;
  return { host: text.slice(0, colon), port: Number(digits) };
}

/** Spaces at both ends, without a regular expression that backtracks over a run in the middle. */
function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}
