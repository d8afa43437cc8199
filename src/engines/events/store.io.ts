import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EdgeLinks, Health, Log } from '../../kernel/index.ts';
import type { UrlRedactor } from '../../protocols/url/index.ts';
import type { GatewayEvent } from '../telemetry/index.ts';
import { type EventItem, type EventRow, itemOfRow, rowOf } from './event.ts';
import { LiveEvents } from './live.io.ts';
import type { FromWriter, ToWriter, WriterStart } from './messages.ts';
import { formatPosition } from './partition.ts';
import type { EventSearch } from './query.ts';
import type { EventPage } from './search.io.ts';
import { Searcher } from './searcher.io.ts';
import { WaitingRows } from './waiting.ts';
import type { WriterLimits } from './writer.io.ts';

export interface EventStoreOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** What URLs pass before they are stored or told. */
  readonly redactor: () => UrlRedactor;
  readonly limits: WriterLimits & {
    /** Events that wait for the disk; more are dropped and counted, all but alerts. */
    readonly waitingMax: number;
    /** Milliseconds for one page of a search. */
    readonly searchMs: number;
  };
  /** Told of every event that was taken, stored or not: log targets, alerts. */
  readonly onEvents?: (items: readonly EventItem[]) => void;
  now(): number;
}

/** The event store of control: events come in from every process, and are found again. */
export interface EventStore {
  /** Never waits and never throws: what cannot be kept is counted. */
  add(events: readonly GatewayEvent[]): void;
  /** One page, in bounded time. */
  search(query: EventSearch): Promise<EventPage>;
  readonly live: LiveEvents;
  /** Events that found no room while they waited for the disk, since the start. */
  readonly lost: number;
  health(): Health;
  /** Writes what waits. */
  close(): Promise<void>;
}

const BATCH_MS = 100;
const BATCH_ROWS_MAX = 1000;
/** Batches at the writer at once: it never has more than a moment's work before it. */
const AT_WRITER_MAX = 4;
const RETRY_MS = 1000;
const TIDY_MS = 300_000;
const CLOSE_MS = 3000;
const WORKER = new URL('writer-worker.io.ts', import.meta.url);

export function openEventStore(options: EventStoreOptions): EventStore {
  return new ThreadedStore(options);
}

class ThreadedStore implements EventStore {
  readonly #options: EventStoreOptions;
  readonly #dir: string;
  readonly #searcher: Searcher;
  readonly live = new LiveEvents();
  #worker: Worker | undefined;
  readonly #waiting: WaitingRows;
  /** Batches at the writer, to be written again when they fail. */
  readonly #atWriter = new Map<number, readonly EventRow[]>();
  #lastId = 0;
  #dropped = 0;
  #droppedEver = 0;
  #failure: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closing: (() => void) | undefined;
  readonly #tidying: NodeJS.Timeout;

  constructor(options: EventStoreOptions) {
    this.#options = options;
    this.#dir = join(options.dataDir, 'events');
    this.#waiting = new WaitingRows(options.limits.waitingMax);
    this.#searcher = new Searcher({ dir: this.#dir, budgetMs: options.limits.searchMs }, options.log);
    this.#tidying = setInterval(() => this.#tell({ kind: 'tidy' }), TIDY_MS).unref();
  }

