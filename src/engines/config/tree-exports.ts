/** Lists that go out. */
export interface ExportsConfig {
  readonly cacheBytesMax: number;
  readonly fileBytesMax: number;
  readonly rendersMax: number;
  readonly rendersWaitingMax: number;
  readonly renderTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly pageLinesMax: number;
  readonly producer: string;
  readonly suricataSidBase: number;
  readonly suricataRulesMax: number;
  readonly mispEventEntriesMax: number;
  readonly fortinetPartLinesMax: number;
  readonly fortinetPartBytesMax: number;
}

/** The TAXII server. */
export interface TaxiiConfig {
  readonly title: string;
  readonly pageObjectsMax: number;
  readonly matchValuesMax: number;
  readonly collectionEntriesMax: number;
  readonly collectionObjectsMax: number;
  readonly envelopeObjectsMax: number;
  readonly statusesMax: number;
}
