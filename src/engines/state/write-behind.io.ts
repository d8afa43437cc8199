export interface WriteBehindOptions<Row> {
  /** Puts rows into the database, at most `rowsAStatement` in one call. */
  put(rows: readonly (readonly [key: string, row: Row])[]): Promise<void>;
  readonly rowsAStatement: number;
  /** After all rows of a turn: removes what is too much. */
  shrink(): Promise<void>;
  /** Of what waits together; above `weightMax` the oldest are given up. */
  weightOf(row: Row): number;
  readonly weightMax: number;
  /** What could not be written is given up. */
  failed(error: unknown): void;
  readonly flushMs: number;
}

/**
 * Rows by key on their way to a table of the state database: they are known at once and written some time later, all
 * that came meanwhile together. A crash loses those of the last `flushMs`.
 */
export class WriteBehind<Row> {
  readonly #options: WriteBehindOptions<Row>;
  #waiting = new Map<string, Row>();
  #weight = 0;
  #writing: ReadonlyMap<string, Row> = new Map();
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: WriteBehindOptions<Row>) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** A row that is on its way; `undefined`: look into the table. */
  get(key: string): Row | undefined {
    return this.#waiting.get(key) ?? this.#writing.get(key);
  }

  set(key: string, row: Row): void {
    // The newest is the last to be given up.
    this.#forget(key);
    this.#waiting.set(key, row);
    this.#weight += this.#options.weightOf(row);
    for (const oldest of this.#waiting.keys()) {
      if (this.#weight <= this.#options.weightMax) break;
      this.#forget(oldest);
    }
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.flushMs).unref();
  }

  /** Resolves when everything that was set before is in the table, or given up. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #forget(key: string): void {
    const row = this.#waiting.get(key);
    if (row === undefined) return;
    this.#waiting.delete(key);
    this.#weight -= this.#options.weightOf(row);
  }

  async #write(): Promise<void> {
    if (this.#waiting.size === 0) return;
    this.#writing = this.#waiting;
    this.#waiting = new Map();
    this.#weight = 0;
    const { put, shrink, failed, rowsAStatement } = this.#options;
    try {
      const rows = [...this.#writing];
      for (let at = 0; at < rows.length; at += rowsAStatement) await put(rows.slice(at, at + rowsAStatement));
      await shrink();
    } catch (error) {
      failed(error);
    } finally {
      this.#writing = new Map();
    }
  }
}
