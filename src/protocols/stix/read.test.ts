import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatedIndicator, StatedProblem } from '../../kernel/index.ts';
import { missingData, testData } from '../../../test/support/test-data.ts';
import { readStix } from './read.ts';

interface Read {
  readonly indicators: readonly StatedIndicator[];
  readonly problems: readonly StatedProblem[];
}

function read(document: unknown): Read {
  const indicators: StatedIndicator[] = [];
  const problems: StatedProblem[] = [];
  readStix(document, {
    indicator: (each) => indicators.push(each),
    problem: (problem) => problems.push(problem),
  });
  return { indicators, problems };
}

const ID = 'indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f';

function indicator(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: ID,
    created: '2024-01-01T00:00:00.000Z',
    modified: '2024-01-01T00:00:00.000Z',
    pattern: "[domain-name:value = 'evil.example']",
    pattern_type: 'stix',
    valid_from: '2024-01-01T00:00:00Z',
    ...properties,
  };
}

function only(...objects: readonly unknown[]): StatedIndicator {
  const { indicators, problems } = read({ type: 'bundle', id: 'bundle--x', objects });
  assert.deepEqual(problems, []);
  assert.equal(indicators.length, 1);
  return indicators[0]!;
}

test('what an indicator says besides its pattern', () => {
  const found = only(
    indicator({
      name: 'Evil',
      description: 'seen in mail',
      confidence: 70,
      valid_until: '2024-02-01T00:00:00.123456Z',
      indicator_types: ['malicious-activity'],
      labels: ['Phishing'],
      object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'],
    }),
  );
  assert.deepEqual(found, {
    kind: 'domain',
    value: 'evil.example',
    action: undefined,
    category: 'phishing',
    severity: undefined,
    confidence: 70,
    tlp: 'green',
    firstSeenMs: Date.UTC(2024, 0, 1),
    lastSeenMs: undefined,
    expiresAtMs: Date.UTC(2024, 1, 1, 0, 0, 0, 123),
    note: 'seen in mail',
    reference: ID,
    isRevoked: false,
  });
});

test('the category comes from labels first, then from the types', () => {
  const category = (properties: Readonly<Record<string, unknown>>): string | undefined =>
    only(indicator(properties)).category;
  assert.equal(category({}), undefined);
  assert.equal(category({ indicator_types: ['malicious-activity'] }), 'malicious-activity');
  assert.equal(category({ labels: ['malicious-activity', 'Command and Control'] }), 'botnet-cc');
  assert.equal(category({ indicator_types: ['anonymization'], labels: ['misc'] }), 'anonymization');
  assert.equal(category({ indicator_types: ['unknown'] }), undefined);
});

test('markings: TLP of either version, the strictest, statements as a note', () => {
  const statement = {
    type: 'marking-definition',
    id: 'marking-definition--b40dc3f0-9b4b-4b0b-8a3c-58b8a1a7a111',
    definition_type: 'statement',
    definition: { statement: 'Copyright Example' },
  };
  const named = { type: 'marking-definition', id: 'marking-definition--1', name: 'TLP:AMBER+STRICT' };
  const white = 'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9';
  const red2 = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1';
  assert.equal(only(indicator({ object_marking_refs: [white] })).tlp, 'clear');
  assert.equal(only(indicator({ object_marking_refs: [red2, white] })).tlp, 'red');
  const found = only(statement, named, indicator({ object_marking_refs: [statement.id, white, named.id] }));
  assert.deepEqual([found.tlp, found.note], ['amber+strict', 'Copyright Example']);
  const granular = [{ marking_ref: red2, selectors: ['pattern'] }];
  assert.equal(only(indicator({ granular_markings: granular })).tlp, 'red');
});

test('the newest version of an object counts, also when it revokes', () => {
  const older = indicator({ modified: '2024-01-01T00:00:00.000Z' });
  const newer = indicator({ modified: '2024-03-01T00:00:00.000Z', revoked: true });
  assert.equal(only(newer, older).isRevoked, true);
  assert.equal(only(older, newer).isRevoked, true);
});

test('what is revoked comes before what another indicator still says', () => {
  const { indicators } = read([
    indicator({ id: 'indicator--1' }),
    indicator({ id: 'indicator--2', revoked: true }),
    indicator({ id: 'indicator--3' }),
  ]);
  assert.deepEqual(
    indicators.map(({ reference, isRevoked }) => [reference, isRevoked]),
    [
      ['indicator--2', true],
      ['indicator--1', false],
      ['indicator--3', false],
    ],
  );
});

