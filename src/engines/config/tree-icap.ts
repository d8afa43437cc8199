/** How the ICAP door answers. */
export interface IcapConfig {
  /** Networks of clients that say who asks. */
  readonly trustedClients: readonly string[];
  readonly clientCertificates: 'none' | 'request' | 'require';
  readonly clientCaFile: string | undefined;
  readonly services: readonly IcapServiceConfig[];
  /** A client may name the profile in the query. */
  readonly profileQuery: boolean;
  readonly maxConnections: number;
  readonly optionsTtlMs: number;
  /** Bytes. */
  readonly preview: number;
  readonly transferIgnore: readonly string[];
  readonly transferComplete: readonly string[];
  readonly headBytesMax: number;
  readonly encapsulatedBytesMax: number;
  readonly bodyIdleMs: number;
  readonly transactionMs: number;
  /** Of one edge. */
  readonly transactionsMax: number;
  /** 206 is offered. */
  readonly partialContent: boolean;
  readonly largeBodies: 'stream' | 'hold';
  readonly heldBytes: number;
  /** Of one edge. */
  readonly heldTotal: number;
  readonly keepAliveMs: number;
  readonly stallMs: number;
  readonly incomplete: 'block' | 'allow';
  readonly answerFields: readonly string[];
}

export type IcapProfile = 'block' | 'monitor' | 'hashes' | 'echo';

export interface IcapServiceConfig {
  readonly path: string;
  readonly methods: 'both' | 'reqmod' | 'respmod';
  readonly profile: IcapProfile;
  /** `undefined`: what the profile has. */
  readonly scan: string | undefined;
}
