/** How the gateway looks at itself. */
export interface HealthConfig {
  readonly checkMs: number;
  readonly settleMs: number;
  readonly flaps: number;
  readonly flapWindowMs: number;
  readonly silentMs: number;
  /** Bytes. */
  readonly diskFreeMin: number;
}
