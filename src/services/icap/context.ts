import type {
  Clock,
  Counter,
  Gauge,
  Histogram,
  Log,
  MetricDeclaration,
  Metrics,
  Wire,
} from '../../kernel/index.ts';
import type { Config } from '../../engines/config/index.ts';
import type { WebAccess } from '../../engines/policy/index.ts';
import type { Quarantine } from '../../engines/quarantine/index.ts';
import type { ScanEngine } from '../../engines/scan/index.ts';
import type { AccessLog, EventQueue } from '../../engines/telemetry/index.ts';
import type { IcapLimits } from '../../protocols/icap/index.ts';
import type { UrlRedactor } from '../../protocols/url/index.ts';
import type { HeldBudget, UrlVerdicts } from '../../engines/exchange/index.ts';
import type { Later } from './patience.ts';
import type { StallingClients } from './stalling-clients.ts';
import type { ServiceTable } from './service-table.ts';
import type { SubjectReader } from './subject.ts';
import type { Tag } from './tag.ts';

/** What the ICAP door needs from the rest of the gateway. */
export interface IcapEngines {
  readonly config: Config;
  readonly clock: Clock;
  readonly access: WebAccess;
  readonly verdicts: UrlVerdicts;
  readonly scan: ScanEngine;
  readonly quarantine: Pick<Quarantine, 'keep'>;
  readonly accessLog: AccessLog;
  readonly events: EventQueue;
  readonly viaName: string;
  readonly version: string;
  readonly later: Later;
}

export const icapMetrics: readonly MetricDeclaration[] = [
  {
    name: 'icap_requests_total',
    type: 'counter',
    help: 'ICAP requests by method and what became of them: options, unmodified (204), passed (the same again), modified, blocked, monitored, continued (past a warning), cut, rejected, failed',
    labels: ['method', 'result'],
  },
  {
    name: 'icap_violations_total',
    type: 'counter',
    help: 'Messages that break ICAP, by code',
    labels: ['code'],
  },
  { name: 'icap_blocks_total', type: 'counter', help: 'Requests blocked, by rule', labels: ['rule'] },
  {
    name: 'icap_seconds',
    type: 'histogram',
    help: 'From the head of an ICAP request to the end of its answer',
    labels: ['method'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  {
    name: 'icap_bytes_total',
    type: 'counter',
    help: 'Bytes of ICAP clients: received from them, sent to them',
    labels: ['direction'],
  },
  { name: 'icap_connections', type: 'gauge', help: 'Open connections of ICAP clients' },
  { name: 'icap_bodies', type: 'gauge', help: 'Bodies that are being taken' },
  {
    name: 'icap_held_bytes',
    type: 'gauge',
    help: 'Bytes of bodies that are held back until their verdict',
  },
];

export type Result =
  | 'options'
  | 'unmodified'
  | 'passed'
  | 'modified'
  | 'blocked'
  | 'monitored'
  | 'continued'
  | 'cut'
  | 'rejected'
  | 'failed';
export type MethodLabel = 'OPTIONS' | 'REQMOD' | 'RESPMOD' | 'none';

/** Slots that the hot path counts in, asked for once each. */
export interface IcapCounters {
  request(method: MethodLabel, result: Result): void;
  seconds(method: MethodLabel): Histogram;
  readonly bytesIn: Counter;
  readonly bytesOut: Counter;
  readonly connections: Gauge;
  readonly bodies: Gauge;
  readonly held: Gauge;
  violation(code: string): void;
  blocked(rule: string): void;
}

export interface IcapContext extends IcapEngines {
  readonly log: Log;
  /** What URLs pass before a page shows them. */
  readonly redactor: UrlRedactor;
  readonly counters: IcapCounters;
  readonly limits: IcapLimits;
  readonly services: ServiceTable;
  readonly subjects: SubjectReader;
  readonly tag: Tag;
  readonly held: HeldBudget;
  /** Whether a connection only waits for its next request. */
  readonly sessions: WeakMap<Wire, { readonly waiting: boolean }>;
  /** Clients that have been seen to wait in the middle of a body for its answer. */
  readonly stalling: StallingClients;
  /** Bodies under way in this edge. */
  bodies: number;
  draining(): boolean;
  nextId(): string;
}

export function createCounters(metrics: Metrics): IcapCounters {
  const results = new Map<string, Counter>();
  const seconds = new Map<MethodLabel, Histogram>();
  return {
    request(method, result) {
      const key = `${method} ${result}`;
      let counter = results.get(key);
      if (counter === undefined) {
        counter = metrics.counter('icap_requests_total', method, result);
        results.set(key, counter);
      }
      counter.add();
    },
    seconds(method) {
      let histogram = seconds.get(method);
      if (histogram === undefined) {
        histogram = metrics.histogram('icap_seconds', method);
        seconds.set(method, histogram);
      }
      return histogram;
    },
    bytesIn: metrics.counter('icap_bytes_total', 'received'),
    bytesOut: metrics.counter('icap_bytes_total', 'sent'),
    connections: metrics.gauge('icap_connections'),
    bodies: metrics.gauge('icap_bodies'),
    held: metrics.gauge('icap_held_bytes'),
    violation: (code) => metrics.counter('icap_violations_total', code).add(),
    blocked: (rule) => metrics.counter('icap_blocks_total', rule).add(),
  };
}
