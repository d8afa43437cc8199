/** Whom alerts are told to. */
export interface AlertsConfig {
  /** For rules without a channel of their own. */
  readonly mail: readonly string[];
  readonly smtp: {
    readonly host: string | undefined;
    readonly port: number;
    readonly security: 'starttls' | 'tls' | 'none';
    readonly user: string | undefined;
    readonly passwordFile: string | undefined;
    readonly from: string | undefined;
  };
  readonly caFile: string | undefined;
  readonly checkMs: number;
  readonly timeoutMs: number;
  readonly giveUpMs: number;
  readonly waitingMax: number;
}
