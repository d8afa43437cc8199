import { type Health, messageOf } from '../../kernel/index.ts';
import { type EventItem, matches } from '../events/index.ts';
import type { DiskQueue, QueuePosition } from './disk-queue.io.ts';
import type { Sender } from './sender.ts';
import type { LogTarget } from './target.ts';

export interface RunnerOptions {
  readonly target: LogTarget;
  readonly queue: DiskQueue;
  /** A connection to the receiver. Rejects with what is wrong. */
  open(): Promise<Sender>;
  /** The message for a line of the queue. */
  messageOf(item: EventItem): string;
  readonly settleMs: number;
  readonly retryMaxMs: number;
  monotonic(): number;
  /** Told when a receiver fails, and when it is well again. */
  changed(target: LogTarget, problem: string | undefined): void;
}

export interface TargetStatus {
  readonly state: 'ok' | 'failing' | 'disabled';
  /** What is wrong; empty when nothing is. */
  readonly reason: string;
  readonly sent: number;
  readonly waitingBytes: number;
  readonly droppedBytes: number;
}

const BATCH_LINES = 500;
const TICK_MS = 500;
const RETRY_FIRST_MS = 500;
/** A stop of the gateway waits no longer for a receiver that hangs. */
const CLOSE_MS = 1000;

/**
 * Sends what waits in a queue to one receiver, for as long as it lives. Syslog has no acknowledgment: what was sent
 * within `settleMs` before a connection broke is sent again, so a receiver may get a message twice, and not never.
 */
export class TargetRunner {
  readonly #options: RunnerOptions;
  #sender: Sender | undefined;
  #closed = false;
  #problem: string | undefined;
  #sent = 0;
  #reading: QueuePosition;
  /** Handed over and not settled yet, oldest first. */
  #unsettled: { readonly position: QueuePosition; readonly atMs: number }[] = [];
  #wake: (() => void) | undefined;
  readonly #running: Promise<void>;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#reading = options.queue.position;
    this.#running = this.#run();
  }

  /** Takes what the target wants of these. */
  offer(items: readonly EventItem[]): void {
    const wanted = items.filter((item) => wants(this.#options.target, item));
    if (wanted.length > 0) this.deliver(wanted);
  }

  /** Takes all of these. */
  deliver(items: readonly EventItem[]): void {
    this.#options.queue.append(items.map((item) => JSON.stringify(item)));
    this.#wake?.();
  }

  status(): TargetStatus {
    const { queue } = this.#options;
    return {
      state: this.#problem === undefined ? 'ok' : 'failing',
      reason: this.#problem ?? '',
      sent: this.#sent,
      waitingBytes: queue.bytes,
      droppedBytes: queue.droppedBytes,
    };
  }

  health(): Health {
    if (this.#problem === undefined) return { state: 'ok' };
    const { droppedBytes } = this.#options.queue;
    const lost = droppedBytes === 0 ? '' : `; its queue was full, ${droppedBytes} bytes were lost`;
    return { state: 'degraded', reason: `${this.#problem}${lost}` };
  }

  /** Ends; what waits stays in the queue. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    const timer = Promise.withResolvers<'late'>();
    const timeout = setTimeout(() => timer.resolve('late'), CLOSE_MS);
    const ended = await Promise.race([this.#running, timer.promise]);
    clearTimeout(timeout);
    // The connection lives to the end: what it took has arrived as far as anybody can tell. A receiver that takes
    // nothing gets it again after the restart.
    if (this.#problem === undefined && ended !== 'late') this.#settle(Number.POSITIVE_INFINITY);
    this.#sender?.close();
    this.#sender = undefined;
    this.#options.queue.close();
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    while (!this.#closed) {
      try {
        this.#sender ??= await this.#opened();
        // It was opened too late for `close`, which did not wait.
        if (this.#closed) return this.#sender.close();
        retryMs = RETRY_FIRST_MS;
        await this.#sendNext(this.#sender);
      } catch (error) {
        this.#broken(messageOf(error));
        await this.#sleep(retryMs, false);
        retryMs = Math.min(this.#options.retryMaxMs, retryMs * 2);
      }
    }
  }

  async #opened(): Promise<Sender> {
    const sender = await this.#options.open();
    sender.onBreak((reason) => this.#broken(reason));
    this.#say(undefined);
    return sender;
  }

  async #sendNext(sender: Sender): Promise<void> {
    const { queue, monotonic } = this.#options;
    this.#settle(monotonic() - this.#options.settleMs);
    if (this.#reading.file < queue.position.file) this.#reading = queue.position;
    const read = queue.read(this.#reading, BATCH_LINES);
    if (read === undefined) return this.#sleep(TICK_MS, true);
    const messages = read.lines.flatMap((line) => {
      const item = itemIn(line);
      return item === undefined ? [] : [this.#options.messageOf(item)];
    });
    await sender.send(messages);
    // A break that came meanwhile has taken the reading back already.
    if (this.#sender !== sender) return;
    this.#sent += messages.length;
    this.#reading = read.next;
    if (sender.acknowledges) queue.delivered(read.next);
    else this.#unsettled.push({ position: read.next, atMs: monotonic() });
  }

  #settle(untilMs: number): void {
    const settled = this.#unsettled.findLastIndex(({ atMs }) => atMs <= untilMs);
    if (settled < 0) return;
    this.#options.queue.delivered(this.#unsettled[settled]!.position);
    this.#unsettled = this.#unsettled.slice(settled + 1);
  }

  #broken(reason: string): void {
    this.#sender?.close();
    this.#sender = undefined;
    // The time since the last message went out does not count: a receiver that hung before it died may have read none.
    this.#unsettled = [];
    this.#reading = this.#options.queue.position;
    this.#say(reason);
  }

  #say(problem: string | undefined): void {
    const before = this.#problem;
    this.#problem = problem;
    if ((before === undefined) !== (problem === undefined))
      this.#options.changed(this.#options.target, problem);
  }

  #sleep(ms: number, untilOffered: boolean): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = () => (untilOffered || this.#closed ? done() : undefined);
    });
  }
}

/** Allows by the minute go only where they are asked for by name. */
function wants({ types, severity }: LogTarget, item: EventItem): boolean {
  if (!matches({ severity }, { ...item })) return false;
  if (types.length === 0) return item.type !== 'aggregate.allow' && item.type !== 'decision.allow';
  return types.some((type) => matches({ type }, { ...item }));
}

/** A line that a kill cut in two is none. */
function itemIn(line: string): EventItem | undefined {
  try {
    // Only `offer` writes them.
    return JSON.parse(line) as EventItem;
  } catch {
    return undefined;
  }
}
