import type {
  Clock,
  Counter,
  Decision,
  Gauge,
  Histogram,
  Log,
  MetricDeclaration,
  Metrics,
  Wire,
} from '../../kernel/index.ts';
import type { Config } from '../../engines/config/index.ts';
import type { Egress, ProxyError } from '../../engines/egress/index.ts';
import type { HeldBudget, UrlVerdicts } from '../../engines/exchange/index.ts';
import type { IdentityReplica } from '../../engines/identity/index.ts';
import type { WebAccess } from '../../engines/policy/index.ts';
import type { Quarantine } from '../../engines/quarantine/index.ts';
import type { ScanEngine } from '../../engines/scan/index.ts';
import type { AccessLog, EventQueue } from '../../engines/telemetry/index.ts';
import type { UrlRedactor } from '../../protocols/url/index.ts';

/** What the forward proxy needs from the rest of the gateway. */
export interface ForwardProxyEngines {
  readonly config: Config;
  readonly clock: Clock;
  readonly egress: Egress;
  readonly access: WebAccess;
  readonly verdicts: UrlVerdicts;
  readonly scan: Pick<ScanEngine, 'open'>;
  readonly quarantine: Pick<Quarantine, 'keep'>;
  readonly identity: Pick<IdentityReplica, 'authenticate'>;
  readonly accessLog: AccessLog;
  readonly events: EventQueue;
  /** Our name in `Via` and `Proxy-Status`: the same in all processes of this gateway, different in others. */
  readonly viaName: string;
}

export const forwardProxyMetrics: readonly MetricDeclaration[] = [
  {
    name: 'forward_proxy_requests_total',
    type: 'counter',
    help: 'Requests by what became of them: forwarded, tunnelled, blocked, continued (past a warning), unauthenticated, failed, rejected',
    labels: ['result'],
  },
  {
    name: 'forward_proxy_violations_total',
    type: 'counter',
    help: 'Messages that break HTTP/1.1, by side and code',
    labels: ['side', 'code'],
  },
  {
    name: 'forward_proxy_blocks_total',
    type: 'counter',
    help: 'Requests blocked, by rule',
    labels: ['rule'],
  },
  {
    name: 'forward_proxy_monitored_total',
    type: 'counter',
    help: 'Requests that a rule with the action monitor fitted, by rule',
    labels: ['rule'],
  },
  {
    name: 'forward_proxy_errors_total',
    type: 'counter',
    help: 'Exchanges that failed, by error type of RFC 9209',
    labels: ['error'],
  },
  {
    name: 'forward_proxy_bytes_total',
    type: 'counter',
    help: 'Bytes of clients: received from them, sent to them',
    labels: ['direction'],
  },
  { name: 'forward_proxy_tunnels', type: 'gauge', help: 'Open tunnels' },
  { name: 'forward_proxy_scans', type: 'gauge', help: 'Bodies that are being scanned on their way' },
  {
    name: 'forward_proxy_held_bytes',
    type: 'gauge',
    help: 'Bytes of bodies that are held back until their verdict',
  },
  {
    name: 'forward_proxy_first_byte_seconds',
    type: 'histogram',
    help: 'From the request head to the first byte of the answer',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
];

export type Result =
  | 'forwarded'
  | 'tunnelled'
  | 'blocked'
  | 'continued'
  | 'unauthenticated'
  | 'failed'
  | 'rejected';

/** Slots that the hot path counts in, asked for once. */
export interface ProxyCounters {
  readonly results: Readonly<Record<Result, Counter>>;
  readonly bytesIn: Counter;
  readonly bytesOut: Counter;
  readonly tunnels: Gauge;
  readonly scans: Gauge;
  readonly held: Gauge;
  readonly firstByte: Histogram;
  violation(side: 'client' | 'upstream', code: string): void;
  blocked(decision: Decision): void;
  monitored(rule: string): void;
  error(error: ProxyError): void;
}

export interface ProxyContext extends ForwardProxyEngines {
  readonly counters: ProxyCounters;
  readonly log: Log;
  /** What URLs pass before a page shows them. */
  readonly redactor: UrlRedactor;
  /** What all scanned bodies hold together. */
  readonly held: HeldBudget;
  readonly via: string;
  /** Whether a connection only waits for its next request; of those that have not become tunnels. */
  readonly sessions: Map<Wire, { readonly waiting: boolean }>;
  /** True from the moment a newer generation has taken over: every answer is the connection's last. */
  draining(): boolean;
  nextId(): string;
}

export function createCounters(metrics: Metrics): ProxyCounters {
  const result = (name: Result): Counter => metrics.counter('forward_proxy_requests_total', name);
  return {
    results: {
      forwarded: result('forwarded'),
      tunnelled: result('tunnelled'),
      blocked: result('blocked'),
      continued: result('continued'),
      unauthenticated: result('unauthenticated'),
      failed: result('failed'),
      rejected: result('rejected'),
    },
    bytesIn: metrics.counter('forward_proxy_bytes_total', 'received'),
    bytesOut: metrics.counter('forward_proxy_bytes_total', 'sent'),
    tunnels: metrics.gauge('forward_proxy_tunnels'),
    scans: metrics.gauge('forward_proxy_scans'),
    held: metrics.gauge('forward_proxy_held_bytes'),
    firstByte: metrics.histogram('forward_proxy_first_byte_seconds'),
    violation: (side, code) => metrics.counter('forward_proxy_violations_total', side, code).add(),
    blocked: ({ rule }) => metrics.counter('forward_proxy_blocks_total', rule).add(),
    monitored: (rule) => metrics.counter('forward_proxy_monitored_total', rule).add(),
    error: (error) => metrics.counter('forward_proxy_errors_total', error).add(),
  };
}
