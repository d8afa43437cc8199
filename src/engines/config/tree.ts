import type { PortKey } from '../../kernel/index.ts';
import type { AlertsConfig } from './tree-alerts.ts';
import type { ExportsConfig, TaxiiConfig } from './tree-exports.ts';
import type { FilesConfig, QuarantineConfig } from './tree-files.ts';
import type { HealthConfig } from './tree-health.ts';
import type { IcapConfig } from './tree-icap.ts';
import type { InspectionConfig } from './tree-inspection.ts';
import type { PredictionConfig } from './tree-prediction.ts';
import type { ScanConfig } from './tree-scan.ts';
import type { SshConfig } from './tree-ssh.ts';

/**
 * The checked configuration of a process: `sallyport.yaml` and command-line flags, with every default
 * filled in and every duration in milliseconds and size in bytes. Plain data; travels between processes.
 */
export interface Config {
  readonly dataDir: string;
  /** Path of the file it was read from; `undefined` when there is none. */
  readonly file: string | undefined;
  /** Edge processes; 0 runs everything in one process. Default: the number of cores. */
  readonly edges: number;
  readonly portOffset: number;
  /** Addresses to bind; empty means every address of the machine. */
  readonly bind: readonly string[];
  readonly listeners: Readonly<Record<PortKey, ListenerConfig>>;
  readonly networks: { readonly internal: readonly string[] };
  readonly tls: TlsConfig;
  readonly drain: { readonly idleMs: number; readonly maxMs: number; readonly generations: number };
  readonly log: LogConfig;
  readonly accessLog: AccessLogConfig;
  readonly events: EventsConfig;
  readonly logTargets: LogTargetsConfig;
  readonly alerts: AlertsConfig;
  readonly health: HealthConfig;
  readonly http: HttpLimits;
  readonly egress: EgressConfig;
  readonly forwardProxy: ForwardProxyConfig;
  readonly policy: PolicyLimits;
  readonly indicators: IndicatorsConfig;
  readonly reputation: ReputationConfig;
  readonly safeBrowsing: SafeBrowsingConfig;
  readonly fileReputation: FileReputationConfig;
  readonly lookAside: LookAsideConfig;
  readonly ssh: SshConfig;
  readonly scan: ScanConfig;
  readonly prediction: PredictionConfig;
  readonly inspection: InspectionConfig;
  readonly icap: IcapConfig;
  readonly files: FilesConfig;
  readonly quarantine: QuarantineConfig;
  readonly feeds: FeedsConfig;
  readonly api: ApiConfig;
  readonly exports: ExportsConfig;
  readonly taxii: TaxiiConfig;
  readonly login: { readonly failuresMax: number; readonly banMs: number };
  readonly sessions: SessionsConfig;
  readonly blockPage: { readonly organization: string; readonly contact: string };
  readonly pac: PacConfig;
}

export interface ListenerConfig {
  readonly enabled: boolean;
  /** The table's port, or the operator's; the offset is added when it is opened. 0 picks a free one. */
  readonly port: number;
  /** Connections at once, of the whole gateway. */
  readonly sessionsMax: number;
  /** Connections at once from one source address, of the whole gateway. */
  readonly sessionsPerSourceMax: number;
  /** Silence between requests after which a connection is closed. */
  readonly idleMs: number;
  /** Time from the first byte of a head (or the start of a TLS handshake) to its last. */
  readonly headMs: number;
}

export interface TlsConfig {
  /** PEM files of an own certificate; `undefined`: the gateway's CA signs one. */
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Names and addresses in the gateway's own certificate, besides the machine's. */
  readonly names: readonly string[];
}

export interface LogConfig {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `auto`: pretty on a terminal, else JSON. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** Names of parameters whose values no log shows. */
  readonly redactQuery: readonly string[];
}

export interface AccessLogConfig {
  readonly enabled: boolean;
  readonly format: 'json' | 'squid';
  /** Rotated when larger. */
  readonly fileBytesMax: number;
  readonly filesMax: number;
  /** Bytes waiting for the disk, of one edge; more are dropped and counted. */
  readonly bufferBytesMax: number;
}

