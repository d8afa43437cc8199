import { NetworkSet, parseAddress } from '../../kernel/index.ts';

/** Addresses of one's own networks: RFC 1918, RFC 4193, RFC 6598, loopback and link-local. */
const HOME_NETWORKS = new NetworkSet([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]);
/** Names that are resolved at home: RFC 6761, RFC 6762, RFC 8375, and what ICANN keeps free for it. */
const HOME_SUFFIX =
  /(?:^|\.)(?:localhost|local|internal|intranet|private|corp|home|lan|home\.arpa|test|invalid)$/;

/** Whether a canonical host is one's own: it is on no list and in no report, and the models know nothing about it. */
export function isAtHome(host: string): boolean {
  const address = parseAddress(host.replace(/^\[|\]$/g, ''));
  if (address !== undefined) return HOME_NETWORKS.has(address);
  return !host.includes('.') || HOME_SUFFIX.test(host);
}
