import { parseNetwork, type Severity } from '../../kernel/index.ts';
import { Fingerprints } from './fingerprints.ts';
import { buildFuseFilter, type FuseFilter } from './fuse-filter.ts';
import { type IndicatorKind, keyText } from './keys.ts';
import type { Found } from './segment.io.ts';

/** One entry of the operator's own lists. */
export interface LocalEntry {
  readonly kind: IndicatorKind;
  readonly value: string;
  readonly action: 'allow' | 'block';
  readonly category: string;
  readonly severity: Severity;
  readonly note: string;
  /** ISO 8601, UTC. */
  readonly addedAt: string;
}

/** The local lists in memory, asked like a segment. Immutable. */
export class LocalList {
  readonly entries: readonly LocalEntry[];
  readonly filter: FuseFilter;
  readonly prefixes4: readonly number[];
  readonly prefixes6: readonly number[];
  readonly #found = new Map<string, Found>();

  constructor(entries: readonly LocalEntry[]) {
    this.entries = entries;
    const prints = new Uint32Array(entries.length * 4);
    const seen = new Set<bigint>();
    const fingerprints = new Fingerprints();
    const prefixes = { 4: new Set<number>(), 6: new Set<number>() };
    const add = (a: number, b: number): void => {
      const key = (BigInt(a >>> 0) << 32n) | BigInt(b >>> 0);
      if (seen.has(key)) return;
      prints[seen.size * 2] = a;
      prints[seen.size * 2 + 1] = b;
      seen.add(key);
    };
    for (const entry of entries) {
      this.#found.set(keyText(entry.kind, entry.value), {
        kind: entry.kind,
        action: entry.action,
        category: entry.category,
        severity: entry.severity,
        addedAtS: Math.floor(Date.parse(entry.addedAt) / 1000),
      });
      const network = entry.kind === 'network' ? parseNetwork(entry.value) : undefined;
      if (network !== undefined) prefixes[network.family].add(network.prefix);
      fingerprints.entry(entry.kind, entry.value, network, add);
    }
    this.filter = buildFuseFilter(prints, seen.size);
    this.prefixes4 = [...prefixes[4]].toSorted((x, y) => y - x);
    this.prefixes6 = [...prefixes[6]].toSorted((x, y) => y - x);
  }

  find(key: string): Found | undefined {
    return this.#found.get(key);
  }
}
