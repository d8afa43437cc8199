import { isUtf8 } from 'node:buffer';
import { domainToASCII } from 'node:url';
import { type Address, formatAddress, parseAddress } from '../../kernel/index.ts';
import { escapeBytes, unescapeFully } from './escapes.ts';
import { ipv4OfForms } from './ipv4-forms.ts';

/** RFC 1035 allows 253; three times that leaves room for escapes. Longer hosts cannot be resolved. */
const HOST_BYTES_MAX = 1024;
/** NAT64 (RFC 6052) and IPv4-mapped (RFC 4291): the host that is meant is the IPv4 one. */
const NAT64_TOP96 = 0x0064ff9b_00000000_00000000n;
const MAPPED_TOP96 = 0xffffn;

/**
 * The one spelling of a host: lower case, IDNA A-labels, no leading, trailing or doubled dots, IPv4 in
 * dotted decimal whatever form it had, IPv6 in brackets and shortest form. `undefined` when the text
 * cannot be a host. Takes text as people and programs write it: `Example.COM.`, `::1`, `0x7f.1`.
 */
export function canonicalHost(text: string): string | undefined {
  if (isPlainName(text)) return text;
  if (text.length > HOST_BYTES_MAX) return undefined;
  if (text.includes(':') && !text.startsWith('[')) return canonicalHostOfBytes(`[${text}]`);
  return canonicalHostOfBytes(isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1'));
}

/** The same for a binary string, as it stands in a URL: IPv6 must be in brackets. */
export function canonicalHostOfBytes(bytes: string): string | undefined {
  if (isPlainName(bytes)) return bytes;
  if (bytes.length > HOST_BYTES_MAX) return undefined;
  if (bytes.startsWith('[')) return canonicalIpv6(bytes);
  let host = unescapeFully(bytes);
  // A delimiter that appears only after unescaping belongs to no host; WHATWG URL refuses it, too.
  if (/[/?@:\\]/.test(host)) return undefined;
  if (!isAscii(host)) host = asciiOf(host);
  host = host.toLowerCase();
  if (host.startsWith('.') || host.endsWith('.') || host.includes('..')) {
    host = host.split('.').filter(Boolean).join('.');
  }
  if (host === '') return undefined;
  return ipv4OfForms(host) ?? escapeBytes(host);
}

/** True for the canonical form of an address, `10.0.0.1` or `[::1]`. */
export function isAddressHost(host: string): boolean {
  if (host.charCodeAt(0) === 0x5b) return true;
  const last = host.charCodeAt(host.length - 1);
  // Only an address ends in a label of digits: the forms of inet_aton have been rewritten.
  return last >= 0x30 && last <= 0x39 && /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * True for what most hosts are: `a-z 0-9 - _ .`, no empty label, at most 253 bytes, and a last label
 * that starts with a letter, so that no resolver takes it for an IPv4 address.
 */
export function isPlainName(host: string): boolean {
  const length = host.length;
  if (length === 0 || length > 253) return false;
  let previousIsDot = true;
  let lastLabelAt = 0;
  for (let at = 0; at < length; at++) {
    const code = host.charCodeAt(at);
    if (code === 0x2e) {
      if (previousIsDot) return false;
      previousIsDot = true;
      lastLabelAt = at + 1;
      continue;
    }
    previousIsDot = false;
    const isPlain =
      (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f;
    if (!isPlain) return false;
  }
  if (previousIsDot) return false;
  const first = host.charCodeAt(lastLabelAt);
  return first < 0x30 || first > 0x39;
}

/** IDNA (UTS 46) of UTF-8 bytes. What is no valid name stays as it is and is escaped later. */
function asciiOf(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1');
  if (!isUtf8(buffer)) return bytes;
  const ascii = domainToASCII(buffer.toString('utf8'));
  return ascii === '' ? bytes : ascii;
}

function canonicalIpv6(text: string): string | undefined {
  const address = text.endsWith(']') ? parseAddress(text.toLowerCase()) : undefined;
  if (address?.family !== 6) return undefined;
  const top96 = address.value >> 32n;
  const low: Address = { family: 4, value: address.value & 0xffff_ffffn };
  if (top96 === MAPPED_TOP96 || top96 === NAT64_TOP96) return formatAddress(low);
  // IPv4-compatible addresses keep the dotted form, as inet_ntop writes them.
  if (top96 === 0n && low.value > 0xffffn) return `[::${formatAddress(low)}]`;
  return `[${formatAddress(address)}]`;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7e) return false;
  return true;
}
