import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { Gauge, Log } from '../../kernel/index.ts';
import type { Finding, Incomplete } from '../../kernel/index.ts';
import type { FromWorker, Job, JobResult, RuleSource, ToWorker, WorkerSettings } from './job.ts';

export interface PoolOptions {
  readonly workers: number;
  readonly queueMax: number;
  readonly heapMax: number;
  readonly settings: WorkerSettings;
  readonly log: Log;
  readonly waiting: Gauge;
  onLost(): void;
  /** A thread has compiled these rules, or says why it cannot. */
  onRules?(version: string, problem: string | undefined): void;
  /** For tests: how a thread is started. */
  readonly start?: ((file: URL, options: WorkerOptions) => Worker) | undefined;
}

export type JobOutcome = {
  readonly findings: readonly Finding[];
  readonly incomplete: readonly Incomplete[];
} & (
  | { readonly end: 'done'; readonly result: JobResult }
  | { readonly end: 'timeout' | 'waited' | 'died' | 'busy' | 'closed'; readonly result: undefined }
);

interface Waiting {
  readonly job: Omit<Job, 'id'>;
  /** From when it was asked for, waiting and running alike. */
  readonly timer: NodeJS.Timeout;
  readonly askedMs: number;
  settle(outcome: JobOutcome): void;
  /** When no thread reads the file any more; that may be after the outcome. */
  freed(): void;
}

interface Running extends Waiting {
  readonly id: number;
  readonly findings: Finding[];
  readonly incomplete: Incomplete[];
}

interface Member {
  readonly worker: Worker;
  running: Running | undefined;
  rules: string;
  gone: boolean;
}

/** A thread that cannot be replaced at once is tried again so much later; doubled to `RETRY_MAX_MS`. */
const RETRY_MS = 100;
const RETRY_MAX_MS = 10_000;
/** From then on it is no accident: files are not kept waiting. */
const DEATHS_MAX = 3;

