import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsAnswer, DnsFailure } from '../../platform/index.ts';
import { Resolver } from './resolver.ts';

function setUp(answers: Record<string, DnsAnswer | DnsFailure>, entriesMax = 10) {
  let now = 0;
  const asked: string[] = [];
  const counted: string[] = [];
  const resolver = new Resolver({
    query: (host) => {
      asked.push(host);
      return Promise.resolve(answers[host] ?? 'not-found');
    },
    clock: { now: () => now, monotonic: () => now },
    entriesMax,
    ttlMinMs: 1000,
    ttlMaxMs: 60_000,
    failureTtlMs: 500,
    onQuery: (result) => counted.push(result),
  });
  return { resolver, asked, counted, pass: (ms: number) => (now += ms) };
}

test('families take turns, IPv6 first (RFC 8305 §4)', async () => {
  const { resolver } = setUp({ a: { addresses: ['fd00::1', 'fd00::2', '10.0.0.1'], ttlMs: 5000 } });
  assert.deepEqual(await resolver.resolve('a'), ['fd00::1', '10.0.0.1', 'fd00::2']);
});

test('an address is its own answer and asks nobody', () => {
  const { resolver, asked } = setUp({});
  assert.deepEqual(resolver.resolve('10.0.0.1'), ['10.0.0.1']);
  assert.deepEqual(asked, []);
});

test('equal questions under way are asked once; the answer then comes at once until its time is over', async () => {
  const { resolver, asked, pass } = setUp({ a: { addresses: ['10.0.0.1'], ttlMs: 5000 } });
  await Promise.all([resolver.resolve('a'), resolver.resolve('a')]);
  assert.equal(asked.length, 1);
  pass(4999);
  assert.deepEqual(resolver.resolve('a'), ['10.0.0.1'], 'no promise');
  pass(1);
  assert.ok(resolver.resolve('a') instanceof Promise);
});

test('times are held within the bounds', async () => {
  const { resolver, pass } = setUp({
    short: { addresses: ['10.0.0.1'], ttlMs: 0 },
    long: { addresses: ['10.0.0.2'], ttlMs: 1e9 },
  });
  await resolver.resolve('short');
  await resolver.resolve('long');
  pass(999);
  assert.ok(Array.isArray(resolver.resolve('short')));
  pass(59_001);
  assert.ok(resolver.resolve('long') instanceof Promise);
});

test('failures are kept a short time and say what failed', async () => {
  const { resolver, asked, counted, pass } = setUp({ slow: 'timeout', odd: 'error' });
  const errors = [];
  for (const host of ['slow', 'odd', 'none']) {
    const answer = await resolver.resolve(host);
    errors.push('error' in answer ? answer.error : 'no failure');
  }
  assert.deepEqual(errors, ['dns_timeout', 'dns_error', 'dns_error']);
  assert.deepEqual(counted, ['timeout', 'error', 'not-found']);
  void resolver.resolve('none');
  assert.equal(asked.length, 3);
  pass(500);
  await resolver.resolve('none');
  assert.equal(asked.length, 4);
});

test('the cache is bounded: the oldest entry goes', async () => {
  const answer = { addresses: ['10.0.0.1'], ttlMs: 5000 };
  const { resolver } = setUp({ a: answer, b: answer, c: answer }, 2);
  for (const host of ['a', 'b', 'c']) await resolver.resolve(host);
  assert.ok(resolver.resolve('a') instanceof Promise);
  assert.ok(Array.isArray(resolver.resolve('c')));
});
