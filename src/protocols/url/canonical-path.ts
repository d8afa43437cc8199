import { escapeBytes, unescapeFully } from './escapes.ts';

/** A path and a query (without `?`), canonical; a binary string that starts with `/`, `?` or is empty. */
export function canonicalPath(pathAndQuery: string): { readonly path: string; readonly query: string } {
  const question = pathAndQuery.indexOf('?');
  const rawPath = question < 0 ? pathAndQuery : pathAndQuery.slice(0, question);
  const rawQuery = question < 0 ? '' : pathAndQuery.slice(question + 1);
  return {
    path: escapeBytes(resolved(unescapeFully(rawPath))),
    query: escapeBytes(unescapeFully(rawQuery)),
  };
}

/**
 * Where the path of a target ends and its query starts, when the path needs no canonicalization: only
 * visible ASCII, no escape, fragment or backslash, no `//` and no segment that starts with a dot.
 * The length when there is no query; -1 when there is work to do. One pass, no allocation.
 */
export function plainPathEnd(target: string): number {
  let end = -1;
  let previous = 0;
  for (let at = 0; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f || code === 0x25 || code === 0x23) return -1;
    if (end < 0) {
      if (code === 0x3f) end = at;
      else if (code === 0x5c || (previous === 0x2f && (code === 0x2f || code === 0x2e))) return -1;
    }
    previous = code;
  }
  return target.charCodeAt(0) !== 0x2f ? -1 : end < 0 ? target.length : end;
}

/** Resolves `.` and `..`, collapses slashes; a backslash is a slash, as browsers and IIS read it. */
function resolved(path: string): string {
  const segments = path.replaceAll('\\', '/').split('/');
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  const isFolder = last === '' || last === '.' || last === '..';
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isFolder ? '/' : ''}`;
}
