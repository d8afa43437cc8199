import { canonicalHost, canonicalUrl, isAddressHost, URL_BYTES_MAX } from '../url/index.ts';
import { addressValue, PORT_MAX, rangeValues } from './address-value.ts';
import { cleanText, refanged } from './clean-text.ts';
import type { ListValue } from './entry.ts';

/** RFC 5321 §4.5.3.1.3, without the angle brackets. */
const EMAIL_BYTES_MAX = 254;
/** What a store can hold of one value. */
const VALUE_BYTES_MAX = 65_535;

/**
 * What a bare value is: a domain (`evil.example`, `*.evil.example`), one host (`=www.evil.example`), a URL,
 * an address (with or without port), a network, a hash (with or without `sha256:` before it) or a mail
 * address. Otherwise the reason why it is none of these.
 *
 * Values made harmless for reading (`hxxp://evil[.]example`) are understood. Ports and schemes are
 * dropped, for look-ups know neither; a port stays as a note.
 */
export function listValue(text: string): ListValue | string {
  // The two that lists are full of, before anything is cleaned.
  if (isDomainName(text)) return { kind: 'domain', value: text, note: '' };
  if (HASH_LENGTHS.has(text.length) && HEX.test(text))
    return { kind: 'hash', value: text.toLowerCase(), note: '' };
  if (text.length > URL_BYTES_MAX) return `a value longer than ${URL_BYTES_MAX} bytes`;
  const plain = refanged(cleanText(text));
  if (plain === '') return 'the value is empty';
  if (isDomainName(plain)) return { kind: 'domain', value: plain, note: '' };
  if (plain.startsWith('=')) {
    const name = domainName(plain.slice(1), false);
    return name.startsWith('!') ? name.slice(1) : { kind: 'host', value: name, note: '' };
  }
  if (plain.includes('://')) return urlValue(plain);
  const wildcard = /^\*?\.(?=[^.])/.exec(plain);
  if (wildcard !== null) {
    const name = domainName(plain.slice(wildcard[0].length), true);
    return name.startsWith('!') ? name.slice(1) : { kind: 'domain', value: name, note: '' };
  }
  return hashValue(plain) ?? addressValue(plain) ?? namedValue(plain);
}

/** The same, where one value may stand for several: `192.0.2.1 - 192.0.2.9` is four networks. */
export function listValues(text: string): readonly ListValue[] | string {
  const value = listValue(text);
  if (typeof value !== 'string') return [value];
  return (text.includes('-') ? rangeValues(refanged(cleanText(text))) : undefined) ?? value;
}

/** A canonical domain name, or `!` and the reason why it is none. Top-level names only where asked for. */
export function domainName(text: string, isTopLevelFine: boolean): string {
  const name = isDomainName(text) ? text : canonicalHost(text);
  if (name === undefined) return '!not a domain name';
  if (isAddressHost(name)) return '!an address, not a domain name';
  // Labels up to 63 bytes (RFC 1035 §2.3.4), with the underscore that real names have.
  if (name.length > 253 || !/^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/.test(name))
    return '!not a domain name';
  if (!isTopLevelFine && !name.includes('.')) return '!not a domain name: no dot';
  if (/(?:^|\.)\d+$/.test(name)) return '!not a domain name: it ends in a number';
  return name;
}

/** MD5, SHA-1 or SHA-256 in lower case; a text is the reason why a hash cannot be used, `undefined` that it is none. */
export function hashValue(text: string): ListValue | string | undefined {
  if (text.length > HASH_TEXT_MAX) return undefined;
  const colon = text.indexOf(':');
  const type = colon < 0 ? undefined : text.slice(0, colon).toLowerCase().replace(/[-_]/g, '');
  const expected = type === undefined ? undefined : HASH_TYPES.get(type);
  if (colon >= 0 && expected === undefined) return undefined;
  const hex = text.slice(colon + 1).trim();
  if (!HEX.test(hex)) return expected === undefined ? undefined : 'not a hash: not hexadecimal';
  const other = OTHER_HASHES.get(hex.length);
  if (other !== undefined && (expected ?? hex.length) === hex.length)
    return `a hash of ${other} is not supported`;
  if (expected !== undefined && expected !== hex.length)
    return `not a hash of ${type!}: it has ${hex.length} digits`;
  return HASH_LENGTHS.has(hex.length) ? { kind: 'hash', value: hex.toLowerCase(), note: '' } : undefined;
}