  add(events: readonly GatewayEvent[]): void {
    const redactor = this.#options.redactor();
    const lost = events.filter(
      (event) => !this.#waiting.add(event.type, () => rowOf(event, redactor)),
    ).length;
    this.#lose(lost);
    if (this.#waiting.length >= BATCH_ROWS_MAX) this.#send();
    else this.#arm(BATCH_MS);
  }

  get lost(): number {
    return this.#droppedEver;
  }

  search(query: EventSearch): Promise<EventPage> {
    return this.#searcher.search(query);
  }

  health(): Health {
    if (this.#failure !== undefined) {
      const lost = this.#droppedEver === 0 ? '' : `, ${this.#droppedEver} events were lost`;
      const reason = `events cannot be stored: ${this.#failure}${lost}`;
      return { state: 'degraded', code: 'events-unstored', reason };
    }
    return { state: 'ok' };
  }

  async close(): Promise<void> {
    clearInterval(this.#tidying);
    clearTimeout(this.#timer);
    if (this.#waiting.length > 0 || this.#atWriter.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#closing = resolve;
      this.#send();
      const timer = setTimeout(resolve, CLOSE_MS);
      await promise;
      clearTimeout(timer);
    }
    const worker = this.#worker;
    if (worker !== undefined) {
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      this.#tell({ kind: 'close' });
      const timer = setTimeout(() => void worker.terminate(), CLOSE_MS);
      await ended;
      clearTimeout(timer);
    }
    await this.#searcher.close();
  }

  #arm(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, ms).unref();
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#atWriter.size < AT_WRITER_MAX && this.#failure === undefined) {
      this.#sendOne();
    }
    // While the disk fails, one batch a second tries whether it is well again.
    if (this.#failure !== undefined && this.#waiting.length > 0 && this.#atWriter.size === 0) this.#sendOne();
    if (this.#waiting.length > 0 && this.#failure === undefined) this.#arm(BATCH_MS);
    if (this.#waiting.length === 0 && this.#atWriter.size === 0) this.#closing?.();
  }

  #sendOne(): void {
    if (this.#dropped > 0) {
      this.#waiting.first(rowOf(lostEvent(this.#options.now(), this.#dropped), this.#options.redactor()));
      this.#dropped = 0;
    }
    const rows = this.#waiting.take(BATCH_ROWS_MAX);
    const id = ++this.#lastId;
    this.#atWriter.set(id, rows);
    this.#tell({ kind: 'write', id, rows });
  }

  #tell(message: ToWriter): void {
    this.#running().postMessage(message);
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { keepDays, keepBytes, partBytes } = this.#options.limits;
    const start: WriterStart = { dir: this.#dir, limits: { keepDays, keepBytes, partBytes } };
    const worker = new Worker(WORKER, { workerData: start, execArgv: [] });
    worker.unref();
    worker.on('message', (message: FromWriter) => this.#said(message));
    worker.on('error', (error) => this.#options.log.error('events.writer-died', { error }));
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const id of this.#atWriter.keys()) this.#unstored(id, 'the writing thread ended');
    });
    return (this.#worker = worker);
  }

  #said(message: FromWriter): void {
    if (message.kind === 'tidied') {
      if (message.removed > 0) this.#options.log.info('events.removed', { files: message.removed });
      return;
    }
    if (message.kind === 'failed') return this.#unstored(message.id, message.reason);
    const rows = this.#atWriter.get(message.id) ?? [];
    this.#atWriter.delete(message.id);
    if (this.#failure !== undefined) this.#options.log.info('events.stored-again', {});
    this.#failure = undefined;
    const { partition, firstRow } = message.stored;
    this.#tellOthers(rows, (at) => formatPosition({ partition, row: firstRow + at }));
    this.#send();
  }

  /** Those rows go first when the disk is well again; followers and targets wait for them. */
  #unstored(id: number, reason: string): void {
    const rows = this.#atWriter.get(id) ?? [];
    this.#atWriter.delete(id);
    if (this.#failure === undefined)
      this.#options.log.warn('events.not-stored', { reason, events: rows.length });
    this.#failure = reason;
    this.#lose(this.#waiting.putBack(rows));
    if (this.#closing !== undefined) this.#closing();
    else this.#arm(RETRY_MS);
  }

  #lose(events: number): void {
    this.#dropped += events;
    this.#droppedEver += events;
  }

  #tellOthers(rows: readonly EventRow[], idAt: (at: number) => string): void {
    const items = rows.map((row, at) => itemOfRow(idAt(at), row));
    this.live.add(items);
    this.#options.onEvents?.(items);
  }
}

/** Takes the batches of the other processes. */
export function storeEvents(links: EdgeLinks, store: EventStore, now: () => number): void {
  links.onPost('events', (data) => {
    const { events, dropped } = batchIn(data);
    store.add(dropped > 0 ? [...events, lostEvent(now(), dropped)] : events);
  });
}

function lostEvent(timeMs: number, dropped: number): GatewayEvent {
  return {
    timeMs,
    type: 'events.lost',
    severity: 'warn',
    door: undefined,
    source: undefined,
    user: undefined,
    target: undefined,
    reason: 'queue-full',
    details: { count: dropped },
  };
}

function batchIn(data: unknown): { readonly events: readonly GatewayEvent[]; readonly dropped: number } {
  if (typeof data !== 'object' || data === null) return { events: [], dropped: 0 };
  const list = 'events' in data && Array.isArray(data.events) ? data.events : [];
  const dropped = 'dropped' in data && typeof data.dropped === 'number' ? data.dropped : 0;
  return { events: list.filter(isEvent), dropped };
}

function isEvent(item: unknown): item is GatewayEvent {
  return (
    typeof item === 'object' &&
    item !== null &&
    'timeMs' in item &&
    typeof item.timeMs === 'number' &&
    'type' in item &&
    typeof item.type === 'string' &&
    'severity' in item &&
    typeof item.severity === 'string'
  );
}
