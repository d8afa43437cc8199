import type { WebRequest } from '../../../engines/web/index.ts';

/** RFC 9110 §13.1.2 and §13.1.3: the client has this already. */
export function isKnown(request: WebRequest, etag: string, changedAtMs: number): boolean {
  const tags = request.field('if-none-match');
  if (tags !== undefined) {
    // The weak comparison of §8.8.3.2; what is packed has a tag of its own.
    return tags
      .split(',')
      .map((tag) => tag.trim().replace(/^W\//, ''))
      .some((tag) => tag === '*' || tag === etag);
  }
  const since = Date.parse(request.field('if-modified-since') ?? '');
  return changedAtMs > 0 && !Number.isNaN(since) && Math.floor(changedAtMs / 1000) * 1000 <= since;
}

/** RFC 9110 §12.5.3, as far as it is about gzip. */
export function takesGzip(request: WebRequest): boolean {
  const codings = (request.field('accept-encoding') ?? '').toLowerCase().split(',');
  const found = codings.map((coding) => coding.split(';').map((text) => text.trim()));
  const gzip =
    found.find(([name]) => name === 'gzip' || name === 'x-gzip') ?? found.find(([name]) => name === '*');
  if (gzip === undefined) return false;
  return !gzip.slice(1).some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
}
