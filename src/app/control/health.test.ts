import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics, type GatewayEvent } from '../../engines/telemetry/index.ts';
import type { Health, PartHealth } from '../../kernel/index.ts';
import type { Facts, ProcessFact } from '../messages.ts';
import { HEALTH_METRICS, HealthTeller } from './health.ts';
import { DoorReports, type EdgeReport } from './part-reports.ts';

const AWAY: Health = { state: 'degraded', code: 'clamd-away', reason: 'no answer' };

type Running = readonly [ProcessFact['role'], number, ProcessFact['state']];

function factsOf(...processes: readonly Running[]): Facts {
  return {
    pid: 1,
    state: 'running',
    generation: 1,
    startedAtMs: 0,
    restarts: 0,
    generationsCut: 0,
    ports: [],
    processes: processes.map(([role, pid, state]) => ({ role, pid, generation: 1, state })),
  };
}

function says(health: Health, door = 'icap'): EdgeReport {
  return { connections: 0, services: [{ door, health }] };
}

/** `part state code` of everything that is not well. */
function unwell(reports: ReturnType<DoorReports['observe']>): readonly string[] {
  return reports.flatMap(({ part, health }) =>
    health.state === 'ok' ? [] : [`${part} ${health.state} ${health.code}`],
  );
}

test('a role is down when no process of it serves, degraded when one of several died', () => {
  const reports = new DoorReports();
  const look = (...processes: readonly Running[]) =>
    unwell(reports.observe(factsOf(...processes), new Map(), { nowMs: 0, silentMs: 10 }));
  assert.deepEqual(look(['edge', 7, 'ready'], ['edge', 8, 'ready'], ['control', 6, 'ready']), []);
  assert.deepEqual(look(['edge', 7, 'ready'], ['edge', 0, 'waiting']), ['edge degraded process-died']);
  assert.deepEqual(look(['edge', 0, 'waiting']), ['edge down process-died']);
  assert.deepEqual(look(['edge', 7, 'starting']), ['edge down starting']);
  // A reload: new edges start beside the old ones, which drain then.
  assert.deepEqual(look(['edge', 7, 'ready'], ['edge', 8, 'starting']), []);
  assert.deepEqual(look(['edge', 7, 'draining'], ['edge', 8, 'ready']), []);
});

test('an edge that is busy is as it was, and one that stays silent is named', () => {
  const reports = new DoorReports();
  const facts = factsOf(['edge', 7, 'ready'], ['edge', 8, 'ready']);
  const look = (nowMs: number, ...answers: readonly (readonly [number, EdgeReport])[]) =>
    reports.observe(facts, new Map(answers), { nowMs, silentMs: 10_000 });
  const worst = look(0, [7, says(AWAY)], [8, says({ state: 'ok' })]);
  assert.deepEqual(unwell(worst), ['icap degraded clamd-away']);
  assert.ok(worst.some(({ health }) => health.state !== 'ok' && health.reason === 'edge 7: no answer'));
  assert.deepEqual(unwell(look(5000, [8, says({ state: 'ok' })])), ['icap degraded clamd-away']);
  assert.deepEqual(unwell(look(10_000, [8, says({ state: 'ok' })])), [
    'edge degraded process-silent',
    'icap degraded clamd-away',
  ]);
  assert.deepEqual(unwell(look(11_000, [7, says({ state: 'ok' })], [8, says({ state: 'ok' })])), []);
});

test('what drains or is gone says nothing any more; doors of one process number are all kept', () => {
  const reports = new DoorReports();
  const look = (facts: Facts, ...answers: readonly (readonly [number, EdgeReport])[]) =>
    unwell(reports.observe(facts, new Map(answers), { nowMs: 0, silentMs: 10_000 }));
  assert.deepEqual(look(factsOf(['edge', 7, 'ready']), [7, says(AWAY)]), ['icap degraded clamd-away']);
  assert.deepEqual(
    look(factsOf(['edge', 7, 'draining'], ['edge', 8, 'ready']), [7, says(AWAY)], [8, says({ state: 'ok' })]),
    [],
  );
  look(factsOf(['edge', 9, 'ready'], ['admin', 9, 'ready']), [9, says(AWAY)]);
  assert.deepEqual(
    look(factsOf(['edge', 9, 'ready'], ['admin', 9, 'ready']), [9, says({ state: 'ok' }, 'ssh')]),
    ['icap degraded clamd-away'],
  );
});

function tellerLab() {
  let parts: readonly PartHealth[] = [];
  const events: GatewayEvent[] = [];
  const published: unknown[] = [];
  const logged: string[] = [];
  const metrics = createMetrics(HEALTH_METRICS);
  const note = (event: string): void => void logged.push(event);
  const teller = new HealthTeller({
    gateway: { health: () => Promise.resolve(parts) },
    metrics,
    links: {
      publish: (_topic, data) => {
        published.push(data);
        return Promise.resolve();
      },
    },
    events: { add: (items) => void events.push(...items) },
    log: { debug: note, info: note, warn: note, error: note },
    now: () => 1000,
  });
  return {
    events,
    published,
    logged,
    /** `code=value` of the series of health_part_unwell. */
    series: () =>
      (metrics.snapshot()['health_part_unwell'] ?? []).map(({ l, v }) => `${l.join(' ')}=${v[0]}`),
    look: (...now: readonly PartHealth[]) => {
      parts = now;
      return teller.look();
    },
  };
}

const part = (state: PartHealth['state'], code: PartHealth['code'], falls = 1): PartHealth => ({
  part: 'icap',
  state,
  code,
  reason: code === undefined ? '' : `it is ${code}`,
  sinceMs: 500,
  falls,
});

test('changes are told once: to the log, as events, in metrics and to the edges', async () => {
  const lab = tellerLab();
  await lab.look(part('ok', undefined, 0));
  assert.deepEqual([lab.events, lab.series(), lab.published], [[], [], [{ unwell: [] }]]);
  for (let looks = 0; looks < 3; looks++) await lab.look(part('degraded', 'clamd-away'));
  await lab.look(part('degraded', 'flapping', 5));
  await lab.look(part('degraded', 'flapping', 6));
  assert.deepEqual(lab.series(), ['icap clamd-away=0', 'icap flapping=1']);
  await lab.look(part('ok', undefined, 0));
  assert.deepEqual(
    lab.events.map(({ type, target, reason }) => [type, target, reason]),
    [
      ['health.unwell', 'icap', 'clamd-away'],
      ['health.unwell', 'icap', 'flapping'],
      ['health.well', 'icap', 'flapping'],
    ],
  );
  assert.deepEqual(lab.logged, ['health.unwell', 'health.unwell', 'health.well']);
  assert.deepEqual(lab.series(), ['icap clamd-away=0', 'icap flapping=0']);
  assert.deepEqual(lab.published, [
    { unwell: [] },
    { unwell: ['icap: it is clamd-away'] },
    { unwell: ['icap: it is flapping'] },
    { unwell: [] },
  ]);
});

test('what starts is no news, and what was removed is unwell no more', async () => {
  const lab = tellerLab();
  await lab.look(part('down', 'starting', 0));
  assert.deepEqual([lab.events, lab.series(), lab.published], [[], [], [{ unwell: [] }]]);
  await lab.look(part('down', 'process-died'));
  assert.deepEqual(lab.series(), ['icap process-died=2']);
  await lab.look();
  assert.deepEqual(lab.series(), ['icap process-died=0']);
  assert.equal(lab.events.length, 1);
});
