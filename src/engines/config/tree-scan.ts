/** What happens when an engine behind a stage is away: `open` goes on without it, `closed` says `incomplete`. */
export type FailPolicy = 'open' | 'closed';

/** What a profile may ask for. */
export type ScanStage = 'hashes' | 'unpack' | 'yara' | 'clamd' | 'icap' | 'urls' | 'prediction';

/** How files are looked at. */
export interface ScanConfig {
  /** Of one file; more goes to the spool. */
  readonly memoryMax: number;
  /** Up to here files with nothing inside need no thread. */
  readonly inlineMax: number;
  /** Of all files of one edge. */
  readonly memoryTotal: number;
  /** Of one edge; beyond it nothing is kept. */
  readonly spoolMax: number;
  /** Larger files are hashed and nothing else. */
  readonly bytesMax: number;
  /** From the last byte to the verdict. */
  readonly timeoutMs: number;
  readonly workers: number;
  readonly workerHeapMax: number;
  /** Streams whose content codings are undone at once. */
  readonly decodersMax: number;
  readonly queueMax: number;
  /** 0: no cache. */
  readonly cacheEntries: number;
  readonly cacheForMs: number;
  readonly findingsMax: number;
  readonly unpack: UnpackConfig;
  readonly urls: { readonly enabled: boolean; readonly urlsMax: number };
  readonly yara: YaraConfig;
  readonly clamd: ClamdConfig;
  /** `undefined`: nobody is asked. */
  readonly icap: IcapScannerConfig | undefined;
  /** Besides `full`, `hashes` and `off`. */
  readonly profiles: readonly { readonly name: string; readonly stages: readonly ScanStage[] }[];
}

/** Bounds of what is inside a file. */
export interface UnpackConfig {
  readonly enabled: boolean;
  readonly depthMax: number;
  readonly entriesMax: number;
  /** Of everything that comes out of one file. */
  readonly bytesMax: number;
  /** Of one inner file. */
  readonly memberMax: number;
  /** Of one inner file; more goes to the spool. */
  readonly memberMemory: number;
  readonly ratioMax: number;
  /** Below it a ratio proves nothing. */
  readonly ratioFrom: number;
  readonly timeoutMs: number;
}

export interface YaraConfig {
  readonly enabled: boolean;
  /** Longer files are looked at in pieces of this size. */
  readonly windowMax: number;
  /** Of one piece. */
  readonly timeoutMs: number;
  readonly ruleBytesMax: number;
  readonly fail: FailPolicy;
}

export interface ClamdConfig {
  /** `undefined` for both: clamd is not asked. */
  readonly socket: string | undefined;
  readonly host: string | undefined;
  readonly port: number;
  readonly connectMs: number;
  readonly timeoutMs: number;
  readonly connectionsMax: number;
  readonly bytesMax: number;
  /** Between two looks at whether it lives and which signatures it has. */
  readonly checkMs: number;
  readonly fail: FailPolicy;
}

/** Another scanner or a DLP that speaks ICAP. */
export interface IcapScannerConfig {
  readonly url: string;
  /** Of `url`, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly caFile: string | undefined;
  readonly connectMs: number;
  readonly timeoutMs: number;
  readonly connectionsMax: number;
  readonly bytesMax: number;
  /** Between two looks at whether it lives and which ISTag it has. */
  readonly checkMs: number;
  readonly fail: FailPolicy;
}
