import { Worker } from 'node:worker_threads';
import type { Log } from '../../kernel/index.ts';
import type { TargetLimits } from './limits.ts';
import type { FromTargets, OfferedLines, TargetsStart, ToTargets } from './messages.ts';
import type { TargetStatus } from './runner.io.ts';
import type { LogTarget } from './target.ts';

/** Events that the thread has not put into its queues yet: a moment's worth, and all that comes while it is started again. */
const HANDED_BYTES_MAX = 64 * 1024 * 1024;
const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 60_000;
/** More than the second that each target has to end. */
const CLOSE_MS = 5000;
const WORKER = new URL('targets-worker.io.ts', import.meta.url);

interface Handed {
  readonly message: ToTargets & { readonly id: number };
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Control's end of the thread that serves the targets. What was handed over and is not in a queue on the disk is kept:
 * a thread that dies is started again, with a pause, and gets it anew. It lives only while there are targets.
 */
export class TargetsThread {
  readonly #start: TargetsStart;
  readonly #log: Log;
  readonly #program: URL;
  readonly #handed = new Map<number, Handed>();
  #handedBytes = 0;
  #worker: Worker | undefined;
  #using: { readonly targets: readonly LogTarget[]; readonly limits: TargetLimits } | undefined;
  #statuses: ReadonlyMap<string, TargetStatus> = new Map();
  /** Of this run, by target. */
  readonly #lost = new Map<string, number>();
  #restartMs = RESTART_MS_MIN;
  #restart: NodeJS.Timeout | undefined;
  #lastId = 0;
  #closed = false;

  /** `worker`: the program of the thread; for tests. */
  constructor(start: TargetsStart, log: Log, worker = WORKER) {
    this.#start = start;
    this.#log = log;
    this.#program = worker;
  }

  /** These targets and no others, from now on. Resolves when the thread has them. */
  use(targets: readonly LogTarget[], limits: TargetLimits): Promise<void> {
    if (targets.length === 0 && this.#worker === undefined && this.#restart === undefined)
      return Promise.resolve();
    this.#using = { targets, limits };
    return this.#hand({ kind: 'use', id: ++this.#lastId, targets, limits }, 0);
  }

  /** Never waits. */
  offer(offered: OfferedLines): void {
    const bytes = offered.lines.reduce((sum, line) => sum + line.length, 0);
    if (this.#handedBytes + bytes > HANDED_BYTES_MAX) {
      for (const { name, enabled } of this.#using?.targets ?? []) if (enabled) this.#addLost(name, bytes);
      return;
    }
    this.#handAlone({ kind: 'offer', id: ++this.#lastId, ...offered }, bytes);
  }

  deliver(name: string, line: string): void {
    this.#handAlone({ kind: 'deliver', id: ++this.#lastId, name, line }, line.length);
  }

  /** Rejects with what is wrong. */
  test(target: LogTarget, line: string): Promise<void> {
    return this.#hand({ kind: 'test', id: ++this.#lastId, target, line }, 0);
  }

  /** What the thread said last, and what it has not taken yet. `undefined`: it does not serve this one. */
  status(name: string): TargetStatus | undefined {
    const status = this.#statuses.get(name);
    if (status === undefined) return undefined;
    return {
      ...status,
      waitingBytes: status.waitingBytes + this.#handedBytes,
      droppedBytes: status.droppedBytes + (this.#lost.get(name) ?? 0),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage({ kind: 'close' } satisfies ToTargets);
    const timer = setTimeout(() => void worker.terminate(), CLOSE_MS);
    await ended;
    clearTimeout(timer);
  }

  #hand(message: ToTargets & { readonly id: number }, bytes: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#handed.set(message.id, { message, bytes, resolve, reject });
    this.#handedBytes += bytes;
    if (this.#worker === undefined && this.#restart === undefined) this.#begin();
    else this.#worker?.postMessage(message);
    return promise;
  }

  /** Nobody waits for it, and what becomes of it is told by other messages. */
  #handAlone(message: ToTargets & { readonly id: number }, bytes: number): void {
    this.#hand(message, bytes).catch((error: unknown) =>
      this.#log.warn('log-target.not-queued', { error, bytes }),
    );
  }

  #begin(): void {
    if (this.#closed) return;
    const worker = new Worker(this.#program, { workerData: this.#start, execArgv: [] });
    worker.unref();
    worker.on('message', (message: FromTargets) => this.#said(message));
    worker.on('error', (error) => this.#log.error('log-target.thread-died', { error }));
    worker.on('exit', () => this.#ended());
    this.#worker = worker;
    const isTold = [...this.#handed.values()].some(({ message }) => message.kind === 'use');
    if (!isTold && this.#using !== undefined) {
      worker.postMessage({ kind: 'use', id: ++this.#lastId, ...this.#using } satisfies ToTargets);
    }
    for (const { message } of this.#handed.values()) worker.postMessage(message);
  }

  #ended(): void {
    this.#worker = undefined;
    if (this.#closed) return;
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#begin();
    }, this.#restartMs).unref();
    this.#restartMs = Math.min(RESTART_MS_MAX, this.#restartMs * 2);
  }

  #said(message: FromTargets): void {
    switch (message.kind) {
      case 'done':
        this.#restartMs = RESTART_MS_MIN;
        this.#statuses = new Map(message.statuses);
        this.#take(message.id)?.resolve();
        break;
      case 'failed':
        this.#take(message.id)?.reject(new Error(message.reason));
        break;
      case 'statuses':
        this.#statuses = new Map(message.statuses);
        break;
      case 'changed':
        if (message.problem === undefined) this.#log.info('log-target.well', { target: message.name });
        else this.#log.warn('log-target.failing', { target: message.name, reason: message.problem });
        break;
      case 'not-queued':
        this.#addLost(message.name, message.bytes);
        this.#log.warn('log-target.not-queued', { target: message.name, reason: message.reason });
        break;
    }
  }

  #take(id: number): Handed | undefined {
    const handed = this.#handed.get(id);
    this.#handed.delete(id);
    this.#handedBytes -= handed?.bytes ?? 0;
    return handed;
  }

  #addLost(name: string, bytes: number): void {
    this.#lost.set(name, (this.#lost.get(name) ?? 0) + bytes);
  }
}
