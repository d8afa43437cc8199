import { lookup, promises as dns } from 'node:dns';

export type DnsFailure = 'not-found' | 'timeout' | 'error';

export interface DnsAnswer {
  /** Both families, IPv6 first (RFC 8305 §4 interleaves later). */
  readonly addresses: readonly string[];
  /** `undefined`: the source does not tell (hosts file, system resolver). */
  readonly ttlMs: number | undefined;
}

/** Asks the configured servers; without any, the system (resolv.conf, hosts file). */
export function createDns(
  servers: readonly string[],
  timeoutMs: number,
): (host: string) => Promise<DnsAnswer | DnsFailure> {
  if (servers.length === 0) return systemLookup;
  const resolver = new dns.Resolver({ timeout: timeoutMs, tries: 2 });
  resolver.setServers(servers.map(withBrackets));
  return async (host) => {
    const [six, four] = await Promise.all([
      resolver.resolve6(host, { ttl: true }).catch(failureOf),
      resolver.resolve4(host, { ttl: true }).catch(failureOf),
    ]);
    const records = [...(Array.isArray(six) ? six : []), ...(Array.isArray(four) ? four : [])];
    if (records.length === 0) {
      const failures = [six, four].filter((each) => typeof each === 'string');
      return failures.find((each) => each !== 'not-found') ?? 'not-found';
    }
    return {
      addresses: records.map((record) => record.address),
      ttlMs: Math.min(...records.map((record) => record.ttl)) * 1000,
    };
  };
}

function systemLookup(host: string): Promise<DnsAnswer | DnsFailure> {
  return new Promise((resolve) => {
    lookup(host, { all: true, order: 'ipv6first' }, (error, addresses) => {
      if (error !== null) resolve(failureOf(error));
      else resolve({ addresses: addresses.map((each) => each.address), ttlMs: undefined });
    });
  });
}

function failureOf(error: NodeJS.ErrnoException): DnsFailure {
  switch (error.code) {
    case 'ENOTFOUND':
    case 'ENODATA':
      return 'not-found';
    case 'ETIMEOUT':
    case 'ETIMEDOUT':
    case 'EAI_AGAIN':
      return 'timeout';
    default:
      return 'error';
  }
}

/** `fd00::53` → `[fd00::53]`: the form that `setServers` wants when a port may follow. */
function withBrackets(server: string): string {
  return server.split(':').length > 2 && !server.startsWith('[') ? `[${server}]` : server;
}
