import { embeddedIpv4, parseAddress } from '../../kernel/index.ts';
import { type CanonicalUrl, isAddressHost } from '../../protocols/url/index.ts';
import type { LookAsideKind } from '../config/index.ts';
import { isPublicAddress } from '../egress/index.ts';

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
    if (address !== undefined) return !isPublicAddress(embeddedIpv4(address) ?? address);
    return !host.includes('.') || suffixes.some((each) => host === each || host.endsWith(`.${each}`));
  };
  return ({ kind, value }) => {
    if (kind === 'file') return false;
    if (kind !== 'url') return isPrivateHost(bare(value));
    const [, host = '', rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/(\[[^\]]*\]|[^/?]*)(.*)$/s.exec(value) ?? [];
    return isPrivateHost(bare(host)) || (!urlQueries && rest.includes('?'));
  };
}

function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
