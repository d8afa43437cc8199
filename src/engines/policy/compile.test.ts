import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { listed, policyOf, scanned, seen } from '../../../test/support/policy.ts';
import { compilePolicy } from './compile.ts';
import { compileCondition } from './condition.ts';
import type { PolicyDocument } from './document.ts';
import { FACT, type Phase, type PolicyFacts, YES } from './facts.ts';

async function decide(rules: readonly string[], facts: Partial<PolicyFacts> = {}, phase: Phase = 'request') {
  const policy = compilePolicy({ document: await policyOf(rules) });
  const decision = policy.decide(phase, seen(facts));
  const explained = policy.explain(phase, seen(facts));
  assert.deepEqual(
    { ...explained, tried: undefined, versions: undefined },
    { ...decision, tried: undefined, versions: undefined },
  );
  return decision;
}

test('the first rule that decides ends the list; those that only modify are collected on the way', async () => {
  const rules = [
    'then: { log: full, scan: hashes }',
    'when: { method: GET }, then: { monitor: true, log: none, headers: { request: { set: { X-A: "1" }, remove: [Referer] } } }',
    'when: { method: POST }, then: { quarantine: true }',
    'when: { host: site.test }, then: { block: { status: 451, title: Closed, text: Ask us }, rate: { requests: 6, per: 1m } }',
    'then: { monitor: true }',
  ];
  const decision = await decide(rules);
  assert.deepEqual(
    [decision.decision, decision.action, decision.rule, decision.line],
    ['block', 'block', 'r3', 6],
  );
  assert.deepEqual(decision.reasons, ['policy-rule', 'Ask us']);
  assert.deepEqual(decision.page, { status: 451, title: 'Closed', text: 'Ask us' });
  assert.deepEqual([decision.log, decision.scan, decision.quarantine], ['full', 'hashes', false]);
  assert.deepEqual(decision.monitored, ['r1']);
  assert.deepEqual(decision.changes, [
    { message: 'request', op: 'remove', name: 'Referer', value: '' },
    { message: 'request', op: 'set', name: 'X-A', value: '1' },
  ]);
  assert.deepEqual(decision.rates, [{ rule: 'r3', perSecond: 0.1, burst: 6, by: 'source' }]);
  const other = await decide(rules, { host: 'other.test' });
  assert.deepEqual([other.decision, other.rule, other.monitored], ['allow', 'default-allow', ['r1', 'r4']]);
});

test('rules stand before the lists, and the lists before the default', async () => {
  const says = (): ReturnType<typeof listed> => listed();
  assert.equal((await decide([], { verdict: says })).rule, 'feed-block');
  assert.equal((await decide(['when: { host: site.test }, then: allow'], { verdict: says })).rule, 'r0');
  const closed = compilePolicy({ document: await policyOf([], 'default: block') });
  assert.deepEqual(
    [closed.decide('request', seen()).rule, closed.decide('request', seen()).decision],
    ['default-block', 'block'],
  );
  assert.equal(
    closed.decide('request', seen({ verdict: () => listed({ action: 'allow' }) })).rule,
    'feed-allow',
  );
});

test('guards come first, and no rule gets past them', async () => {
  const guard = {
    name: 'destination-address',
    decide: ({ host }: PolicyFacts) =>
      host === '127.0.0.1'
        ? compilePolicy({ document: closedDocument }).decide('request', seen())
        : undefined,
    whyNot: () => 'may be reached',
  };
  const closedDocument: PolicyDocument = await policyOf([], 'default: block');
  const policy = compilePolicy({ document: await policyOf(['then: allow']), guards: [guard] });
  assert.equal(policy.decide('request', seen({ host: '127.0.0.1' })).decision, 'block');
  assert.equal(policy.decide('request', seen()).rule, 'r0');
});

test('a rule that waits for a fact makes what is below it provisional, and names the fact', async () => {
  const later = FACT['response-head'] | FACT['file-verdict'] | FACT['file-type'] | FACT.size;
  const rules = [
    'when: { file-type: executable, source: 10.0.0.0/8 }, then: allow',
    'when: { host: "*.bad.test" }, then: block',
  ];
  const open = await decide(rules, { later });
  assert.deepEqual(
    [open.decision, open.needs, open.scan],
    ['allow', ['file-type', 'file-verdict'], undefined],
  );
  const elsewhere = await decide(rules, { later, source: '192.168.1.1' });
  assert.deepEqual(elsewhere.needs, ['file-verdict'], 'a rule that cannot fit waits for nothing');
  const bad = await decide(rules, { later, host: 'a.bad.test' });
  assert.deepEqual([bad.decision, bad.needs], ['block', ['file-type']]);
  const door = await decide(rules, { later: FACT['response-head'] });
  assert.deepEqual([door.decision, door.needs], ['allow', []], 'a door that never learns it does not wait');
});

