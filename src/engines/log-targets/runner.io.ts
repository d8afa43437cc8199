import { messageOf } from '../../kernel/index.ts';
import type { EventItem } from '../events/index.ts';
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
  #openedAtMs = 0;
  /** Before the next connection: none at the start, then longer with each that came to nothing. */
  #pauseMs = 0;
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

  /** Takes events as lines of JSON. Throws what the disk says. */
  offer(lines: readonly string[]): void {
    this.#options.queue.append(lines);
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

  /** One connection after the other. Between two of them there is always a pause: whatever a receiver does, it costs little. */
  async #run(): Promise<void> {
    while (!this.#closed) {
      if (this.#sender === undefined) {
        await this.#sleep(this.#pauseMs, false);
        if (this.#closed) return;
        await this.#open();
      } else await this.#serve(this.#sender);
    }
  }

  async #open(): Promise<void> {
    let sender: Sender;
    try {
      sender = await this.#options.open();
    } catch (error) {
      this.#broken(messageOf(error));
      return;
    }
    // It was opened too late for `close`, which did not wait.
    if (this.#closed) return sender.close();
    this.#sender = sender;
    this.#openedAtMs = this.#options.monotonic();
    sender.onBreak((reason) => {
      if (this.#sender === sender) this.#broken(reason);
    });
  }

  async #serve(sender: Sender): Promise<void> {
    try {
      await this.#sendNext(sender);
    } catch (error) {
      // A break may have been told before.
      if (this.#sender === sender) this.#broken(messageOf(error));
    }
  }

  async #sendNext(sender: Sender): Promise<void> {
    const { queue, monotonic, settleMs } = this.#options;
    const nowMs = monotonic();
    this.#settle(nowMs - settleMs);
    if (nowMs - this.#openedAtMs >= settleMs) this.#proven();
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
    if (!sender.acknowledges) {
      this.#unsettled.push({ position: read.next, atMs: monotonic() });
      return;
    }
    queue.delivered(read.next);
    this.#proven();
  }

  /** The receiver has taken something, or has stayed for long enough: only then is it well again, and its next break a first one. */
  #proven(): void {
    this.#pauseMs = 0;
    this.#say(undefined);
  }

  #settle(untilMs: number): void {
    const settled = this.#unsettled.findLastIndex(({ atMs }) => atMs <= untilMs);
    if (settled < 0) return;
    this.#options.queue.delivered(this.#unsettled[settled]!.position);
    this.#unsettled = this.#unsettled.slice(settled + 1);
  }

  #broken(reason: string): void {
    this.#pauseMs = Math.min(this.#options.retryMaxMs, Math.max(RETRY_FIRST_MS, this.#pauseMs * 2));
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
    if (this.#closed || ms === 0) return Promise.resolve();
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

/** A line that a kill cut in two is none. */
function itemIn(line: string): EventItem | undefined {
  try {
    // Only events are offered.
    return JSON.parse(line) as EventItem;
  } catch {
    return undefined;
  }
}
