import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../kernel/index.ts';
import { GatewayError } from '../../kernel/index.ts';
import type { OpenDatabase } from '../../platform/index.ts';
import { readAudit, writeAudit } from './audit.ts';
import { diffOf, isObject, type Difference, type JsonObject } from './diff.ts';
import { stateFailure } from './failure.ts';
import type { SectionDocument, StateSection } from './section.ts';
import type { Applied, AuditEntry, AuditQuery, Author, ChangeBy, State } from './state.ts';
import type { StateTransaction, Tables } from './tables.ts';
import {
  checkDocument,
  DOCUMENT_FORMAT,
  listVersions,
  readDocument,
  readVersion,
  writeVersion,
} from './versions.ts';

export interface StoreParts {
  readonly database: OpenDatabase<Tables>;
  readonly lock: { release(): void };
  readonly dataDir: string;
  readonly path: string;
  readonly clock: Clock;
  readonly sections: readonly StateSection[];
}

/** Ends a transaction that was only to be looked at. */
class DryRun extends Error {}

export class StateStore implements State {
  readonly dataDir: string;
  readonly #parts: StoreParts;
  readonly #listeners: ((version: number) => Promise<void>)[] = [];
  /** Where the work was asked for that runs now. */
  readonly #source = new AsyncLocalStorage<string>();
  /** Listeners hear of versions in their order, and one after the other. */
  #told: Promise<unknown> = Promise.resolve();

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.dataDir = parts.dataDir;
  }

  read<T>(work: (tx: StateTransaction) => Promise<T>): Promise<T> {
    return this.#transaction(work);
  }

  note<T>(work: (tx: StateTransaction) => Promise<T>): Promise<T> {
    return this.#transaction(work);
  }

  async change<T>(by: ChangeBy, work: (tx: StateTransaction) => Promise<T>): Promise<T> {
    const { result, number } = await this.#versioned(by, work);
    await this.#tell(number);
    return result;
  }

  from<T>(source: string, work: () => Promise<T>): Promise<T> {
    return this.#source.run(source, work);
  }

  onChange(listener: (version: number) => Promise<void>): void {
    this.#listeners.push(listener);
  }

  audit(entry: AuditEntry): Promise<void> {
    const source = this.#sourceOf(entry.source);
    return this.#transaction((tx) => writeAudit(tx, this.#parts.clock.now(), { ...entry, source }));
  }

  auditEntries(query: AuditQuery) {
    return this.#transaction((tx) => readAudit(tx, query));
  }

  versions(limit: number, before?: number) {
    return this.#transaction((tx) => listVersions(tx, limit, before));
  }

  version(number: number) {
    return this.#transaction((tx) => readVersion(tx, number));
  }

  async exportDocument(): Promise<JsonObject> {
    const document = await this.#transaction((tx) => readDocument(tx, this.#parts.sections));
    return { format: DOCUMENT_FORMAT, ...document };
  }

  async rollback(number: number, by: Author): Promise<Applied> {
    const { document } = await this.version(number);
    const wanted = new Map(
      this.#parts.sections.map((section): [StateSection, SectionDocument] => {
        const entries = document[section.name];
        // A version before the section existed had none of its entries.
        return [section, isObject(entries) ? (entries as SectionDocument) : {}];
      }),
    );
    const summary = `roll back to version ${number}`;
    return this.#apply(wanted, { ...by, action: 'config.rollback', summary, details: { number } }, false);
  }

  async apply(document: unknown, by: Author, { dryRun }: { readonly dryRun: boolean }): Promise<Applied> {
    const wanted = await checkDocument(document, this.#parts.sections);
    return this.#apply(wanted, { ...by, action: 'config.apply', summary: 'apply a document' }, dryRun);
  }

  sql(text: string, parameters: readonly (string | number | null)[]) {
    return this.#translated(() => this.#parts.database.sql(text, parameters));
  }

  async close(): Promise<void> {
    await this.#parts.database.close();
    this.#parts.lock.release();
  }

  async #apply(
    wanted: ReadonlyMap<StateSection, SectionDocument>,
    by: ChangeBy,
    dryRun: boolean,
  ): Promise<Applied> {
    const notes: string[] = [];
    let diff: readonly Difference[] = [];
    const work = async (tx: StateTransaction): Promise<void> => {
      const before = await readDocument(tx, this.#parts.sections);
      const nowMs = Math.floor(this.#parts.clock.now());
      for (const [section, document] of wanted) notes.push(...(await section.apply(tx, document, nowMs)));
      diff = diffOf(before, await readDocument(tx, this.#parts.sections));
      if (dryRun || diff.length === 0) throw new DryRun();
    };
    try {
      const { number } = await this.#versioned(by, work);
      await this.#tell(number);
      return { diff, notes, version: number };
    } catch (error) {
      if (error instanceof DryRun) return { diff, notes, version: undefined };
      throw error;
    }
  }

  async #versioned<T>(by: ChangeBy, work: (tx: StateTransaction) => Promise<T>) {
    const { clock, sections } = this.#parts;
    const entry = { actor: by.author, source: this.#sourceOf(by.source), action: by.action };
    const details = by.details ?? {};
    try {
      return await this.#transaction(async (tx) => {
        const before = await readDocument(tx, sections);
        const result = await work(tx);
        const after = await readDocument(tx, sections);
        const { author, summary } = by;
        const { number } = await writeVersion(tx, { atMs: clock.now(), author, summary }, before, after);
        await writeAudit(tx, clock.now(), {
          ...entry,
          outcome: 'done',
          details: { ...details, version: number },
        });
        return { result, number };
      });
    } catch (error) {
      if (error instanceof DryRun) throw error;
      const code = error instanceof GatewayError ? error.code : 'bug';
      // The store may be what fails; then the first error is the one that counts.
      await this.audit({ ...entry, outcome: 'failed', details: { ...details, code } }).catch(() => undefined);
      throw error;
    }
  }

  #sourceOf(given: string | undefined): string {
    return given ?? this.#source.getStore() ?? 'local';
  }

  #tell(version: number): Promise<void> {
    const turn = this.#told.then(async () => {
      for (const listener of this.#listeners) await listener(version);
    });
    // The next turn comes, whatever became of this one; its caller hears of it.
    this.#told = turn.catch(() => undefined);
    return turn;
  }

  #transaction<T>(work: (tx: StateTransaction) => Promise<T>): Promise<T> {
    return this.#translated(() => this.#parts.database.db.transaction().execute(work));
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw stateFailure(error, this.#parts.dataDir, this.#parts.path);
    }
  }
}
