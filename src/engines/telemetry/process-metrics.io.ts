import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ControlLink, MetricDeclaration, Metrics } from '../../kernel/index.ts';
import type { MetricSlots } from './metrics.ts';

export type ProcessRole = 'supervisor' | 'control' | 'edge' | 'admin';

export const PROCESS_METRICS: readonly MetricDeclaration[] = [
  { name: 'process_count', type: 'gauge', help: 'Live processes', labels: ['role'] },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of all live processes of a role',
    labels: ['role'],
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'User and system time of all processes of a role',
    labels: ['role'],
  },
  {
    name: 'process_event_loop_delay_seconds',
    type: 'histogram',
    help: 'Longest delay of the event loop in each second',
    labels: ['role'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
  },
];

export interface ProcessSampler {
  /** Reads what the process used since the last call. */
  sample(): void;
  close(): void;
}

/** Starts to watch the event loop of this process. */
export function createProcessSampler(metrics: Metrics, role: ProcessRole): ProcessSampler {
  const memory = metrics.gauge('process_resident_memory_bytes', role);
  const cpu = metrics.counter('process_cpu_seconds_total', role);
  const delay = metrics.histogram('process_event_loop_delay_seconds', role);
  metrics.gauge('process_count', role).set(1);
  const resolutionMs = 10;
  const loop = monitorEventLoopDelay({ resolution: resolutionMs });
  loop.enable();
  let used = { user: 0, system: 0 };
  return {
    sample() {
      const now = process.cpuUsage();
      cpu.add((now.user - used.user + now.system - used.system) / 1e6);
      used = now;
      memory.set(process.memoryUsage.rss());
      // The monitor measures the time between two ticks, so its own interval is in every value.
      if (loop.count > 0) delay.observe(Math.max(0, loop.max / 1e6 - resolutionMs) / 1000);
      loop.reset();
    },
    close: () => void loop.disable(),
  };
}

export interface MetricsPost {
  close(): void;
}

const POST_MS = 1000;

/** Sends what an edge has counted to control, each second and whenever control asks. */
export function postMetrics(
  link: ControlLink,
  metrics: MetricSlots,
  sampler: ProcessSampler,
  { everyMs = POST_MS }: { readonly everyMs?: number } = {},
): MetricsPost {
  const post = (): void => {
    if (link.connected) link.post('metrics', metrics.snapshot());
  };
  // The link keeps the order: control has the numbers when it has the answer.
  link.answer('metrics', () => {
    post();
    return true;
  });
  const timer = setInterval(() => {
    sampler.sample();
    post();
  }, everyMs).unref();
  return {
    close() {
      clearInterval(timer);
      sampler.close();
      post();
    },
  };
}
