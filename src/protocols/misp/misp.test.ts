import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type StatedIndicator, type StatedProblem, TLPS } from '../../kernel/index.ts';
import { missingData, testData } from '../../../test/support/test-data.ts';
import { type MispEntry, mispFeed, type MispOptions, readMisp, readMispManifest } from './index.ts';
import { MISP_OPTIONS } from './read.ts';

interface Read {
  readonly indicators: readonly StatedIndicator[];
  readonly problems: readonly StatedProblem[];
}

function read(document: unknown, options: Partial<MispOptions> = {}): Read {
  const indicators: StatedIndicator[] = [];
  const problems: StatedProblem[] = [];
  const sink = {
    indicator: (indicator: StatedIndicator) => void indicators.push(indicator),
    problem: (problem: StatedProblem) => void problems.push(problem),
  };
  readMisp(document, sink, { ...MISP_OPTIONS, ...options });
  return { indicators, problems };
}

const SHA256 = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f';

function event(attributes: readonly object[], properties: object = {}): object {
  const marked = attributes.map((attribute) => ({ to_ids: true, ...attribute }));
  return { Event: { uuid: 'e0', info: 'an event', Attribute: marked, ...properties } };
}

/** `kind value (note)`, or `! reason`. */
function one(type: string, value: string): string {
  const { indicators, problems } = read(event([{ type, value }], { info: '' }));
  const [found] = indicators;
  assert.equal(indicators.length + problems.length, 1);
  if (found === undefined) return `! ${problems[0]!.reason}`;
  return `${found.kind} ${found.value}${found.note === '' ? '' : ` (${found.note})`}`;
}

test('types of attributes', () => {
  for (const [type, value, expected] of [
    ['domain', 'evil.example', 'domain evil.example'],
    ['hostname', 'www.evil.example', 'host www.evil.example'],
    ['url', 'http://evil.example/a', 'url http://evil.example/a'],
    ['ip-dst', '198.51.100.1', 'address 198.51.100.1'],
    ['ip-src', '198.51.100.0/24', 'network 198.51.100.0/24'],
    ['ip-dst|port', '198.51.100.1|8080', 'address 198.51.100.1 (port 8080)'],
    ['hostname|port', 'www.evil.example|8080', 'host www.evil.example (port 8080)'],
    ['domain|ip', 'evil.example|198.51.100.1', 'domain evil.example (resolved to 198.51.100.1)'],
    ['sha256', SHA256.toUpperCase(), `hash ${SHA256}`],
    ['filename|sha256', `a|b.exe|${SHA256}`, `hash ${SHA256} (file a|b.exe)`],
    [
      'malware-sample',
      'a.exe|79054025255fb1a26e4bc422aef54eb4',
      'hash 79054025255fb1a26e4bc422aef54eb4 (file a.exe)',
    ],
    ['email-src', 'a@evil.example', 'email a@evil.example'],
    ['email', 'a@evil.example', 'email a@evil.example'],
    ['email-dst', 'victim@example.org', '! an email-dst is who was written to'],
    ['filename', 'a.exe', '! attributes of type filename are not looked up'],
    ['sha512', 'ab', '! hashes of type sha512 are not looked up'],
    ['filename|imphash', 'a|b', '! hashes of type imphash are not looked up'],
    ['md5', 'abc', '! not 32 hexadecimal digits of md5'],
    ['ip-dst|port', '198.51.100.1', '! no | in a value of type ip-dst|port'],
  ] as const)
    assert.equal(one(type, value), expected);
});