test('what is blocked anyway does not wait for more reasons to block it', async () => {
  const later = FACT['response-head'] | FACT['file-verdict'];
  const rules = ['when: { file-verdict: malicious }, then: block', 'when: { host: site.test }, then: block'];
  assert.deepEqual((await decide(rules, { later })).needs, []);
  assert.deepEqual((await decide(rules, { later, host: 'b.test' })).needs, ['file-verdict']);
  assert.deepEqual((await decide([], { later, verdict: () => listed() })).needs, []);
});

test('what is not known and never will be is neither yes nor no, also behind not', async () => {
  const never = { path: undefined, method: 'CONNECT', later: 0 };
  assert.equal(
    (await decide(['when: { url: site.test/a }, then: block'], never, 'connect')).rule,
    'default-allow',
  );
  assert.equal(
    (await decide(['when: { not: { url: site.test/a } }, then: block'], never, 'connect')).rule,
    'default-allow',
  );
  assert.equal((await decide(['when: { not: { url: site.test/a } }, then: block'])).rule, 'r0');
});

test('not and any nest', async () => {
  const rules = [
    'when: { any: [ { user: anna }, { source: 10.1.0.0/16, not: { method: [POST, PUT] } } ], not: [ { port: 8080 }, { host: "*.open.test" } ] }, then: block',
  ];
  for (const [facts, expected] of [
    [{}, 'r0'],
    [{ method: 'POST' }, 'default-allow'],
    [{ method: 'POST', user: 'Anna' }, 'r0'],
    [{ port: 8080 }, 'default-allow'],
    [{ host: 'a.open.test' }, 'default-allow'],
    [{ source: '10.2.0.1' }, 'default-allow'],
  ] as const) {
    assert.equal((await decide(rules, facts)).rule, expected, JSON.stringify(facts));
  }
});

test('where bodies are scanned, what is malicious or could not be looked at is refused by itself', async () => {
  const finding = { stage: 'yara', name: 'EICAR', source: 'own', severity: 'high', path: 'a.zip/b' } as const;
  const incomplete = { reason: 'encrypted', stage: 'unpack', path: 'a.zip', detail: '' } as const;
  const found = async (file: Parameters<typeof scanned>[0], rules: readonly string[] = []) => {
    const { rule, reasons } = await decide(rules, { file: scanned(file), door: 'icap' }, 'response-body');
    return [rule, reasons[0]];
  };
  assert.deepEqual(await found({ verdict: 'malicious', findings: [finding] }), [
    'file-malicious',
    'file-malicious',
  ]);
  assert.deepEqual(await found({ incomplete: [incomplete] }), ['file-incomplete', 'file-encrypted']);
  assert.deepEqual(await found({ verdict: 'clean', incomplete: [incomplete] }), [
    'default-allow',
    'no-rule-matched',
  ]);
  const open = { file: scanned({ incomplete: [incomplete] }), passIncomplete: true };
  assert.equal((await decide([], open, 'response-body')).rule, 'default-allow', 'a setting of the door');
  const lenient = ['when: { incomplete: encrypted, not: { file-verdict: malicious } }, then: allow'];
  assert.deepEqual(await found({ incomplete: [incomplete] }, lenient), ['r0', 'policy-rule']);
  assert.deepEqual(
    await found({ verdict: 'malicious', findings: [finding], incomplete: [incomplete] }, lenient),
    ['file-malicious', 'file-malicious'],
  );
});

test('a rule that is switched off is as if it were not there', async () => {
  assert.equal((await decide(['enabled: false, then: block'])).rule, 'default-allow');
});

