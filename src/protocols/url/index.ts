export { canonicalHost, isAddressHost } from './canonical-host.ts';
export {
  type CanonicalUrl,
  canonicalUrl,
  canonicalUrlOf,
  canonicalUrlOfBytes,
  URL_BYTES_MAX,
} from './canonical-url.ts';
export { hostSuffixes, pathPrefixes } from './expressions.ts';
export { type HostParts, hostParts } from './public-suffix.ts';
export { type UrlRedactor, urlRedactor } from './redact.ts';
