import type { Log } from '../../kernel/index.ts';
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
  const { role, generation, log } = options;
  const first = Promise.withResolvers<readonly string[]>();
  const ended = Promise.withResolvers<void>();
  let state: ProcessFact['state'] = 'starting';
  let child: Child | undefined;
  let everReady = false;
  let ending = false;
  let restarts = 0;
  let backoffMs = BACKOFF_MS_FIRST;
  let timer: NodeJS.Timeout | undefined;
  let bornAt = 0;

  const change = (next: ProcessFact['state']): void => {
    state = next;
    options.onChange();
  };

  const start = (): void => {
    bornAt = performance.now();
    const own = options.fork({
      onMessage: (message) => {
        if (own === child && isFromChild(message)) receive(message);
      },
      onExit: (why) => died(why),
    });
    child = own;
    change('starting');
    timer = setTimeout(
      () => fail(appErrors.CHILD_SLOW({ role, seconds: READY_MS_MAX / 1000 })),
      READY_MS_MAX,
    );
    options.begin(own);
  };

  const receive = (message: FromChild): void => {
    if (message.kind === 'ready') {
      clearTimeout(timer);
      everReady = true;
      if (!ending) change('ready');
      first.resolve(message.notices);
    } else if (message.kind === 'failed') fail(fromErrorFrame(message.error));
    else options.onMessage(message);
  };

  /** Before the first readiness a failure is final; later the process is replaced like a dead one. */
  const fail = (error: Error): void => {
    log.error('process.failed', { role, pid: child?.pid, error });
    if (!everReady) {
      ending = true;
      first.reject(error);
    }
    child?.kill();
  };

  const died = (why: string): void => {
    clearTimeout(timer);
    const pid = child?.pid;
    child = undefined;
    if (!everReady) first.reject(appErrors.CHILD_LOST({ role, why }));
    if (ending || !everReady) {
      change('gone');
      return ended.resolve();
    }
    if (performance.now() - bornAt >= QUIET_MS) backoffMs = BACKOFF_MS_FIRST;
    log.error('process.died', { role, died: pid, why, restartInMs: backoffMs });
    restarts++;
    timer = setTimeout(start, backoffMs);
    backoffMs = Math.min(backoffMs * 2, BACKOFF_MS_MAX);
    change('waiting');
  };

  const finish = (message: ToChild, deadlineMs: number): void => {
    ending = true;
    clearTimeout(timer);
    if (child === undefined) {
      change('gone');
      return ended.resolve();
    }
    if (deadlineMs === 0 || !child.send(message)) return child.kill();
    // A timer holds 31 bits; nobody waits longer than these 24 days.
    timer = setTimeout(() => child?.kill(), Math.min(deadlineMs + GRACE_MS, 2 ** 31 - 1));
    change('draining');
  };

  // Whoever waits for it sees the failure; nobody has to.
  first.promise.catch(() => undefined);
  start();
  return {
    get fact() {
      return { role, pid: child?.pid ?? 0, generation, state };
    },
    get restarts() {
      return restarts;
    },
    firstReady: first.promise,
    gone: ended.promise,
    send: (message) => child?.send(message) ?? false,
    drain: (maxMs) => finish({ kind: 'drain' }, maxMs),
    stop: (deadlineMs) => {
      if (state !== 'gone') finish({ kind: 'stop', deadlineMs }, deadlineMs);
    },
  };
}
