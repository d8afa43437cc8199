import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Match, Verdict } from '../../kernel/index.ts';
import type { AccessFacts } from './facts.ts';
import { createWebAccess, type WebAccessSettings } from './web-access.ts';

const open: WebAccessSettings = {
  sources: [],
  connectPorts: [443],
  mode: 'open',
  allowList: [],
  guard: (host) =>
    host === '127.0.0.1' ? 'special-address' : host === '10.0.0.9' ? 'own-socket' : undefined,
};

const clean: Verdict = { verdict: 'unknown', score: 50, matches: [] };

function listed(feed: string, action: 'allow' | 'block'): Verdict {
  const match: Match = {
    feed,
    entry: 'evil.test',
    kind: 'domain',
    action,
    category: 'phishing',
    severity: 'high',
    addedAt: '2026-01-02T03:04:05Z',
    confidence: 100,
    tlp: 'clear',
    ageS: 10,
    expiresAt: undefined,
    licence: 'CC0-1.0',
  };
  return { verdict: action === 'block' ? 'malicious' : 'clean', score: 90, matches: [match] };
}

function check(
  settings: Partial<WebAccessSettings>,
  asked: Partial<Omit<AccessFacts, 'verdict'>> & { readonly says?: Verdict },
  expected: { decision: 'allow' | 'block'; rule: string; reason: string },
): void {
  const { says = clean, ...facts } = asked;
  const access = createWebAccess({ ...open, ...settings });
  const full: AccessFacts = {
    source: '10.1.1.1',
    user: undefined,
    method: 'GET',
    host: 'site.test',
    port: 80,
    verdict: () => says,
    ...facts,
  };
  const { decision, rule, reasons } = access.decide(full);
  assert.deepEqual({ decision, rule, reason: reasons[0] }, expected);
  const explained = access.explain(full, { indicators: '7' });
  assert.equal(explained.rule, rule, 'explain says what decide does');
  assert.equal(explained.tried.at(-1)?.matched, true);
  assert.equal(explained.tried.filter(({ matched }) => matched).length, 1);
  assert.ok(explained.tried.every(({ why }) => why.length > 0));
  assert.deepEqual(explained.versions, { indicators: '7' });
}

test('what no rule blocks is allowed, and says so', () => {
  check({}, {}, { decision: 'allow', rule: 'default-allow', reason: 'no-rule-matched' });
});

test('sources outside the configured networks are refused', () => {
  const settings = { sources: ['192.168.0.0/16'] };
  check(settings, {}, { decision: 'block', rule: 'source-networks', reason: 'source-network-other' });
  check(
    settings,
    { source: '192.168.3.4' },
    { decision: 'allow', rule: 'default-allow', reason: 'no-rule-matched' },
  );
});

test('CONNECT and plain HTTP reach their own ports only', () => {
  const closed = { decision: 'block', rule: 'connect-ports', reason: 'connect-port-closed' } as const;
  check({}, { method: 'CONNECT', port: 25 }, closed);
  check({}, { method: 'CONNECT', port: 80 }, closed);
  check(
    {},
    { method: 'CONNECT', port: 443 },
    { decision: 'allow', rule: 'default-allow', reason: 'no-rule-matched' },
  );
  check({}, { port: 25 }, { decision: 'block', rule: 'http-ports', reason: 'http-port-closed' });
  check({}, { port: 1024 }, { decision: 'allow', rule: 'default-allow', reason: 'no-rule-matched' });
});

test('special addresses and own sockets are refused by name of the reason', () => {
  check(
    {},
    { host: '127.0.0.1' },
    { decision: 'block', rule: 'destination-address', reason: 'special-address' },
  );
  check({}, { host: '10.0.0.9' }, { decision: 'block', rule: 'destination-address', reason: 'own-socket' });
});

test('in allow-list mode only what is listed is reached, host, suffix, network and ports', () => {
  const settings = {
    mode: 'allow-list',
    allowList: ['*.vendor.test:443', 'mirror.test', '198.51.100.0/24', 'odd.test:8000-8010'],
  } as const;
  const refused = { decision: 'block', rule: 'allow-list', reason: 'not-on-allow-list' } as const;
  const passed = { decision: 'allow', rule: 'default-allow', reason: 'no-rule-matched' } as const;
  check(settings, { host: 'a.b.vendor.test', method: 'CONNECT', port: 443 }, passed);
  check(settings, { host: 'a.vendor.test', port: 80 }, refused);
  check(settings, { host: 'vendor.test', method: 'CONNECT', port: 443 }, refused);
  check(settings, { host: 'notvendor.test', method: 'CONNECT', port: 443 }, refused);
  check(settings, { host: 'mirror.test', port: 8080 }, passed);
  check(settings, { host: 'x.mirror.test' }, refused);
  check(settings, { host: '198.51.100.7' }, passed);
  check(settings, { host: '198.51.101.7' }, refused);
  check(settings, { host: 'odd.test', port: 8005 }, passed);
  check(settings, { host: 'odd.test', port: 8011 }, refused);
});

test('lists decide by who wrote the entry that came first', () => {
  check(
    {},
    { says: listed('phish', 'block') },
    { decision: 'block', rule: 'feed-block', reason: 'indicator-match' },
  );
  check(
    {},
    { says: listed('local', 'block') },
    { decision: 'block', rule: 'local-block', reason: 'indicator-match' },
  );
  check(
    {},
    { says: listed('local', 'allow') },
    { decision: 'allow', rule: 'local-allow', reason: 'indicator-match' },
  );
  check(
    {},
    { says: listed('good', 'allow') },
    { decision: 'allow', rule: 'feed-allow', reason: 'indicator-match' },
  );
});

test('a local allow opens no port and no special address', () => {
  const says = listed('local', 'allow');
  check(
    {},
    { says, host: '127.0.0.1' },
    { decision: 'block', rule: 'destination-address', reason: 'special-address' },
  );
  check(
    {},
    { says, method: 'CONNECT', port: 22 },
    { decision: 'block', rule: 'connect-ports', reason: 'connect-port-closed' },
  );
});

test('the sentence names entry, list, category and date', () => {
  const access = createWebAccess(open);
  const decision = access.decide({
    source: '10.1.1.1',
    user: undefined,
    method: 'GET',
    host: 'www.evil.test',
    port: 80,
    verdict: () => listed('phish', 'block'),
  });
  assert.equal(
    decision.reasons[1],
    'www.evil.test is listed as phishing on the list phish: entry evil.test, severity high, since 2026-01-02T03:04:05Z',
  );
  assert.equal(decision.match?.entry, 'evil.test');
});