/** Bounds of HTTP/1 messages, both directions. */
export interface HttpLimits {
  readonly headBytesMax: number;
  readonly targetBytesMax: number;
  readonly fieldsMax: number;
  readonly chunkLineBytesMax: number;
  readonly trailerBytesMax: number;
}

export interface EgressConfig {
  /** Networks opened although the guard refuses them by default. */
  readonly allowDestinations: readonly string[];
  /** DNS servers, `address` or `address:port`; empty: the system's resolver and hosts file. */
  readonly resolvers: readonly string[];
  readonly dns: {
    readonly timeoutMs: number;
    readonly entriesMax: number;
    readonly ttlMinMs: number;
    readonly ttlMaxMs: number;
    readonly failureTtlMs: number;
  };
  /** One address. All of them together: `connectTotalMs`. */
  readonly connectMs: number;
  readonly connectTotalMs: number;
  /** RFC 8305 §5: delay before the next address is tried beside the first. */
  readonly attemptDelayMs: number;
  /** From the end of the request to the end of the response head. */
  readonly responseHeadMs: number;
  /** Silence in a body. */
  readonly bodyIdleMs: number;
  readonly tunnelIdleMs: number;
  /** Silence once one side has sent FIN: a client that is gone looks the same as one that only listens. */
  readonly halfClosedMs: number;
  /** Longest life of one exchange; 0: none. */
  readonly totalMs: number;
  readonly pool: { readonly idlePerHostMax: number; readonly idleMax: number; readonly idleMs: number };
  readonly parents: readonly ParentConfig[];
  readonly parentRetryMs: number;
}

/** A parent proxy, asked in order. */
export interface ParentConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
  /** Hosts that go through it (`*.suffix`, host); empty: all. */
  readonly only: readonly string[];
}

/** Of a document that is applied. */
export interface PolicyLimits {
  readonly bytesMax: number;
  readonly rulesMax: number;
  readonly listEntriesMax: number;
  readonly valuesMax: number;
}

export interface ForwardProxyConfig {
  /** Ports that CONNECT may reach. */
  readonly connectPorts: readonly number[];
  /** Source networks that may use the proxy; empty: all internal ones. */
  readonly sources: readonly string[];
  readonly auth: 'none' | 'required';
  readonly realm: string;
  /** `open`: all destinations that nothing blocks; `allow-list`: only those listed. */
  readonly mode: 'open' | 'allow-list';
  /** `*.suffix`, `host`, `CIDR`, each with optional `:port` or `:from-to`. */
  readonly allowList: readonly string[];
  /** Of bodies that are scanned. */
  readonly largeBodies: 'stream' | 'hold';
  readonly heldBytes: number;
  /** Of one edge. */
  readonly heldTotal: number;
  readonly incomplete: 'block' | 'allow';
}

export interface ApiConfig {
  readonly plainHttp: 'queries' | 'redirect' | 'off';
  readonly bodyBytesMax: number;
  /** Live streams at once, of the whole gateway. */
  readonly streamsMax: number;
  readonly heartbeatMs: number;
  readonly repeatsForMs: number;
  readonly repeatsMax: number;
}

/** Of those who have signed in. */
export interface SessionsConfig {
  readonly idleMs: number;
  readonly lifeMs: number;
  readonly sessionsMax: number;
  readonly perUserMax: number;
}

export interface IndicatorsConfig {
  readonly importLineBytesMax: number;
  readonly importErrorsMax: number;
  readonly importEntriesMax: number;
  readonly importListBytesMax: number;
  readonly importDocumentBytesMax: number;
  /** Times. */
  readonly importExpansionMax: number;
  readonly localEntriesMax: number;
}

