import { Worker } from 'node:worker_threads';
import type { Log } from '../../kernel/index.ts';
import { eventErrors } from './errors.ts';
import type { FromSearcher, SearcherStart, ToSearcher } from './messages.ts';
import type { EventSearch } from './query.ts';
import type { EventPage } from './search.io.ts';

/** Searches that may wait; each takes the time of one page. */
const WAITING_MAX = 32;
const WORKER = new URL('search-worker.io.ts', import.meta.url);

/** Questions to the searching thread, one after the other. The thread is started at the first. */
export class Searcher {
  readonly #start: SearcherStart;
  readonly #log: Log;
  readonly #waiting = new Map<number, { resolve(page: EventPage): void; reject(error: Error): void }>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(start: SearcherStart, log: Log) {
    this.#start = start;
    this.#log = log;
  }

  search(query: EventSearch): Promise<EventPage> {
    if (this.#waiting.size >= WAITING_MAX) return Promise.reject(eventErrors.EVENTS_BUSY());
    const { promise, resolve, reject } = Promise.withResolvers<EventPage>();
    const id = ++this.#lastId;
    this.#waiting.set(id, { resolve, reject });
    const question: ToSearcher = { id, query };
    this.#running().postMessage(question);
    return promise;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#gone('the gateway stops');
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(WORKER, { workerData: this.#start, execArgv: [] });
    worker.unref();
    worker.on('message', (answer: FromSearcher) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('page' in answer) waiting?.resolve(answer.page);
      else waiting?.reject(eventErrors.EVENTS_UNREADABLE({ reason: answer.reason }));
    });
    worker.on('error', (error) => this.#log.error('events.search-died', { error }));
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#gone('the searching thread ended');
    });
    return (this.#worker = worker);
  }

  #gone(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(eventErrors.EVENTS_UNREADABLE({ reason }));
    this.#waiting.clear();
  }
}
