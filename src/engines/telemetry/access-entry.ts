import type { DoorName } from '../../kernel/index.ts';

/**
 * One exchange or tunnel that is over. Every key is always there, so that all entries have one shape.
 * Strings that came from a peer may hold anything: the writer escapes them.
 */
export interface AccessEntry {
  /** When it began, milliseconds since 1970. */
  readonly timeMs: number;
  readonly durationMs: number;
  readonly door: DoorName;
  /** Address of the client. */
  readonly source: string;
  readonly user: string | undefined;
  readonly method: string;
  /** Absolute, or `host:port` of a tunnel, as it came: the writer takes out what is secret. */
  readonly url: string;
  /** The status that the client got; 0 when it got none. */
  readonly status: number;
  /** From the client, and to the client. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Address and port that the gateway connected to. */
  readonly upstream: string | undefined;
  readonly decision: 'allow' | 'block' | undefined;
  readonly rule: string | undefined;
  /** First reason code of the decision. */
  readonly reason: string | undefined;
  readonly feed: string | undefined;
  readonly entry: string | undefined;
  /** Error type of RFC 9209 §2.3: `dns_error`, `connection_timeout`, … */
  readonly error: string | undefined;
  readonly tunnel: boolean;
  /** The upstream connection had carried an exchange before. */
  readonly reused: boolean;
  readonly connectMs: number | undefined;
  readonly firstByteMs: number | undefined;
  /** What a rule of the policy wants recorded besides; in the JSON format alone. */
  readonly more?: AccessDetail | undefined;
  /** Unique in this gateway; the same as on the block page. */
  readonly id: string;
}

export interface AccessDetail {
  /** Rules that only watch, and fitted. */
  readonly monitored: readonly string[];
  readonly userAgent: string | undefined;
  readonly referrer: string | undefined;
  readonly mediaType: string | undefined;
  /** Why a change of a head that a rule wants was not made. */
  readonly unchanged?: string | undefined;
}
