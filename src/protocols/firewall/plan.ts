import type { PortRow } from '../../kernel/index.ts';
import { formatAddress, OUTBOUND_PORT, parseAddress, parseNetwork } from '../../kernel/index.ts';

/** What a firewall in front of the gateway, or on it, has to let through. Everything else is refused. */
export interface FirewallPlan {
  readonly direction: Direction;
  /** The networks that may come in, by family; none contains another, loopback is left out. */
  readonly internal4: readonly string[];
  readonly internal6: readonly string[];
  readonly inbound: readonly InboundRule[];
  readonly outbound: readonly OutboundRule[];
}

export type Direction = 'in' | 'out' | 'both';

export interface InboundRule {
  /** Key of the port table, or `machine` for a port that is not the gateway's. */
  readonly key: string;
  readonly door: string;
  readonly port: number;
  readonly purpose: string;
}

export interface OutboundRule {
  readonly name: string;
  readonly transport: 'tcp' | 'udp';
  readonly port: number;
  /** Addresses or networks by family; both empty: anywhere. */
  readonly to4: readonly string[];
  readonly to6: readonly string[];
  readonly purpose: string;
}

export interface PlanInput {
  readonly direction: Direction;
  readonly internal: readonly string[];
  readonly inbound: readonly { readonly row: PortRow; readonly listenPort: number }[];
  /** Ports of the machine itself that stay reachable, for example its own SSH. */
  readonly machinePorts: readonly number[];
  /** DNS servers, `address` or `address:port`; empty: the system's, which are taken to be internal. */
  readonly resolvers: readonly string[];
  readonly parents: readonly { readonly host: string; readonly port: number }[];
  /** Ports of other servers that the proxy doors reach for their clients. */
  readonly relayedPorts: readonly number[];
}

/** The rules that a configuration needs. Pure; the same input gives the same plan. */
export function firewallPlan(input: PlanInput): FirewallPlan {
  const { v4, v6 } = byFamily(input.internal.filter((text) => !isLoopback(text)));
  const inbound = [
    ...input.inbound.map(({ row, listenPort }) => ({
      key: row.key,
      door: row.door,
      port: listenPort,
      purpose: row.purpose,
    })),
    ...input.machinePorts.map((port) => ({
      key: 'machine',
      door: 'machine',
      port,
      purpose: 'A port of the machine itself',
    })),
  ];
  return {
    direction: input.direction,
    internal4: v4,
    internal6: v6,
    inbound: input.direction === 'out' ? [] : inbound,
    outbound: input.direction === 'in' ? [] : outboundRules(input, v4, v6),
  };
}

function outboundRules(
  input: PlanInput,
  internal4: readonly string[],
  internal6: readonly string[],
): readonly OutboundRule[] {
  const anywhere = { to4: [], to6: [] };
  const rules: OutboundRule[] = [
    {
      name: 'https',
      transport: 'tcp',
      port: OUTBOUND_PORT,
      ...anywhere,
      purpose: 'Everything that the gateway fetches: the only port it uses on the outside',
    },
  ];
  rules.push(...dnsRules(input.resolvers, internal4, internal6));
  for (const { host, port } of input.parents) {
    const { v4, v6 } = byFamily([host]);
    const isName = v4.length + v6.length === 0;
    const purpose = isName ? `Parent proxy ${host}, known by name: any address` : `Parent proxy ${host}`;
    rules.push({ name: 'parent', transport: 'tcp', port, to4: v4, to6: v6, purpose });
  }
  for (const port of new Set(input.relayedPorts)) {
    if (port === OUTBOUND_PORT) continue;
    const purpose = 'What the proxy doors reach for their clients';
    rules.push({ name: 'relayed', transport: 'tcp', port, ...anywhere, purpose });
  }
  return rules;
}

function dnsRules(
  resolvers: readonly string[],
  internal4: readonly string[],
  internal6: readonly string[],
): readonly OutboundRule[] {
  const servers =
    resolvers.length === 0
      ? [{ port: 53, to4: internal4, to6: internal6, purpose: 'DNS of the system, on the internal networks' }]
      : resolvers.map((text) => {
          const { address, port } = hostAndPort(text, 53);
          const { v4, v6 } = byFamily([address]);
          return { port, to4: v4, to6: v6, purpose: `DNS server ${address}` };
        });
  return servers
    .filter((server) => server.to4.length + server.to6.length > 0)
    .flatMap((server) =>
      (['udp', 'tcp'] as const).map((transport) => ({ name: 'dns', transport, ...server })),
    );
}

/** `192.0.2.1:5353` or `[2001:db8::1]:53` or an address alone. */
function hostAndPort(text: string, fallback: number): { address: string; port: number } {
  if (parseAddress(text) !== undefined) return { address: text.replace(/^\[|\]$/g, ''), port: fallback };
  const at = text.lastIndexOf(':');
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}

/** Networks by family in standard text, sorted, without those that another one contains. */
function byFamily(texts: readonly string[]): { v4: readonly string[]; v6: readonly string[] } {
  const networks = texts
    .flatMap((text) => parseNetwork(text) ?? [])
    .toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.prefix - b.prefix));
  const kept = networks.filter(
    (each, at) =>
      !networks.some(
        (other, otherAt) =>
          other.family === each.family &&
          other.first <= each.first &&
          other.last >= each.last &&
          (other.prefix < each.prefix || (other.prefix === each.prefix && otherAt < at)),
      ),
  );
  const textOf = (family: 4 | 6): readonly string[] =>
    kept
      .filter((network) => network.family === family)
      .map(({ first, prefix }) => `${formatAddress({ family, value: first })}/${prefix}`);
  return { v4: textOf(4), v6: textOf(6) };
}

function isLoopback(text: string): boolean {
  const network = parseNetwork(text);
  if (network === undefined) return false;
  return network.family === 4
    ? network.first >> 24n === 127n
    : network.first === 1n && network.prefix === 128;
}
