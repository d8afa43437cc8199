import type { Counter, Gauge, Histogram, MetricDeclaration, Metrics } from '../../kernel/index.ts';
import { telemetryErrors } from './errors.ts';

/**
 * One series: label values in the order of the declaration, and its numbers. A counter or gauge has one
 * number; a histogram has the sum, then one count for each bucket, then the count above the last bucket.
 * Counts of buckets are not cumulative: that is the business of the exposition.
 */
export interface SeriesSnapshot {
  readonly l: readonly string[];
  readonly v: readonly number[];
}

/** Everything that a process has counted since its start; plain data, travels between processes. */
export type MetricSnapshot = Readonly<Record<string, readonly SeriesSnapshot[]>>;

/** What all processes have counted of one metric. */
export interface MetricTotal {
  readonly declaration: MetricDeclaration;
  readonly series: readonly SeriesSnapshot[];
}

/** The slots of one process. */
export interface MetricSlots extends Metrics {
  snapshot(): MetricSnapshot;
}

/** What a series is called whose label values are beyond the bound. */
export const OTHER = 'other';

/**
 * A metric whose labels come from peers must not grow without end: 500 series of a metric are far more
 * than any of ours has by design, and keep a scrape below 1 MB.
 */
const SERIES_MAX = 500;

/** Undeclared names, wrong types and wrong numbers of labels throw `TELEMETRY_UNDECLARED`. */
export function createMetrics(
  declarations: readonly MetricDeclaration[],
  { seriesMax = SERIES_MAX }: { readonly seriesMax?: number } = {},
): MetricSlots {
  const metrics = new Map<string, MetricState>();
  for (const declaration of mergeDeclarations(declarations)) {
    metrics.set(declaration.name, { declaration, series: new Map() });
  }

  function slot<T extends Slot>(
    type: MetricDeclaration['type'],
    name: string,
    labels: readonly string[],
    make: (buckets: readonly number[]) => T,
  ): T {
    const metric = metrics.get(name);
    const declared = metric?.declaration.labels?.length ?? 0;
    if (metric === undefined || metric.declaration.type !== type || declared !== labels.length) {
      throw telemetryErrors.TELEMETRY_UNDECLARED({ name, wanted: `${type} with ${labels.length} labels` });
    }
    let kept = labels;
    let key = labels.join('\u0000');
    if (!metric.series.has(key) && metric.series.size >= seriesMax) {
      kept = labels.map(() => OTHER);
      key = kept.join('\u0000');
    }
    const found = metric.series.get(key);
    // Every slot of a metric was made for its declared type, which was compared above.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    if (found !== undefined) return found.slot as T;
    const made = make(metric.declaration.buckets ?? []);
    metric.series.set(key, { labels: kept, slot: made });
    return made;
  }

  return {
    counter: (name, ...labels) => slot('counter', name, labels, () => new NumberSlot()),
    gauge: (name, ...labels) => slot('gauge', name, labels, () => new NumberSlot()),
    histogram: (name, ...labels) => slot('histogram', name, labels, (buckets) => new HistogramSlot(buckets)),
    snapshot() {
      const snapshot: Record<string, SeriesSnapshot[]> = {};
      for (const [name, metric] of metrics) {
        if (metric.series.size === 0) continue;
        snapshot[name] = Array.from(metric.series.values(), (one) => ({
          l: one.labels,
          v: one.slot.numbers(),
        }));
      }
      return snapshot;
    },
  };
}

/** Several modules may declare the same metric, when they declare it alike. */
export function mergeDeclarations(declarations: readonly MetricDeclaration[]): readonly MetricDeclaration[] {
  const byName = new Map<string, MetricDeclaration>();
  for (const declaration of declarations) {
    const before = byName.get(declaration.name);
    if (before === undefined) byName.set(declaration.name, declaration);
    else if (JSON.stringify(before) !== JSON.stringify(declaration)) {
      throw telemetryErrors.TELEMETRY_DECLARED_TWICE({ name: declaration.name });
    }
  }
  return [...byName.values()];
}

interface MetricState {
  readonly declaration: MetricDeclaration;
  readonly series: Map<string, { readonly labels: readonly string[]; readonly slot: Slot }>;
}

interface Slot {
  numbers(): readonly number[];
}

class NumberSlot implements Counter, Gauge, Slot {
  #value = 0;

  add(count = 1): void {
    this.#value += count;
  }

  set(value: number): void {
    this.#value = value;
  }

  numbers(): readonly number[] {
    return [this.#value];
  }
}

class HistogramSlot implements Histogram, Slot {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    // A dozen buckets: a walk is faster than a binary search.
    while (at < bounds.length && value > bounds[at]!) at++;
    this.#counts[at]! += 1;
    this.#sum += value;
  }

  numbers(): readonly number[] {
    return [this.#sum, ...this.#counts];
  }
}
