import {
  compileDestinations,
  parseDestinationPattern,
  type Clock,
  type FindDestination,
  type Log,
} from '../../kernel/index.ts';

export interface ParentSettings {
  readonly host: string;
  readonly port: number;
  /** `Proxy-Authorization` line with line end, or empty. */
  readonly fields: string;
  readonly only: readonly string[];
}

export interface Parent extends ParentSettings {
  readonly name: string;
}

interface State {
  readonly parent: Parent;
  /** `undefined`: it is meant for everything. */
  readonly only: FindDestination | undefined;
  downUntil: number;
}

/** Parent proxies in the order of the configuration; one that fails rests for `retryMs`. */
export class Parents {
  readonly #states: readonly State[];
  readonly #clock: Clock;
  readonly #retryMs: number;
  readonly #log: Log;

  constructor(settings: readonly ParentSettings[], retryMs: number, clock: Clock, log: Log) {
    this.#states = settings.map((each) => ({
      parent: { ...each, name: `${each.host}:${each.port}` },
      // The configuration has checked the patterns.
      only:
        each.only.length === 0
          ? undefined
          : compileDestinations(each.only.flatMap((text) => parseDestinationPattern(text) ?? [])),
      downUntil: 0,
    }));
    this.#clock = clock;
    this.#retryMs = retryMs;
    this.#log = log;
  }

  /**
   * Parents to try for a destination, healthy ones first; those that rest come last, because trying
   * one is better than failing. `undefined`: no parent is meant for it, go directly.
   */
  for(host: string, port: number): readonly Parent[] | undefined {
    if (this.#states.length === 0) return undefined;
    const meant = this.#states.filter(({ only }) => only === undefined || only(host, port) !== undefined);
    if (meant.length === 0) return undefined;
    const now = this.#clock.monotonic();
    return meant
      .toSorted((a, b) => Number(a.downUntil > now) - Number(b.downUntil > now))
      .map(({ parent }) => parent);
  }

  failed(parent: Parent, why: string): void {
    const state = this.#states.find((each) => each.parent === parent);
    if (state === undefined) return;
    const wasUp = state.downUntil <= this.#clock.monotonic();
    state.downUntil = this.#clock.monotonic() + this.#retryMs;
    if (wasUp) this.#log.warn('egress.parent.down', { parent: parent.name, why, retryMs: this.#retryMs });
  }

  worked(parent: Parent): void {
    const state = this.#states.find((each) => each.parent === parent);
    if (state === undefined || state.downUntil === 0) return;
    state.downUntil = 0;
    this.#log.info('egress.parent.up', { parent: parent.name });
  }

  /** Names of the parents that rest now. */
  down(): readonly string[] {
    const now = this.#clock.monotonic();
    return this.#states.filter((state) => state.downUntil > now).map(({ parent }) => parent.name);
  }
}
