import { type Network, parseNetwork, type Verdict } from '../../kernel/index.ts';
import type { ExportEntry } from '../../protocols/exports/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';

/** What is asked about an entry that a local one may overrule. */
export interface LocalJudge {
  evaluateUrl(url: NonNullable<ReturnType<typeof canonicalUrl>>): Verdict;
  evaluateHost(host: string): Verdict;
  evaluateAddress(address: string): Verdict;
  evaluateHash(hash: string): Verdict;
  evaluateEmail(address: string): Verdict;
}

interface Allowed {
  readonly kind: string;
  readonly value: string;
  readonly action: string;
}

/**
 * Says which blocking entries the operator has overruled: what the gateway itself would let through must not be
 * blocked by a firewall that took its list. Few entries are allowed locally and many are exported, so an entry is
 * judged only when something local could touch it.
 */
export function locallyAllowed(
  local: readonly Allowed[],
  judge: LocalJudge,
  urlBytesMax = 65_536,
): (entry: ExportEntry) => boolean {
  const allowed = local.filter(({ action }) => action === 'allow');
  if (allowed.length === 0) return () => false;
  const names = new Set<string>();
  const exact = new Set<string>();
  const networks: Network[] = [];
  for (const { kind, value } of allowed) {
    if (kind === 'hash' || kind === 'email') exact.add(value);
    else if (kind === 'address' || kind === 'network') {
      const network = parseNetwork(value);
      if (network !== undefined) networks.push(network);
    } else names.add(kind === 'url' ? hostOf(value) : value);
  }
  const isClean = ({ verdict }: Verdict): boolean => verdict === 'clean';
  const touchesHost = (host: string): boolean => hasSuffix(names, host) || inNetworks(networks, host);
  return ({ kind, value, action }) => {
    if (action !== 'block') return false;
    switch (kind) {
      case 'domain':
      case 'host':
        return hasSuffix(names, value) && isClean(judge.evaluateHost(value));
      case 'address':
        return touchesHost(value) && isClean(judge.evaluateAddress(value));
      case 'network': {
        // A look-up asks about addresses; a network is allowed when all of it is.
        const own = parseNetwork(value);
        return own !== undefined && networks.some((each) => covers(each, own));
      }
      case 'url': {
        if (!touchesHost(hostOf(value).replace(/^\[|\]$/g, ''))) return false;
        const url = canonicalUrl(value, urlBytesMax);
        return url !== undefined && isClean(judge.evaluateUrl(url));
      }
      case 'hash':
        return exact.has(value) && isClean(judge.evaluateHash(value));
      case 'email':
        return (
          (exact.has(value) || hasSuffix(names, value.slice(value.indexOf('@') + 1))) &&
          isClean(judge.evaluateEmail(value))
        );
    }
  };
}

function hostOf(url: string): string {
  const slash = url.indexOf('/');
  return slash < 0 ? url : url.slice(0, slash);
}

function hasSuffix(names: ReadonlySet<string>, host: string): boolean {
  if (names.has(host)) return true;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    if (names.has(host.slice(dot + 1))) return true;
  }
  return false;
}

function inNetworks(networks: readonly Network[], text: string): boolean {
  if (networks.length === 0) return false;
  const own = parseNetwork(text);
  return own !== undefined && networks.some((each) => covers(each, own));
}

function covers(outer: Network, inner: Network): boolean {
  return outer.family === inner.family && outer.first <= inner.first && outer.last >= inner.last;
}
