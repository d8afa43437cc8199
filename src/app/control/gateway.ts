import type { Config } from '../../engines/config/index.ts';
import type { HealthWatch } from '../../engines/telemetry/index.ts';
import type { Clock, EdgeLinks, PartHealth, PartReport, PortStatus } from '../../kernel/index.ts';
import { BUILT_DOORS } from '../doors.ts';
import type { Facts } from '../messages.ts';
import { portStatus } from '../supervisor/listeners.ts';
import { VERSION } from '../version.ts';
import { DoorReports, type EdgeReport } from './part-reports.ts';

/** The gateway as commands see it: running, or stopped and only a configuration. */
export interface Gateway {
  readonly config: Config;
  readonly running: boolean;
  readonly version: string;
  readonly startedAtMs: number | undefined;
  readonly generation: number;
  readonly restarts: number;
  readonly generationsCut: number;
  state(): 'running' | 'degraded' | 'starting' | 'stopping' | 'stopped';
  ports(): readonly PortStatus[];
  processes(): Promise<readonly ProcessStatus[]>;
  /** Looks at every part now; what flaps is taken out. */
  health(): Promise<readonly PartHealth[]>;
  /** Reads the configuration again and replaces the edges. */
  reload(): Promise<{ readonly generation: number }>;
  stop(): Promise<void>;
}

export interface ProcessStatus {
  readonly role: string;
  readonly pid: number;
  readonly generation: number;
  readonly connections: number;
  readonly state: string;
}

export interface GatewayOptions {
  config(): Config;
  facts(): Facts | undefined;
  readonly links: EdgeLinks;
  ask(what: 'reload' | 'stop'): Promise<unknown>;
  /** Health of what control itself does. */
  parts(): Promise<readonly PartReport[]>;
  readonly watch: HealthWatch;
  readonly clock: Clock;
}

/** An edge that is busy for this long is left out of the answer. */
const ASK_MS = 2000;

export function runningGateway(options: GatewayOptions): Gateway {
  const reports = async (): Promise<ReadonlyMap<number, EdgeReport>> => {
    const answers = await options.links.collect('status', ASK_MS);
    return new Map([...answers].filter((entry): entry is [number, EdgeReport] => isReport(entry[1])));
  };
  const doors = new DoorReports();
  const state = (): ReturnType<Gateway['state']> => {
    const facts = options.facts();
    if (facts === undefined || facts.state !== 'running') return facts?.state ?? 'starting';
    const whole = facts.processes.every((each) => each.state === 'ready' || each.state === 'draining');
    return whole ? 'running' : 'degraded';
  };
  return {
    get config() {
      return options.config();
    },
    running: true,
    version: VERSION,
    get startedAtMs() {
      return options.facts()?.startedAtMs;
    },
    get generation() {
      return options.facts()?.generation ?? 0;
    },
    get restarts() {
      return options.facts()?.restarts ?? 0;
    },
    get generationsCut() {
      return options.facts()?.generationsCut ?? 0;
    },
    state,
    ports: () => options.facts()?.ports ?? [],
    processes: async () => {
      const found = await reports();
      return (options.facts()?.processes ?? []).map(({ role, pid, generation, state: own }) => ({
        role,
        pid,
        generation,
        connections: found.get(pid)?.connections ?? 0,
        state: own,
      }));
    },
    health: async () => {
      // As it is now: a process that died may be there again when the others have answered.
      const facts = options.facts();
      const [answers, own] = await Promise.all([reports(), options.parts()]);
      const { silentMs } = options.config().health;
      const times = { nowMs: options.clock.monotonic(), silentMs };
      return options.watch.observe([...doors.observe(facts, answers, times), ...own]);
    },
    reload: async () => {
      const result = await options.ask('reload');
      // The supervisor answers with what `Supervisor.#reloadNow` returns.
      return result as { readonly generation: number };
    },
    stop: async () => void (await options.ask('stop')),
  };
}

export function stoppedGateway(config: Config): Gateway {
  const never = (): Promise<never> => Promise.reject(new TypeError('asked of a stopped gateway'));
  return {
    config,
    running: false,
    version: VERSION,
    startedAtMs: undefined,
    generation: 0,
    restarts: 0,
    generationsCut: 0,
    state: () => 'stopped',
    ports: () => portStatus(config, BUILT_DOORS, new Map()),
    processes: () => Promise.resolve([]),
    health: () => Promise.resolve([]),
    reload: never,
    stop: never,
  };
}

function isReport(data: unknown): data is EdgeReport {
  return (
    typeof data === 'object' &&
    data !== null &&
    'connections' in data &&
    typeof data.connections === 'number' &&
    'services' in data &&
    Array.isArray(data.services)
  );
}
