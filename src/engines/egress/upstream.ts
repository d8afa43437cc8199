import type { SocketWire } from '../../platform/index.ts';

/** A connection to where a request goes: the origin itself or a parent proxy. */
export interface Upstream {
  readonly kind: 'upstream';
  readonly wire: SocketWire;
  /** Where it may wait for its next request. */
  readonly key: string;
  /** `host:port` of the parent proxy in between. */
  readonly parent: string | undefined;
  /** `Proxy-Authorization` line for the parent, with line end; empty when none is due. */
  readonly parentFields: string;
  /** It has carried a request before: a failure before the first byte of the answer may be the server's idle close. */
  readonly reused: boolean;
  /** Milliseconds spent on name and connection; 0 when reused. */
  readonly connectMs: number;
  /** Bytes that came behind the parent's answer to CONNECT. */
  readonly early: Uint8Array | undefined;
}
