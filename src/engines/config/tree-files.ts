/** Files that clients hand in. */
export interface FilesConfig {
  readonly requireToken: boolean;
  /** Of one file, and of one form as a whole. */
  readonly bytesMax: number;
  readonly filesMax: number;
  /** Of one edge. */
  readonly uploadsMax: number;
  readonly uploadTimeoutMs: number;
  /** Of the whole gateway. */
  readonly verdictsBytesMax: number;
}

/** Files that are kept. */
export interface QuarantineConfig {
  readonly malicious: boolean;
  readonly bytesMax: number;
  readonly itemsMax: number;
  readonly itemBytesMax: number;
  readonly keepMs: number;
  readonly writeTimeoutMs: number;
}
