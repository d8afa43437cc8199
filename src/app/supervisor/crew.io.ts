import type { Config } from '../../engines/config/index.ts';
import type { Log, PortStatus } from '../../kernel/index.ts';
import type { Child, ForkOptions } from '../../platform/index.ts';
import { fromErrorFrame } from '../errors.ts';
import type { ChildStart, FromChild, ProcessFact, Role } from '../messages.ts';
import type { OpenPorts } from './listeners.ts';
import { openSlot, type Slot } from './slot.io.ts';

/** Control checks a configuration in milliseconds; when it hangs, a reload goes on without it. */
const CONFIGURE_MS = 10_000;

/** Edges that were started for one configuration, and the sockets that they accept on. */
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
  const { log } = options;
  let config = first;
  let current: Generation | undefined;
  let draining: Generation[] = [];
  let raising: readonly Slot[] = [];
  let generationsCut = 0;
  let restartsBefore = 0;
  let configured: PromiseWithResolvers<void> | undefined;

  const start = (generation: number, own: Config, ports: readonly PortStatus[]): ChildStart => ({
    config: own,
    name: options.name,
    ports,
    generation,
    socketDir: options.socketDir,
    terminal: options.terminal,
  });

  const control = openSlot({
    role: 'control',
    generation: 0,
    log,
    fork: (events) => options.fork('control', events),
    begin: (child) => {
      const { adminPassword } = options;
      const own = { ...start(0, config, []), ...(adminPassword === undefined ? {} : { adminPassword }) };
      child.send({ kind: 'start', start: own });
      options.onChange();
    },
    onMessage: (message) => {
      if (message.kind !== 'configured') return options.onMessage(message);
      if (message.error === undefined) configured?.resolve();
      else configured?.reject(fromErrorFrame(message.error));
    },
    onChange: options.onChange,
  });

  const openEdge = (generation: number, own: Config, { open, ports }: Opened): Slot =>
    openSlot({
      role: 'edge',
      generation,
      log,
      fork: (events) => options.fork('edge', events),
      begin: (child) => {
        for (const [key, handles] of open) {
          for (const handle of handles) child.send({ kind: 'handle', key }, handle.native);
        }
        child.send({ kind: 'start', start: start(generation, own, ports) });
      },
      onMessage: options.onMessage,
      onChange: options.onChange,
    });

  const generations = (): readonly Generation[] => [...(current === undefined ? [] : [current]), ...draining];
  const edges = (): readonly Slot[] => [...generations().flatMap((each) => each.edges), ...raising];

  return {
    get processes() {
      return [control, ...edges()].map((slot) => slot.fact).filter((fact) => fact.state !== 'gone');
    },
    get restarts() {
      return [control, ...edges()].reduce((sum, slot) => sum + slot.restarts, restartsBefore);
    },
    get generationsCut() {
      return generationsCut;
    },
    control,
    configure: async (next) => {
      const asked = Promise.withResolvers<void>();
      configured = asked;
      // A control that is away reads the new one when it starts.
      if (control.fact.state !== 'ready' || !control.send({ kind: 'config', config: next })) asked.resolve();
      const timer = setTimeout(() => asked.resolve(), CONFIGURE_MS);
      await asked.promise.finally(() => clearTimeout(timer));
      config = next;
    },
    raise: async (number, own, opened) => {
      const slots = Array.from({ length: Math.max(1, own.edges) }, () => openEdge(number, own, opened));
      raising = slots;
      try {
        await Promise.all(slots.map((slot) => slot.firstReady));
        return { number, edges: slots };
      } catch (error) {
        for (const slot of slots) slot.stop(0);
        await Promise.all(slots.map((slot) => slot.gone));
        throw error;
      } finally {
        raising = [];
      }
    },
    relieve: (generation, drain) => {
      const old = current;
      current = generation;
      if (old === undefined) return options.onChange();
      draining.push(old);
      for (const slot of old.edges) slot.drain(drain.maxMs);
      void Promise.all(old.edges.map((slot) => slot.gone)).then(() => {
        draining = draining.filter((each) => each !== old);
        for (const slot of old.edges) restartsBefore += slot.restarts;
        log.info('generation.gone', { generation: old.number });
        options.onChange();
      });
      while (draining.length > drain.generations) {
        const oldest = draining.shift()!;
        generationsCut++;
        log.warn('generation.cut', { generation: oldest.number, setting: 'drain.generations' });
        for (const slot of oldest.edges) slot.stop(0);
      }
      options.onChange();
    },
    stopEdges: async (deadlineMs) => {
      const all = edges();
      for (const slot of all) slot.stop(deadlineMs);
      await Promise.all(all.map((slot) => slot.gone));
    },
    stopControl: async (deadlineMs) => {
      control.stop(deadlineMs);
      await control.gone;
    },
  };
}
