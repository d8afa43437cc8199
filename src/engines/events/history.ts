import type { MetricTotal } from '../telemetry/index.ts';

export const HISTORY_SERIES = [
  'requests',
  'blocks',
  'scans',
  'latency_p50',
  'latency_p99',
  'connections',
  'memory',
  'cpu',
] as const;
export type HistorySeries = (typeof HISTORY_SERIES)[number];

export interface HistoryAnswer {
  readonly stepS: number;
  readonly startMs: number;
  /** Oldest first; `null`: the gateway did not run or nothing happened. */
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

export const STEP_S = 10;
const STEPS = 24 * 360;
const STEP_MS = STEP_S * 1000;

const REQUESTS = [
  'forward_proxy_requests_total',
  'icap_requests_total',
  'api_requests_total',
  'web_reputation_requests_total',
];
const BLOCKS = ['forward_proxy_blocks_total', 'icap_blocks_total'];
/** Time to an answer, as the doors that carry traffic measure it. */
const LATENCIES = ['forward_proxy_first_byte_seconds', 'icap_seconds'];

/** A day of the numbers that a dashboard draws, one point in ten seconds. In memory: Prometheus keeps the long ones. */
export class History {
  readonly #points = Object.fromEntries(
    HISTORY_SERIES.map((name) => [name, new Float64Array(STEPS).fill(Number.NaN)]),
  ) as Readonly<Record<HistorySeries, Float64Array>>;
  #step = -1;
  #before: Sample | undefined;

  /** Takes what all processes have counted until now. */
  sample(totals: readonly MetricTotal[], nowMs: number): void {
    const step = Math.floor(nowMs / STEP_MS);
    const now = sampleOf(totals, nowMs);
    const before = this.#before;
    this.#before = now;
    // Steps in which nobody sampled are holes.
    const first = this.#step < 0 ? step : this.#step + 1;
    for (let hole = Math.max(first, step - STEPS + 1); hole < step; hole++) this.#put(hole, undefined);
    if (before === undefined || nowMs <= before.atMs) return this.#advance(step);
    const seconds = (nowMs - before.atMs) / 1000;
    const rate = (a: number, b: number): number => Math.max(0, (b - a) / seconds);
    const latencies = now.latencies.map((each, at) => subtract(each, before.latencies[at]));
    this.#put(step, {
      requests: rate(before.requests, now.requests),
      blocks: rate(before.blocks, now.blocks),
      scans: rate(before.scans, now.scans),
      latency_p50: quantile(latencies, 0.5) * 1000,
      latency_p99: quantile(latencies, 0.99) * 1000,
      connections: now.connections,
      memory: now.memory,
      cpu: rate(before.cpuSeconds, now.cpuSeconds),
    });
    this.#advance(step);
  }

  read(series: readonly string[], minutes: number): HistoryAnswer {
    const count = Math.max(1, Math.min(STEPS, Math.floor(minutes * 60) / STEP_S));
    const last = this.#step < 0 ? 0 : this.#step;
    const first = last - Math.floor(count) + 1;
    const known = series.filter((name): name is HistorySeries =>
      (HISTORY_SERIES as readonly string[]).includes(name),
    );
    const points = (name: HistorySeries): readonly (number | null)[] =>
      Array.from({ length: Math.floor(count) }, (_, at) => {
        const value = first + at < 0 ? Number.NaN : this.#points[name][(first + at) % STEPS]!;
        return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null;
      });
    return {
      stepS: STEP_S,
      startMs: first * STEP_MS,
      series: Object.fromEntries(known.map((name) => [name, points(name)])),
    };
  }

  #advance(step: number): void {
    this.#step = step;
  }

  #put(step: number, point: Readonly<Record<HistorySeries, number>> | undefined): void {
    for (const name of HISTORY_SERIES) this.#points[name][step % STEPS] = point?.[name] ?? Number.NaN;
  }
}

interface Distribution {
  readonly bounds: readonly number[];
  /** Not cumulative; one more than bounds. */
  readonly counts: readonly number[];
}

interface Sample {
  readonly atMs: number;
  readonly requests: number;
  readonly blocks: number;
  readonly scans: number;
  readonly connections: number;
  readonly memory: number;
  readonly cpuSeconds: number;
  readonly latencies: readonly Distribution[];
}

function sampleOf(totals: readonly MetricTotal[], atMs: number): Sample {
  const byName = new Map(totals.map((total) => [total.declaration.name, total]));
  const sum = (...names: readonly string[]): number =>
    names.flatMap((name) => byName.get(name)?.series ?? []).reduce((total, { v }) => total + (v[0] ?? 0), 0);
  return {
    atMs,
    requests: sum(...REQUESTS),
    blocks: sum(...BLOCKS),
    scans: sum('scan_files_total'),
    connections: sum('connections_open'),
    memory: sum('process_resident_memory_bytes'),
    cpuSeconds: sum('process_cpu_seconds_total'),
    latencies: LATENCIES.flatMap((name) => {
      const total = byName.get(name);
      if (total === undefined) return [];
      const bounds = total.declaration.buckets ?? [];
      const counts = bounds
        .concat(0)
        .map((_, at) => total.series.reduce((all, { v }) => all + (v[at + 1] ?? 0), 0));
      return [{ bounds, counts }];
    }),
  };
}

function subtract(now: Distribution, before: Distribution | undefined): Distribution {
  return { ...now, counts: now.counts.map((count, at) => Math.max(0, count - (before?.counts[at] ?? 0))) };
}

/** Of several distributions together; the upper bound of the bucket that holds it. NaN: nothing was measured. */
export function quantile(distributions: readonly Distribution[], share: number): number {
  const points = distributions
    .flatMap(({ bounds, counts }) =>
      counts.map((count, at) => ({ bound: bounds[at] ?? Number.POSITIVE_INFINITY, count })),
    )
    .toSorted((a, b) => a.bound - b.bound);
  const total = points.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return Number.NaN;
  let seen = 0;
  for (const { bound, count } of points) {
    seen += count;
    if (seen >= share * total) return bound;
  }
  return Number.NaN;
}
