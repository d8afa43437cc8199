import { UrlFeatures, type UrlKnowledge } from '../../../src/engines/prediction/url-features.ts';
import { TOKEN_GROUPS, UrlTokens } from '../../../src/engines/prediction/url-tokens.ts';
import type { HostParts } from '../../../src/protocols/url/index.ts';
import type { LabelledUrl } from './data.ts';
import type { TokenRows } from './linear.ts';

/** One URL as it is learned from. */
export interface UrlRow {
  readonly parts: HostParts;
  readonly port: number;
  readonly path: string;
  readonly query: string;
  readonly isBad: boolean;
  readonly weight: number;
}

export function urlRow({ url, parts, isBad }: LabelledUrl, weight = 1): UrlRow {
  return { parts, port: url.port, path: url.path, query: url.query, isBad, weight };
}

/** The same without what stands behind the host. */
export function hostRow(row: UrlRow, share = 1): UrlRow {
  return { ...row, path: '/', query: '', weight: row.weight * share };
}

export interface TokenTable extends TokenRows {
  /** Where the tokens of each group of each row end. */
  readonly ends: Uint32Array;
}

export function tokenTable(rows: readonly UrlRow[], bits: number): TokenTable {
  const tokens = new UrlTokens();
  const starts = new Uint32Array(rows.length + 1);
  const ends = new Uint32Array(rows.length * TOKEN_GROUPS.length);
  const slots: number[] = [];
  const values: number[] = [];
  for (const [at, row] of rows.entries()) {
    tokens.fill(row.parts, row.port, row.path, row.query);
    const base = slots.length;
    for (let group = 0, from = 0; group < TOKEN_GROUPS.length; group++) {
      const to = tokens.ends[group]!;
      const value = 1 / Math.sqrt(to - from);
      for (; from < to; from++) {
        slots.push(tokens.hashes[from]! >>> (32 - bits));
        values.push(value);
      }
      ends[at * TOKEN_GROUPS.length + group] = base + to;
    }
    starts[at + 1] = slots.length;
  }
  return {
    starts,
    ends,
    slots: Uint32Array.from(slots),
    values: Float32Array.from(values),
    isBad: labelsOf(rows),
    weights: weightsOf(rows),
  };
}

/** The columns of the trees; the sums of tokens are added by `addSums`. */
export function featureRows(rows: readonly UrlRow[], knowledge: UrlKnowledge): Float64Array[] {
  const features = new UrlFeatures(knowledge);
  return rows.map(({ parts, port, path, query }) => features.fill(parts, port, path, query).slice());
}

export function addSums(table: TokenTable, at: number, weights: Float32Array, row: Float64Array): void {
  let token = table.starts[at]!;
  for (let group = 0; group < TOKEN_GROUPS.length; group++) {
    let sum = 0;
    const end = table.ends[at * TOKEN_GROUPS.length + group]!;
    for (; token < end; token++) sum += weights[table.slots[token]!]! * table.values[token]!;
    row[group] = sum;
  }
}

export function labelsOf(rows: readonly UrlRow[]): Uint8Array {
  return Uint8Array.from(rows, ({ isBad }) => Number(isBad));
}

export function weightsOf(rows: readonly UrlRow[]): Float32Array {
  return Float32Array.from(rows, ({ weight }) => weight);
}
