import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeName, MetricDeclaration } from '../../kernel/index.ts';
import { createMetricAggregate, createMetrics, mergeDeclarations } from './index.ts';

const DECLARED: readonly MetricDeclaration[] = [
  {
    name: 'requests_total',
    type: 'counter',
    help: 'Requests "answered"\nby us',
    labels: ['method', 'result'],
  },
  { name: 'sessions', type: 'gauge', help: 'Open sessions' },
  { name: 'wait_seconds', type: 'histogram', help: 'Waiting', labels: ['door'], buckets: [0.1, 1] },
];
const A: EdgeName = { pid: 10, generation: 1 };
const B: EdgeName = { pid: 11, generation: 1 };

test('slots count and a snapshot holds what was counted', () => {
  const metrics = createMetrics(DECLARED);
  const counter = metrics.counter('requests_total', 'GET', 'ok');
  counter.add();
  counter.add(2);
  metrics.gauge('sessions').set(7);
  metrics.gauge('sessions').add(-2);
  const wait = metrics.histogram('wait_seconds', 'api');
  for (const value of [0.05, 0.1, 0.5, 3]) wait.observe(value);
  assert.deepEqual(metrics.snapshot(), {
    requests_total: [{ l: ['GET', 'ok'], v: [3] }],
    sessions: [{ l: [], v: [5] }],
    wait_seconds: [{ l: ['api'], v: [3.65, 2, 1, 1] }],
  });
});

test('what is not declared like that throws', () => {
  const metrics = createMetrics(DECLARED);
  for (const use of [
    () => metrics.counter('nothing_total'),
    () => metrics.counter('requests_total', 'GET'),
    () => metrics.gauge('requests_total', 'GET', 'ok'),
    () => metrics.histogram('sessions'),
  ]) {
    assert.throws(use, { code: 'TELEMETRY_UNDECLARED', kind: 'bug' });
  }
});

test('series beyond the bound are counted as other', () => {
  const metrics = createMetrics(DECLARED, { seriesMax: 2 });
  for (const method of ['A', 'B', 'C', 'D', 'A']) metrics.counter('requests_total', method, 'ok').add();
  assert.deepEqual(metrics.snapshot()['requests_total'], [
    { l: ['A', 'ok'], v: [2] },
    { l: ['B', 'ok'], v: [1] },
    { l: ['other', 'other'], v: [2] },
  ]);
});

test('one metric may be declared by two modules when they agree', () => {
  const [first] = DECLARED;
  assert.equal(mergeDeclarations([first!, { ...first! }]).length, 1);
  assert.throws(() => mergeDeclarations([first!, { ...first!, help: 'else' }]), {
    code: 'TELEMETRY_DECLARED_TWICE',
  });
});

test('totals never go back when an edge is replaced, gauges do', () => {
  const own = createMetrics(DECLARED);
  const aggregate = createMetricAggregate(DECLARED, own);
  own.counter('requests_total', 'GET', 'ok').add(1);
  aggregate.receive(A, snapshotOf(5, 3));
  aggregate.receive(B, snapshotOf(10, 4));
  assert.deepEqual(valuesOf(aggregate, 'requests_total'), [16]);
  assert.deepEqual(valuesOf(aggregate, 'sessions'), [7]);
  assert.deepEqual(valuesOf(aggregate, 'wait_seconds'), [4, 2, 0, 0]);

  aggregate.gone(A);
  assert.deepEqual(valuesOf(aggregate, 'requests_total'), [16]);
  assert.deepEqual(valuesOf(aggregate, 'sessions'), [4]);
  assert.deepEqual(valuesOf(aggregate, 'wait_seconds'), [4, 2, 0, 0]);

  // The next generation may get the same process id and starts at 0.
  aggregate.receive({ pid: 10, generation: 2 }, snapshotOf(2, 1));
  aggregate.receive(B, snapshotOf(11, 4));
  assert.deepEqual(valuesOf(aggregate, 'requests_total'), [19]);
  aggregate.gone({ pid: 99, generation: 9 });
  assert.deepEqual(valuesOf(aggregate, 'requests_total'), [19]);
});

test('a snapshot that is not one adds nothing', () => {
  const aggregate = createMetricAggregate(DECLARED, createMetrics(DECLARED));
  const wrong: readonly unknown[] = [
    null,
    'text',
    { nothing_total: [{ l: [], v: [1] }] },
    { requests_total: [{ l: ['GET'], v: [1] }, { l: ['GET', 'ok'], v: ['1'] }, { v: [1] }, 7] },
    { wait_seconds: [{ l: ['api'], v: [1, 2] }], sessions: [{ l: [], v: [Number.NaN] }] },
  ];
  for (const snapshot of wrong) {
    aggregate.receive(A, snapshot);
    assert.deepEqual(
      aggregate.totals().map(({ series }) => series),
      [[], [], []],
    );
  }
});

test('the text is what Prometheus reads', async () => {
  const own = createMetrics(DECLARED);
  own.counter('requests_total', 'G"E\\T\n', 'ok').add(3);
  own.gauge('sessions').set(2);
  const wait = own.histogram('wait_seconds', 'api');
  for (const value of [0.05, 0.5, 3]) wait.observe(value);
  assert.equal(
    await createMetricAggregate(DECLARED, own).prometheusText(),
    [
      String.raw`# HELP sallyport_requests_total Requests "answered"\nby us`,
      '# TYPE sallyport_requests_total counter',
      String.raw`sallyport_requests_total{method="G\"E\\T\n",result="ok"} 3`,
      '',
      '# HELP sallyport_sessions Open sessions',
      '# TYPE sallyport_sessions gauge',
      'sallyport_sessions 2',
      '',
      '# HELP sallyport_wait_seconds Waiting',
      '# TYPE sallyport_wait_seconds histogram',
      'sallyport_wait_seconds_bucket{door="api",le="0.1"} 1',
      'sallyport_wait_seconds_bucket{door="api",le="1"} 2',
      'sallyport_wait_seconds_bucket{door="api",le="+Inf"} 3',
      'sallyport_wait_seconds_sum{door="api"} 3.55',
      'sallyport_wait_seconds_count{door="api"} 3',
      '',
    ].join('\n'),
  );
});

function snapshotOf(requests: number, sessions: number): unknown {
  const metrics = createMetrics(DECLARED);
  metrics.counter('requests_total', 'GET', 'ok').add(requests);
  metrics.gauge('sessions').set(sessions);
  metrics.histogram('wait_seconds', 'api').observe(0.05);
  const snapshot = metrics.snapshot();
  // As it arrives: through JSON.
  const received: Record<string, unknown> = JSON.parse(JSON.stringify(snapshot));
  received['wait_seconds'] = [{ l: ['api'], v: [2, 1, 0, 0] }];
  return received;
}

function valuesOf(aggregate: ReturnType<typeof createMetricAggregate>, name: string): readonly number[] {
  const total = aggregate.totals().find(({ declaration }) => declaration.name === name);
  return total?.series[0]?.v ?? [];
}
