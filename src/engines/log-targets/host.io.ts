import { join } from 'node:path';
import { messageOf } from '../../kernel/index.ts';
import type { EventItem } from '../events/index.ts';
import { DiskQueue } from './disk-queue.io.ts';
import type { TargetLimits } from './limits.ts';
import type { FromTargets, OfferedLines, Statuses, TargetsStart } from './messages.ts';
import { openDatagrams, openFile, openOtlp } from './other-senders.io.ts';
import { misplaced } from './placement.ts';
import { TargetRunner } from './runner.io.ts';
import type { Sender } from './sender.ts';
import { openStream } from './stream-sender.io.ts';
import { filterOf, type LogTarget } from './target.ts';
import { syslogText, textOf } from './wording.ts';

const FILE_BYTES = 4 * 1024 * 1024;

interface Running {
  readonly target: LogTarget;
  readonly wants: (type: string, severity: string) => boolean;
  readonly runner: TargetRunner | undefined;
}

/** Every target with its queue and its connection, in a thread of their own: what they do never stops the loop of control. */
export class TargetHost {
  readonly #start: TargetsStart;
  readonly #tell: (message: FromTargets) => void;
  readonly #running = new Map<string, Running>();
  #limits: TargetLimits | undefined;

  constructor(start: TargetsStart, tell: (message: FromTargets) => void) {
    this.#start = start;
    this.#tell = tell;
  }

  /** These and no others. Targets that changed begin anew, and their queue goes on. */
  async use(targets: readonly LogTarget[], limits: TargetLimits): Promise<void> {
    this.#limits = limits;
    const wanted = new Map(targets.map((target) => [target.name, target]));
    for (const [name, { target, runner }] of this.#running) {
      const next = wanted.get(name);
      if (next !== undefined && JSON.stringify(next) === JSON.stringify(target)) {
        wanted.delete(name);
        continue;
      }
      await runner?.close();
      this.#running.delete(name);
      if (next === undefined) this.#queue(name, limits).remove();
    }
    for (const [name, target] of wanted) {
      const runner = target.enabled ? this.#open(target, limits) : undefined;
      this.#running.set(name, { target, wants: filterOf(target), runner });
    }
  }

  offer({ lines, types, severities }: OfferedLines): void {
    for (const [name, { wants, runner }] of this.#running) {
      if (runner === undefined) continue;
      const wanted = lines.filter((_, at) => wants(types[at] ?? '', severities[at] ?? ''));
      if (wanted.length > 0) this.#append(name, runner, wanted);
    }
  }

  deliver(name: string, line: string): void {
    const runner = this.#running.get(name)?.runner;
    if (runner !== undefined) this.#append(name, runner, [line]);
  }

  /** Sends one message on a connection of its own. Rejects with what is wrong. */
  async test(target: LogTarget, line: string): Promise<void> {
    const limits = this.#limits;
    if (limits === undefined) throw new Error('no targets were given');
    const sender = await this.#connect(target, limits);
    try {
      // Only events are tested with.
      await sender.send([this.#message(target, JSON.parse(line) as EventItem)]);
    } finally {
      sender.close();
    }
  }

  statuses(): Statuses {
    return [...this.#running].flatMap(([name, { runner }]) =>
      runner === undefined ? [] : [[name, runner.status()] as const],
    );
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#running.values(), async ({ runner }) => runner?.close()));
    this.#running.clear();
  }

  #append(name: string, runner: TargetRunner, lines: readonly string[]): void {
    try {
      runner.offer(lines);
    } catch (error) {
      const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
      this.#tell({ kind: 'not-queued', name, reason: messageOf(error), bytes });
    }
  }

  #queue(name: string, { queueBytesMax }: TargetLimits): DiskQueue {
    return new DiskQueue(join(this.#start.dataDir, 'log-queue', name), {
      bytesMax: queueBytesMax,
      fileBytes: Math.min(FILE_BYTES, Math.ceil(queueBytesMax / 4)),
    });
  }

  #open(target: LogTarget, { settleMs, retryMaxMs, ...limits }: TargetLimits): TargetRunner {
    return new TargetRunner({
      target,
      queue: this.#queue(target.name, { settleMs, retryMaxMs, ...limits }),
      open: () => this.#connect(target, this.#limits ?? { settleMs, retryMaxMs, ...limits }),
      messageOf: (item) => this.#message(target, item),
      settleMs,
      retryMaxMs,
      monotonic: () => performance.now(),
      changed: ({ name }, problem) => this.#tell({ kind: 'changed', name, problem }),
    });
  }

  #message(target: LogTarget, item: EventItem): string {
    if (target.transport === 'otlp') return JSON.stringify(item);
    if (target.transport === 'file') return textOf(item, target.format, this.#start.speaker);
    return syslogText(item, target, this.#start.speaker);
  }

  #connect(target: LogTarget, limits: TargetLimits): Promise<Sender> {
    switch (target.transport) {
      case 'syslog+tls':
      case 'syslog+tcp':
        return openStream(target, limits);
      case 'syslog+udp':
        return openDatagrams(target);
      case 'otlp':
        return Promise.resolve(openOtlp(target, limits, this.#start.speaker));
      case 'file': {
        const why = misplaced(target, this.#start.dataDir, limits.folders);
        if (why !== undefined) return Promise.reject(new Error(why));
        return Promise.resolve(openFile(target, limits.fileBytesMax));
      }
    }
  }
}
