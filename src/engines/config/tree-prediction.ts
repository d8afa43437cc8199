/** `monitor`: models say what they think; `block`: it decides. */
export type PredictionMode = 'off' | 'monitor' | 'block';

export interface PredictionConfig {
  readonly files: PredictionMode;
  readonly urls: PredictionMode;
  /** Scores, 0 to 100; 0: the threshold of the model. */
  readonly suspiciousFrom: number;
  readonly maliciousFrom: number;
  readonly urlCacheEntries: number;
  readonly bulkItemsMax: number;
  /** 0: prevalence is not kept. */
  readonly prevalenceEntries: number;
}
