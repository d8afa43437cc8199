import { embeddedIpv4, type Network, parseAddress } from '../../kernel/index.ts';

interface Valued {
  readonly network: Network;
  readonly value: number;
}

interface Interval {
  readonly first: bigint;
  readonly values: readonly number[];
}

/** More values in all intervals together are kept as one list: every question then gets all of them. */
const VALUES_MAX = 2_000_000;

/** Which values have a network around an address: the line is cut where networks begin and end, and searched by halves. */
export class NetworkIndex {
  readonly isEmpty: boolean;
  readonly #v4: readonly Interval[];
  readonly #v6: readonly Interval[];
  #lastText: string | undefined;
  #last: readonly number[] = [];

  constructor(entries: readonly Valued[]) {
    this.isEmpty = entries.length === 0;
    this.#v4 = intervals(entries.filter(({ network }) => network.family === 4));
    this.#v6 = intervals(entries.filter(({ network }) => network.family === 6));
  }

  /** An IPv6 address that carries IPv4 is judged as IPv4, as everywhere. */
  find(text: string): readonly number[] {
    if (text === this.#lastText) return this.#last;
    this.#lastText = text;
    const address = parseAddress(text);
    if (address === undefined) return (this.#last = []);
    const judged = embeddedIpv4(address) ?? address;
    const list = judged.family === 4 ? this.#v4 : this.#v6;
    let low = 0;
    let high = list.length - 1;
    let at = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.first <= judged.value) {
        at = middle;
        low = middle + 1;
      } else high = middle - 1;
    }
    return (this.#last = at < 0 ? [] : list[at]!.values);
  }
}

function intervals(entries: readonly Valued[]): readonly Interval[] {
  if (entries.length === 0) return [];
  const starts = new Map<bigint, { begin: number[]; end: number[] }>();
  const at = (key: bigint): { begin: number[]; end: number[] } => {
    const found = starts.get(key) ?? { begin: [], end: [] };
    starts.set(key, found);
    return found;
  };
  for (const { network, value } of entries) {
    at(network.first).begin.push(value);
    at(network.last + 1n).end.push(value);
  }
  const open = new Map<number, number>();
  const result: Interval[] = [];
  let total = 0;
  for (const key of [...starts.keys()].toSorted((a, b) => (a < b ? -1 : 1))) {
    const { begin, end } = starts.get(key)!;
    for (const value of end) count(open, value, -1);
    for (const value of begin) count(open, value, 1);
    total += open.size;
    if (total > VALUES_MAX) return [{ first: 0n, values: [...new Set(entries.map(({ value }) => value))] }];
    result.push({ first: key, values: [...open.keys()] });
  }
  return result;
}

function count(open: Map<number, number>, value: number, step: number): void {
  const next = (open.get(value) ?? 0) + step;
  if (next === 0) open.delete(value);
  else open.set(value, next);
}
