import { parseAddress, formatAddress, parseNetwork, plainAddress } from '../../kernel/index.ts';
import { canonicalHost, canonicalUrl, isAddressHost } from '../url/index.ts';
import type { EntryKind } from './entry.ts';

export interface ListValue {
  readonly kind: EntryKind;
  readonly value: string;
  readonly note: string;
}

/**
 * What a bare value is: a domain (`evil.example`, `*.evil.example`), one host (`=www.evil.example`), a URL,
 * an address (with or without port) or a network. Otherwise the reason why it is none of these.
 *
 * Values made harmless for reading (`hxxp://evil[.]example`) are understood. Ports and schemes are
 * dropped, for look-ups know neither; a port stays as a note.
 */
export function listValue(text: string): ListValue | string {
  const plain = refanged(text.trim());
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
  return addressValue(plain) ?? namedValue(plain);
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

/** `hxxp`, `[.]`, `(.)`, `{.}`, `[dot]`, `[:]`, `[@]`: undone. */
export function refanged(text: string): string {
  let plain = text;
  if (/[[({]/.test(plain) && !/^\[[0-9a-f:.]+\]/i.test(plain)) {
    plain = plain
      .replace(/\[(?:\.|dot)\]|\((?:\.|dot)\)|\{(?:\.|dot)\}/gi, '.')
      .replaceAll('[:]', ':')
      .replaceAll('[://]', '://')
      .replaceAll('[/]', '/');
  }
  return /^(?:hxxp|hXXp|meow)s?(?=:)/i.test(plain) ? plain.replace(/^(?:hxxp|meow)/i, 'http') : plain;
}

/** Addresses and networks, `undefined` for anything else. */
export function addressValue(text: string): ListValue | undefined {
  const first = text.charCodeAt(0);
  const mayBe = (first >= 0x30 && first <= 0x39) || first === 0x5b || text.includes(':');
  if (!mayBe) return undefined;
  const address = parseAddress(text);
  if (address !== undefined)
    return { kind: 'address', value: plainAddress(formatAddress(address)), note: '' };
  if (text.includes('/')) {
    const network = parseNetwork(text);
    if (network === undefined) return undefined;
    const value = formatAddress({ family: network.family, value: network.first });
    const isSingle = network.first === network.last;
    return isSingle
      ? { kind: 'address', value, note: '' }
      : { kind: 'network', value: `${value}/${network.prefix}`, note: '' };
  }
  const colon = text.lastIndexOf(':');
  if (colon < 0 || !/^\d{1,5}$/.test(text.slice(colon + 1))) return undefined;
  const host = text.slice(0, colon);
  // Without brackets the last group of an IPv6 address would pass for a port.
  if (host.includes(':') && !host.startsWith('[')) return undefined;
  const withPort = parseAddress(host);
  if (withPort === undefined) return undefined;
  return { kind: 'address', value: formatAddress(withPort), note: `port ${text.slice(colon + 1)}` };
}

function namedValue(text: string): ListValue | string {
  if (/^[^/]+@/.test(text)) return 'a mail address';
  if (/^\d+\.\d+\.\d+\.\d+\s*-\s*\d+\.\d+\.\d+\.\d+$/.test(text))
    return 'a range of addresses: write it as networks';
  if (text.startsWith('/')) return 'a path without a host';
  if (/[\\^$*+?()[\]{}|]/.test(text.split('/', 1)[0]!)) {
    return text.includes('*')
      ? 'a wildcard inside a name is not supported'
      : 'a regular expression is not supported';
  }
  if (/[/?]/.test(text)) return urlValue(`http://${text}`);
  const port = /:(\d{1,5})$/.exec(text);
  const name = domainName(port === null ? text : text.slice(0, port.index), false);
  if (name.startsWith('!')) return name.slice(1);
  return { kind: 'domain', value: name, note: port === null ? '' : `port ${port[1]!}` };
}

function urlValue(text: string): ListValue | string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return 'not a URL';
  if (!/^(?:https?|ftp|wss?)$/.test(scheme)) return `URLs of ${scheme} are not supported`;
  const url = canonicalUrl(text);
  if (url === undefined) return 'not a URL';
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
  return { kind: 'url', value: url.key, note };
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
