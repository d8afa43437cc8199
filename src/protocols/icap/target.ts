import { parseAuthority } from '../http1/index.ts';
import type { IcapViolation } from './violations.ts';

/** Where a request goes: the address of a service (RFC 3507 §4.2). */
export interface ServiceAddress {
  readonly scheme: 'icap' | 'icaps' | undefined;
  /** Lower case, IPv6 without brackets; empty when the address is a path only. */
  readonly host: string;
  /** 0 when none is given. */
  readonly port: number;
  /** With its slash, as received. */
  readonly path: string;
  /** Behind the question mark; `undefined` when there is none. */
  readonly query: string | undefined;
}

const NO_AUTHORITY = { scheme: undefined, host: '', port: 0 } as const;

/**
 * RFC 3507 §4.2 asks for the whole address. A path alone is taken too, as health checks typed by hand have it: nothing
 * is chosen by the host. The port may be empty, as the RFC says.
 */
export function readServiceAddress(target: string): ServiceAddress | IcapViolation {
  if (target.startsWith('/')) return { ...NO_AUTHORITY, ...splitPath(target) };
  const schemeEnd = target.indexOf('://');
  const scheme = schemeEnd < 0 ? '' : target.slice(0, schemeEnd).toLowerCase();
  if (scheme !== 'icap' && scheme !== 'icaps') return 'ICAP_BAD_TARGET';
  let pathAt = schemeEnd + 3;
  while (pathAt < target.length && target[pathAt] !== '/' && target[pathAt] !== '?') pathAt++;
  const text = target.slice(schemeEnd + 3, pathAt);
  const authority = parseAuthority(text.endsWith(':') ? text.slice(0, -1) : text);
  if (authority === undefined) return text.includes('@') ? 'ICAP_USERINFO' : 'ICAP_BAD_AUTHORITY';
  const { host, port } = authority;
  const rest = target.slice(pathAt);
  return { scheme, host, port, ...splitPath(rest.startsWith('/') ? rest : `/${rest}`) };
}

function splitPath(text: string): { readonly path: string; readonly query: string | undefined } {
  const mark = text.indexOf('?');
  return mark < 0
    ? { path: text, query: undefined }
    : { path: text.slice(0, mark), query: text.slice(mark + 1) };
}
