import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventItem } from '../events/index.ts';
import { type Alarm, judge } from './alarm.ts';
import { EventCounts, type Finding, findingsOf, type Situation } from './conditions.ts';
import { type AlertRule, BUILT_IN_RULES, ruleOf, ruleProblems } from './rule.ts';

const CALM: Situation = {
  nowMs: 0,
  parts: [],
  feeds: [],
  certificates: [],
  disk: { freeBytes: 50, totalBytes: 100 },
};

/** A row a moment: what is found then, whether the rule is silent, and what is told. */
function follow(
  rule: AlertRule,
  rows: readonly (readonly [atS: number, found: string, told: string, silent?: 'silent'])[],
): void {
  let alarms: readonly Alarm[] = [];
  for (const [atS, found, told, silent] of rows) {
    const findings: Finding[] = found === '' ? [] : found.split(' ').map((key) => ({ key, text: key }));
    const judged = judge(rule, alarms, findings, { nowMs: atS * 1000, silent: silent !== undefined });
    ({ alarms } = judged);
    assert.equal(
      judged.notices.map(({ kind, alarm }) => `${kind} ${alarm.key}`).join(', '),
      told,
      `at ${atS} s`,
    );
  }
}

test('a thing is told when it has lasted, again while it lasts, and once when it is over', () => {
  follow(ruleOf('r', { when: 'health', for: '60s', repeat: '1h' }), [
    [0, 'icap', ''],
    [50, 'icap', ''],
    [60, 'icap', 'raised icap'],
    [70, 'icap ssh', ''],
    [3659, 'icap', ''],
    [3660, 'icap', 'repeated icap'],
    [3700, '', ''],
    [3760, '', 'resolved icap'],
    [3770, '', ''],
  ]);
});

test('what flaps is told once', () => {
  follow(ruleOf('r', { when: 'health', for: '60s', repeat: '0s' }), [
    [0, 'a', ''],
    [30, '', ''],
    [40, 'a', ''],
    [100, 'a', 'raised a'],
    [110, '', ''],
    [150, 'a', ''],
    [160, '', ''],
    [219, '', ''],
    [220, '', 'resolved a'],
  ]);
});

test('silence tells nobody, neither that it began nor that it ended; what outlasts it is told', () => {
  follow(ruleOf('r', { when: 'feed' }), [
    [0, 'a b', '', 'silent'],
    [10, 'a', '', 'silent'],
    [20, 'a', 'raised a'],
    [30, '', 'resolved a'],
  ]);
});

test('each kind looks at its own part of the gateway', () => {
  const counts = new EventCounts();
  const check = (
    body: Parameters<typeof ruleOf>[1],
    situation: Partial<Situation>,
    expected: readonly string[] | undefined,
  ): void => {
    const found = findingsOf(ruleOf('r', body), { ...CALM, ...situation }, counts);
    assert.deepEqual(
      found?.map(({ key }) => key),
      expected,
      JSON.stringify(body),
    );
  };
  const parts = [
    { part: 'edge 7', state: 'down', reason: 'died' },
    { part: 'icap', state: 'degraded', reason: 'clamd is away' },
    { part: 'api', state: 'ok', reason: '' },
  ];
  check({ when: 'health' }, { parts }, ['edge 7', 'icap']);
  check({ when: 'health', state: 'down' }, { parts }, ['edge 7']);
  check({ when: 'health', part: 'edge*' }, { parts }, ['edge 7']);
  check({ when: 'health', part: '*ca*' }, { parts }, ['icap']);
  check({ when: 'health', part: 'edge' }, { parts }, []);
  check({ when: 'health' }, { parts: undefined }, undefined);
  check(
    { when: 'feed' },
    {
      feeds: [
        { feed: 'a', state: 'ok', reason: '' },
        { feed: 'b', state: 'stale', reason: 'old' },
      ],
    },
    ['b'],
  );
  const certificates = [
    { name: 'server', daysLeft: 7, notAfter: '2026-12-01T00:00:00Z' },
    { name: 'authority', daysLeft: 900, notAfter: '2029-01-01T00:00:00Z' },
  ];
  check({ when: 'certificate' }, { certificates }, ['server']);
  check({ when: 'certificate', days: 6 }, { certificates }, []);
  check({ when: 'disk', percent: 51 }, {}, ['']);
  check({ when: 'disk', percent: 50 }, {}, []);
  check({ when: 'disk' }, { disk: undefined }, undefined);
});

