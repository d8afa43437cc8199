import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlLink } from '../../kernel/index.ts';
import {
  createEventQueue,
  createMetrics,
  EVENT_QUEUE_METRICS,
  type EventBatch,
  type GatewayEvent,
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
