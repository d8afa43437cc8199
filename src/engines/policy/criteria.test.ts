import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listed, policyDocument, scanned, seen } from '../../../test/support/policy.ts';
import { compileCondition } from './condition.ts';
import { CRITERIA } from './criteria/index.ts';
import { type Answer, FACT, NEVER, NO, NOT_YET, type Phase, type PolicyFacts, YES } from './facts.ts';

const NAMED = `lists:
  hosts: { hosts: ["*.listed.test"] }
  people: { users: [Anna] }
schedules:
  noon: { zone: UTC, from: "11:00", to: "13:00" }
`;
const fields = (given: Readonly<Record<string, string>>) => (name: string) => given[name];
const response = {
  status: 404,
  responseField: fields({ 'content-type': 'Image/PNG; q=1', server: 'Apache/2' }),
};
const file = scanned({
  verdict: 'malicious',
  findings: [{ stage: 'yara', name: 'Win.Trojan.X', source: 's', severity: 'high', path: '' }],
  incomplete: [{ reason: 'limit', stage: 'unpack', path: '', detail: '' }],
});
const judged = {
  ...file,
  predictions: [{ path: '', model: 'files/1', score: 97, verdict: 'malicious' as const, reasons: [] }],
  prevalence: { firstSeen: '2026-01-02T00:00:00.000Z', count: 1, sources: 1 },
};
const head = FACT['response-head'];

