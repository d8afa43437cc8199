import { messageOf, type Log } from '../../kernel/index.ts';
import type { Child, ForkOptions } from '../../platform/index.ts';
import { appErrors, fromErrorFrame } from '../errors.ts';
import { isFromChild, type FromChild, type ProcessFact, type Role, type ToChild } from '../messages.ts';

/** Delay before a process that died is started again: doubled at each death, back to the first after a quiet minute. */
const BACKOFF_MS_FIRST = 250;
const BACKOFF_MS_MAX = 30_000;
const QUIET_MS = 60_000;
/** First start makes keys and tables; a machine under load is slow; what is later than this hangs. */
const READY_MS_MAX = 60_000;
/** A process that was told to end and does not is cut this long after its deadline. */
const GRACE_MS = 2000;

export interface SlotOptions {
  readonly role: Exclude<Role, 'supervisor'>;
  readonly generation: number;
  readonly log: Log;
  fork(events: Pick<ForkOptions, 'onMessage' | 'onExit'>): Child;
  /** Hands the child what it needs: sockets, configuration. */
  begin(child: Child): void;
  onMessage(message: FromChild): void;
  /** Something of `fact` has changed. */
  onChange(): void;
}

/** The place of one process: it is filled again when the process dies, until it is told to end. */
export interface Slot {
  readonly fact: ProcessFact;
  readonly restarts: number;
  /** The first process is ready; rejects with its error when it fails before, and the slot is gone then. */
  readonly firstReady: Promise<readonly string[]>;
  readonly gone: Promise<void>;
  /** False: there is no process at the moment. */
  send(message: ToChild): boolean;
  /** A newer generation accepts: finish what is open, at the latest after the time. */
  drain(maxMs: number): void;
  /** Finish until the deadline, then cut. 0 cuts at once. */
  stop(deadlineMs: number): void;
}

export function openSlot(options: SlotOptions): Slot {
  const slot = new ProcessSlot(options);
  slot.start();
  return slot;
}

class ProcessSlot implements Slot {
  readonly #options: SlotOptions;
  readonly #first = Promise.withResolvers<readonly string[]>();
  readonly #ended = Promise.withResolvers<void>();
  #state: ProcessFact['state'] = 'starting';
  #child: Child | undefined;
  #everReady = false;
  #ending = false;
  #restarts = 0;
  #backoffMs = BACKOFF_MS_FIRST;
  #timer: NodeJS.Timeout | undefined;
  #bornAt = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
    // Whoever waits for it sees the failure; nobody has to.
    this.#first.promise.catch(() => undefined);
  }

  get fact(): ProcessFact {
    const { role, generation } = this.#options;
    return { role, pid: this.#child?.pid ?? 0, generation, state: this.#state };
  }

  get restarts(): number {
    return this.#restarts;
  }

  get firstReady(): Promise<readonly string[]> {
    return this.#first.promise;
  }

  get gone(): Promise<void> {
    return this.#ended.promise;
  }

  start(): void {
    const { role, fork, begin } = this.#options;
    this.#bornAt = performance.now();
    let own: Child;
    try {
      own = fork({
        onMessage: (message) => {
          if (own === this.#child && isFromChild(message)) this.#receive(message);
        },
        onExit: (why) => this.#died(why),
      });
    } catch (error) {
      // No memory for a process (fork(2) ENOMEM): the others serve on, and this one is tried again.
      return this.#died(messageOf(error));
    }
    this.#child = own;
    this.#change('starting');
    const late = (): void => this.#fail(appErrors.CHILD_SLOW({ role, seconds: READY_MS_MAX / 1000 }));
    this.#timer = setTimeout(late, READY_MS_MAX);
    begin(own);
  }

  send(message: ToChild): boolean {
    return this.#child?.send(message) ?? false;
  }

  drain(maxMs: number): void {
    this.#finish({ kind: 'drain' }, maxMs);
  }

  stop(deadlineMs: number): void {
    if (this.#state !== 'gone') this.#finish({ kind: 'stop', deadlineMs }, deadlineMs);
  }

  #change(next: ProcessFact['state']): void {
    this.#state = next;
    this.#options.onChange();
  }

  #receive(message: FromChild): void {
    if (message.kind === 'ready') {
      // While it ends, the timer is the one that cuts it.
      if (!this.#ending) {
        clearTimeout(this.#timer);
        this.#change('ready');
      }
      this.#everReady = true;
      this.#first.resolve(message.notices);
    } else if (message.kind === 'failed') this.#fail(fromErrorFrame(message.error));
    else this.#options.onMessage(message);
  }

  /** Before the first readiness a failure is final; later the process is replaced like a dead one. */
  #fail(error: Error): void {
    const { role, log } = this.#options;
    log.error('process.failed', { role, failed: this.#child?.pid, error });
    if (!this.#everReady) {
      this.#ending = true;
      this.#first.reject(error);
    }
    this.#child?.kill();
  }

  #died(why: string): void {
    const { role, log } = this.#options;
    clearTimeout(this.#timer);
    const died = this.#child?.pid;
    this.#child = undefined;
    if (!this.#everReady) this.#first.reject(appErrors.CHILD_LOST({ role, why }));
    if (this.#ending || !this.#everReady) {
      this.#change('gone');
      return this.#ended.resolve();
    }
    if (performance.now() - this.#bornAt >= QUIET_MS) this.#backoffMs = BACKOFF_MS_FIRST;
    log.error('process.died', { role, died, why, restartInMs: this.#backoffMs });
    this.#restarts++;
    this.#timer = setTimeout(() => this.start(), this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MS_MAX);
    this.#change('waiting');
  }

  #finish(message: ToChild, deadlineMs: number): void {
    this.#ending = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) {
      this.#change('gone');
      return this.#ended.resolve();
    }
    if (deadlineMs === 0 || !child.send(message)) return child.kill();
    // A timer holds 31 bits; nobody waits longer than these 24 days.
    this.#timer = setTimeout(() => child.kill(), Math.min(deadlineMs + GRACE_MS, 2 ** 31 - 1));
    this.#change('draining');
  }
}
