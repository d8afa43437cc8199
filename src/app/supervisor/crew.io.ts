import type { Config } from '../../engines/config/index.ts';
import type { Log, PortStatus } from '../../kernel/index.ts';
import type { Child, ForkOptions } from '../../platform/index.ts';
import { fromErrorFrame } from '../errors.ts';
import type { ChildStart, FromChild, ProcessFact, Role } from '../messages.ts';
import type { OpenPorts } from './listeners.ts';
import { openSlot, type Slot } from './slot.io.ts';

/** Control checks a configuration in milliseconds; when it hangs, a reload goes on without it. */
const CONFIGURE_MS = 10_000;

/** Processes with doors that were started for one configuration: the edges, and the one of the SSH door. */
export interface Generation {
  readonly number: number;
  readonly edges: readonly Slot[];
}

/** The sockets that a generation gets, and the port table that belongs to them. */
export interface Opened {
  readonly open: OpenPorts;
  readonly ports: readonly PortStatus[];
}

export interface CrewOptions {
  readonly log: Log;
  readonly socketDir: string;
  readonly name: string;
  readonly terminal: boolean;
  readonly adminPassword: string | undefined;
  fork(role: Exclude<Role, 'supervisor'>, events: Pick<ForkOptions, 'onMessage' | 'onExit'>): Child;
  onMessage(message: FromChild): void;
  onChange(): void;
}

export interface Crew {
  readonly processes: readonly ProcessFact[];
  readonly restarts: number;
  readonly generationsCut: number;
  readonly control: Slot;
  /** Control takes the configuration over, and so does one that is started later; rejects when it cannot. */
  configure(config: Config): Promise<void>;
  /** New edges beside those that run; resolves when every one accepts. On failure they are gone again. */
  raise(number: number, config: Config, opened: Opened): Promise<Generation>;
  /** The generation accepts from now on; older ones finish, and of those only so many may live. */
  relieve(generation: Generation, drain: Config['drain']): void;
  stopEdges(deadlineMs: number): Promise<void>;
  stopControl(deadlineMs: number): Promise<void>;
}

/** The processes under the supervisor. Control is forked at once. */
export function createCrew(options: CrewOptions, first: Config): Crew {
  return new ProcessCrew(options, first);
}

class ProcessCrew implements Crew {
  readonly control: Slot;
  readonly #options: CrewOptions;
  #config: Config;
  #current: Generation | undefined;
  #draining: Generation[] = [];
  /** Until they take the place of `#current`, also when they are ready: a stop must not miss them. */
  #raising: readonly Slot[] = [];
  #generationsCut = 0;
  #restartsBefore = 0;
  #configured: PromiseWithResolvers<void> | undefined;

  constructor(options: CrewOptions, first: Config) {
    this.#options = options;
    this.#config = first;
    this.control = this.#openControl();
  }

