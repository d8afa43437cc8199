import { compileDestinations, parseDestinationPattern } from '../../../kernel/index.ts';
import { block } from '../decision.ts';
import type { BuiltInRule } from './built-in.ts';

/** In allow-list mode only the destinations of `forwardProxy.allowList` are reached. */
export function allowList(mode: 'open' | 'allow-list', patterns: readonly string[]): BuiltInRule {
  const name = 'allow-list';
  // The configuration has checked the patterns.
  const find = compileDestinations(patterns.flatMap((text) => parseDestinationPattern(text) ?? []));
  return {
    name,
    decide: ({ host, port }) =>
      mode === 'open' || find(host, port) !== undefined
        ? undefined
        : block(name, 'not-on-allow-list', `${host} port ${port} is not on the list of allowed destinations`),
    whyNot: ({ host, port }) =>
      mode === 'open'
        ? 'the proxy is not in allow-list mode'
        : `${host} is allowed by ${find(host, port)?.text}`,
  };
}
