import type { Health } from './health.ts';
import type { DoorName, PortKey } from './port-table.ts';
import type { Log, MetricDeclaration, Metrics } from './telemetry.ts';
import type { MaybePromise, Wire } from './wire.ts';

/** Everything the rest of the gateway knows about a door. One object, in `services/<name>/module.ts`. */
export interface ServiceModule<Engines = unknown> {
  readonly name: DoorName;
  /** One sentence; for the console and the generated documents. */
  readonly summary: string;
  /** Rows of the port table that this door answers on. A port has one owner. */
  readonly ports: readonly PortKey[];
  readonly metrics: readonly MetricDeclaration[];
  /** Side-effect free: opens nothing, starts no timer. That is `start`. */
  create(engines: Engines, host: Host): Service;
}

export interface Service {
  /** Resolves when every declared port accepts connections. On failure nothing is left open. */
  start(): Promise<void>;
  /** From now on: the last answer on each connection says that it is the last. Called before `stop`. */
  drain(): void;
  /**
   * True when the connection only waits for a next request, so that it may be closed while draining.
   * A service without it keeps its connections until they end or their time is over.
   */
  waiting?(wire: Wire): boolean;
  /** Synchronous, reads counters only. */
  health(): Health;
}

/** What the process lends to a service. The only way a service reaches the outside world. */
export interface Host {
  readonly log: Log;
  readonly metrics: Metrics;
  /**
   * Accepts connections on a row of the port table, under the limits of `listeners.<key>`. The guard
   * (internal networks, sessions, sessions of one source) has passed and TLS is done when `serve` is
   * called; when the promise ends, the connection is closed. A rejection is logged as a bug.
   */
  listen(key: PortKey, serve: (wire: Wire) => MaybePromise<Served>): Promise<void>;
}

/** How a session ended: `detached` means that its wire goes on by itself (a tunnel) and must not be closed. */
export type Served = void | 'detached';
