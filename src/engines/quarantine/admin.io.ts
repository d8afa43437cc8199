import { createHash, randomUUID } from 'node:crypto';
import type { Clock, Log, Metrics } from '../../kernel/index.ts';
import { isUuid, messageOf } from '../../kernel/index.ts';
import { fileNameOf } from '../../protocols/form-data/index.ts';
import { isErrno, privateDir } from '../../platform/index.ts';
import type { QuarantineConfig } from '../config/index.ts';
import type { JsonObject } from '../state/index.ts';
import { quarantineErrors } from './errors.ts';
import {
  ItemDamaged,
  itemFiles,
  itemsDir,
  readItem,
  removeItem,
  storedSize,
  writeNewFile,
} from './files.io.ts';
import { storedBytesOf } from './format.ts';
import type { Actor, KeepFailure, KeepRequest, QuarantineItem } from './item.ts';
import type { Place } from './messages.ts';
import { Reservations } from './reservations.ts';
import {
  type ItemQuery,
  ItemStore,
  LIST_MAX,
  type Selection,
  type SqlExecutor,
  type Totals,
} from './store.ts';
import { openVault, type Vault } from './vault.io.ts';

/** The quarantine in control, or in the process of a command on a stopped gateway. */
export interface QuarantineAdmin {
  nowMs(): number;
  totals(): Promise<Totals>;
  list(query: ItemQuery): Promise<readonly QuarantineItem[]>;
  /** By id, the beginning of one, or SHA-256. */
  show(id: string): Promise<QuarantineItem>;
  /** Writes the identical bytes into a new file. */
  restore(id: string, file: string, by: Actor): Promise<QuarantineItem>;
  release(id: string, by: Actor): Promise<QuarantineItem>;
  purge(what: readonly string[] | Selection, by: Actor): Promise<readonly QuarantineItem[]>;
}

export interface QuarantineAdminOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly sql: SqlExecutor;
  config(): QuarantineConfig;
  audit(action: string, details: JsonObject, by: Actor): Promise<void>;
}

export type Reserved = Place | { readonly known: string } | { readonly refused: KeepFailure };

/** Items that make room at once: more would hold up the rest of control. */
const ROOM_STEP = 50;

