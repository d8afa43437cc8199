import { type Network, parseAddress } from '../../kernel/index.ts';
import type { CompileContext } from './criterion.ts';
import type { Condition } from './document.ts';
import { FACT, type PolicyFacts } from './facts.ts';
import { NetworkIndex } from './network-index.ts';
import { keysOf } from './rule-keys.ts';

/**
 * Finds the rules that may fit, without asking each. Rules that have no key are always candidates. One bit a rule, in
 * the order of the document.
 */
export class RuleIndex {
  readonly #always: Uint32Array;
  /** Reused for every question: deciding is synchronous and asks no other question meanwhile. */
  readonly #found: Uint32Array;
  readonly #keys = {
    host: new Map<string, number[]>(),
    suffix: new Map<string, number[]>(),
    user: new Map<string, number[]>(),
    category: new Map<string, number[]>(),
    method: new Map<string, number[]>(),
  };
  readonly #addressHosts: number[] = [];
  readonly #sources: NetworkIndex;

  constructor(rules: readonly Condition[], lists: Pick<CompileContext, 'lists'>) {
    const words = Math.ceil(rules.length / 32);
    this.#always = new Uint32Array(words);
    this.#found = new Uint32Array(words);
    const sources: { readonly network: Network; readonly value: number }[] = [];
    for (const [at, when] of rules.entries()) {
      const keys = keysOf(when, lists);
      if (keys === undefined) setBit(this.#always, at);
      for (const key of keys ?? []) {
        if (key.kind === 'source') sources.push({ network: key.network, value: at });
        else if (key.kind === 'address') push(this.#addressHosts, at);
        else add(this.#keys[key.kind], key.value, at);
      }
    }
    this.#sources = new NetworkIndex(sources);
  }

  /** The candidates for these facts; valid until the next call. */
  candidates(facts: PolicyFacts): Uint32Array {
    const found = this.#found;
    found.set(this.#always);
    const { host, suffix, user, category, method } = this.#keys;
    const name = facts.host;
    if (name !== '') {
      setBits(found, host.get(name));
      if (suffix.size > 0) {
        for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
          setBits(found, suffix.get(name.slice(dot + 1)));
        }
      }
      if (this.#addressHosts.length > 0 && isAddress(name)) setBits(found, this.#addressHosts);
    }
    if (method.size > 0) setBits(found, method.get(facts.method));
    if (user.size > 0) {
      if (facts.user !== undefined) setBits(found, user.get(facts.user.toLowerCase()));
      // Whoever signs in later may be any of them.
      else if (((facts.later ?? 0) & FACT.user) !== 0) for (const list of user.values()) setBits(found, list);
    }
    if (category.size > 0) {
      for (const match of facts.verdict().matches) setBits(found, category.get(match.category.toLowerCase()));
    }
    if (!this.#sources.isEmpty) setBits(found, this.#sources.find(facts.source));
    return found;
  }
}

function add(map: Map<string, number[]>, key: string, at: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [at]);
  else push(list, at);
}

function push(list: number[], at: number): void {
  if (list.at(-1) !== at) list.push(at);
}

function setBit(words: Uint32Array, at: number): void {
  words[at >>> 5]! |= 1 << (at & 31);
}

function setBits(words: Uint32Array, list: readonly number[] | undefined): void {
  if (list === undefined) return;
  for (const at of list) setBit(words, at);
}

/** Hosts are canonical: only an address has a colon or ends in a digit. */
function isAddress(host: string): boolean {
  const last = host.charCodeAt(host.length - 1);
  return (last >= 0x30 && last <= 0x39) || host.includes(':') ? parseAddress(host) !== undefined : false;
}
