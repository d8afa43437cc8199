import type { Config } from '../../engines/config/index.ts';
import type { IndicatorReader } from '../../engines/indicators/index.ts';
import type { Inspection } from '../../engines/inspection/index.ts';
import type { SafeBrowsing } from '../../engines/safe-browsing/index.ts';
import type { AccessLog } from '../../engines/telemetry/index.ts';
import type { SiteOpinion, VerdictEngine } from '../../engines/verdict/index.ts';
import type { Authenticator, WebAnswer } from '../../engines/web/index.ts';
import type { Clock, Counter, MetricDeclaration, Metrics, Verdict } from '../../kernel/index.ts';

/** What web reputation needs from the rest of the gateway. */
export interface WebReputationEngines {
  readonly config: Config;
  readonly clock: Clock;
  readonly verdicts: Pick<VerdictEngine, 'evaluateUrl' | 'prepare' | 'asksOthers'>;
  /** What models say where no list knows; `undefined`: they are not asked. */
  readonly opinion: SiteOpinion | undefined;
  readonly inspection: Inspection;
  readonly reader: Pick<IndicatorReader, 'describe'>;
  readonly safeBrowsing: SafeBrowsing;
  readonly identity: Authenticator;
  readonly accessLog: AccessLog;
}

export const webReputationMetrics: readonly MetricDeclaration[] = [
  {
    name: 'web_reputation_queries_total',
    type: 'counter',
    help: 'Queries by verdict',
    labels: ['verdict'],
  },
  {
    name: 'web_reputation_requests_total',
    type: 'counter',
    help: 'Requests by status',
    labels: ['status'],
  },
  {
    name: 'web_reputation_violations_total',
    type: 'counter',
    help: 'Messages that break HTTP/1.1, by code',
    labels: ['code'],
  },
  {
    name: 'web_reputation_refused_total',
    type: 'counter',
    help: 'Requests without valid credentials, by reason',
    labels: ['reason'],
  },
];

/** Carries the verdict to the access log. */
export interface VerdictAnswer extends WebAnswer {
  readonly verdict: Verdict;
}

/** Carries the size of a body that was read as it came to the access log. */
export interface BulkAnswer extends WebAnswer {
  readonly taken: { readonly bytes: number };
}

export type CountVerdict = (verdict: Verdict['verdict']) => void;

export function verdictCounters(metrics: Metrics): CountVerdict {
  const counter = (verdict: Verdict['verdict']): Counter =>
    metrics.counter('web_reputation_queries_total', verdict);
  const counters: Readonly<Record<Verdict['verdict'], Counter>> = {
    clean: counter('clean'),
    suspicious: counter('suspicious'),
    malicious: counter('malicious'),
    unknown: counter('unknown'),
  };
  return (verdict) => counters[verdict].add();
}

export function statusCounters(metrics: Metrics): (status: number) => void {
  const slots = new Map<number, Counter>();
  return (status) => {
    let slot = slots.get(status);
    if (slot === undefined) {
      slot = metrics.counter('web_reputation_requests_total', String(status));
      slots.set(status, slot);
    }
    slot.add();
  };
}