test('a STIX 2.0 indicator has neither pattern_type nor indicator_types', () => {
  const { pattern_type: _, spec_version: __, ...old } = indicator({ labels: ['malicious-activity'] });
  assert.equal(only(old).category, 'malicious-activity');
});

test('a bundle, an envelope, a list and one object are read alike', () => {
  for (const document of [
    { type: 'bundle', id: 'bundle--x', objects: [indicator({})] },
    { more: false, objects: [indicator({})] },
    [indicator({})],
    indicator({}),
  ])
    assert.equal(read(document).indicators.length, 1);
  for (const document of [{ type: 'bundle', id: 'bundle--x' }, {}, { more: false }, []])
    assert.deepEqual(read(document), { indicators: [], problems: [] });
  for (const document of [5, null, 'x', { objects: 5 }])
    assert.deepEqual(
      read(document).problems.map(({ reason }) => reason),
      ['neither a STIX bundle nor a list of STIX objects'],
    );
});

test('what is no indicator is reported, with its place', () => {
  const reasons = read([
    indicator({ id: 'indicator--1', pattern: 'rule x { }', pattern_type: 'yara' }),
    indicator({ id: 'indicator--2', pattern: "[domain-name:value = 'a" }),
    indicator({ id: 'indicator--3', pattern: undefined }),
    indicator({ id: 'indicator--4', indicator_types: ['benign'] }),
    indicator({ id: undefined }),
    5,
  ]).problems.map(({ position, reason, text }) => `${position} ${reason}: ${text}`);
  assert.deepEqual(reasons, [
    '5 an indicator without an id: ',
    '6 not an object: number',
    '1 a pattern of type yara, not stix: rule x { }',
    "2 not a pattern: a quote that does not end: at 21: [domain-name:value = 'a",
    '3 an indicator without a pattern: indicator--3',
    "4 benign: what is fine by itself is neither blocked nor allowed: [domain-name:value = 'evil.example']",
  ]);
});

const DATA = '05-intel/';
for (const { file, counts, reasons } of [
  {
    file: 'amnesty_stix2/2021-12-16_cytrox__cytrox.stix2',
    counts: { domain: 336 },
    reasons: { 'file:path is not looked up': 6, 'configuration-profile:id is not looked up': 1 },
  },
  {
    file: 'tweetfeed/stix/bundle_2026-08-01.json',
    counts: { url: 20, address: 9, domain: 18, hash: 9 },
    reasons: {},
  },
  {
    file: 'tweetfeed/stix/taxii/pages/2026-08-01.0.json',
    counts: { url: 20, address: 9, domain: 18, hash: 9 },
    reasons: {},
  },
  {
    file: 'tweetfeed/stix/taxii/pages/2026-08-08.0.json',
    counts: { url: 50, hash: 8, address: 16, domain: 35 },
    reasons: {},
  },
  { file: 'tweetfeed/stix/taxii/pages/meta.json', counts: {}, reasons: {} },
  { file: 'oasis/examples/indicator-to-campaign-relationship.json', counts: { address: 1 }, reasons: {} },
  { file: 'oasis/examples/indicators-for-C2-with-COA.json', counts: { address: 1, hash: 1 }, reasons: {} },
  { file: 'oasis/examples/interop-objectmarking-test.json', counts: {}, reasons: {} },
  {
    file: 'oasis/examples/malicious-email-indicator-with-attachment.json',
    counts: {},
    reasons: {
      'email-message:subject is not looked up': 1,
      'email-message:body_multipart[*].body_raw_ref.name is not looked up': 1,
    },
  },
  {
    file: 'oasis/examples/threat-reports/poisonivy.json',
    counts: { address: 40, domain: 25 },
    reasons: { 'a property of a file alone is no indicator': 2 },
  },
  { file: 'oasis/sco-examples-bundle.json', counts: {}, reasons: {} },
] as const) {
  test(`real: ${file}`, { skip: missingData(DATA + file) }, () => {
    const { indicators, problems } = read(JSON.parse(testData(DATA + file)!.toString('utf8')));
    assert.deepEqual(countsOf(indicators.map(({ kind }) => kind)), counts);
    assert.deepEqual(countsOf(problems.map(({ reason }) => reason)), reasons);
  });
}

function countsOf(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
