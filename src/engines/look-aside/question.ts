import { type Address, embeddedIpv4, NetworkSet, parseAddress } from '../../kernel/index.ts';
import { type CanonicalUrl, isAddressHost } from '../../protocols/url/index.ts';
import type { LookAsideKind } from '../config/index.ts';

/** What an upstream is asked. `value` is canonical: lower-case hexadecimal, URL, host name or address. */
export interface Question {
  readonly kind: LookAsideKind;
  readonly value: string;
}

export function fileQuestion(hash: string): Question {
  return { kind: 'file', value: hash };
}

/** A host that is an address is asked for as one. */
export function hostQuestion(host: string): Question {
  return isAddressHost(host) ? addressQuestion(host) : { kind: 'domain', value: host };
}

export function addressQuestion(address: string): Question {
  return { kind: 'ip', value: bare(address) };
}

/** Without port, user and fragment: lists know none of them. */
export function urlQuestion({ scheme, host, path, query }: CanonicalUrl): Question {
  return { kind: 'url', value: `${scheme}://${host}${path}${query === '' ? '' : `?${query}`}` };
}

export interface PrivacyOptions {
  readonly privateSuffixes: readonly string[];
  readonly urlQueries: boolean;
}

/** Says whether a question tells somebody outside what only the house should know. */
export function privacyRule({
  privateSuffixes,
  urlQueries,
}: PrivacyOptions): (question: Question) => boolean {
  const suffixes = privateSuffixes.map((suffix) => suffix.toLowerCase().replace(/^\.+|\.+$/g, ''));
  const isPrivateHost = (host: string): boolean => {
    const address = parseAddress(host);
    if (address !== undefined) return !isPublic(embeddedIpv4(address) ?? address);
    return !host.includes('.') || suffixes.some((each) => host === each || host.endsWith(`.${each}`));
  };
  return ({ kind, value }) => {
    if (kind === 'file') return false;
    if (kind !== 'url') return isPrivateHost(bare(value));
    const [, host = '', rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/(\[[^\]]*\]|[^/?]*)(.*)$/s.exec(value) ?? [];
    return isPrivateHost(bare(host)) || (!urlQueries && rest.includes('?'));
  };
}

/** RFC 6890 and its registry: what is not forwarded on the Internet, and documentation. */
const NOT_PUBLIC = new NetworkSet([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001:db8::/32',
  '3fff::/20',
]);

/** RFC 4291 §2.4: global unicast is assigned from here only. */
const GLOBAL_UNICAST = new NetworkSet(['2000::/3']);

function isPublic(address: Address): boolean {
  return !NOT_PUBLIC.has(address) && (address.family === 4 || GLOBAL_UNICAST.has(address));
}

function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