const FIELDS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'x-tag': 'Blue-1', 'user-agent': 'CURL/8.7' },
  { 'x-tag': 'blue-1', 'user-agent': `${'x'.repeat(9000)} curl 7` },
  { 'x-tag': 'green', 'user-agent': 'Wget' },
];
const HOSTS = ['a.test', 'b.a.test', 'xa.test', '192.0.2.1', '2001:db8::1', ''];
const values: Readonly<Record<string, readonly string[]>> = {
  host: [
    'a.test',
    '"*.a.test"',
    '192.0.2.0/24',
    '"2001:db8::/32"',
    '"[2001:db8::/32]:80"',
    '"a.test:443"',
    '["*.test", b.a.test]',
  ],
  url: [
    'a.test/x',
    '"*.a.test/*"',
    '"*/x"',
    '[a.test/, b.a.test/y]',
    '"*/folder/*.exe"',
    '["*/x", "*/ABC/y"]',
  ],
  'request-field': [
    '{ name: X-Tag, equals: Blue-1 }',
    '{ name: X-Tag, contains: blue }',
    '{ name: User-Agent, matches: "*curl*7*" }',
    '[{ name: X-Tag, matches: "gr*" }, { name: User-Agent, contains: wget }]',
    '{ name: X-Tag, present: true }',
  ],
  group: ['staff', '[Guests, staff]'],
  user: ['anna', '[ben, ANNA]'],
  category: ['phishing', '[games, Phishing]'],
  source: ['10.0.0.0/8', '[10.1.0.0/16, 192.168.0.0/16]', '10.1.1.1', 'fd00::/8'],
  method: ['GET', '[POST, GET]'],
  port: ['80', '[443, 8000-8100]'],
  'file-verdict': ['malicious'],
};

/** `{ host: …, not: { … } }` */
const criterion = fc
  .constantFrom(...Object.keys(values))
  .chain((name) => fc.constantFrom(...values[name]!).map((value) => [name, value] as const));
const flat = fc.uniqueArray(criterion, { selector: ([name]) => name, minLength: 1, maxLength: 3 });
const condition = fc.tuple(flat, fc.option(flat), fc.array(flat, { maxLength: 2 })).map(([own, not, any]) => {
  const text = (list: readonly (readonly [string, string])[]): string =>
    list.map(([name, value]) => `${name}: ${value}`).join(', ');
  const more = [
    not === null ? [] : [`not: { ${text(not)} }`],
    any.length === 0 ? [] : [`any: [${any.map((each) => `{ ${text(each)} }`).join(', ')}]`],
  ];
  return `{ ${[text(own), ...more.flat()].join(', ')} }`;
});
const request = fc.record({
  host: fc.constantFrom(...HOSTS),
  path: fc.constantFrom('/', '/x', '/x/y', '/folder/a.exe', '/ABC/y', '/abc/y', undefined),
  query: fc.constantFrom(undefined, '', '/folder/b.exe'),
  groups: fc.constantFrom(undefined, [], ['Staff', 'other'], ['guests']),
  requestField: fc.constantFrom(...FIELDS.map((fields) => (name: string) => fields[name])),
  user: fc.constantFrom(undefined, 'anna', 'Ben'),
  source: fc.constantFrom('10.1.1.1', '10.2.0.1', '192.168.3.4', '::ffff:10.1.1.1', 'fd00::1'),
  method: fc.constantFrom('GET', 'POST', 'HEAD'),
  port: fc.constantFrom(80, 443, 8050),
  later: fc.constantFrom(
    0,
    FACT.user,
    FACT['request-head'],
    FACT['file-verdict'],
    FACT.url | FACT['response-head'],
  ),
  verdict: fc.constantFrom(
    () => listed({ action: 'label' }),
    () => listed({ action: 'label', category: 'games' }),
    () => ({ verdict: 'unknown', score: 50, matches: [] }) as const,
  ),
});

test('what the index leaves out could not have fitted: the same rule decides as when each is asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(condition, { minLength: 1, maxLength: 40 }),
      fc.array(request, { minLength: 5 }),
      async (rules, requests) => {
        const document = await policyOf(rules.map((when) => `when: ${when}, then: block`));
        const policy = compilePolicy({ document });
        const context = {
          lists: {},
          schedules: {},
          share: <T>(_: string, make: () => T) => make(),
          round: { number: 0 },
        };
        const naive = document.rules.map(({ when }) => compileCondition(when, context));
        for (const each of requests) {
          const facts = seen(each);
          const first = naive.findIndex((rule) => rule.test(facts, 'request') === YES);
          const { rule } = policy.decide('request', facts);
          assert.equal(rule, first < 0 ? 'default-allow' : `r${first}`);
        }
      },
    ),
    { numRuns: 150 },
  );
});
