import type { EventStore } from '../../engines/events/index.ts';
import type { EdgeLinks, Log, MetricDeclaration, Metrics, PartHealth } from '../../kernel/index.ts';
import type { Gateway } from './gateway.ts';

export const HEALTH_METRICS: readonly MetricDeclaration[] = [
  {
    name: 'health_part_unwell',
    type: 'gauge',
    help: 'Parts that are or were not well, by code: 0 well again, 1 degraded, 2 down',
    labels: ['part', 'code'],
  },
  {
    name: 'health_part_since_seconds',
    type: 'gauge',
    help: 'Well again, or not well, since then: seconds since 1970',
    labels: ['part'],
  },
  {
    name: 'health_part_falls',
    type: 'gauge',
    help: 'How often the part went bad within health.flapWindow',
    labels: ['part'],
  },
];

/** Retained topic: what is not well, in sentences, for `/readyz` of every edge. */
export const HEALTH_TOPIC = 'health';

export interface HealthTellerOptions {
  readonly gateway: Pick<Gateway, 'health'>;
  readonly metrics: Metrics;
  readonly links: Pick<EdgeLinks, 'publish'>;
  readonly events: Pick<EventStore, 'add'>;
  readonly log: Log;
  now(): number;
}

/** Looks at the health, and tells what has changed: log, events, metrics, edges. A part that flaps is told once. */
export class HealthTeller {
  readonly #options: HealthTellerOptions;
  #before: ReadonlyMap<string, PartHealth> = new Map();
  #published: string | undefined;
  #looking: Promise<void> | undefined;
  #isWanted = false;

  constructor(options: HealthTellerOptions) {
    this.#options = options;
  }

  /** Resolves when everybody knows. Who asks while it looks gets one more look after that one. */
  async look(): Promise<void> {
    this.#isWanted = true;
    this.#looking ??= this.#lookWhileWanted().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  async #lookWhileWanted(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const parts = await this.#options.gateway.health();
    const now = new Map(parts.filter(({ code }) => code !== 'starting').map((each) => [each.part, each]));
    for (const part of now.values()) this.#tell(part, this.#before.get(part.part));
    for (const [name, gone] of this.#before) {
      // A feed or a target that was removed: nothing of it is unwell any more.
      if (!now.has(name) && gone.state !== 'ok') this.#count({ ...gone, state: 'ok' }, gone);
    }
    this.#before = now;
    await this.#publish([...now.values()].filter(({ state }) => state !== 'ok'));
  }

  #tell(part: PartHealth, before: PartHealth | undefined): void {
    const isNews = (before?.state ?? 'ok') !== part.state || before?.code !== part.code;
    if (isNews || before?.falls !== part.falls) this.#count(part, before);
    if (!isNews) return;
    const { log, events, now } = this.#options;
    const { part: name, state, code, reason, falls } = part;
    const isWell = state === 'ok';
    const fields = isWell
      ? { lastedMs: part.sinceMs - (before?.sinceMs ?? part.sinceMs) }
      : { state, reason, falls };
    log[isWell ? 'info' : 'warn'](isWell ? 'health.well' : 'health.unwell', { part: name, code, ...fields });
    events.add([
      {
        timeMs: now(),
        type: isWell ? 'health.well' : 'health.unwell',
        severity: isWell ? 'info' : 'warn',
        door: undefined,
        source: undefined,
        user: undefined,
        target: name,
        reason: code ?? before?.code,
        details: fields,
      },
    ]);
  }

  /** Of parts that never fell there are no series. */
  #count({ part, state, code, sinceMs, falls }: PartHealth, before: PartHealth | undefined): void {
    const { metrics } = this.#options;
    if (before?.code !== undefined) metrics.gauge('health_part_unwell', part, before.code).set(0);
    if (state !== 'ok') metrics.gauge('health_part_unwell', part, code ?? '').set(state === 'down' ? 2 : 1);
    if (before === undefined && state === 'ok') return;
    metrics.gauge('health_part_since_seconds', part).set(sinceMs / 1000);
    metrics.gauge('health_part_falls', part).set(falls);
  }

  async #publish(unwell: readonly PartHealth[]): Promise<void> {
    const sentences = unwell.map(({ part, reason }) => `${part}: ${reason}`);
    const text = JSON.stringify(sentences);
    if (text === this.#published) return;
    this.#published = text;
    await this.#options.links.publish(HEALTH_TOPIC, { unwell: sentences });
  }
}
