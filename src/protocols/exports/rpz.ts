import { parseNetwork } from '../../kernel/index.ts';
import { type ExportEntry, type ExportFormat, isPlainName } from './entry.ts';

/** Names in the zone are below its own, which BIND limits with them to 255 octets; this leaves room for one. */
const OWNER_MAX = 190;
const TTL_S = 300;

/**
 * Response policy zone (draft-vixie-dnsop-dns-rpz). The serial number is the generation of the indicators, so that
 * it grows with every change. Names are relative: the zone gets its own from the configuration of the resolver.
 */
export const RPZ: ExportFormat = {
  name: 'rpz',
  about: 'Response policy zone for BIND, Unbound, Knot, PowerDNS',
  type: 'text/dns; charset=utf-8',
  groups: ['ip', 'domain'],
  paged: false,
  create: (facts, out) => ({
    head() {
      out.write(`; ${facts.name}, generation ${facts.generation}\n`);
      out.summary('; ');
      out.write(`$TTL ${TTL_S}\n`);
      // RFC 1982: serial numbers count modulo 2^32.
      const serial = facts.generation % 0x1_0000_0000;
      out.write(
        `@ IN SOA localhost. root.localhost. (${serial} 3600 600 86400 ${TTL_S})\n@ IN NS localhost.\n`,
      );
    },
    entry(entry) {
      const names = ownersOf(entry);
      if (names.length === 0) return false;
      // `.` answers NXDOMAIN; `rpz-passthru.` lets the name through, whatever later zones say.
      const answer = entry.action === 'allow' ? 'rpz-passthru.' : '.';
      out.write(names.map((name) => `${name} CNAME ${answer}\n`).join(''));
      return true;
    },
  }),
};

function ownersOf({ kind, value }: ExportEntry): readonly string[] {
  if (kind === 'domain' || kind === 'host') {
    if (!isPlainName(value) || value.length > OWNER_MAX) return [];
    return kind === 'domain' ? [value, `*.${value}`] : [value];
  }
  if (kind !== 'address' && kind !== 'network') return [];
  const owner = rpzAddress(value);
  return owner === undefined ? [] : [owner];
}

/** `192.0.2.0/24` → `24.0.2.0.192.rpz-ip`; in IPv6 `zz` stands for the longest run of zero words. */
export function rpzAddress(text: string): string | undefined {
  const network = parseNetwork(text);
  if (network === undefined) return undefined;
  const { family, first, prefix } = network;
  const count = family === 4 ? 4 : 8;
  const bits = BigInt(family === 4 ? 8 : 16);
  // The least significant word first.
  const words = Array.from(
    { length: count },
    (_, at) => (first >> (BigInt(at) * bits)) & ((1n << bits) - 1n),
  );
  if (family === 4) return `${prefix}.${words.join('.')}.rpz-ip`;
  const run = longestZeros(words);
  const texts = words.map((word) => word.toString(16));
  const shown =
    run.length < 2 ? texts : [...texts.slice(0, run.at), 'zz', ...texts.slice(run.at + run.length)];
  return `${prefix}.${shown.join('.')}.rpz-ip`;
}

function longestZeros(words: readonly bigint[]): { readonly at: number; readonly length: number } {
  let best = { at: 0, length: 0 };
  for (let at = 0; at < words.length; at++) {
    let length = 0;
    while (words[at + length] === 0n) length++;
    // Of runs that are equally long, RFC 5952 §4.2.3 shortens the first as written, which is the last here.
    if (length >= best.length && length > 0) best = { at, length };
    at += Math.max(0, length - 1);
  }
  return best;
}
