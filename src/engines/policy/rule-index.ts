import { type Network, parseAddress } from '../../kernel/index.ts';
import type { CompileContext } from './criterion.ts';
import type { Condition } from './document.ts';
import { FACT, type PolicyFacts } from './facts.ts';
import { lowerGroups } from './criteria/group.ts';
import { fieldValue } from './criteria/request-field.ts';
import { seenUrlOnce } from './criteria/url.ts';
import { NeedleIndex } from './needle-index.ts';
import { NetworkIndex } from './network-index.ts';
import { keysOf, type WordKind } from './rule-keys.ts';

/** Rules that want a text in a text of the request. */
interface Needles {
  /** What the text may still become, as bits of `FACT`. */
  readonly bit: number;
  text(facts: PolicyFacts): string | undefined;
  readonly index: NeedleIndex;
}

/**
 * Finds the rules that may fit, without asking each. Rules that have no key are always candidates. One bit a rule, in
 * the order of the document.
 */
export class RuleIndex {
  readonly #always: Uint32Array;
  /** Reused for every question: deciding is synchronous and asks no other question meanwhile. */
  readonly #found: Uint32Array;
  readonly #words: Readonly<Record<WordKind, Map<string, number[]>>> = {
    host: new Map(),
    suffix: new Map(),
    user: new Map(),
    group: new Map(),
    category: new Map(),
    method: new Map(),
  };
  readonly #ports = new Map<number, number[]>();
  readonly #addressHosts: number[] = [];
  readonly #sources: NetworkIndex;
  readonly #needles: readonly Needles[];
  readonly #groupsOf: (facts: PolicyFacts) => readonly string[] | undefined;
  readonly #addFound: (list: readonly number[]) => void;

  constructor(rules: readonly Condition[], context: CompileContext) {
    const words = Math.ceil(rules.length / 32);
    this.#always = new Uint32Array(words);
    this.#found = new Uint32Array(words);
    const found = this.#found;
    this.#addFound = (list) => setBits(found, list);
    this.#groupsOf = lowerGroups(context);
    const sources: { readonly network: Network; readonly value: number }[] = [];
    const inUrl: { readonly text: string; readonly value: number }[] = [];
    const inField: { readonly field: string; readonly text: string; readonly value: number }[] = [];
    for (const [at, when] of rules.entries()) {
      const keys = keysOf(when, context);
      if (keys === undefined) setBit(this.#always, at);
      for (const key of keys ?? []) {
        if (key.kind === 'source') sources.push({ network: key.network, value: at });
        else if (key.kind === 'address') push(this.#addressHosts, at);
        else if (key.kind === 'port') add(this.#ports, key.value, at);
        else if (key.kind === 'url-part') inUrl.push({ text: key.value, value: at });
        else if (key.kind === 'field-part') inField.push({ field: key.field, text: key.value, value: at });
        else add(this.#words[key.kind], key.value, at);
      }
    }
    this.#sources = new NetworkIndex(sources);
    const url = seenUrlOnce(context);
    const needles: Needles[] = [];
    if (inUrl.length > 0) {
      needles.push({ bit: FACT.url, text: (facts) => url(facts)?.target, index: new NeedleIndex(inUrl) });
    }
    for (const [name, list] of Map.groupBy(inField, ({ field }) => field)) {
      const value = fieldValue(context, name);
      needles.push({
        bit: FACT['request-head'],
        text: (facts) => value(facts)?.lower,
        index: new NeedleIndex(list),
      });
    }
    this.#needles = needles;
  }

  /** The candidates for these facts; valid until the next call. */
  candidates(facts: PolicyFacts): Uint32Array {
    const found = this.#found;
    found.set(this.#always);
    const { host, suffix, user, group, category, method } = this.#words;
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
    if (this.#ports.size > 0) setBits(found, this.#ports.get(facts.port));
    const later = facts.later ?? 0;
    // Whoever signs in later may be any of them.
    const isOpen = (later & FACT.user) !== 0;
    if (user.size > 0) {
      if (facts.user !== undefined) setBits(found, user.get(facts.user.toLowerCase()));
      else if (isOpen) for (const list of user.values()) setBits(found, list);
    }
    if (group.size > 0) {
      if (isOpen) for (const list of group.values()) setBits(found, list);
      else for (const one of this.#groupsOf(facts) ?? []) setBits(found, group.get(one));
    }
    if (category.size > 0) {
      for (const match of facts.verdict().matches) setBits(found, category.get(match.category.toLowerCase()));
    }
    if (!this.#sources.isEmpty) setBits(found, this.#sources.find(facts.source));
    for (const { bit, text, index } of this.#needles) {
      if ((later & bit) !== 0) {
        setBits(found, index.values);
        continue;
      }
      const seen = text(facts);
      if (seen !== undefined) index.find(seen, this.#addFound);
    }
    return found;
  }
}

function add<K>(map: Map<K, number[]>, key: K, at: number): void {
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
