import { type Address, formatAddress, parseAddress, parseNetwork } from '../../kernel/index.ts';
import type { ListValue } from './entry.ts';

/** More networks than this are no range that somebody meant as one entry. */
export const RANGE_NETWORKS_MAX = 64;

/** Addresses and networks, `undefined` for anything else. */
export function addressValue(text: string): ListValue | undefined {
  const first = text.charCodeAt(0);
  const mayBe = (first >= 0x30 && first <= 0x39) || first === 0x5b || text.includes(':');
  if (!mayBe || text.length > TEXT_MAX) return undefined;
  const address = parseAddress(text);
  if (address !== undefined) return { kind: 'address', value: addressText(address), note: '' };
  if (text.includes('/')) {
    const network = parseNetwork(text);
    return network === undefined ? undefined : networkValue(network.family, network.first, network.prefix);
  }
  const colon = text.lastIndexOf(':');
  if (colon < 0 || !/^\d{1,5}$/.test(text.slice(colon + 1))) return undefined;
  const host = text.slice(0, colon);
  // Without brackets the last group of an IPv6 address would pass for a port.
  if (host.includes(':') && !host.startsWith('[')) return undefined;
  const withPort = parseAddress(host);
  if (withPort === undefined) return undefined;
  const port = text.slice(colon + 1);
  return Number(port) > PORT_MAX
    ? undefined
    : { kind: 'address', value: addressText(withPort), note: `port ${port}` };
}

/** `first - last` as the fewest networks; a text says why not, `undefined` that it is no range. */
export function rangeValues(text: string): readonly ListValue[] | string | undefined {
  const dash = text.length > TEXT_MAX ? -1 : text.indexOf('-');
  if (dash < 0) return undefined;
  const first = parseAddress(text.slice(0, dash).trim());
  const last = parseAddress(text.slice(dash + 1).trim());
  if (first === undefined || last === undefined) return undefined;
  if (first.family !== last.family || first.value > last.value) return 'a range of addresses that ends first';
  const bits = first.family === 4 ? 32 : 128;
  const values: ListValue[] = [];
  for (let at = first.value; at <= last.value;) {
    // The widest network that starts here and does not reach beyond the end.
    let size = 0;
    while (size < bits && (at & (1n << BigInt(size))) === 0n && at + (2n << BigInt(size)) - 1n <= last.value)
      size++;
    if (values.length === RANGE_NETWORKS_MAX)
      return `a range of addresses of more than ${RANGE_NETWORKS_MAX} networks`;
    values.push(networkValue(first.family, at, bits - size));
    at += 1n << BigInt(size);
  }
  return values;
}

/** Longer than any address, network, range or port: a line that long is none, and is not searched. */
const TEXT_MAX = 200;

/** The network in canonical text; one of a single address is that address. */
export function networkValue(family: 4 | 6, first: bigint, prefix: number): ListValue {
  // A network of IPv4-mapped addresses is the IPv4 network.
  if (family === 6 && prefix >= 96 && first >> 32n === MAPPED_TOP96)
    return networkValue(4, first & 0xffff_ffffn, prefix - 96);
  const value = formatAddress({ family, value: first });
  return prefix === (family === 4 ? 32 : 128)
    ? { kind: 'address', value, note: '' }
    : { kind: 'network', value: `${value}/${prefix}`, note: '' };
}

function addressText({ family, value }: Address): string {
  return family === 6 && value >> 32n === MAPPED_TOP96
    ? formatAddress({ family: 4, value: value & 0xffff_ffffn })
    : formatAddress({ family, value });
}

/** `::ffff:0:0/96`, RFC 4291 §2.5.5.2. */
const MAPPED_TOP96 = 0xffffn;
export const PORT_MAX = 65_535;
