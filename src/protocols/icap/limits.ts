import type { Http1Limits } from '../http1/index.ts';

/** Bounds of one message; `headBytesMax` and `targetBytesMax` are those of the ICAP head itself. All are settings. */
export interface IcapLimits extends Http1Limits {
  /** The encapsulated heads together. What waits is never more than this and `headBytesMax`. */
  readonly encapsulatedBytesMax: number;
}