export interface FileReputationConfig {
  readonly bulkHashesMax: number;
  /** Parents or children in one answer. */
  readonly pageMax: number;
  readonly relationsMax: number;
  readonly sessionsMax: number;
  readonly sessionHashesMax: number;
  readonly sessionLifeMs: number;
  /** Of one process; 0: nothing is counted. */
  readonly topValuesMax: number;
  readonly submittedMax: number;
  /** Texts of entries that are read for answers, of one process. */
  readonly textsPerSecondMax: number;
}

/** What may be asked of an upstream. */
export type LookAsideKind = 'file' | 'url' | 'domain' | 'ip';

/** Upstreams that are asked when this gateway knows nothing about a thing. */
export interface LookAsideConfig {
  readonly upstreams: readonly LookAsideUpstream[];
  readonly privateSuffixes: readonly string[];
  /** Whether URLs with a query leave the house. */
  readonly urlQueries: boolean;
  readonly cacheEntriesMax: number;
  readonly positiveTtlMs: number;
  readonly negativeTtlMs: number;
  readonly waitingMax: number;
  readonly answerBytesMax: number;
  readonly failuresMax: number;
  readonly failurePauseMs: number;
}

export interface LookAsideUpstream {
  readonly name: string;
  readonly type: 'gateway' | 'hashlookup' | 'virustotal';
  /** Without a slash at the end. */
  readonly url: string;
  readonly tokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly kinds: readonly LookAsideKind[];
  readonly timeoutMs: number;
  /** Of the whole gateway; 0: no bound. */
  readonly perMinute: number;
  readonly perDay: number;
  readonly detectionsMin: number;
}

export interface PacConfig {
  /** `host:port` that clients use as proxy; `undefined`: the name they fetched the file from. */
  readonly proxy: string | undefined;
  /** Destinations that clients reach without the proxy. */
  readonly direct: readonly string[];
}

export interface ReputationConfig {
  readonly requireToken: boolean;
  readonly urlBytesMax: number;
  /** Of a line of a bulk query. */
  readonly lineBytesMax: number;
  readonly answersBytesMax: number;
}

export interface SafeBrowsingConfig {
  readonly minimumWaitMs: number;
  readonly cacheMs: number;
  readonly negativeCacheMs: number;
  readonly entriesMax: number;
  readonly prefixesMax: number;
  readonly urlsMax: number;
  readonly versionsBytesMax: number;
  readonly answersBytesMax: number;
  readonly socialEngineering: readonly string[];
  readonly unwantedSoftware: readonly string[];
  readonly harmfulApplications: readonly string[];
  readonly unlisted: readonly string[];
}

export interface LogTargetsConfig {
  readonly targetsMax: number;
  readonly queueBytesMax: number;
  readonly messageBytesMax: number;
  /** Where targets that are files may write, besides DATA_DIR/log. */
  readonly folders: readonly string[];
  readonly fileBytesMax: number;
  readonly connectMs: number;
  readonly idleMs: number;
  readonly settleMs: number;
  readonly retryMaxMs: number;
}

export interface EventsConfig {
  /** Of one process, on the way to control. */
  readonly queueMax: number;
  /** In control, on the way to the disk. */
  readonly waitingMax: number;
  readonly keepDays: number;
  readonly keepBytes: number;
  readonly partBytes: number;
  /** One page of a search. */
  readonly searchMs: number;
  readonly allows: 'aggregate' | 'full';
}

/** How subscribed feeds are fetched. */
export interface FeedsConfig {
  /** At once. */
  readonly fetchesMax: number;
  readonly jitterPercent: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly retryAfterMaxMs: number;
  /** TLS handshake. */
  readonly connectMs: number;
  readonly responseHeadMs: number;
  /** Silence in a body. */
  readonly idleMs: number;
  /** One fetch, without the import. */
  readonly totalMs: number;
  readonly redirectsMax: number;
  readonly downloadBytesMax: number;
  readonly expandedBytesMax: number;
  readonly expansionMax: number;
  readonly documentBytesMax: number;
  readonly pagesMax: number;
  readonly pageObjects: number;
  readonly objectsMax: number;
  readonly prefixesMax: number;
  readonly eventFetchesMax: number;
}
