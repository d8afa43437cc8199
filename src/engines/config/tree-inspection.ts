export interface InspectionConfig {
  /** Who may have a page fetched. */
  readonly fetch: 'token' | 'anyone' | 'off';
  /** Of one client. */
  readonly fetchesPerMinute: number;
  readonly ports: readonly number[];
  readonly pageBytesMax: number;
  readonly redirectsMax: number;
  readonly timeoutMs: number;
  readonly fetchesMax: number;
  readonly domainsMax: number;
}
