import { hostname } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { type Health, type Log, messageOf } from '../../kernel/index.ts';
import type { EventItem } from '../events/index.ts';
import { type JsonObject, putDocument, removeDocument, type State } from '../state/index.ts';
import { DiskQueue } from './disk-queue.io.ts';
import { targetErrors } from './errors.ts';
import { openDatagrams, openFile, openOtlp } from './other-senders.io.ts';
import { TargetRunner, type TargetStatus } from './runner.io.ts';
import type { Sender } from './sender.ts';
import { openStream } from './stream-sender.io.ts';
import { type LogTarget, logTargetsSection, readTarget } from './target.ts';
import { type Speaker, syslogText, textOf } from './wording.ts';

export interface TargetLimits {
  readonly targetsMax: number;
  /** Of one target, on the disk. */
  readonly queueBytesMax: number;
  readonly messageBytesMax: number;
  readonly connectMs: number;
  readonly idleMs: number;
  readonly settleMs: number;
  readonly retryMaxMs: number;
  /** Where targets that are files may write, besides DATA_DIR/log. */
  readonly folders: readonly string[];
  /** Of a target that is a file. */
  readonly fileBytesMax: number;
}

export interface LogTargetsOptions {
  readonly dataDir: string;
  readonly state: State;
  readonly version: string;
  readonly log: Log;
  limits(): TargetLimits;
  monotonic(): number;
  now(): number;
}

export interface LogTargetView {
  readonly target: LogTarget;
  readonly status: TargetStatus;
}

/** Where events go besides the store, in control. */
export interface LogTargets {
  open(): Promise<void>;
  /** Never waits: an append to a file for each target. */
  offer(items: readonly EventItem[]): void;
  list(): readonly LogTargetView[];
  add(name: string, body: JsonObject, actor: string): Promise<LogTarget>;
  remove(name: string, actor: string): Promise<void>;
  /** Sends one message on a connection of its own. Rejects with LOG_TARGET_TEST. */
  test(name: string, actor: string): Promise<void>;
  /** Puts one event into the queue of one target, whatever types it wants. Throws LOG_TARGET_UNKNOWN. */
  deliver(name: string, item: EventItem): void;
  health(): readonly { readonly target: string; readonly health: Health }[];
  close(): Promise<void>;
}

const FILE_BYTES = 4 * 1024 * 1024;

export function createLogTargets(options: LogTargetsOptions): LogTargets {
  return new Targets(options);
}

class Targets implements LogTargets {
  readonly #options: LogTargetsOptions;
  readonly #speaker: Speaker;
  readonly #running = new Map<
    string,
    { readonly target: LogTarget; readonly runner: TargetRunner | undefined }
  >();

  constructor(options: LogTargetsOptions) {
    this.#options = options;
    this.#speaker = { hostname: hostname(), version: options.version, pid: process.pid };
  }

  async open(): Promise<void> {
    await this.#takeOver();
    this.#options.state.onChange(() => this.#takeOver());
  }

  offer(items: readonly EventItem[]): void {
    for (const [name, { runner }] of this.#running) {
      try {
        runner?.offer(items);
      } catch (error) {
        this.#options.log.warn('log-target.not-queued', { target: name, error });
      }
    }
  }

