import type { DoorName } from '../../kernel/index.ts';
import type { GatewayEvent, MetricTotal } from '../telemetry/index.ts';

/** What is counted of a door, and which results are no plain allow. */
const SOURCES: readonly {
  readonly door: DoorName;
  readonly metric: string;
  readonly allowed: readonly string[];
}[] = [
  { door: 'forward-proxy', metric: 'forward_proxy_requests_total', allowed: ['forwarded', 'tunnelled'] },
  { door: 'icap', metric: 'icap_requests_total', allowed: ['unmodified', 'passed', 'modified'] },
];

/** Plain allows as one event a minute and door, from what the doors count anyway: they cost the data path nothing. */
export class AllowCounts {
  readonly #before = new Map<string, number>();

  /** Events for what was allowed since the call before. */
  take(totals: readonly MetricTotal[], nowMs: number): readonly GatewayEvent[] {
    return SOURCES.flatMap(({ door, metric, allowed }) => {
      const total = totals.find(({ declaration }) => declaration.name === metric);
      const at = total?.declaration.labels?.indexOf('result') ?? -1;
      const sum = (total?.series ?? [])
        .filter(({ l }) => allowed.includes(l[at] ?? ''))
        .reduce((all, { v }) => all + (v[0] ?? 0), 0);
      const count = sum - (this.#before.get(door) ?? 0);
      this.#before.set(door, sum);
      if (count <= 0) return [];
      return [
        {
          timeMs: nowMs,
          type: 'aggregate.allow',
          severity: 'info' as const,
          door,
          source: undefined,
          user: undefined,
          target: undefined,
          reason: undefined,
          details: { count },
        },
      ];
    });
  }
}
