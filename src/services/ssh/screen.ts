/** The terminal of a client, as it is now. */
export interface Screen {
  readonly term: string;
  columns: number;
  /** 0: not known, and then nothing stops at the end of a page. */
  rows: number;
}
