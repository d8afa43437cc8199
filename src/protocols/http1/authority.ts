import { isIPv6 } from 'node:net';
import { CHAR_CLASS, DIGIT_CHAR, HOST_CHAR } from '../fields/index.ts';

export interface Authority {
  /** Lower case, IPv6 without brackets. */
  readonly host: string;
  /** 0: none was given. */
  readonly port: number;
  /** Brackets stood around the host. */
  readonly bracketed: boolean;
}

/**
 * Parses `host[:port]` (RFC 3986 §3.2.2, §3.2.3) in canonical form only: a name of letters, digits, `-._~`, an IPv4
 * address or an IPv6 address in brackets, and a port of 1–65535 without leading zeros. No user name, no
 * percent-encoding, no zone, no empty port: each is read differently by somebody.
 */
export function parseAuthority(text: string): Authority | undefined {
  const bracketed = text.charCodeAt(0) === 0x5b;
  let hostEnd: number;
  let host: string;
  if (bracketed) {
    hostEnd = text.indexOf(']') + 1;
    if (hostEnd === 0 || hostEnd > 64) return undefined;
    host = text.slice(1, hostEnd - 1).toLowerCase();
    if (host.includes('%') || !isIPv6(host)) return undefined;
  } else {
    hostEnd = 0;
    while (hostEnd < text.length && isHostChar(text.charCodeAt(hostEnd))) hostEnd++;
    if (hostEnd === 0) return undefined;
    host = (hostEnd === text.length ? text : text.slice(0, hostEnd)).toLowerCase();
  }
  if (hostEnd === text.length) return { host, port: 0, bracketed };
  const port = parsePort(text, hostEnd);
  return port === 0 ? undefined : { host, port, bracketed };
}

/** The text of an authority, the port left out when it is 0. */
export function formatAuthority(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === 0 ? name : `${name}:${port}`;
}

/** 0 when `text` from `colon` on is not a colon and a port. */
function parsePort(text: string, colon: number): number {
  const digits = text.length - colon - 1;
  if (text.charCodeAt(colon) !== 0x3a || digits < 1 || digits > 5) return 0;
  if (text.charCodeAt(colon + 1) === 0x30) return 0;
  let port = 0;
  for (let at = colon + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || (CHAR_CLASS[code]! & DIGIT_CHAR) === 0) return 0;
    port = port * 10 + (code - 0x30);
  }
  return port > 65_535 ? 0 : port;
}

function isHostChar(code: number): boolean {
  return code < 0x80 && (CHAR_CLASS[code]! & HOST_CHAR) !== 0;
}
