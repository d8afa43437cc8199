import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlLink, EdgeLinks, LogFields } from '../../kernel/index.ts';
import {
  createEventQueue,
  createEventStore,
  createMetrics,
  EVENT_QUEUE_METRICS,
  type EventBatch,
  type GatewayEvent,
  type SqlExecutor,
  storeEvents,
} from './index.ts';

const EVENT: GatewayEvent = {
  timeMs: 1000,
  type: 'decision.block',
  severity: 'warn',
  door: 'forward-proxy',
  source: '10.0.0.1',
  user: undefined,
  target: 'http://x/',
  reason: 'indicator-block',
  details: { feed: 'urlhaus' },
};

function fakeLink() {
  const posted: EventBatch[] = [];
  const link = {
    connected: true,
    takes: true,
    posted,
    call: () => Promise.reject(new Error('not used')),
    post(topic: string, data: unknown) {
      assert.equal(topic, 'events');
      // The queue posts batches and nothing else.
      if (link.takes) posted.push(data as EventBatch);
      return link.takes;
    },
    subscribe: () => undefined,
    answer: () => undefined,
  };
  return link satisfies ControlLink & { posted: EventBatch[]; takes: boolean };
}

test('events wait for control, and what finds no room is counted and told', async () => {
  const link = fakeLink();
  const metrics = createMetrics(EVENT_QUEUE_METRICS);
  const queue = createEventQueue(link, 3, { metrics, batchMs: 1 });
  link.connected = false;
  const kept = [1, 2, 3, 4, 5].map((timeMs) => queue.post({ ...EVENT, timeMs }));
  assert.deepEqual(kept, [true, true, true, false, false]);
  await delay(5);
  assert.equal(link.posted.length, 0);

  link.connected = true;
  link.takes = false;
  await delay(5);
  link.takes = true;
  await delay(5);
  queue.post({ ...EVENT, timeMs: 6 });
  queue.close();
  assert.deepEqual(
    link.posted.map(({ events, dropped }) => [events.map(({ timeMs }) => timeMs), dropped]),
    [
      [[1, 2, 3], 2],
      [[6], 0],
    ],
  );
  assert.equal(queue.post(EVENT), false, 'closed');
  assert.deepEqual(metrics.snapshot()['events_dropped_total'], [{ l: [], v: [3] }]);
});

test('a long queue goes in several messages', () => {
  const link = fakeLink();
  const queue = createEventQueue(link, 1000, { metrics: createMetrics(EVENT_QUEUE_METRICS), batchMs: 1 });
  for (let i = 0; i < 450; i++) queue.post(EVENT);
  queue.close();
  assert.deepEqual(
    link.posted.map(({ events }) => events.length),
    [200, 200, 50],
  );
});

function executor(): SqlExecutor {
  const database = new DatabaseSync(':memory:');
  return async (text, parameters) => database.prepare(text).all(...parameters);
}

test('the store keeps the newest events and finds them', async () => {
  const store = createEventStore(executor(), { keepMax: 600 });
  await store.open();
  await store.open();
  await store.add(Array.from({ length: 1200 }, (_, timeMs) => ({ ...EVENT, timeMs })));
  await store.add([{ ...EVENT, timeMs: 5000, type: 'login.failed', user: "o'hara", details: {} }]);
  await store.add([]);

  const all = await store.list({ limit: 5000 });
  assert.deepEqual([all.length, all[0]?.timeMs, all.at(-1)?.timeMs], [600, 5000, 601]);
  assert.deepEqual(all[1], { ...EVENT, id: 1200, timeMs: 1199 });
  const page = await store.list({ limit: 2, beforeId: all[1].id, type: 'decision.' });
  assert.deepEqual(
    page.map(({ timeMs }) => timeMs),
    [1198, 1197],
  );
  const found = await store.list({ limit: 10, user: "o'hara", source: '10.0.0.1', type: 'login.failed' });
  assert.deepEqual(
    found.map(({ type }) => type),
    ['login.failed'],
  );
  assert.deepEqual(await store.list({ limit: 10, source: "' or 1=1 --" }), []);
});

test('control stores batches, notes lost events, and says once that it cannot store', async () => {
  let failing = false;
  const good = createEventStore(executor(), { keepMax: 100 });
  await good.open();
  const warned: string[] = [];
  const record = (event: string, _fields?: LogFields) => void warned.push(event);
  let take: ((data: unknown, edge: { pid: number; generation: number }) => void) | undefined;
  const links: EdgeLinks = {
    handle: () => undefined,
    onPost: (_topic, handler) => void (take = handler),
    onGone: () => undefined,
    publish: () => Promise.resolve(),
    collect: () => Promise.resolve(new Map()),
  };
  const store = {
    ...good,
    add: (events: readonly GatewayEvent[]) =>
      failing ? Promise.reject(new Error('disk')) : good.add(events),
  };
  storeEvents(links, store, {
    clock: { now: () => 7, monotonic: () => 0 },
    log: { debug: record, info: record, warn: record, error: record },
  });
  const edge = { pid: 5, generation: 1 };
  for (const bad of [null, {}, { events: [{}, 1, { ...EVENT, severity: 'loud' }], dropped: 'x' }])
    take?.(bad, edge);
  take?.({ events: [EVENT], dropped: 4 }, edge);
  await delay(1);
  const stored = await good.list({ limit: 10 });
  assert.deepEqual(
    stored.map(({ type, details }) => [type, details]),
    [
      ['events.lost', { dropped: 4, pid: 5 }],
      ['decision.block', { feed: 'urlhaus' }],
    ],
  );
  failing = true;
  take?.({ events: [EVENT], dropped: 0 }, edge);
  take?.({ events: [EVENT], dropped: 0 }, edge);
  await delay(1);
  assert.deepEqual(warned, ['events.not-stored']);
});
