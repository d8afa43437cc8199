import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlLink, EdgeLinks } from '../../kernel/index.ts';
import {
  createMetricAggregate,
  createMetrics,
  createProcessSampler,
  postMetrics,
  PROCESS_METRICS,
  serveMetrics,
} from './index.ts';

test('an edge posts what it has counted, and control answers with the sums', async () => {
  type Post = (data: unknown, edge: { pid: number; generation: number }) => void;
  let received: Post = () => assert.fail('nobody listens');
  let gone: (edge: { pid: number; generation: number }) => void = () => assert.fail('nobody listens');
  let read: () => unknown = () => assert.fail('no such method');
  const links: EdgeLinks = {
    handle: (method, handler) => {
      assert.equal(method, 'metrics.read');
      read = () => handler({}, { pid: 1, generation: 1 });
    },
    onPost: (topic, handler) => {
      assert.equal(topic, 'metrics');
      received = handler;
    },
    onGone: (handler) => void (gone = handler),
    publish: () => Promise.resolve(),
    collect: () => Promise.resolve(new Map()),
  };
  const edge = { pid: 7, generation: 1 };
  let posts = 0;
  let asked: () => unknown = () => undefined;
  const link: ControlLink = {
    connected: true,
    call: () => Promise.reject(new Error('not used')),
    post(topic, data) {
      assert.equal(topic, 'metrics');
      posts++;
      received(JSON.parse(JSON.stringify(data)), edge);
      return true;
    },
    subscribe: () => undefined,
    answer: (_topic, handler) => void (asked = handler),
  };

  const own = createMetrics(PROCESS_METRICS);
  const sampler = createProcessSampler(own, 'control');
  sampler.sample();
  serveMetrics(links, createMetricAggregate(PROCESS_METRICS, own));
  const metrics = createMetrics(PROCESS_METRICS);
  const posting = postMetrics(link, metrics, createProcessSampler(metrics, 'edge'), { everyMs: 20 });
  for (let tries = 0; tries < 1000 && posts < 3; tries++) await delay(10);
  posting.close();
  sampler.close();

  assert.ok(posts >= 3, String(posts));
  // Asked by control, it posts at once.
  const before = posts;
  assert.equal(asked(), true);
  assert.equal(posts, before + 1);
  const text = String(await read());
  for (const role of ['control', 'edge']) {
    assert.match(text, new RegExp(`^sallyport_process_count{role="${role}"} 1$`, 'm'));
    assert.match(text, new RegExp(`^sallyport_process_resident_memory_bytes{role="${role}"} \\d{7,}$`, 'm'));
    assert.match(text, new RegExp(`^sallyport_process_cpu_seconds_total{role="${role}"} \\d`, 'm'));
  }
  assert.match(text, /^sallyport_process_event_loop_delay_seconds_count{role="edge"} [1-9]/m);

  gone(edge);
  const later = String(await read());
  assert.match(
    later,
    /^sallyport_process_cpu_seconds_total{role="edge"} \d/m,
    'time was used and stays used',
  );
  assert.doesNotMatch(later, /process_count{role="edge"}/, 'the process is gone');
});
