import { canonicalHost, canonicalUrl } from '../../protocols/url/index.ts';
import { compileGlob, type TextTest } from './glob.ts';

/**
 * A URL as operators write it. Without `*` in the path it is a prefix, as in lists: `example.com/a/` is that folder and all below,
 * `*.example.com/a` the same on every host below. With `*` in the path it is a whole: `example.com/*.exe`.
 */
export interface UrlPattern {
  readonly text: string;
  readonly scheme: string | undefined;
  /** Canonical, IPv6 in brackets. Empty: any host. */
  readonly host: string;
  readonly hostKind: 'host' | 'suffix' | 'any';
  readonly port: number | undefined;
  /** Path and query. */
  readonly path: string;
  readonly isGlob: boolean;
}

const PATTERN =
  /^(?:(https?):\/\/)?(\*(?=[:/]|$)|(?:\*\.)?[^/*:[\]\s]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/\S*)?$/i;

export function urlPattern(text: string): UrlPattern | undefined {
  const match = PATTERN.exec(text.trim());
  if (match === null) return undefined;
  const [, scheme, place = '', portText, pathText = '/'] = match;
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port === 0 || port > 65_535)) return undefined;
  const isGlob = pathText.includes('*');
  const path = isGlob ? pathText : canonicalPathOf(pathText);
  if (path === undefined) return undefined;
  const base = { text, scheme: scheme?.toLowerCase(), port, path, isGlob };
  if (place === '*') return { ...base, host: '', hostKind: 'any' };
  const isSuffix = place.startsWith('*.');
  const host = canonicalHost(isSuffix ? place.slice(2) : place);
  return host === undefined ? undefined : { ...base, host, hostKind: isSuffix ? 'suffix' : 'host' };
}

export function urlProblem(text: string): string | undefined {
  return urlPattern(text) === undefined
    ? 'is no URL pattern; write example.com/folder/, *.example.com/path or *.example.com/*.exe, with an optional http:// or https:// in front'
    : undefined;
}

function canonicalPathOf(text: string): string | undefined {
  const url = canonicalUrl(`http://host.example${text}`);
  if (url === undefined) return undefined;
  return url.query === '' ? url.path : `${url.path}?${url.query}`;
}

export interface SeenUrl {
  readonly scheme: string | undefined;
  /** IPv6 without brackets, as facts have it. */
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly target: string;
}

/** One pattern as a test. */
export function compileUrl(pattern: UrlPattern): (url: SeenUrl) => boolean {
  const { scheme, port, path } = pattern;
  const host = pattern.host.startsWith('[') ? pattern.host.slice(1, -1) : pattern.host;
  const dotted = `.${host}`;
  const pathFits: TextTest = pattern.isGlob ? compileGlob(path) : (text) => isBelow(text, path);
  const hostFits: TextTest =
    pattern.hostKind === 'any'
      ? () => true
      : pattern.hostKind === 'host'
        ? (text) => text === host
        : (text) => text.endsWith(dotted);
  return (url) =>
    hostFits(url.host) &&
    (scheme === undefined || url.scheme === scheme) &&
    (port === undefined || url.port === port) &&
    pathFits(url.target);
}

/** `/a` is itself, `/a/b` and `/a?x`, but not `/ab`; `/a/` is the folder; what has a query begins with just that. */
function isBelow(text: string, prefix: string): boolean {
  if (!text.startsWith(prefix)) return false;
  if (text.length === prefix.length || prefix.endsWith('/') || prefix.includes('?')) return true;
  const next = text.charCodeAt(prefix.length);
  return next === 0x2f || next === 0x3f;
}

export function urlCovers(wide: UrlPattern, narrow: UrlPattern): boolean {
  if (wide.scheme !== undefined && wide.scheme !== narrow.scheme) return false;
  if (wide.port !== undefined && wide.port !== narrow.port) return false;
  if (wide.isGlob || narrow.isGlob) {
    if (wide.path !== narrow.path || wide.isGlob !== narrow.isGlob) {
      if (wide.isGlob || wide.path !== '/') return false;
    }
  } else if (!isBelow(narrow.path, wide.path)) return false;
  if (wide.hostKind === 'any') return true;
  if (wide.hostKind === 'host') return narrow.hostKind === 'host' && narrow.host === wide.host;
  if (narrow.hostKind === 'any') return false;
  return (narrow.hostKind === 'suffix' && narrow.host === wide.host) || narrow.host.endsWith(`.${wide.host}`);
}