/** A mail address in lower case with its domain in canonical form, or why it is none. */
export function emailValue(text: string): ListValue | string {
  const at = text.lastIndexOf('@');
  const local = text.slice(text.toLowerCase().startsWith('mailto:') ? 7 : 0, Math.max(0, at));
  if (local === '' || local === '*') return 'a pattern of mail addresses is not supported';
  // Dot-atom of RFC 5322 §3.2.3; quoted local parts and those beyond ASCII are in no list that is known.
  if (local.length > 64 || !/^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+$/i.test(local)) return 'not a mail address';
  const name = domainName(text.slice(at + 1), false);
  if (name.startsWith('!')) return `not a mail address: its domain is ${name.slice(1)}`;
  const value = `${local.toLowerCase()}@${name}`;
  if (value.length > EMAIL_BYTES_MAX) return `a mail address longer than ${EMAIL_BYTES_MAX} bytes`;
  return { kind: 'email', value, note: '' };
}

/** A URL with its scheme; a bare host is one that ends in `/`. */
export function urlValue(text: string): ListValue | string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text.slice(0, 64))?.[1]?.toLowerCase();
  if (scheme === undefined) return 'not a URL';
  if (!/^(?:https?|ftp|wss?)$/.test(scheme)) return `URLs of ${scheme} are not supported`;
  const url = canonicalUrl(text);
  if (url === undefined)
    return Buffer.byteLength(text) > URL_BYTES_MAX
      ? `a value longer than ${URL_BYTES_MAX} bytes`
      : 'not a URL';
  const isUsual = url.port === 80 || url.port === 443 || url.port === 21;
  const note = isUsual ? '' : `port ${url.port}`;
  if (isAddressHost(url.host)) {
    // The whole of a host that is an address: as an address, so that it matches below TCP, too.
    if (url.path === '/' && url.query === '') {
      return { kind: 'address', value: url.host.replace(/[[\]]/g, ''), note };
    }
  } else {
    const name = domainName(url.host, true);
    if (name.startsWith('!')) return `not a URL: its host is ${name.slice(1)}`;
  }
  const value = url.key;
  if (value.length > VALUE_BYTES_MAX) return `a value longer than ${VALUE_BYTES_MAX} bytes`;
  return { kind: 'url', value, note };
}

const HEX = /^[0-9a-f]+$/i;
const HASH_LENGTHS: ReadonlySet<number> = new Set([32, 40, 64]);
const HASH_TYPES: ReadonlyMap<string, number> = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
  ['sha224', 56],
  ['sha384', 96],
  ['sha512', 128],
]);
const OTHER_HASHES: ReadonlyMap<number, string> = new Map([
  [56, 'SHA-224'],
  [96, 'SHA-384'],
  [128, 'SHA-512'],
]);
const HASH_TEXT_MAX = 144;

function namedValue(text: string): ListValue | string {
  if (text.startsWith('/')) return 'a path without a host';
  const head = text.split('/', 1)[0]!;
  if (head.includes('@')) {
    // With a path behind it, it is a URL with credentials.
    if (head.length === text.length || text.toLowerCase().startsWith('mailto:')) return emailValue(text);
  } else if (/[\\^$*+?()[\]{}|]/.test(head)) {
    if (text.includes('*')) return 'a wildcard inside a name is not supported';
    // `evil.example?a=1` is a URL with an empty path.
    if (/[\\^$*+()[\]{}|]/.test(head)) return 'a regular expression is not supported';
  }
  if (/^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,3}$/.test(text)) return 'not a network: its prefix is too long';
  if (/[/?]/.test(text)) return urlValue(`http://${text}`);
  const port = /:(\d{1,5})$/.exec(text);
  if (port !== null && Number(port[1]) > PORT_MAX) return `a port above ${PORT_MAX}`;
  const name = domainName(port === null ? text : text.slice(0, port.index), false);
  if (name.startsWith('!')) return rangeReason(text) ?? name.slice(1);
  return { kind: 'domain', value: name, note: port === null ? '' : `port ${port[1]!}` };
}

/** Where only one value is possible: the range may be one network. */
function rangeReason(text: string): string | undefined {
  const values = rangeValues(text);
  return values === undefined || typeof values === 'string'
    ? values
    : 'a range of addresses: write it as networks';
}

/** The fast way for what most lists hold: a lower-case name with a dot that needs no work. */
function isDomainName(text: string): boolean {
  const length = text.length;
  if (length > 253) return false;
  let label = 0;
  let hasDot = false;
  let lastLabelAt = 0;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      if (label === 0 || label > 63) return false;
      label = 0;
      hasDot = true;
      lastLabelAt = at + 1;
      continue;
    }
    label++;
    if (
      !((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f)
    ) {
      return false;
    }
  }
  const first = text.charCodeAt(lastLabelAt);
  return hasDot && label > 0 && label <= 63 && !(first >= 0x30 && first <= 0x39);
}
