import { type Address, NetworkSet } from '../../kernel/index.ts';

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

/** Whether an address can be one of the Internet. IPv4 inside of IPv6 is the caller's to take out before. */
export function isPublicAddress(address: Address): boolean {
  return !NOT_PUBLIC.has(address) && (address.family === 4 || GLOBAL_UNICAST.has(address));
}
