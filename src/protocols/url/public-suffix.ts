import { parse } from 'tldts';
import { isAddressHost } from './canonical-host.ts';

/** A canonical host, taken apart at its public suffix (https://publicsuffix.org/, private section included). */
export interface HostParts {
  readonly host: string;
  readonly isAddress: boolean;
  /** `co.uk`, `github.io`; for an address or a name without a known suffix, its last label or nothing. */
  readonly suffix: string;
  /** True when a company has opened the suffix to its customers: `github.io`, `blogspot.com`. */
  readonly isPrivate: boolean;
  /** Whether the list has the suffix: false for an address, and for a last label that nobody has listed. */
  readonly isListed: boolean;
  /** The name that somebody registered, with its suffix: `example.co.uk`. The host itself when there is none. */
  readonly domain: string;
  /** The label before the suffix: `example`. Empty when the host is a suffix or an address. */
  readonly name: string;
  /** Labels before the domain, without a leading `www`: `mail.eu` of `www.mail.eu.example.co.uk`. */
  readonly subdomain: string;
}

const OPTIONS = {
  allowPrivateDomains: true,
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
};

/** The parts of a canonical host. Never fails: what has no public suffix is all domain. */
export function hostParts(host: string): HostParts {
  if (isAddressHost(host)) {
    const none = { suffix: '', isPrivate: false, isListed: false, name: '', subdomain: '' };
    return { host, isAddress: true, domain: host, ...none };
  }
  const { publicSuffix, isPrivate, isIcann, domain, domainWithoutSuffix, subdomain } = parse(host, OPTIONS);
  return {
    host,
    isAddress: false,
    suffix: publicSuffix ?? '',
    isPrivate: isPrivate === true,
    isListed: isPrivate === true || isIcann === true,
    domain: domain ?? host,
    name: domainWithoutSuffix ?? '',
    subdomain: withoutWww(subdomain ?? ''),
  };
}

function withoutWww(subdomain: string): string {
  if (subdomain === 'www') return '';
  return subdomain.startsWith('www.') ? subdomain.slice('www.'.length) : subdomain;
}
