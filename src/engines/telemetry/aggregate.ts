import type { EdgeLinks, EdgeName, MetricDeclaration } from '../../kernel/index.ts';
import {
  mergeDeclarations,
  type MetricSlots,
  type MetricSnapshot,
  type MetricTotal,
  type SeriesSnapshot,
} from './metrics.ts';
import { prometheusText } from './prometheus.ts';

/**
 * What all processes have counted. Counters and histograms are the sum over live processes and those
 * that are gone, so they never go back when an edge is replaced; gauges are the sum over live ones.
 */
export interface MetricAggregate {
  /** The latest snapshot of a process; replaces the one before. What is not declared is left out. */
  receive(process: EdgeName, snapshot: unknown): void;
  /** The process will send no more: what it counted stays. */
  gone(process: EdgeName): void;
  totals(): readonly MetricTotal[];
  /** Text exposition format 0.0.4. */
  prometheusText(): Promise<string>;
}

export function createMetricAggregate(
  declarations: readonly MetricDeclaration[],
  /** Slots of the process that aggregates. */
  own: MetricSlots,
): MetricAggregate {
  const declared = new Map(mergeDeclarations(declarations).map((one) => [one.name, one]));
  const live = new Map<string, MetricSnapshot>();
  const past = new Map<string, Sums>();

  function totals(): readonly MetricTotal[] {
    const snapshots = [own.snapshot(), ...live.values()];
    return [...declared.values()].map((declaration) => {
      const sums: Sums = new Map();
      for (const series of past.get(declaration.name)?.values() ?? []) addSeries(sums, series);
      for (const snapshot of snapshots) {
        for (const series of snapshot[declaration.name] ?? []) addSeries(sums, series);
      }
      return { declaration, series: [...sums.values()] };
    });
  }

  return {
    receive(process, snapshot) {
      live.set(keyOf(process), parseSnapshot(snapshot, declared));
    },
    gone(process) {
      const last = live.get(keyOf(process)) ?? {};
      live.delete(keyOf(process));
      for (const [name, allSeries] of Object.entries(last)) {
        if (declared.get(name)?.type === 'gauge') continue;
        const sums: Sums = past.get(name) ?? new Map();
        past.set(name, sums);
        for (const series of allSeries) addSeries(sums, series);
      }
    },
    totals,
    prometheusText: () => prometheusText(totals()),
  };
}

/**
 * Wires an aggregate to the edges: takes what they post each second, and answers `metrics.read` after asking
 * them once more. An edge that does not answer in time counts with what it posted last.
 */
export function serveMetrics(links: EdgeLinks, aggregate: MetricAggregate): void {
  links.onPost('metrics', (data, edge) => aggregate.receive(edge, data));
  links.onGone((edge) => aggregate.gone(edge));
  links.handle('metrics.read', async () => {
    await links.collect('metrics', COLLECT_MS);
    return aggregate.prometheusText();
  });
}

/** How long a scrape waits for the edges. */
export const COLLECT_MS = 500;

type Sums = Map<string, { readonly l: readonly string[]; readonly v: number[] }>;

function addSeries(sums: Sums, series: SeriesSnapshot): void {
  const key = series.l.join('\u0000');
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, { l: series.l, v: [...series.v] });
  else series.v.forEach((value, at) => (sum.v[at] = (sum.v[at] ?? 0) + value));
}

function keyOf(process: EdgeName): string {
  return `${process.pid}.${process.generation}`;
}

/** Keeps what has the declared shape. An edge of another version may send other metrics. */
function parseSnapshot(data: unknown, declared: ReadonlyMap<string, MetricDeclaration>): MetricSnapshot {
  const parsed: Record<string, SeriesSnapshot[]> = {};
  if (typeof data !== 'object' || data === null) return parsed;
  for (const [name, list] of Object.entries(data)) {
    const declaration = declared.get(name);
    if (declaration === undefined || !Array.isArray(list)) continue;
    parsed[name] = list.filter((item): item is SeriesSnapshot => isSeries(item, declaration));
  }
  return parsed;
}

function isSeries(item: unknown, { labels = [], type, buckets = [] }: MetricDeclaration): boolean {
  if (typeof item !== 'object' || item === null || !('l' in item) || !('v' in item)) return false;
  const { l, v } = item;
  const numbers = type === 'histogram' ? buckets.length + 2 : 1;
  return (
    Array.isArray(l) &&
    l.length === labels.length &&
    l.every((label) => typeof label === 'string') &&
    Array.isArray(v) &&
    v.length === numbers &&
    v.every((value) => typeof value === 'number' && Number.isFinite(value))
  );
}
