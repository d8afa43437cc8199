import { type Network, parseNetwork } from '../../kernel/index.ts';
import { spanOf } from './criteria/port.ts';
import { type CompileContext, expanded } from './criterion.ts';
import type { Condition } from './document.ts';
import { factHost, hostPattern } from './hosts.ts';
import { NEEDLE_CHARS_MIN } from './needle-index.ts';
import type { FieldTest } from './shape.ts';
import { urlPattern } from './urls.ts';

/** A list with more entries is asked as a whole: its keys for every rule that names it would cost too much memory. */
const KEYS_MAX = 64;

/** What a request must have so that a rule may fit. */
export type RuleKey =
  | { readonly kind: WordKind; readonly value: string }
  | { readonly kind: 'port'; readonly value: number }
  | { readonly kind: 'source'; readonly network: Network }
  /** The host is an address. */
  | { readonly kind: 'address' }
  /** Path and query have this text in them. */
  | { readonly kind: 'url-part'; readonly value: string }
  /** A field of the request has this text in it, both in lower case. */
  | { readonly kind: 'field-part'; readonly field: string; readonly value: string };
export type WordKind = 'host' | 'suffix' | 'user' | 'group' | 'category' | 'method';

type Lists = Pick<CompileContext, 'lists'>;

/**
 * Keys of which a request must have one, or the rule cannot fit; `undefined`: there is nothing to look up. Of several
 * criteria the one that tells most requests apart counts; of alternatives each must have keys.
 */
export function keysOf(when: Condition, lists: Lists): readonly RuleKey[] | undefined {
  for (const [name, find] of FINDERS) {
    const value = when[name];
    const keys = Array.isArray(value) ? find(value, lists) : undefined;
    if (keys !== undefined && keys.length <= KEYS_MAX) return keys;
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

type Keys = readonly RuleKey[] | undefined;
type Finder = (values: readonly unknown[], lists: Lists) => Keys;

const FINDERS: readonly (readonly [criterion: string, find: Finder])[] = [
  ['host', overTexts((texts) => texts.flatMap(hostKeys))],
  ['url', overTexts((texts) => ofEach(texts, urlKey))],
  ['user', overTexts((texts) => texts.map((value) => ({ kind: 'user', value })))],
  ['category', overTexts((texts) => texts.map((value) => ({ kind: 'category', value })))],
  // Values of this criterion are such tests by their shape.
  ['request-field', (values) => ofEach(values as readonly FieldTest[], fieldKey)],
  ['group', overTexts((texts) => texts.map((value) => ({ kind: 'group', value })))],
  ['source', overTexts((texts) => texts.flatMap(sourceKeys))],
  ['port', overTexts((texts) => ofEach(texts, portKey))],
  ['method', overTexts((texts) => texts.map((value) => ({ kind: 'method', value })))],
];

/** Values of the other criteria are texts by their shape. */
function overTexts(find: (texts: readonly string[]) => Keys): Finder {
  return (values, lists) => {
    const texts = expanded(values as readonly string[], lists);
    return texts.length <= KEYS_MAX ? find(texts) : undefined;
  };
}

/** The key of each, or none at all: one without would fit whatever is looked up. */
function ofEach<T>(values: readonly T[], keyOf: (value: T) => RuleKey | undefined): Keys {
  const keys: RuleKey[] = [];
  for (const value of values) {
    const key = keyOf(value);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys;
}

function hostKeys(text: string): readonly RuleKey[] {
  const pattern = hostPattern(text);
  if (pattern === undefined) return [];
  if (pattern.kind === 'network') return [{ kind: 'address' }];
  return [{ kind: pattern.kind, value: pattern.host }];
}

function urlKey(text: string): RuleKey | undefined {
  const pattern = urlPattern(text);
  if (pattern === undefined) return undefined;
  const { hostKind, host, path } = pattern;
  if (hostKind !== 'any') return { kind: hostKind === 'host' ? 'host' : 'suffix', value: factHost(host) };
  const value = needleIn(pattern.isGlob ? path.split('*') : [path]);
  return value === undefined ? undefined : { kind: 'url-part', value };
}

function fieldKey({ name, equals, contains, matches }: FieldTest): RuleKey | undefined {
  const pieces = [equals, contains, ...(matches?.split('*') ?? [])];
  const value = needleIn(pieces.flatMap((piece) => piece?.toLowerCase() ?? []));
  return value === undefined ? undefined : { kind: 'field-part', field: name, value };
}

/** The longest of the texts that must all be there; `undefined`: it is too short to be looked up. */
function needleIn(pieces: readonly string[]): string | undefined {
  const longest = pieces.reduce((a, b) => (b.length > a.length ? b : a), '');
  return longest.length < NEEDLE_CHARS_MIN ? undefined : longest;
}

function portKey(text: string): RuleKey | undefined {
  const span = spanOf(text, 65_535);
  return span === undefined || span.from !== span.to ? undefined : { kind: 'port', value: span.from };
}

function sourceKeys(text: string): readonly RuleKey[] {
  const network = parseNetwork(text);
  return network === undefined ? [] : [{ kind: 'source', network }];
}