export class QuarantineStore implements QuarantineAdmin {
  readonly #options: QuarantineAdminOptions;
  readonly #dir: string;
  readonly #items: ItemStore;
  readonly #vault: Vault;
  readonly #places: Reservations;
  #opening: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: QuarantineAdminOptions) {
    this.#options = options;
    this.#dir = itemsDir(options.dataDir);
    this.#items = new ItemStore(options.sql);
    this.#vault = openVault(options.dataDir, this.#dir);
    this.#places = new Reservations(options.clock, () => options.config().writeTimeoutMs);
  }

  nowMs(): number {
    return this.#options.clock.now();
  }

  async totals(): Promise<Totals> {
    return (await this.#opened()).totals();
  }

  async list(query: ItemQuery): Promise<readonly QuarantineItem[]> {
    const items = await this.#opened();
    if (query.beforeId === undefined) return items.list(query);
    return items.list({ ...query, beforeId: (await this.show(query.beforeId)).id });
  }

  async show(id: string): Promise<QuarantineItem> {
    const items = await this.#opened();
    const text = id.toLowerCase();
    if (/^[0-9a-f]{64}$/.test(text)) {
      const item = (await items.bySha256(text)) ?? (await items.byReceived(text));
      if (item !== undefined) return item;
    } else if (/^[0-9a-f][0-9a-f-]{3,35}$/.test(text)) {
      const [item, second] = await items.byPrefix(text);
      if (second !== undefined) throw quarantineErrors.QUARANTINE_AMBIGUOUS({ id, count: 'several' });
      if (item !== undefined) return item;
    }
    throw quarantineErrors.QUARANTINE_UNKNOWN({ id: id.slice(0, 100) });
  }

  async restore(id: string, file: string, by: Actor): Promise<QuarantineItem> {
    const { item, key } = await this.unlock(id, by, 'quarantine.restore', { file });
    const hash = createHash('sha256');
    const checked = async function* (dir: string): AsyncGenerator<Buffer> {
      for await (const piece of readItem(dir, item.id, key)) {
        hash.update(piece);
        yield piece;
      }
      if (hash.digest('hex') !== item.sha256)
        throw new ItemDamaged('it has another SHA-256 than it came with');
    };
    try {
      await writeNewFile(file, `.${randomUUID()}.part`, checked(this.#dir));
    } catch (error) {
      if (error instanceof ItemDamaged)
        throw quarantineErrors.QUARANTINE_DAMAGED({ id: item.id, reason: error.message });
      const reason = isErrno(error, 'EEXIST') ? 'there is a file of that name' : messageOf(error);
      throw quarantineErrors.QUARANTINE_TARGET({ file, reason }, { cause: error });
    }
    return item;
  }

  /** An item and its key; who gets it is in the audit before. */
  async unlock(
    id: string,
    by: Actor,
    action: string,
    details: JsonObject = {},
  ): Promise<{ readonly item: QuarantineItem; readonly key: Buffer }> {
    const item = await this.show(id);
    const key = await this.#vault.keyOf(item.id);
    if ((await storedSize(this.#dir, item.id)) !== item.storedBytes)
      throw quarantineErrors.QUARANTINE_DAMAGED({ id: item.id, reason: 'its file has another length' });
    await this.#options.audit(action, { ...details, ...namesOf(item) }, by);
    return { item, key };
  }

  async release(id: string, by: Actor): Promise<QuarantineItem> {
    const item = await this.show(id);
    await (await this.#opened()).release(item.id);
    await this.#options.audit('quarantine.release', namesOf(item), by);
    return { ...item, state: 'released' };
  }

  async purge(what: readonly string[] | Selection, by: Actor): Promise<readonly QuarantineItem[]> {
    const items = await this.#opened();
    if (!('kind' in what)) {
      const named = await Promise.all(what.map((id) => this.show(id)));
      await this.#inTurn(() => this.#remove(named, 'purged'));
      for (const item of named) await this.#options.audit('quarantine.purge', namesOf(item), by);
      return named;
    }
    const removed: QuarantineItem[] = [];
    for (;;) {
      const some = await items.selected(what);
      await this.#inTurn(() => this.#remove(some, 'purged'));
      removed.push(...some);
      if (some.length < LIST_MAX) break;
    }
    await this.#options.audit('quarantine.purge', { selection: what.kind, items: removed.length }, by);
    return removed;
  }

  /** A place for a file; the quota holds when this resolves, the file counted. */
  reserve(request: KeepRequest, pid: number): Promise<Reserved> {
    return this.#inTurn(async () => {
      const items = await this.#opened();
      const { bytesMax, itemBytesMax } = this.#options.config();
      const storedBytes = storedBytesOf(request.bytes);
      if (request.bytes > itemBytesMax || storedBytes > bytesMax) return this.#refused('too-large');
      const known = await items.bySha256(request.sha256);
      if (known !== undefined && (await storedSize(this.#dir, known.id)) === known.storedBytes) {
        await this.#seenAgain(items, request);
        return { known: known.id };
      }
      if (known !== undefined) await this.#remove([known], 'lost');
      if (!(await this.#makeRoom(storedBytes))) return this.#refused('full');
      const place = this.#vault.place();
      this.#places.add(place.id, storedBytes, pid);
      return place;
    });
  }

  /** The file of a place is on the disk. `undefined`: it is not, or not as announced. */
  keep(id: string, request: KeepRequest): Promise<string | undefined> {
    return this.#inTurn(async () => {
      const items = await this.#opened();
      if (!isUuid(id)) return undefined;
      const known = await items.bySha256(request.sha256);
      if (known?.id === id) return id;
      if (known !== undefined) {
        // Two edges wrote the same file at the same time.
        await this.#drop(id);
        await this.#seenAgain(items, request);
        return known.id;
      }
      const storedBytes = storedBytesOf(request.bytes);
      if ((await storedSize(this.#dir, id)) !== storedBytes) return undefined;
      // After a restart of control nothing is reserved any more.
      if (!this.#places.has(id) && !(await this.#makeRoom(storedBytes))) {
        await this.#drop(id);
        return undefined;
      }
      const { clock, config } = this.#options;
      const now = clock.now();
      await items.add({
        ...request,
        id,
        name: fileNameOf(request.name) ?? request.sha256,
        state: 'kept',
        storedBytes,
        keptAtMs: now,
        expiresAtMs: now + config().keepMs,
        seen: 1,
        lastSeenMs: now,
      });
      this.#places.delete(id);
      this.#count('kept');
      await this.#gauge(items);
      return id;
    });
  }

  drop(id: string, reason: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!isUuid(id) || !this.#places.has(id)) return;
      await this.#drop(id);
      this.#count(reason === 'changed' ? 'changed' : 'not-written');
    });
  }

  forgetEdge(pid: number): void {
    this.#places.forgetEdge(pid);
  }

  /**
   * Removes what has expired, entries without a file, and files without an entry: those that a process left
   * when it died between writing and announcing. A young file may be one that is written at this moment.
   */
  sweep(): Promise<void> {
    return this.#inTurn(async () => {
      const items = await this.#opened();
      const { clock, config, log, metrics } = this.#options;
      this.#places.forgetOld();
      for (;;) {
        const expired = await items.selected({ kind: 'expired', atMs: clock.now() });
        await this.#remove(expired, 'expired');
        if (expired.length < LIST_MAX) break;
      }
      const listed = await items.ids();
      const files = await itemFiles(this.#dir);
      const before = clock.now() - config().writeTimeoutMs;
      for (const { name, id, changedAtMs } of files) {
        if ((name === id && listed.has(id)) || this.#places.has(id) || changedAtMs > before) continue;
        await removeItem(this.#dir, id);
        metrics?.counter('quarantine_removed_total', 'orphan').add();
        log.warn('quarantine.orphan', { file: name, hint: 'A process died while it wrote this file.' });
      }
      const present = new Set(files.map(({ name }) => name));
      for (const id of listed) {
        if (present.has(id)) continue;
        log.error('quarantine.lost', { id, hint: 'Somebody has removed the file of this item.' });
        await items.remove(id);
        metrics?.counter('quarantine_removed_total', 'lost').add();
      }
      await this.#gauge(items);
    });
  }

  /** True when so many bytes fit, the oldest items having left where they had to. */
  async #makeRoom(storedBytes: number): Promise<boolean> {
    const items = await this.#opened();
    const { bytesMax, itemsMax } = this.#options.config();
    for (;;) {
      const totals = await items.totals();
      const overBytes = totals.storedBytes + this.#places.storedBytes + storedBytes - bytesMax;
      const overItems = totals.items + this.#places.count + 1 - itemsMax;
      if (overBytes <= 0 && overItems <= 0) return true;
      const oldest = await items.oldest(ROOM_STEP);
      if (oldest.length === 0) return false;
      let freed = 0;
      const leaving = oldest.filter((item, at) => {
        if (freed >= overBytes && at >= overItems) return false;
        freed += item.storedBytes;
        return true;
      });
      await this.#remove(leaving, 'room');
      this.#options.log.warn('quarantine.full', {
        removed: leaving.length,
        hint: 'The oldest items made room: raise quarantine.bytesMax or quarantine.itemsMax to keep more.',
      });
    }
  }

  async #remove(leaving: readonly QuarantineItem[], reason: string): Promise<void> {
    const items = await this.#opened();
    for (const { id } of leaving) {
      // The file first: an entry without a file is found by the next sweep, a file without one is only space.
      await removeItem(this.#dir, id);
      await items.remove(id);
      this.#options.metrics?.counter('quarantine_removed_total', reason).add();
    }
    if (leaving.length > 0) await this.#gauge(items);
  }

  async #drop(id: string): Promise<void> {
    this.#places.delete(id);
    await removeItem(this.#dir, id);
  }

  async #seenAgain(items: ItemStore, request: KeepRequest): Promise<void> {
    const now = this.#options.clock.now();
    await items.seenAgain(request.sha256, request, now, now + this.#options.config().keepMs);
    this.#count('known');
  }

  #refused(reason: KeepFailure): Reserved {
    this.#count(reason);
    return { refused: reason };
  }

  #count(outcome: string): void {
    this.#options.metrics?.counter('quarantine_kept_total', outcome).add();
  }

  async #gauge(items: ItemStore): Promise<void> {
    const { metrics } = this.#options;
    if (metrics === undefined) return;
    const totals = await items.totals();
    metrics.gauge('quarantine_items').set(totals.items);
    metrics.gauge('quarantine_bytes').set(totals.storedBytes);
  }

  #opened(): Promise<ItemStore> {
    this.#opening ??= this.#open();
    return this.#opening.then(() => this.#items);
  }

  async #open(): Promise<void> {
    privateDir(this.#dir);
    await this.#items.open();
  }

  /** One change at a time: between looking and changing nobody else changes anything. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function namesOf({ id, sha256, name }: QuarantineItem): JsonObject {
  return { id, sha256, name };
}
