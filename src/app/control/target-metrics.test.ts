import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogTargetView, type LogTarget } from '../../engines/log-targets/index.ts';
import { createMetrics } from '../../engines/telemetry/index.ts';
import { countTargets, TARGET_METRICS } from './target-metrics.ts';

test('what targets say of themselves becomes counters that never go back', () => {
  const metrics = createMetrics(TARGET_METRICS);
  const events = { lost: 0 };
  let views: readonly LogTargetView[] = [];
  const view = (state: 'ok' | 'failing' | 'disabled', sent: number, droppedBytes: number): LogTargetView => ({
    // The counters look at its name alone.
    target: { name: 'siem' } as LogTarget,
    status: { state, reason: '', sent, waitingBytes: 7, droppedBytes },
  });
  const count = countTargets(metrics, { events, logTargets: { list: () => views } });
  const seen = (name: string): number | undefined => metrics.snapshot()[name]?.[0]?.v[0];
  views = [view('ok', 10, 0)];
  count();
  assert.deepEqual(
    [seen('log_target_up'), seen('log_target_sent_total'), seen('log_target_waiting_bytes')],
    [1, 10, 7],
  );
  events.lost = 3;
  views = [view('failing', 12, 500)];
  count();
  count();
  assert.deepEqual([seen('log_target_up'), seen('log_target_sent_total')], [0, 12]);
  assert.deepEqual([seen('log_target_dropped_bytes_total'), seen('events_store_lost_total')], [500, 3]);
  views = [];
  count();
  views = [view('ok', 1, 0)];
  count();
  assert.deepEqual([seen('log_target_sent_total'), seen('log_target_dropped_bytes_total')], [13, 500]);
  views = [view('disabled', 0, 0)];
  count();
  assert.deepEqual([seen('log_target_up'), seen('log_target_waiting_bytes')], [1, 0]);
});
