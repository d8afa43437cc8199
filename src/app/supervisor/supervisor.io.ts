import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../../engines/config/index.ts';
import type { Log, PortStatus } from '../../kernel/index.ts';
import { onSignals, settle } from '../../platform/index.ts';
import { appErrors, toErrorFrame } from '../errors.ts';
import type { Facts, FromChild } from '../messages.ts';
import { createCrew, type Crew } from './crew.io.ts';
import type { Home } from './home.io.ts';
import type { Listeners } from './listeners.ts';
import type { Fork } from './nursery.ts';
import { refuseFixedChanges } from './reload.ts';

/** How long connections may finish after `stop` or SIGTERM. */
const STOP_MS = 10_000;
/** A terminal and npm both deliver one Ctrl-C: a signal this soon after the first is its echo. */
const ECHO_MS = 500;

export interface SupervisorOptions {
  /** The program that children run. */
  readonly entry: string;
  /** Environment of the children, without secrets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** `copy` takes every line as JSON. */
  openLog(settings: Config['log'], copy: (line: string) => void): Log;
  readonly adminPassword: string | undefined;
  /** True when somebody reads the notices as they come. */
  readonly terminal: boolean;
  readonly startedAtMs: number;
  /** Edges that are started before the configuration is read: as many as it probably asks for. */
  readonly edgesLikely: number;
  /** Reads file and flags, at start and at each reload; rejects with every problem. */
  loadConfig(): Promise<Config>;
  onReady(ready: Ready): void;
}

export interface Ready {
  readonly ports: readonly PortStatus[];
  /** Sentences for the operator, such as a first password. */
  readonly notices: readonly string[];
}

export interface Forking {
  readonly fork: Fork;
  /** Every process of the start has been asked for. */
  allForked(): void;
}

/** A gateway that runs: its processes, its sockets, and what changes both: reload and stop. */
export class Supervisor {
  readonly #options: SupervisorOptions & Forking;
  readonly #home: Home;
  readonly #listeners: Listeners;
  readonly #log: Log;
  readonly #ended = Promise.withResolvers<void>();
  #config: Config;
  #crew: Crew | undefined;
  #state: Facts['state'] = 'starting';
  #generation = 1;
  /** Reloads run one after the other. */
  #reloads: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  #stopSignalAt = 0;
  #factsDue = false;

  constructor(options: SupervisorOptions & Forking, home: Home, listeners: Listeners, config: Config) {
    this.#options = options;
    this.#home = home;
    this.#listeners = listeners;
    this.#log = options.openLog(config.log, (line) => void this.#crew?.control.send({ kind: 'log', line }));
    this.#config = config;
  }

