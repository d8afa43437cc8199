import { type Network, parseNetwork } from '../../kernel/index.ts';
import { type CompileContext, expanded } from './criterion.ts';
import type { Condition } from './document.ts';
import { factHost, hostPattern } from './hosts.ts';
import { urlPattern } from './urls.ts';

/** A list with more entries is asked as a whole: its keys for every rule that names it would cost too much memory. */
const KEYS_MAX = 64;

/** What a request must have so that a rule may fit. */
export type RuleKey =
  | { readonly kind: 'host' | 'suffix' | 'user' | 'category' | 'method'; readonly value: string }
  | { readonly kind: 'source'; readonly network: Network }
  /** The host is an address. */
  | { readonly kind: 'address' };

type Lists = Pick<CompileContext, 'lists'>;

/**
 * Keys of which a request must have one, or the rule cannot fit; `undefined`: there is nothing to look up. Of several
 * criteria the one that tells most requests apart counts; of alternatives each must have keys.
 */
export function keysOf(when: Condition, lists: Lists): readonly RuleKey[] | undefined {
  for (const [name, find] of FINDERS) {
    const value = when[name];
    if (!Array.isArray(value)) continue;
    // Values of these criteria are texts by their shape.
    const texts = expanded(value as readonly string[], lists);
    const keys = texts.length <= KEYS_MAX ? find(texts) : undefined;
    if (keys !== undefined) return keys;
  }
  if (when.any === undefined) return undefined;
  const all: RuleKey[] = [];
  for (const each of when.any) {
    const keys = keysOf(each, lists);
    if (keys === undefined) return undefined;
    all.push(...keys);
  }
  return all.length <= KEYS_MAX ? all : undefined;
}

type Finder = (texts: readonly string[]) => readonly RuleKey[] | undefined;

const FINDERS: readonly (readonly [criterion: string, find: Finder])[] = [
  ['host', hostKeys],
  ['url', urlKeys],
  ['user', (texts) => texts.map((value) => ({ kind: 'user', value }))],
  ['category', (texts) => texts.map((value) => ({ kind: 'category', value }))],
  ['source', sourceKeys],
  ['method', (texts) => texts.map((value) => ({ kind: 'method', value }))],
];

function hostKeys(texts: readonly string[]): readonly RuleKey[] {
  return texts.flatMap((text): readonly RuleKey[] => {
    const pattern = hostPattern(text);
    if (pattern === undefined) return [];
    if (pattern.kind === 'network') return [{ kind: 'address' }];
    return [{ kind: pattern.kind, value: pattern.host }];
  });
}

function urlKeys(texts: readonly string[]): readonly RuleKey[] | undefined {
  const patterns = texts.map((text) => urlPattern(text));
  if (patterns.some((each) => each?.hostKind === 'any')) return undefined;
  return patterns.flatMap((each): readonly RuleKey[] =>
    each === undefined
      ? []
      : [{ kind: each.hostKind === 'host' ? 'host' : 'suffix', value: factHost(each.host) }],
  );
}

function sourceKeys(texts: readonly string[]): readonly RuleKey[] {
  return texts.flatMap((text): readonly RuleKey[] => {
    const network = parseNetwork(text);
    return network === undefined ? [] : [{ kind: 'source', network }];
  });
}