  get processes(): readonly ProcessFact[] {
    return [this.control, ...this.#edges()].map((slot) => slot.fact).filter((fact) => fact.state !== 'gone');
  }

  get restarts(): number {
    return [this.control, ...this.#edges()].reduce((sum, slot) => sum + slot.restarts, this.#restartsBefore);
  }

  get generationsCut(): number {
    return this.#generationsCut;
  }

  async configure(next: Config): Promise<void> {
    const asked = Promise.withResolvers<void>();
    this.#configured = asked;
    // A control that is away reads the new one when it starts; one that is starting was given the old one.
    if (!this.control.send({ kind: 'config', config: next })) asked.resolve();
    const timer = setTimeout(() => asked.resolve(), CONFIGURE_MS);
    await asked.promise.finally(() => clearTimeout(timer));
    this.#config = next;
  }

  async raise(number: number, config: Config, opened: Opened): Promise<Generation> {
    const count = Math.max(1, config.edges);
    const edges = Array.from({ length: count }, () => this.#openDoors('edge', number, config, opened));
    if (opened.open.has('ssh')) edges.push(this.#openDoors('admin', number, config, opened));
    this.#raising = edges;
    try {
      await Promise.all(edges.map((slot) => slot.firstReady));
      return { number, edges };
    } catch (error) {
      for (const slot of edges) slot.stop(0);
      await Promise.all(edges.map((slot) => slot.gone));
      this.#raising = [];
      throw error;
    }
  }

  relieve(generation: Generation, drain: Config['drain']): void {
    const old = this.#current;
    this.#current = generation;
    this.#raising = [];
    if (old !== undefined) this.#retire(old, drain.maxMs);
    while (this.#draining.length > drain.generations) this.#cutOldest();
    this.#options.onChange();
  }

  async stopEdges(deadlineMs: number): Promise<void> {
    const all = this.#edges();
    for (const slot of all) slot.stop(deadlineMs);
    await Promise.all(all.map((slot) => slot.gone));
  }

  async stopControl(deadlineMs: number): Promise<void> {
    this.control.stop(deadlineMs);
    await this.control.gone;
  }

  #openControl(): Slot {
    const { adminPassword, log, fork, onMessage, onChange } = this.#options;
    return openSlot({
      role: 'control',
      generation: 0,
      log,
      fork: (events) => fork('control', events),
      begin: (child) => {
        const start = this.#start(0, this.#config, []);
        child.send({
          kind: 'start',
          start: adminPassword === undefined ? start : { ...start, adminPassword },
        });
        // A control that was started again knows nothing of the others yet.
        onChange();
      },
      onMessage: (message) => {
        if (message.kind === 'configured') this.#onConfigured(message);
        else onMessage(message);
      },
      onChange: () => {
        onChange();
        // Its answer died with it; the next one starts with the new configuration.
        if (this.#configured !== undefined && this.control.fact.pid === 0) this.#configured.resolve();
      },
    });
  }

  #openDoors(role: 'edge' | 'admin', generation: number, config: Config, { open, ports }: Opened): Slot {
    const { log, fork, onMessage, onChange } = this.#options;
    return openSlot({
      role,
      generation,
      log,
      fork: (events) => fork(role, events),
      begin: (child) => {
        for (const [key, handles] of open) {
          if ((key === 'ssh') !== (role === 'admin')) continue;
          for (const handle of handles) child.send({ kind: 'handle', key }, handle.native);
        }
        child.send({ kind: 'start', start: this.#start(generation, config, ports) });
      },
      onMessage,
      onChange,
    });
  }

  #onConfigured({ error }: FromChild & { kind: 'configured' }): void {
    // A control that cannot start refuses nothing: the new configuration may be what mends it.
    if (error === undefined || this.control.fact.state !== 'ready') this.#configured?.resolve();
    else this.#configured?.reject(fromErrorFrame(error));
  }

  #start(generation: number, config: Config, ports: readonly PortStatus[]): ChildStart {
    const { socketDir, name, terminal } = this.#options;
    return { config, generation, socketDir, name, terminal, ports };
  }

  #retire(old: Generation, maxMs: number): void {
    this.#draining.push(old);
    for (const slot of old.edges) slot.drain(maxMs);
    void Promise.all(old.edges.map((slot) => slot.gone)).then(() => {
      this.#draining = this.#draining.filter((each) => each !== old);
      for (const slot of old.edges) this.#restartsBefore += slot.restarts;
      this.#options.log.info('generation.gone', { generation: old.number });
      this.#options.onChange();
    });
  }

  /** Killed, not asked: it has had its time. */
  #cutOldest(): void {
    const oldest = this.#draining.shift();
    if (oldest === undefined) return;
    this.#generationsCut++;
    this.#options.log.warn('generation.cut', { generation: oldest.number, setting: 'drain.generations' });
    for (const slot of oldest.edges) slot.stop(0);
  }

  #edges(): readonly Slot[] {
    const generations = [...(this.#current === undefined ? [] : [this.#current]), ...this.#draining];
    return [...generations.flatMap((each) => each.edges), ...this.#raising];
  }
}
