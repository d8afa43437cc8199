import { parseAddress } from './address.ts';
import type { DestinationPattern } from './destination.ts';

export type FindDestination = (host: string, port: number) => DestinationPattern | undefined;

/**
 * Many patterns, one question: hash maps for hosts and suffixes, so that the cost is the number of
 * labels of the host and not the length of the list. Networks are few and walked.
 */
export function compileDestinations(patterns: readonly DestinationPattern[]): FindDestination {
  const hosts = grouped(patterns.filter(({ kind }) => kind === 'host'));
  const suffixes = grouped(patterns.filter(({ kind }) => kind === 'suffix'));
  const networks = patterns.filter(({ kind }) => kind === 'network');

  return (host, port) => {
    const exact = hosts.get(host)?.find((pattern) => portFits(pattern, port));
    if (exact !== undefined) return exact;
    if (suffixes.size > 0) {
      for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        const found = suffixes.get(host.slice(dot + 1))?.find((pattern) => portFits(pattern, port));
        if (found !== undefined) return found;
      }
    }
    if (networks.length === 0) return undefined;
    const address = parseAddress(host);
    if (address === undefined) return undefined;
    return networks.find(
      ({ network, ...pattern }) =>
        network?.family === address.family &&
        address.value >= network.first &&
        address.value <= network.last &&
        portFits(pattern, port),
    );
  };
}

function portFits({ ports }: Pick<DestinationPattern, 'ports'>, port: number): boolean {
  return ports === undefined || (port >= ports.from && port <= ports.to);
}

function grouped(
  patterns: readonly DestinationPattern[],
): ReadonlyMap<string, readonly DestinationPattern[]> {
  return Map.groupBy(patterns, ({ host }) => host);
}
