export interface InspectionConfig {
  readonly fetch: boolean;
  readonly ports: readonly number[];
  readonly pageBytesMax: number;
  readonly redirectsMax: number;
  readonly timeoutMs: number;
  readonly fetchesMax: number;
  readonly domainsMax: number;
}