test('what event, object and attribute say of a value', () => {
  const attribute = {
    type: 'domain',
    value: ' evil.example ',
    category: 'Payload delivery',
    comment: 'seen in mail',
    first_seen: '2024-01-01T00:00:00.000000+00:00',
    last_seen: '1706745600000000',
    Tag: [{ name: 'tlp:green' }, { name: 'circl:incident-classification="phishing"' }],
    to_ids: '1',
  };
  const { indicators, problems } = read(
    event([], {
      threat_level_id: '2',
      Tag: [{ name: 'tlp:amber' }, { name: 'type:OSINT' }],
      Object: [{ name: 'x', Attribute: [attribute, { type: 'text', value: 'x', to_ids: false }] }],
    }),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(indicators, [
    {
      kind: 'domain',
      value: 'evil.example',
      action: undefined,
      category: 'phishing',
      severity: 'medium',
      confidence: undefined,
      tlp: 'amber',
      firstSeenMs: Date.UTC(2024, 0, 1),
      lastSeenMs: Date.UTC(2024, 1, 1),
      expiresAtMs: undefined,
      note: 'seen in mail',
      reference: 'e0',
      isRevoked: false,
    },
  ]);
});

test('to_ids is asked for, unless everything is wanted', () => {
  const attributes = [
    { type: 'domain', value: 'evil.example', to_ids: false },
    { type: 'link', value: 'https://report.example/', to_ids: false },
  ];
  assert.deepEqual(read(event(attributes)).problems, [
    { position: 1, reason: 'to_ids is not set: not meant for detection', text: 'evil.example' },
  ]);
  const all = read(event(attributes), { toIdsOnly: false });
  assert.deepEqual(
    [all.indicators.map(({ value }) => value), all.problems.map(({ reason }) => reason)],
    [['evil.example'], ['attributes of type link are not looked up']],
  );
});

test('deleted attributes, objects and events are taken back', () => {
  const attribute = { type: 'domain', value: 'evil.example' };
  const revoked = (document: object): boolean | undefined => read(document).indicators[0]?.isRevoked;
  assert.equal(revoked(event([attribute])), false);
  assert.equal(revoked(event([{ ...attribute, deleted: true }])), true);
  assert.equal(revoked(event([{ ...attribute, deleted: '1' }])), true);
  assert.equal(revoked(event([attribute], { deleted: true })), true);
  // First, so that it does not take out what another attribute still says.
  assert.equal(revoked(event([attribute, { ...attribute, deleted: true }])), true);
});

test('answers of searches', () => {
  const attribute = { type: 'domain', value: 'evil.example', to_ids: true };
  for (const document of [
    { response: [event([attribute])] },
    { response: event([attribute]) },
    [event([attribute])],
    { Attribute: [attribute] },
    { response: { Attribute: [{ ...attribute, Event: { uuid: 'e1', info: 'x' } }] } },
  ])
    assert.deepEqual(
      read(document).indicators.map(({ value }) => value),
      ['evil.example'],
    );
  assert.equal(
    read({ response: { Attribute: [{ ...attribute, Event: { uuid: 'e1' } }] } }).indicators[0]!.reference,
    'e1',
  );
  for (const document of [5, null, 'x', {}, { objects: [] }, { response: 5 }])
    assert.deepEqual(
      read(document).problems.map(({ reason }) => reason),
      ['neither a MISP event nor an answer of MISP'],
    );
  assert.deepEqual(read({ response: [] }), { indicators: [], problems: [] });
});

test('a manifest names files: nothing but UUIDs', () => {
  assert.equal(typeof readMispManifest({ '../../etc/passwd': {} }), 'string');
  assert.equal(typeof readMispManifest([]), 'string');
});

const arbitraryEntries: fc.Arbitrary<readonly MispEntry[]> = fc.uniqueArray(
  fc.record({
    kind: fc.constantFrom('domain' as const, 'host' as const, 'email' as const),
    value: fc.domain(),
    action: fc.constant('block' as const),
    category: fc.stringMatching(/^[a-z-]{1,10}$/),
    severity: fc.constantFrom(undefined, 'low' as const, 'high' as const),
    confidence: fc.integer({ min: 0, max: 100 }),
    tlp: fc.constantFrom(...TLPS),
    modifiedAtMs: fc.integer({ min: 1e12, max: 2e12 }),
    firstSeenMs: fc.option(fc.integer({ min: 1e12, max: 2e12 }), { nil: undefined }),
    lastSeenMs: fc.option(fc.integer({ min: 1e12, max: 2e12 }), { nil: undefined }),
    note: fc.stringMatching(/^[a-z]{1,20}$/),
  }),
  { minLength: 1, maxLength: 40, selector: ({ kind, value }) => `${kind} ${value}` },
);

/** What an entry and an indicator both say, as a text. */
function ofBoth(each: MispEntry | StatedIndicator): string {
  const { kind, value, category, severity, confidence, firstSeenMs, lastSeenMs, note } = each;
  return JSON.stringify({ kind, value, category, severity, confidence, firstSeenMs, lastSeenMs, note });
}

test('a feed that is written and read has the same entries, and their events are found by hash', () => {
  fc.assert(
    fc.property(arbitraryEntries, (entries) => {
      const feed = mispFeed(entries, { name: 'bad things', organization: 'Example', eventAttributesMax: 10 });
      const manifest = readMispManifest(JSON.parse(JSON.stringify(feed.manifest)));
      assert.ok(typeof manifest !== 'string');
      assert.deepEqual(
        manifest.map(({ uuid }) => uuid),
        [...feed.events.keys()],
      );
      const found = [...feed.events.values()].flatMap((document) => {
        const { indicators, problems } = read(JSON.parse(JSON.stringify(document)));
        assert.deepEqual(problems, []);
        return indicators;
      });
      // The event is marked with the strictest of its attributes, and so is what is read from it.
      assert.deepEqual(found.map(ofBoth).toSorted(), entries.map(ofBoth).toSorted());
      assert.equal(feed.hashesCsv.split('\n').length, entries.length + 1);
    }),
    { numRuns: 200 },
  );
});

test('the ids of a feed stay while entries come and go, and events keep their entries', () => {
  const entry: MispEntry = {
    kind: 'domain',
    value: 'a.example',
    action: 'block',
    category: 'phishing',
    severity: undefined,
    confidence: 100,
    tlp: 'clear',
    modifiedAtMs: 1.7e12,
    note: '',
  };
  const names = Array.from({ length: 60 }, (_, at) => ({ ...entry, value: `h${at}.example` }));
  const options = { name: 'f', organization: 'o', eventAttributesMax: 10 };
  const lines = (entries: readonly MispEntry[]): readonly string[] =>
    mispFeed(entries, options).hashesCsv.split('\n');
  const [all, some] = [new Set(lines(names)), lines(names.filter((_, at) => at % 10 !== 0))];
  assert.ok(some.length === 55 && some.every((line) => all.has(line)));
});

const TWEETFEED = '05-intel/tweetfeed/misp/';
test('real: the feed of TweetFeed', { skip: missingData(TWEETFEED) }, () => {
  const file = (name: string): string => testData(TWEETFEED + name)!.toString('utf8');
  const manifest = readMispManifest(JSON.parse(file('manifest.json')));
  assert.ok(typeof manifest !== 'string');
  assert.deepEqual(manifest[0], {
    uuid: '03250541-fabd-54b5-a13f-adf730316984',
    info: 'TweetFeed IOCs 2025-12-24',
    timestampS: 1_766_617_210,
    organization: 'TweetFeed',
    tags: ['TweetFeed', 'type:OSINT', 'tlp:clear'],
  });
  const counts = manifest.map(({ uuid }) => {
    const { indicators, problems } = read(JSON.parse(file(`${uuid}.json`)));
    assert.deepEqual(problems, []);
    assert.ok(indicators.every(({ tlp }) => tlp === 'clear'));
    return indicators.length;
  });
  assert.deepEqual(counts, [95, 518, 198, 204, 100]);
});

const ESET = '05-intel/eset_misp/';
for (const [name, usual, all] of [
  ['signsight__signsight-misp-event.json', 0, 9],
  ['sshdoor__misp-events__crait.json', 0, 7],
  ['sshdoor__misp-events__polismassa.json', 0, 11],
  ['turla__misp-turla-outlook-event.json', 0, 5],
] as const) {
  test(`real: ESET ${name}`, { skip: missingData(ESET + name) }, () => {
    const document: unknown = JSON.parse(testData(ESET + name)!.toString('utf8'));
    // ESET published these as reports: nothing in them is marked for detection.
    assert.equal(read(document).indicators.length, usual);
    assert.equal(read(document, { toIdsOnly: false }).indicators.length, all);
  });
}
