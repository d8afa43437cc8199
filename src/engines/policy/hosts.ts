import { compileDestinations, type DestinationPattern, parseDestinationPattern } from '../../kernel/index.ts';
import { canonicalHost } from '../../protocols/url/index.ts';

/** A destination as operators write it, with its host in the one spelling that facts have. */
export function hostPattern(text: string): DestinationPattern | undefined {
  const pattern = parseDestinationPattern(text.trim());
  if (pattern === undefined || pattern.kind === 'network') return pattern;
  const host = canonicalHost(pattern.host);
  if (host === undefined || host.startsWith('[')) return undefined;
  return { ...pattern, host };
}

export function hostProblem(text: string): string | undefined {
  return hostPattern(text) === undefined
    ? 'is no host; write www.example.com, *.example.com, 10.0.0.0/8 or [2001:db8::1], each with an optional :port or :from-to'
    : undefined;
}

/** Finds the pattern that fits a host and port. The last answer is kept: many rules ask about one request. */
export function compileHosts(texts: readonly string[]) {
  const patterns = texts.flatMap((text) => hostPattern(text) ?? []);
  const [only] = patterns;
  if (patterns.length === 1 && only !== undefined && only.network === undefined) return oneHost(only);
  const find = compileDestinations(patterns);
  let lastHost: string | undefined;
  let lastPort = 0;
  let last: DestinationPattern | undefined;
  return (host: string, port: number): DestinationPattern | undefined => {
    if (host === lastHost && port === lastPort) return last;
    last = find(host, port);
    lastHost = host;
    lastPort = port;
    return last;
  };
}

/** Most rules name one host: a comparison of texts, without a look into maps. */
function oneHost(pattern: DestinationPattern) {
  const { host, kind, ports } = pattern;
  const { from, to } = ports ?? { from: 0, to: 65_535 };
  const ending = `.${host}`;
  return (name: string, port: number): DestinationPattern | undefined => {
    const fits = kind === 'host' ? name === host : name.endsWith(ending);
    return fits && port >= from && port <= to ? pattern : undefined;
  };
}

/** Whether all that fits `narrow` fits `wide`. */
export function hostCovers(wide: DestinationPattern, narrow: DestinationPattern): boolean {
  if (wide.ports !== undefined) {
    if (narrow.ports === undefined) return false;
    if (narrow.ports.from < wide.ports.from || narrow.ports.to > wide.ports.to) return false;
  }
  if (wide.network !== undefined) {
    const inner = narrow.network;
    if (inner === undefined || inner.family !== wide.network.family) return false;
    return inner.first >= wide.network.first && inner.last <= wide.network.last;
  }
  if (narrow.network !== undefined) return false;
  if (wide.kind === 'host') return narrow.kind === 'host' && narrow.host === wide.host;
  if (narrow.kind === 'suffix' && narrow.host === wide.host) return true;
  return narrow.host.endsWith(`.${wide.host}`);
}

/** A host as facts have it: canonical, IPv6 without brackets. */
export function factHost(canonical: string): string {
  return canonical.charCodeAt(0) === 0x5b ? canonical.slice(1, -1) : canonical;
}
