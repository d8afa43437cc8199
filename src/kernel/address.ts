import { isIPv4, isIPv6 } from 'node:net';

/** An IP address as a number: IPv4 in 32 bits, IPv6 in 128. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Network {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
}

/** Parses an address in standard text form (`10.0.0.1`, `fe80::1`, `[::1]`); a zone such as `%eth0` is dropped. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: BigInt(ipv4Number(text)) };
  let bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = bare.indexOf('%');
  if (zone > 0) bare = bare.slice(0, zone);
  return isIPv6(bare) ? { family: 6, value: ipv6Value(bare) } : undefined;
}

/** Parses `10.0.0.0/8`, `fd00::/8` or a single address. Host bits that are set are cleared. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bits = address.family === 4 ? 32 : 128;
  const prefixText = slash < 0 ? String(bits) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefixText) || Number(prefixText) > bits) return undefined;
  const prefix = Number(prefixText);
  const hostMask = (1n << BigInt(bits - prefix)) - 1n;
  const first = address.value & ~hostMask;
  return { family: address.family, first, last: first | hostMask, prefix };
}

/**
 * The IPv4 address that an IPv6 address carries, where it is IPv4-mapped (`::ffff:0:0/96`, RFC 4291),
 * NAT64 (`64:ff9b::/96`, RFC 6052) or 6to4 (`2002::/16`, RFC 3056): a filter must judge that one.
 */
export function embeddedIpv4(address: Address): Address | undefined {
  if (address.family === 4) return undefined;
  const top96 = address.value >> 32n;
  if (top96 === 0xffffn || top96 === 0x0064ff9b_00000000_00000000n) {
    return { family: 4, value: address.value & 0xffff_ffffn };
  }
  if (address.value >> 112n === 0x2002n) return { family: 4, value: (address.value >> 80n) & 0xffff_ffffn };
  return undefined;
}

/** Standard text of an address: RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => String((address.value >> shift) & 255n)).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((address.value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (groups[i + length] === '0') length++;
    if (length > best.length) best = { at: i, length };
  }
  if (best.at < 0) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}

/** `::ffff:10.0.0.1` → `10.0.0.1`: what a dual-stack socket reports for an IPv4 peer. */
export function plainAddress(text: string): string {
  return text.startsWith('::ffff:') && isIPv4(text.slice(7)) ? text.slice(7) : text;
}

/** A set of networks: sorted, merged ranges, binary search. Immutable. */
export class NetworkSet {
  readonly texts: readonly string[];
  readonly #v4: readonly Network[];
  readonly #v6: readonly Network[];

  /** Throws a `RangeError` for a text that is no network; configuration has checked before. */
  constructor(texts: readonly string[]) {
    const networks = texts.map((text) => {
      const network = parseNetwork(text);
      if (network === undefined) throw new RangeError(`not a network: ${text}`);
      return network;
    });
    this.texts = texts;
    this.#v4 = merged(networks.filter((network) => network.family === 4));
    this.#v6 = merged(networks.filter((network) => network.family === 6));
  }

  /** An IPv6 address that carries IPv4 is judged as IPv4. */
  has(address: Address): boolean {
    const judged = embeddedIpv4(address) ?? address;
    const ranges = judged.family === 4 ? this.#v4 : this.#v6;
    let low = 0;
    let high = ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const range = ranges[middle]!;
      if (judged.value < range.first) high = middle - 1;
      else if (judged.value > range.last) low = middle + 1;
      else return true;
    }
    return false;
  }

  hasText(text: string): boolean {
    const address = parseAddress(text);
    return address !== undefined && this.has(address);
  }
}

function merged(networks: readonly Network[]): readonly Network[] {
  const sorted = networks.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const result: Network[] = [];
  for (const network of sorted) {
    const previous = result.at(-1);
    if (previous !== undefined && network.first <= previous.last + 1n) {
      if (network.last > previous.last) result[result.length - 1] = { ...previous, last: network.last };
    } else result.push(network);
  }
  return result;
}

function ipv4Number(text: string): number {
  let value = 0;
  for (const part of text.split('.')) value = value * 256 + Number(part);
  return value;
}

function ipv6Value(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const value = ipv4Number(group);
    return [Math.floor(value / 65_536), value % 65_536];
  });
}
