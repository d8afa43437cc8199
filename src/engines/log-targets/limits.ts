export interface TargetLimits {
  readonly targetsMax: number;
  /** Of one target, on the disk. */
  readonly queueBytesMax: number;
  readonly messageBytesMax: number;
  readonly connectMs: number;
  readonly idleMs: number;
  readonly settleMs: number;
  readonly retryMaxMs: number;
  /** Where targets that are files may write, besides DATA_DIR/log. */
  readonly folders: readonly string[];
  /** Of a target that is a file. */
  readonly fileBytesMax: number;
}
