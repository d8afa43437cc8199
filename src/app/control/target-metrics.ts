import type { EventStore } from '../../engines/events/index.ts';
import type { LogTargets } from '../../engines/log-targets/index.ts';
import type { MetricDeclaration, Metrics } from '../../kernel/index.ts';

/** What becomes of events once control has them. */
export const TARGET_METRICS: readonly MetricDeclaration[] = [
  {
    name: 'events_store_lost_total',
    type: 'counter',
    help: 'Events that were not stored because too many waited for the disk',
  },
  {
    name: 'log_target_up',
    type: 'gauge',
    help: '1: the target takes events; 0: it fails',
    labels: ['target'],
  },
  {
    name: 'log_target_sent_total',
    type: 'counter',
    help: 'Events handed over to a log target, repeated ones too',
    labels: ['target'],
  },
  {
    name: 'log_target_waiting_bytes',
    type: 'gauge',
    help: 'Events that wait for a log target',
    labels: ['target'],
  },
  {
    name: 'log_target_dropped_bytes_total',
    type: 'counter',
    help: 'Events that found no room in the queue of a log target',
    labels: ['target'],
  },
];

/** Counts what the store and the targets say of themselves. Call it each second. */
export function countTargets(
  metrics: Metrics,
  {
    events,
    logTargets,
  }: { readonly events: Pick<EventStore, 'lost'>; readonly logTargets: Pick<LogTargets, 'list'> },
): () => void {
  const before = new Map<string, number>();
  const raise = (total: number, name: string, ...labels: readonly string[]): void => {
    const key = [name, ...labels].join(' ');
    // A target that was removed and added again begins anew.
    const last = before.get(key) ?? 0;
    metrics.counter(name, ...labels).add(total >= last ? total - last : total);
    before.set(key, total);
  };
  let known: readonly string[] = [];
  return () => {
    raise(events.lost, 'events_store_lost_total');
    const list = logTargets.list().filter(({ status }) => status.state !== 'disabled');
    for (const { target, status } of list) {
      const { name } = target;
      metrics.gauge('log_target_up', name).set(status.state === 'ok' ? 1 : 0);
      metrics.gauge('log_target_waiting_bytes', name).set(status.waitingBytes);
      raise(status.sent, 'log_target_sent_total', name);
      raise(status.droppedBytes, 'log_target_dropped_bytes_total', name);
    }
    const now = list.map(({ target }) => target.name);
    for (const gone of known.filter((name) => !now.includes(name))) {
      // Nothing fails and nothing waits where there is no target.
      metrics.gauge('log_target_up', gone).set(1);
      metrics.gauge('log_target_waiting_bytes', gone).set(0);
      before.delete(`log_target_sent_total ${gone}`);
      before.delete(`log_target_dropped_bytes_total ${gone}`);
    }
    known = now;
  };
}
