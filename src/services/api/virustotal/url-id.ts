import { createHash } from 'node:crypto';
import { type CanonicalUrl, canonicalUrl } from '../../../protocols/url/index.ts';

/** A canonical URL as text: its SHA-256 names it. */
export function urlText({ scheme, host, path, query }: CanonicalUrl): string {
  return `${scheme}://${host}${path}${query === '' ? '' : `?${query}`}`;
}

export function urlId(url: CanonicalUrl): string {
  return createHash('sha256').update(urlText(url)).digest('hex');
}

/** How a client names a URL: by SHA-256, or by itself in base64. */
export type NamedUrl =
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'url'; readonly url: CanonicalUrl };

/**
 * RFC 4648 §5 without padding is what the API asks for; §4 and padding are what clients send. An analysis of a URL
 * is named `u-DIGEST-TIME`, and some clients ask for the URL by that.
 */
export function namedUrl(id: string, urlBytesMax: number): NamedUrl | undefined {
  const digest = /^(?:u-)?([0-9a-f]{64})(?:-\d{1,15})?$/i.exec(id)?.[1];
  if (digest !== undefined) return { kind: 'digest', digest: digest.toLowerCase() };
  const bare = id.replace(/(?:%3d|=){1,2}$/gi, '');
  if (bare.length > Math.ceil((urlBytesMax * 4) / 3) || !/^[\w+/-]+$/.test(bare)) return undefined;
  const text = Buffer.from(bare, 'base64').toString('utf8');
  // Bytes that are no UTF-8 are no URL that somebody has encoded.
  const url = text.includes('\ufffd') ? undefined : canonicalUrl(text, urlBytesMax);
  return url === undefined ? undefined : { kind: 'url', url };
}