  async run(): Promise<void> {
    const offStop = onSignals(['SIGTERM', 'SIGINT'], (signal) => this.#onStopSignal(signal));
    const offReload = onSignals(['SIGHUP'], () => void this.#reload().catch(() => undefined));
    const offLauncher = this.#watchLauncher();
    try {
      await this.#start();
      await this.#ended.promise;
    } finally {
      offStop();
      offReload();
      offLauncher();
    }
  }

  async #start(): Promise<void> {
    const prepared = await this.#listeners.prepare(this.#config);
    prepared.commit();
    if (this.#stopping !== undefined) return;
    const crew = createCrew(
      {
        log: this.#log,
        socketDir: this.#home.socketDir,
        name: nameOf(this.#config.dataDir),
        terminal: this.#options.terminal,
        adminPassword: this.#options.adminPassword,
        fork: this.#options.fork,
        onMessage: (message) => this.#onMessage(message),
        onChange: () => this.#factsSoon(),
      },
      this.#config,
    );
    this.#crew = crew;
    try {
      const raising = crew.raise(this.#generation, this.#config, prepared);
      this.#options.allForked();
      const [notices, generation] = await Promise.all([crew.control.firstReady, raising]);
      crew.relieve(generation, this.#config.drain);
      if (this.#stopping !== undefined) return;
      this.#state = 'running';
      this.#factsSoon();
      settle();
      this.#options.onReady({ ports: this.#listeners.status(), notices });
    } catch (error) {
      await crew.stopEdges(0);
      await crew.stopControl(0);
      // Somebody stopped us while we started: that is what ended the processes.
      if (this.#stopping === undefined) throw error;
    }
  }

  #reload(): Promise<object> {
    const run = this.#reloads.then(() => this.#reloadNow());
    this.#reloads = run.catch((error: unknown) => {
      this.#log.error('reload.failed', { error });
    });
    return run;
  }

  /** The old configuration runs on until the last step, whatever fails before. */
  async #reloadNow(): Promise<object> {
    const crew = this.#crew;
    if (crew === undefined || this.#state !== 'running')
      throw appErrors.RELOAD_NOT_NOW({ state: this.#state });
    if (this.#config.edges === 0) throw appErrors.RELOAD_ONE_PROCESS();
    const next = await this.#options.loadConfig();
    refuseFixedChanges(this.#config, next);
    const prepared = await this.#listeners.prepare(next);
    const number = this.#generation + 1;
    let generation;
    try {
      await crew.configure(next);
      generation = await crew.raise(number, next, prepared);
    } catch (error) {
      prepared.undo();
      // It was right before, so it is right again.
      await crew.configure(this.#config);
      throw error;
    }
    this.#generation = number;
    this.#config = next;
    crew.relieve(generation, next.drain);
    prepared.commit();
    this.#log.info('reload.done', { generation: number });
    this.#factsSoon();
    return { generation: number };
  }

  #onMessage(message: FromChild): void {
    if (message.kind !== 'ask') return;
    const { id } = message;
    const work = message.what === 'reload' ? this.#reload() : this.#stopAsked(id);
    work.then(
      (result) => this.#crew?.control.send({ kind: 'answer', id, result }),
      (error: unknown) => this.#crew?.control.send({ kind: 'answer', id, error: toErrorFrame(error) }),
    );
  }

  /** The answer goes out when the edges are gone, and before control is. */
  #stopAsked(id: number): Promise<object> {
    return new Promise((resolve) => {
      this.#stop(STOP_MS, () => {
        this.#crew?.control.send({ kind: 'answer', id, result: { stopped: true } });
        resolve({ stopped: true });
      });
    });
  }

  #onStopSignal(signal: NodeJS.Signals | 'launcher'): void {
    if (this.#stopping === undefined) {
      this.#stopSignalAt = performance.now();
      this.#log.info('gateway.stopping', { signal });
      this.#stop(STOP_MS, () => undefined);
      return;
    }
    if (performance.now() - this.#stopSignalAt < ECHO_MS) return;
    this.#log.warn('gateway.cut', { signal });
    void this.#crew?.stopEdges(0);
    void this.#crew?.stopControl(0);
  }

  #stop(deadlineMs: number, edgesGone: () => void): void {
    const first = this.#stopping === undefined;
    this.#state = 'stopping';
    this.#factsSoon();
    this.#stopping ??= this.#crew?.stopEdges(deadlineMs) ?? Promise.resolve();
    void this.#stopping.then(async () => {
      edgesGone();
      if (!first) return;
      await this.#crew?.stopControl(deadlineMs);
      this.#ended.resolve();
    });
  }

  #factsSoon(): void {
    if (this.#factsDue) return;
    this.#factsDue = true;
    setImmediate(() => {
      this.#factsDue = false;
      this.#crew?.control.send({ kind: 'facts', facts: this.#facts() });
    });
  }

  #facts(): Facts {
    const { pid, startedAtMs } = this.#options;
    const crew = this.#crew;
    return {
      pid,
      state: this.#state,
      generation: this.#generation,
      startedAtMs,
      restarts: crew?.restarts ?? 0,
      generationsCut: crew?.generationsCut ?? 0,
      processes: [
        { role: 'supervisor', pid, generation: this.#generation, state: 'ready' },
        ...(crew?.processes ?? []),
      ],
      ports: this.#listeners.status(),
    };
  }

  /** `bin/sallyport.mjs` under another Node keeps a channel to us: when it is killed, we must not stay behind. */
  #watchLauncher(): () => void {
    const gone = (): void => this.#onStopSignal('launcher');
    process.once('disconnect', gone);
    return () => process.off('disconnect', gone);
  }
}

/** Two gateways in one chain of proxies must not take each other for a loop. */
function nameOf(dataDir: string): string {
  const mark = createHash('sha256').update(`${hostname()}\0${dataDir}`).digest('hex').slice(0, 8);
  return `sallyport-${mark}`;
}