  list(): readonly LogTargetView[] {
    return [...this.#running.values()].map(({ target, runner }) => ({
      target,
      status: runner?.status() ?? {
        state: 'disabled',
        reason: '',
        sent: 0,
        waitingBytes: 0,
        droppedBytes: 0,
      },
    }));
  }

  async add(name: string, body: JsonObject, actor: string): Promise<LogTarget> {
    const target = readTarget(name, body);
    if (typeof target === 'string') throw targetErrors.LOG_TARGET_INVALID({ name, reason: target });
    const misplaced = this.#misplaced(target);
    if (misplaced !== undefined) throw targetErrors.LOG_TARGET_INVALID({ name, reason: misplaced });
    const { targetsMax } = this.#options.limits();
    if (this.#running.size >= targetsMax) throw targetErrors.LOG_TARGETS_MAX({ count: targetsMax });
    const by = {
      author: actor,
      action: 'log-target.add',
      summary: `add log target ${name}`,
      details: { name, url: target.url },
    };
    await this.#options.state.change(by, async (tx) => {
      const known = await logTargetsSection.read(tx);
      if (Object.hasOwn(known, name)) throw targetErrors.LOG_TARGET_EXISTS({ name });
      await putDocument(tx, 'log-targets', name, body);
    });
    return target;
  }

  async remove(name: string, actor: string): Promise<void> {
    this.#find(name);
    const by = {
      author: actor,
      action: 'log-target.remove',
      summary: `remove log target ${name}`,
      details: { name },
    };
    await this.#options.state.change(by, (tx) => removeDocument(tx, 'log-targets', name));
  }

  async test(name: string, actor: string): Promise<void> {
    const target = this.#find(name);
    const item: EventItem = {
      id: 'test',
      time: new Date(this.#options.now()).toISOString(),
      type: 'log-target.test',
      severity: 'info',
      user: actor,
      reason: 'test',
      count: 1,
      details: {},
    };
    let sender: Sender | undefined;
    try {
      sender = await this.#connect(target);
      await sender.send([this.#message(target, item)]);
    } catch (error) {
      throw targetErrors.LOG_TARGET_TEST({ name, reason: messageOf(error) }, { cause: error });
    } finally {
      sender?.close();
    }
  }

  deliver(name: string, item: EventItem): void {
    this.#find(name);
    this.#running.get(name)?.runner?.deliver([item]);
  }

  health(): readonly { readonly target: string; readonly health: Health }[] {
    return [...this.#running].flatMap(([target, { runner }]) =>
      runner === undefined ? [] : [{ target, health: runner.health() }],
    );
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#running.values(), async ({ runner }) => runner?.close()));
    this.#running.clear();
  }

  /** Who may add a target may not write everywhere that the gateway's user may. */
  #misplaced({ transport, url }: LogTarget): string | undefined {
    if (transport !== 'file') return undefined;
    const folders = [join(this.#options.dataDir, 'log'), ...this.#options.limits().folders];
    const path = resolve(url);
    if (folders.some((folder) => path.startsWith(`${resolve(folder)}${sep}`))) return undefined;
    return `files are written below ${folders.join(' or ')}; the setting logTargets.folders names others`;
  }

  #find(name: string): LogTarget {
    const found = this.#running.get(name);
    if (found === undefined) throw targetErrors.LOG_TARGET_UNKNOWN({ name });
    return found.target;
  }

  /** What the configuration says now: targets that changed begin anew, their queue goes on. */
  async #takeOver(): Promise<void> {
    const document = await this.#options.state.read((tx) => logTargetsSection.read(tx));
    const wanted = new Map(
      Object.entries(document).flatMap(([name, body]) => {
        const target = readTarget(name, body);
        return typeof target === 'string' ? [] : [[name, target] as const];
      }),
    );
    for (const [name, { target, runner }] of this.#running) {
      const next = wanted.get(name);
      if (next !== undefined && JSON.stringify(next) === JSON.stringify(target)) {
        wanted.delete(name);
        continue;
      }
      await runner?.close();
      this.#running.delete(name);
      if (next === undefined) this.#queue(name).remove();
    }
    for (const [name, target] of wanted) {
      this.#running.set(name, { target, runner: target.enabled ? this.#start(target) : undefined });
    }
  }

  #queue(name: string): DiskQueue {
    const bytesMax = this.#options.limits().queueBytesMax;
    return new DiskQueue(join(this.#options.dataDir, 'log-queue', name), {
      bytesMax,
      fileBytes: Math.min(FILE_BYTES, Math.ceil(bytesMax / 4)),
    });
  }

  #start(target: LogTarget): TargetRunner {
    const { settleMs, retryMaxMs } = this.#options.limits();
    return new TargetRunner({
      target,
      queue: this.#queue(target.name),
      open: () => this.#connect(target),
      messageOf: (item) => this.#message(target, item),
      settleMs,
      retryMaxMs,
      monotonic: () => this.#options.monotonic(),
      changed: ({ name }, problem) => {
        if (problem === undefined) this.#options.log.info('log-target.well', { target: name });
        else this.#options.log.warn('log-target.failing', { target: name, reason: problem });
      },
    });
  }

  #message(target: LogTarget, item: EventItem): string {
    if (target.transport === 'otlp') return JSON.stringify(item);
    if (target.transport === 'file') return textOf(item, target.format, this.#speaker);
    return syslogText(item, target, this.#speaker);
  }

  #connect(target: LogTarget): Promise<Sender> {
    const limits = this.#options.limits();
    switch (target.transport) {
      case 'syslog+tls':
      case 'syslog+tcp':
        return openStream(target, limits);
      case 'syslog+udp':
        return openDatagrams(target);
      case 'otlp':
        return Promise.resolve(openOtlp(target, limits, this.#speaker));
      case 'file': {
        const misplaced = this.#misplaced(target);
        if (misplaced !== undefined) return Promise.reject(new Error(misplaced));
        return Promise.resolve(openFile(target, limits.fileBytesMax));
      }
    }
  }
}