/** Criterion, value, what is known, the answer, and the phase where it is not `request`. */
const CASES: readonly (readonly [string, string, Partial<PolicyFacts>, Answer, Phase?])[] = [
  ['source', '10.0.0.0/8', {}, YES],
  ['source', '10.0.0.0/8', { source: '::ffff:10.9.9.9' }, YES],
  ['source', '[192.168.0.0/16, fd00::/8]', {}, NO],
  ['user', 'anna', { user: 'ANNA' }, YES],
  ['user', '[ben, $people]', { user: 'anna' }, YES],
  ['user', 'anna', { user: 'ben' }, NO],
  ['user', 'anna', {}, NEVER],
  ['user', 'anna', { later: FACT.user }, NOT_YET],
  ['group', 'Staff', { groups: ['x', 'STAFF'] }, YES],
  ['group', 'staff', { groups: [] }, NO],
  ['authenticated', 'true', { user: 'a' }, YES],
  ['authenticated', 'false', {}, YES],
  ['authenticated', 'false', { later: FACT.user }, NOT_YET],
  ['door', '[icap, forward-proxy]', {}, YES],
  ['door', 'icap', {}, NO],
  ['schedule', 'noon', {}, YES],
  ['schedule', 'noon', { nowMs: Date.parse('2026-01-14T13:00:00Z') }, NO],
  ['schedule', 'noon', { nowMs: undefined }, NEVER],
  ['phase', 'request', {}, YES],
  ['phase', 'response', {}, NO],
  ['phase', 'response', { later: head }, NOT_YET],
  ['phase', '[request, connect]', response, NO, 'response'],
  ['host', '"*.listed.test"', { host: 'a.listed.test' }, YES],
  ['host', '$hosts', { host: 'a.listed.test' }, YES],
  ['host', '"*.listed.test"', { host: 'listed.test' }, NO],
  ['host', '"site.test:443"', {}, NO],
  ['host', 'site.test', { host: '' }, NEVER],
  ['url', 'site.test/a', { path: '/a/b', query: 'x' }, YES],
  ['url', '"site.test/*.exe"', { path: '/a.exe' }, YES],
  ['url', 'site.test/a', {}, NO],
  ['url', 'site.test/a', { path: undefined }, NEVER],
  ['url', 'site.test/a', { path: undefined, later: FACT.url }, NOT_YET],
  ['scheme', 'http', {}, YES],
  ['scheme', 'https', {}, NO],
  ['port', '[1-79, 80]', {}, YES],
  ['port', '8000-8100', {}, NO],
  ['method', '[POST, GET]', {}, YES],
  ['method', 'get', {}, NO],
  ['category', 'PHISHING', { verdict: () => listed() }, YES],
  ['category', 'games', { verdict: () => listed() }, NO],
  [
    'indicator',
    '{ action: block, severity: [high, low], feed: phish, from: feed }',
    { verdict: () => listed() },
    YES,
  ],
  ['indicator', '{ from: local }', { verdict: () => listed() }, NO],
  ['indicator', '{ from: local }', { verdict: () => listed({ feed: 'local' }) }, YES],
  ['score', '{ min: 90 }', { verdict: () => listed() }, YES],
  ['score', '60', {}, NO],
  ['score', '{ max: 50 }', {}, YES],
  ['verdict', 'malicious', { verdict: () => listed() }, YES],
  ['verdict', '[malicious, clean]', {}, NO],
  ['request-field', '{ name: X-A, equals: One }', { requestField: fields({ 'x-a': 'One' }) }, YES],
  ['request-field', '{ name: X-A, equals: One }', { requestField: fields({ 'x-a': 'one' }) }, NO],
  ['request-field', '{ name: x-a, contains: NE }', { requestField: fields({ 'x-a': 'one' }) }, YES],
  ['request-field', '{ name: x-a, matches: "o*E" }', { requestField: fields({ 'x-a': 'one' }) }, YES],
  ['request-field', '[{ name: x-b, present: false }]', { requestField: fields({}) }, YES],
  ['request-field', '{ name: x-b, present: true }', { requestField: fields({}) }, NO],
  ['request-field', '{ name: x-b, present: false, contains: a }', { requestField: fields({}) }, NO],
  ['response-field', '{ name: Server, matches: "apache*" }', response, YES],
  ['response-field', '{ name: Server, matches: "nginx*" }', response, NO],
  ['response-field', '{ name: Server, present: false }', {}, NEVER],
  ['response-field', '{ name: Server, present: true }', { later: head }, NOT_YET],
  ['status', '[5xx, 404]', response, YES],
  ['status', '200-299', response, NO],
  ['status', '4xx', { later: head }, NOT_YET],
  ['media-type', '"image/*"', response, YES, 'response'],
  ['media-type', 'image/jpeg', response, NO, 'response'],
  ['media-type', 'text/plain', { requestField: fields({ 'content-type': 'text/plain' }) }, YES],
  ['media-type', 'text/plain', { later: head }, NOT_YET],
  ['media-type', 'text/plain', { status: 200, responseField: fields({}) }, NO, 'response'],
  ['size', '{ min: 1MiB, max: 2MiB }', { bytes: 1_048_576 }, YES],
  ['size', '1KiB', { bytes: 1023 }, NO],
  ['size', '1KiB', {}, NEVER],
  ['size', '1KiB', { later: FACT.size }, NOT_YET],
  ['file-name', '["*.EXE"]', { fileName: 'Setup.exe' }, YES],
  ['file-name', 'setup', { fileName: 'setup.exe' }, NO],
  ['file-type', '[executable, archive]', { file }, YES],
  ['file-type', 'zip', { fileType: file.type }, YES],
  ['file-type', 'pdf', { file }, NO],
  ['file-type', 'pdf', { later: FACT['file-type'] }, NOT_YET],
  ['file-verdict', 'malicious', { file }, YES],
  ['file-verdict', 'clean', { file }, NO],
  ['file-verdict', 'clean', { file, later: FACT['file-verdict'] }, NOT_YET, 'request-body'],
  ['finding', '{ name: "win.trojan.*", stage: yara, severity: high }', { file }, YES],
  ['finding', '{ stage: clamav }', { file }, NO],
  ['finding', '{ stage: clamav }', {}, NEVER],
  ['prediction', '{ min: 90 }', { file: judged }, YES],
  ['prediction', '{ min: 90 }', { file }, NO],
  ['prediction', '90', { later: FACT['file-verdict'] }, NOT_YET],
  ['seen', '{ max: 1 }', { file: judged }, YES],
  ['seen', '{ min: 2 }', { file: judged }, NO],
  ['seen', '{ max: 1 }', { file }, NEVER],
  ['incomplete', '[encrypted, limit]', { file }, YES],
  ['incomplete', 'damaged', { file }, NO],
  ['incomplete', 'damaged', { later: FACT['file-verdict'] }, NOT_YET],
];

test('every criterion says yes, no, not yet or never, and why', async () => {
  for (const [name, value, facts, expected, phase = 'request'] of CASES) {
    const text = `version: 1\n${NAMED}rules:\n  - { name: a, when: { ${name}: ${value} }, then: block }\ndefault: allow\n`;
    const { rules, lists, schedules } = await policyDocument(text);
    const context = {
      lists,
      schedules,
      share: <T>(_: string, make: () => T) => make(),
      round: { number: 0 },
    };
    const compiled = compileCondition(rules[0]!.when, context);
    const what = `${name}: ${value} ${JSON.stringify(facts)}`;
    assert.equal(compiled.test(seen(facts), phase), expected, what);
    assert.ok(compiled.why(seen(facts), phase).length > 5, what);
  }
  const tried = new Set(CASES.map(([name]) => name));
  assert.deepEqual(
    CRITERIA.map(({ name }) => name).filter((name) => !tried.has(name)),
    [],
  );
});
