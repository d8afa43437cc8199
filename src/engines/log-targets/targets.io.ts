import { hostname } from 'node:os';
import { type Health, type Log, messageOf } from '../../kernel/index.ts';
import type { EventItem } from '../events/index.ts';
import { type JsonObject, putDocument, removeDocument, type State } from '../state/index.ts';
import { targetErrors } from './errors.ts';
import type { TargetLimits } from './limits.ts';
import { misplaced } from './placement.ts';
import type { TargetStatus } from './runner.io.ts';
import { filterOf, type LogTarget, logTargetsSection, readTarget } from './target.ts';
import { TargetsThread } from './thread.io.ts';

export interface LogTargetsOptions {
  readonly dataDir: string;
  readonly state: State;
  readonly version: string;
  readonly log: Log;
  limits(): TargetLimits;
  now(): number;
}

export interface LogTargetView {
  readonly target: LogTarget;
  readonly status: TargetStatus;
}

/** Where events go besides the store, in control. */
export interface LogTargets {
  open(): Promise<void>;
  /** Never waits: what they want of these is handed to their thread. */
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

const DISABLED: TargetStatus = { state: 'disabled', reason: '', sent: 0, waitingBytes: 0, droppedBytes: 0 };
/** Until the thread has said more. */
const BEGINNING: TargetStatus = { ...DISABLED, state: 'ok' };

export function createLogTargets(options: LogTargetsOptions): LogTargets {
  return new Targets(options);
}

interface Known {
  readonly target: LogTarget;
  readonly wants: (type: string, severity: string) => boolean;
}

class Targets implements LogTargets {
  readonly #options: LogTargetsOptions;
  readonly #thread: TargetsThread;
  readonly #known = new Map<string, Known>();
  #limits: TargetLimits;

  constructor(options: LogTargetsOptions) {
    this.#options = options;
    this.#limits = options.limits();
    const speaker = { hostname: hostname(), version: options.version, pid: process.pid };
    this.#thread = new TargetsThread({ dataDir: options.dataDir, speaker }, options.log);
  }

  async open(): Promise<void> {
    await this.#takeOver();
    this.#options.state.onChange(() => this.#takeOver());
  }

  offer(items: readonly EventItem[]): void {
    const known = [...this.#known.values()];
    const wanted = items.filter(({ type, severity }) => known.some(({ wants }) => wants(type, severity)));
    if (wanted.length === 0) return;
    if (this.#limits !== this.#options.limits()) void this.#use();
    this.#thread.offer({
      lines: wanted.map((item) => JSON.stringify(item)),
      types: wanted.map(({ type }) => type),
      severities: wanted.map(({ severity }) => severity),
    });
  }

  list(): readonly LogTargetView[] {
    return Array.from(this.#known.values(), ({ target }) => ({ target, status: this.#status(target) }));
  }

  async add(name: string, body: JsonObject, actor: string): Promise<LogTarget> {
    const target = readTarget(name, body);
    if (typeof target === 'string') throw targetErrors.LOG_TARGET_INVALID({ name, reason: target });
    const { targetsMax, folders } = this.#options.limits();
    const reason = misplaced(target, this.#options.dataDir, folders);
    if (reason !== undefined) throw targetErrors.LOG_TARGET_INVALID({ name, reason });
    if (this.#known.size >= targetsMax) throw targetErrors.LOG_TARGETS_MAX({ count: targetsMax });
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
    try {
      await this.#thread.test(target, JSON.stringify(item));
    } catch (error) {
      throw targetErrors.LOG_TARGET_TEST({ name, reason: messageOf(error) }, { cause: error });
    }
  }

  deliver(name: string, item: EventItem): void {
    this.#find(name);
    this.#thread.deliver(name, JSON.stringify(item));
  }

  health(): readonly { readonly target: string; readonly health: Health }[] {
    return Array.from(this.#known.values()).flatMap(({ target }) =>
      target.enabled ? [{ target: target.name, health: healthOf(this.#status(target)) }] : [],
    );
  }

  async close(): Promise<void> {
    this.#known.clear();
    await this.#thread.close();
  }

  #status(target: LogTarget): TargetStatus {
    return target.enabled ? (this.#thread.status(target.name) ?? BEGINNING) : DISABLED;
  }

  #find(name: string): LogTarget {
    const found = this.#known.get(name);
    if (found === undefined) throw targetErrors.LOG_TARGET_UNKNOWN({ name });
    return found.target;
  }

  /** What the configuration says now. */
  async #takeOver(): Promise<void> {
    const document = await this.#options.state.read((tx) => logTargetsSection.read(tx));
    this.#known.clear();
    for (const [name, body] of Object.entries(document)) {
      const target = readTarget(name, body);
      if (typeof target !== 'string') this.#known.set(name, { target, wants: filterOf(target) });
    }
    await this.#use();
  }

  /** Limits that a reload has brought go along. */
  async #use(): Promise<void> {
    this.#limits = this.#options.limits();
    const targets = Array.from(this.#known.values(), ({ target }) => target);
    try {
      await this.#thread.use(targets, this.#limits);
    } catch (error) {
      this.#options.log.error('log-target.not-used', { error });
    }
  }
}

function healthOf({ state, reason, droppedBytes }: TargetStatus): Health {
  if (state !== 'failing') return { state: 'ok' };
  const lost = droppedBytes === 0 ? '' : `; its queue was full, ${droppedBytes} bytes were lost`;
  return { state: 'degraded', code: 'log-target', reason: `${reason}${lost}` };
}