/**
 * Threads with one file each and a queue before them. A thread that dies, or is ended because its file takes too
 * long, fails that file alone; another takes its place.
 */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #members: Member[] = [];
  readonly #queue: Waiting[] = [];
  #rules: Extract<ToWorker, { kind: 'rules' }> | undefined;
  #rulesWaiters: { readonly version: string; done(problem: string | undefined): void }[] = [];
  #nextId = 1;
  #deaths = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Why threads cannot work; `undefined`: they can. */
  get trouble(): string | undefined {
    return this.#deaths >= DEATHS_MAX
      ? `threads that scan have died ${this.#deaths} times in a row`
      : undefined;
  }

  start(): void {
    while (!this.#closed && this.#members.length < this.#options.workers) this.#spawn();
  }

  /** Gives all threads other rules; resolves with what was wrong when the first has compiled them. */
  useRules(sources: readonly RuleSource[], version: string): Promise<string | undefined> {
    this.#rules = { kind: 'rules', sources, version };
    const done = new Promise<string | undefined>((resolve) => {
      this.#rulesWaiters.push({ version, done: resolve });
    });
    this.start();
    for (const member of this.#members) this.#sendRules(member);
    return done;
  }

  /** Another model is in force; threads that come later read it anyway. */
  useModels(): void {
    for (const { worker } of this.#members) worker.postMessage({ kind: 'models' } satisfies ToWorker);
  }

  /** Resolves within the time of the job, which counts from now on; `freed`: no thread reads its body any more. */
  run(job: Omit<Job, 'id'>, freed: () => void): Promise<JobOutcome> {
    return new Promise((resolve) => {
      const refused = this.#refusal();
      if (refused !== undefined) {
        freed();
        resolve(empty(refused));
        return;
      }
      const timer = setTimeout(() => this.#late(waiting), job.withinMs);
      const waiting: Waiting = { job, settle: resolve, freed, timer, askedMs: performance.now() };
      this.#queue.push(waiting);
      if (this.#retry === undefined) this.start();
      this.#assign();
    });
  }

  #refusal(): 'closed' | 'died' | 'busy' | undefined {
    if (this.#closed) return 'closed';
    if (this.#members.length === 0 && this.#deaths >= DEATHS_MAX) return 'died';
    return this.#queue.length >= this.#options.queueMax ? 'busy' : undefined;
  }

  #late(waiting: Waiting): void {
    const member = this.#members.find(({ running }) => running?.timer === waiting.timer);
    if (member !== undefined) {
      this.#lost(member, 'timeout');
      return;
    }
    const at = this.#queue.indexOf(waiting);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    waiting.freed();
    waiting.settle(empty('waited'));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const { freed, settle, timer } of this.#queue.splice(0)) {
      clearTimeout(timer);
      freed();
      settle(empty('closed'));
    }
    for (const { done } of this.#rulesWaiters.splice(0)) done('closed');
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  #spawn(): void {
    const start = this.#options.start ?? ((file: URL, options: WorkerOptions) => new Worker(file, options));
    const worker = start(new URL('worker.io.ts', import.meta.url), {
      workerData: this.#options.settings,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(this.#options.heapMax / 1024 ** 2) },
      // What this process was started with (a test runner, a profiler) is not for the thread.
      execArgv: [],
      stdout: false,
    });
    worker.unref();
    const member: Member = { worker, running: undefined, rules: '', gone: false };
    this.#members.push(member);
    worker.on('message', (message: FromWorker) => this.#said(member, message));
    worker.on('error', (error) => {
      this.#options.log.error('scan.worker-died', { error });
    });
    worker.on('exit', () => {
      member.running?.freed();
      this.#lost(member, 'died');
    });
    this.#sendRules(member);
  }

  #sendRules(member: Member): void {
    if (this.#rules === undefined || member.rules === this.#rules.version) return;
    member.rules = this.#rules.version;
    member.worker.postMessage(this.#rules);
  }

  #assign(): void {
    for (const member of this.#members) {
      if (member.running !== undefined || member.gone) continue;
      const next = this.#queue.shift();
      if (next === undefined) break;
      this.#begin(member, next);
    }
    this.#options.waiting.set(this.#queue.length);
  }

  #begin(member: Member, waiting: Waiting): void {
    const id = this.#nextId++;
    member.running = { ...waiting, id, findings: [], incomplete: [] };
    const { body, withinMs } = waiting.job;
    const leftMs = Math.max(1, withinMs - (performance.now() - waiting.askedMs));
    const message: ToWorker = { kind: 'job', job: { ...waiting.job, withinMs: leftMs, id } };
    // With something to do it keeps the process alive.
    member.worker.ref();
    member.worker.postMessage(message, body.kind === 'memory' ? [body.bytes.buffer] : []);
  }

  #said(member: Member, message: FromWorker): void {
    if (message.kind === 'rules') {
      this.#rulesSaid(message);
      return;
    }
    const { running } = member;
    if (running === undefined || running.id !== message.id || member.gone) return;
    if (message.kind === 'found') {
      running.findings.push(...message.findings);
      running.incomplete.push(...message.incomplete);
      return;
    }
    this.#deaths = 0;
    clearTimeout(running.timer);
    member.running = undefined;
    member.worker.unref();
    this.#assign();
    running.freed();
    const { findings, incomplete } = running;
    running.settle({ end: 'done', findings, incomplete, result: message.result });
  }

  #rulesSaid({ version, problem }: Extract<FromWorker, { kind: 'rules' }>): void {
    this.#options.onRules?.(version, problem);
    const mine = this.#rulesWaiters.filter((each) => each.version === version);
    this.#rulesWaiters = this.#rulesWaiters.filter((each) => each.version !== version);
    for (const { done } of mine) done(problem);
  }

  /** The thread is of no use any more: its file gets an answer, and another thread comes. */
  #lost(member: Member, end: 'timeout' | 'died'): void {
    if (member.gone) return;
    member.gone = true;
    this.#members.splice(this.#members.indexOf(member), 1);
    const { running } = member;
    if (running !== undefined) {
      clearTimeout(running.timer);
      const { findings, incomplete } = running;
      running.settle({ end: this.#closed ? 'closed' : end, findings, incomplete, result: undefined });
    }
    if (end === 'timeout') void member.worker.terminate();
    if (this.#closed) return;
    this.#options.onLost();
    if (end === 'died' && ++this.#deaths >= DEATHS_MAX) this.#giveUp();
    this.#replace();
  }

  /** Nobody waits for threads that do not come up; the next that does takes the rules and the files after. */
  #giveUp(): void {
    for (const { done } of this.#rulesWaiters.splice(0)) done('the threads that compile them die');
    for (const { freed, settle, timer } of this.#queue.splice(0)) {
      clearTimeout(timer);
      freed();
      settle(empty('died'));
    }
  }

  #replace(): void {
    // The first one comes at once; one that dies again and again must not take all the processor.
    const wait = this.#deaths <= 1 ? 0 : Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.#deaths);
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (wait === 0) {
      this.start();
      this.#assign();
      return;
    }
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.start();
      this.#assign();
    }, wait);
  }
}

function empty(end: 'busy' | 'closed' | 'died' | 'waited'): JobOutcome {
  return { end, findings: [], incomplete: [], result: undefined };
}