function event(atS: number, more: Partial<EventItem> = {}): EventItem {
  return {
    id: 'x',
    time: new Date(atS * 1000).toISOString(),
    type: 'decision.block',
    severity: 'info',
    count: 1,
    details: {},
    ...more,
  };
}

test('events are counted in a window that moves, apart for each value, and survive a restart', () => {
  const rule = ruleOf('r', {
    when: 'events',
    where: { type: 'decision.' },
    count: 3,
    window: '60s',
    by: 'source',
  });
  const counts = new EventCounts();
  const at = (counting: EventCounts, nowS: number) =>
    counting.over(rule, nowS * 1000).map(({ key, text }) => [key, text]);
  counts.add(
    [rule],
    [
      event(100, { source: '10.0.0.1' }),
      event(101, { source: '10.0.0.1', count: 2 }),
      event(101, { source: '10.0.0.2' }),
    ],
  );
  counts.add(
    [rule],
    [
      event(102, { type: 'login.refused', source: '10.0.0.2' }),
      event(102, { type: 'alert.raised', source: '10.0.0.2' }),
    ],
  );
  assert.deepEqual(at(counts, 110), [['10.0.0.1', '3 events of source 10.0.0.1 in 60 s']]);

  const again = new EventCounts();
  again.load(counts.dump([rule]));
  assert.deepEqual(at(again, 110), at(counts, 110));
  again.add([rule], [event(150, { source: '10.0.0.2', count: 2 })]);
  assert.deepEqual(
    at(again, 155).map(([key]) => key),
    ['10.0.0.1', '10.0.0.2'],
  );
  assert.deepEqual(at(again, 162), [], 'the window has moved on');
  assert.deepEqual(counts.dump([]), {}, 'a rule that is gone is forgotten');
});

test('sources that somebody makes up do not fill the memory', () => {
  const rule = ruleOf('r', { when: 'events', count: 100, window: '60s', by: 'source' });
  const counts = new EventCounts();
  counts.add(
    [rule],
    Array.from({ length: 3000 }, (_, number) => event(100 + (number % 500), { source: `s${number}` })),
  );
  const groups = Object.values(counts.dump([rule])['r'] ?? {});
  assert.ok(groups.length <= 1001);
  assert.ok(groups.every((steps) => Object.keys(steps).length <= 120));
});

test('a rule is checked key by key', () => {
  const check = (body: Parameters<typeof ruleProblems>[1], expected: readonly string[]): void =>
    assert.deepEqual(
      ruleProblems('r', body).map(({ path }) => path),
      expected,
      JSON.stringify(body),
    );
  check(
    { when: 'disk', percent: 5, mail: ['ops@example.org'], webhooks: ['https://x.example/hook?k=1'] },
    [],
  );
  check({}, ['r.when']);
  check({ when: 'weather' }, ['r.when']);
  check({ when: 'disk', percent: 0, mail: ['ops@example.org\r\nBcc: x'], webhooks: ['ftp://x/'] }, [
    'r.percent',
    'r.mail',
    'r.webhooks',
  ]);
  check({ when: 'health', for: '5', repeat: '-1s', surprise: 1 }, ['r.for', 'r.repeat', 'r.surprise']);
  check({ when: 'events', where: { colour: 'red' } }, ['r.where']);
  check({ when: 'events', webhooks: ['https://user:pass@x.example/'] }, ['r.webhooks']);
  assert.deepEqual(
    ruleProblems('Bad Name', { when: 'feed' }).map(({ path }) => path),
    ['Bad Name'],
  );
  assert.deepEqual(
    new Set(BUILT_IN_RULES.map(({ kind }) => kind)),
    new Set(['health', 'feed', 'certificate', 'disk', 'bans']),
  );
});
