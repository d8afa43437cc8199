import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyOf, seen } from '../../../test/support/policy.ts';
import { diffLines, withContext } from './line-diff.ts';
import { RateLimiter } from './rates.ts';
import { CONTINUE_PATH, type Grant, GRANT_MS, Warnings } from './warnings.ts';
import { createWebAccess } from './web-access.ts';

const OPEN = {
  sources: [],
  connectPorts: [443],
  mode: 'open',
  allowList: [],
  guard: () => undefined,
} as const;

test('a rate lets a burst pass, then so many a second, for each source by itself', async () => {
  const access = createWebAccess(OPEN);
  access.use(await policyOf(['then: { rate: { requests: 2, per: 1s, burst: 3 } }']), '1');
  const at = (nowMs: number, source = '10.1.1.1') => access.decide(seen({ nowMs, source }));
  assert.deepEqual(
    [0, 0, 0, 0].map((ms) => at(ms).decision),
    ['allow', 'allow', 'allow', 'block'],
  );
  const refused = at(100);
  assert.deepEqual(
    [refused.rule, refused.reasons[0], refused.page?.status, refused.retryAfterS],
    ['r0', 'rate-exceeded', 429, 1],
  );
  assert.equal(at(0, '10.1.1.2').decision, 'allow');
  assert.equal(at(600).decision, 'allow');
  assert.equal(at(601).decision, 'block');
  assert.equal(
    access.explain(seen({ nowMs: 602 }), {}).decision,
    'allow',
    'explaining takes nothing and refuses nothing',
  );
});

test('a rate by user counts sources where nobody signed in', async () => {
  const access = createWebAccess(OPEN);
  access.use(await policyOf(['then: { rate: { requests: 1, per: 1m, by: user } }']), '1');
  const say = (user: string | undefined, source: string) =>
    access.decide(seen({ user, source, nowMs: 5 })).decision;
  assert.deepEqual(
    [
      say('a', '10.0.0.1'),
      say('a', '10.0.0.2'),
      say('b', '10.0.0.1'),
      say(undefined, '10.0.0.1'),
      say(undefined, '10.0.0.1'),
    ],
    ['allow', 'block', 'allow', 'allow', 'block'],
  );
});

test('edges share a rate, and who has been quiet longest is forgotten first', () => {
  const limit = { rule: 'r', perSecond: 10, burst: 10, by: 'source' } as const;
  const half = new RateLimiter(2);
  assert.equal(Array.from({ length: 10 }, () => half.take(limit, 'a', 0).ok).filter(Boolean).length, 5);
  const many = new RateLimiter();
  const one = { ...limit, burst: 1, perSecond: 0.001 };
  for (let at = 0; at <= 50_000; at++) many.take(one, `s${at}`, 0);
  assert.equal(many.take(one, 's0', 1).ok, true);
  assert.equal(many.take(one, 's50000', 1).ok, false);
});

test('a warning is gone past by the one who read it, for a day', async () => {
  const told: Grant[] = [];
  const warnings = new Warnings((grant) => {
    told.push(grant);
    return Promise.resolve();
  });
  const access = createWebAccess({ ...OPEN, warnings });
  access.use(await policyOf(['when: { host: site.test }, then: { warn: { text: Careful } }']), '1');
  const nowMs = 1_000_000;
  const decision = access.decide(seen({ nowMs }));
  assert.deepEqual(
    [decision.action, decision.decision, decision.reasons],
    ['warn', 'block', ['policy-warn', 'Careful']],
  );
  const subject = 'source 10.1.1.1';
  const url = 'http://site.test/a?b';
  assert.equal(warnings.link({ rule: 'r0', subject, url }, nowMs), undefined, 'nobody has a key yet');
  warnings.useKey(Buffer.alloc(32, 7));
  const link = warnings.link({ rule: 'r0', subject, url }, nowMs)!;
  assert.ok(link.startsWith(`${CONTINUE_PATH}?t=`));
  const ticket = warnings.read(link, subject, nowMs + 1000);
  assert.equal(ticket?.url, url);
  assert.equal(warnings.read(link, 'source 10.1.1.2', nowMs), undefined, 'of somebody else');
  assert.equal(warnings.read(link, subject, nowMs + 16 * 60_000), undefined, 'too old');
  // Not the last character: some of its bits are of no byte.
  const altered = `${link.slice(0, -9)}${link.at(-9) === 'A' ? 'B' : 'A'}${link.slice(-8)}`;
  assert.equal(warnings.read(altered, subject, nowMs), undefined, 'altered on the way');
  assert.equal(warnings.read(`${CONTINUE_PATH}?t=${'a'.repeat(20_000)}.b`, subject, nowMs), undefined);
  await warnings.grant(ticket, nowMs);
  assert.deepEqual(told, [{ rule: 'r0', subject, untilMs: nowMs + GRANT_MS }]);
  warnings.use(told);
  const after = access.decide(seen({ nowMs: nowMs + 1000 }));
  assert.deepEqual([after.decision, after.action, after.reasons[0]], ['allow', 'allow', 'warning-read']);
  assert.equal(access.explain(seen({ nowMs }), {}).decision, 'allow');
  assert.equal(
    access.decide(seen({ nowMs: nowMs + GRANT_MS })).action,
    'warn',
    'a day later it is asked again',
  );
  assert.equal(access.decide(seen({ nowMs, source: '10.1.1.2' })).action, 'warn');
});

test('guards of the proxy hold for the proxy, and not where others connect', () => {
  const access = createWebAccess({ ...OPEN, sources: ['192.168.0.0/16'] });
  assert.equal(access.decide(seen()).rule, 'source-networks');
  assert.equal(access.decide(seen({ door: 'icap' })).rule, 'default-allow');
  assert.equal(access.explain(seen({ door: 'icap' }), {}).rule, 'default-allow');
});

test('a comparison of lines says what went and what came', () => {
  const text = (lines: readonly { op: string; text: string }[]) =>
    lines.map(({ op, text: line }) => op + line).join('\n');
  assert.equal(text(diffLines('a\nb\nc', 'a\nx\nc')), ' a\n-b\n+x\n c');
  assert.equal(text(diffLines('', 'a')), '-\n+a');
  assert.equal(text(diffLines('a\nb', 'a\nb')), ' a\n b');
  const long = Array.from({ length: 40 }, (_, at) => `line ${at}`);
  const changed = long.with(20, 'other').join('\n');
  assert.equal(withContext(diffLines(long.join('\n'), changed)).length, 3 + 2 + 3 + 1);
  assert.deepEqual(withContext(diffLines('a', 'a')), []);
});
