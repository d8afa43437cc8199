import { NetworkSet } from '../../../kernel/index.ts';
import { block } from '../decision.ts';
import type { BuiltInRule } from './built-in.ts';

/** The client must be inside one of `forwardProxy.sources`; an empty list means every internal network. */
export function sourceNetworks(networks: readonly string[]): BuiltInRule {
  const name = 'source-networks';
  const set = new NetworkSet(networks);
  return {
    name,
    decide: ({ source }) =>
      networks.length === 0 || set.hasText(source)
        ? undefined
        : block(name, 'source-network-other', `${source} is in none of the networks that may use the proxy`),
    whyNot: ({ source }) =>
      networks.length === 0
        ? 'every internal network may use the proxy'
        : `${source} is in ${networks.join(', ')}`,
  };
}
