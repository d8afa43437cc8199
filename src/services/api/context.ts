import type { Config } from '../../engines/config/index.ts';
import type { Explain } from '../../engines/exchange/index.ts';
import type { ExportAccess } from '../../engines/exports/index.ts';
import type { FileReputation } from '../../engines/hashlookup/index.ts';
import type { FileVerdicts } from '../../engines/file-verdicts/index.ts';
import type { SessionReplica } from '../../engines/identity/index.ts';
import type { IndicatorReader } from '../../engines/indicators/index.ts';
import type { LookAside } from '../../engines/look-aside/index.ts';
import type { Predictor } from '../../engines/prediction/index.ts';
import type { Policy } from '../../engines/policy/index.ts';
import type { Quarantine } from '../../engines/quarantine/index.ts';
import type { ScanEngine } from '../../engines/scan/index.ts';
import type { AccessLog, EventQueue } from '../../engines/telemetry/index.ts';
import type { Authenticator } from '../../engines/web/index.ts';
import type { SiteOpinion, VerdictEngine } from '../../engines/verdict/index.ts';
import type { Clock, ControlLink, MetricDeclaration, PortKey } from '../../kernel/index.ts';

/** What the API needs from the rest of the gateway. */
export interface ApiEngines {
  readonly config: Config;
  readonly clock: Clock;
  readonly link: ControlLink;
  readonly version: string;
  readonly verdicts: VerdictEngine;
  /** What models say where no list knows; absent: they are not asked. */
  readonly opinion?: SiteOpinion | undefined;
  readonly reader: IndicatorReader;
  readonly lookAside: LookAside;
  readonly fileReputation: FileReputation;
  readonly scan: ScanEngine;
  readonly predictor: Predictor;
  readonly fileVerdicts: FileVerdicts;
  readonly quarantine: Quarantine;
  /** The policy in force; another one from one request to the next. */
  readonly policy: Pick<Policy, 'decide' | 'requestFields'>;
  readonly exports: ExportAccess;
  readonly identity: Authenticator;
  readonly sessions: Pick<SessionReplica, 'find' | 'signIn' | 'signOut' | 'onClose'>;
  readonly explain: Explain;
  readonly accessLog: AccessLog;
  readonly events: EventQueue;
  /** What a command wrote for this process, see `CommandInput.gives`. Gone when it is read, or given up. */
  takeFile(path: string): Promise<{ readonly length: number; readonly bytes: AsyncIterable<Uint8Array> }>;
  /** Certificate of the gateway's own authority; `undefined` when the operator brought a certificate. */
  caPem(): string | undefined;
  /** Why this gateway should get no traffic yet; empty: it is ready. */
  notReady(): readonly string[];
  /** What works less well than it should, in sentences: it gets traffic all the same. */
  degraded(): readonly string[];
  /** The port that really listens; `undefined`: the listener is disabled. */
  listenPort(key: PortKey): number | undefined;
}

export const apiMetrics: readonly MetricDeclaration[] = [
  {
    name: 'api_requests_total',
    type: 'counter',
    help: 'Requests to the API by path of the documentation and status',
    labels: ['path', 'status'],
  },
  {
    name: 'api_request_seconds',
    type: 'histogram',
    help: 'From the request head to the answer',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10],
  },
  {
    name: 'api_violations_total',
    type: 'counter',
    help: 'Messages that break HTTP/1.1, by code',
    labels: ['code'],
  },
  {
    name: 'api_files_total',
    type: 'counter',
    help: 'Files that were handed in and analyzed, by verdict',
    labels: ['verdict'],
  },
  { name: 'api_file_bytes_total', type: 'counter', help: 'Bytes of those files' },
  {
    name: 'api_refused_total',
    type: 'counter',
    help: 'Requests without valid credentials or scope, or not over TLS, by reason',
    labels: ['reason'],
  },
];
