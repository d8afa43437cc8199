/** The command line over SSH. */
export interface SshConfig {
  readonly passwords: boolean;
  /** Public keys, one line each. */
  readonly authorities: readonly string[];
  /** `SHA256:…`, `serial:…`, `id:…`. */
  readonly revoked: readonly string[];
  readonly banner: string;
  readonly loginGraceMs: number;
  /** Of one connection. */
  readonly attemptsMax: number;
  readonly unauthenticatedMax: number;
  readonly unauthenticatedPerSourceMax: number;
  readonly idleMs: number;
  readonly lifeMs: number;
  /** Of one connection. */
  readonly channelsMax: number;
  readonly lineBytesMax: number;
  readonly historyMax: number;
  readonly commandTimeMs: number;
  readonly color: 'auto' | 'never';
}
