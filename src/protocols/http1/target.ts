import { formatAuthority, parseAuthority } from './authority.ts';
import type { RequestRecord } from './head.ts';
import type { Http1Violation } from './violations.ts';

/**
 * Reads the request target (RFC 9112 §3.2) and the Host field into the record. Where the target names a host, it
 * wins over Host (§3.2.2). `hostIndex` is -1 when there is no Host field.
 */
export function readTarget(record: RequestRecord, hostIndex: number): Http1Violation | undefined {
  // RFC 9112 §3.2: 400 for an HTTP/1.1 request without Host.
  if (hostIndex < 0 && record.minor === 1) return 'HTTP1_MISSING_HOST';
  const { target } = record;
  if (record.method === 'CONNECT') return readConnect(record, hostIndex);
  const first = target.charCodeAt(0);
  if (first !== 0x2f && first !== 0x2a) return readAbsolute(record, hostIndex);
  if (first === 0x2a) {
    // RFC 9112 §3.2.4: asterisk-form is for OPTIONS only.
    if (target.length !== 1 || record.method !== 'OPTIONS') return 'HTTP1_BAD_TARGET';
    record.form = 'asterisk';
  }
  record.path = target;
  record.pathStart = record.targetStart;
  if (hostIndex < 0) return undefined;
  const hostValue = record.fields.value(hostIndex);
  const authority = parseAuthority(hostValue);
  if (authority === undefined) return badHost(hostValue);
  record.host = authority.host;
  record.port = authority.port;
  record.authority = formatAuthority(authority.host, authority.port);
  // The field has been checked: in origin-form it is passed on as the client wrote it.
  record.hostIsAuthority = true;
  return undefined;
}

/** RFC 9112 §3.2.3 and RFC 9110 §9.3.6: host and port, nothing else. */
function readConnect(record: RequestRecord, hostIndex: number): Http1Violation | undefined {
  record.form = 'authority';
  const authority = parseAuthority(record.target);
  if (authority === undefined || authority.port === 0) {
    return record.target.includes('@') ? 'HTTP1_USERINFO' : 'HTTP1_BAD_AUTHORITY';
  }
  record.host = authority.host;
  record.port = authority.port;
  record.authority = formatAuthority(authority.host, authority.port);
  return checkOverruledHost(record, hostIndex);
}

function readAbsolute(record: RequestRecord, hostIndex: number): Http1Violation | undefined {
  const { target } = record;
  const schemeEnd = schemeLength(target);
  if (schemeEnd === 0) return target.includes('://') ? 'HTTP1_BAD_SCHEME' : 'HTTP1_BAD_TARGET';
  record.form = 'absolute';
  record.scheme = schemeEnd === 7 ? 'http' : 'https';
  let pathAt = schemeEnd;
  while (pathAt < target.length) {
    const code = target.charCodeAt(pathAt);
    if (code === 0x2f || code === 0x3f) break;
    pathAt++;
  }
  const text = target.slice(schemeEnd, pathAt);
  const authority = parseAuthority(text);
  if (authority === undefined) return text.includes('@') ? 'HTTP1_USERINFO' : 'HTTP1_BAD_AUTHORITY';
  const defaultPort = schemeEnd === 7 ? 80 : 443;
  record.host = authority.host;
  record.port = authority.port === 0 ? defaultPort : authority.port;
  record.authority = formatAuthority(authority.host, record.port === defaultPort ? 0 : record.port);
  if (target.charCodeAt(pathAt) === 0x2f) {
    record.path = target.slice(pathAt);
    record.pathStart = record.targetStart + pathAt;
  } else if (pathAt < target.length) {
    record.path = `/${target.slice(pathAt)}`;
  } else {
    // RFC 9112 §3.2.4: OPTIONS with an empty path asks the server itself.
    record.path = record.method === 'OPTIONS' ? '*' : '/';
  }
  return checkOverruledHost(record, hostIndex);
}

/** A Host that the target overrules must be well-formed all the same, or empty (RFC 9110 §7.2). */
function checkOverruledHost(record: RequestRecord, hostIndex: number): Http1Violation | undefined {
  if (hostIndex < 0) return undefined;
  if (record.fields.valueIs(hostIndex, record.authority)) {
    record.hostIsAuthority = true;
    return undefined;
  }
  const hostValue = record.fields.value(hostIndex);
  return hostValue === '' || parseAuthority(hostValue) !== undefined ? undefined : badHost(hostValue);
}

function badHost(hostValue: string): Http1Violation {
  return hostValue.includes('@') ? 'HTTP1_USERINFO' : 'HTTP1_BAD_HOST';
}

/** 7 for `http://`, 8 for `https://` in any case, else 0. */
function schemeLength(target: string): number {
  if (target.startsWith('http://')) return 7;
  if (target.startsWith('https://')) return 8;
  const head = target.slice(0, 8).toLowerCase();
  if (head.startsWith('http://')) return 7;
  return head === 'https://' ? 8 : 0;
}
