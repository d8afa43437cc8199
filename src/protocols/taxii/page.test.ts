import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  decodeCursor,
  envelopeOf,
  isRefusal,
  manifestOf,
  placeRecords,
  readEnvelope,
  readManifest,
  readTaxiiQuery,
  TAXII_MATCHES,
  taxiiPage,
  taxiiParameters,
  type TaxiiQuery,
  type TaxiiRecord,
  versionsOf,
} from './index.ts';

function query(search: string): TaxiiQuery {
  const limits = { pageObjectsMax: 100, matchValuesMax: 20 };
  const read = readTaxiiQuery(new URLSearchParams(search), TAXII_MATCHES.objects, limits);
  assert.ok(!isRefusal(read), JSON.stringify(read));
  return read;
}

const RECORDS: readonly TaxiiRecord[] = [
  ['indicator--1', '2016-01-01T00:00:00.000Z', '2020-01-01T00:00:00Z', '2.1'],
  ['indicator--1', '2017-01-01T00:00:00.000Z', '2020-01-03T00:00:00Z', '2.1'],
  ['indicator--1', '2018-01-01T00:00:00.000Z', '2020-01-02T00:00:00Z', '2.1'],
  ['indicator--2', '2016-01-01T00:00:00.000Z', '2020-01-04T00:00:00Z', '2.0'],
  ['indicator--2', '2016-01-01T00:00:00.000Z', '2020-01-05T00:00:00Z', '2.1'],
  ['malware--3', '2016-01-01T00:00:00.000Z', '2020-01-01T00:00:00Z', '2.1'],
].map(([id = '', version = '', dateAdded = '', specVersion = '']) => ({
  id,
  type: id.split('--')[0]!,
  version,
  specVersion,
  dateAdded,
}));

function pageOf(search: string): readonly string[] {
  const page = taxiiPage(placeRecords(RECORDS), query(search));
  return page.records.map(({ id, version, specVersion }) => `${id} ${version.slice(0, 4)} ${specVersion}`);
}

test('filters of a collection', () => {
  assert.deepEqual(pageOf(''), ['malware--3 2016 2.1', 'indicator--1 2018 2.1', 'indicator--2 2016 2.1']);
  assert.deepEqual(pageOf('match[version]=first&match[id]=indicator--1'), ['indicator--1 2016 2.1']);
  assert.deepEqual(pageOf('match[version]=first,last&match[id]=indicator--1'), [
    'indicator--1 2016 2.1',
    'indicator--1 2018 2.1',
  ]);
  assert.deepEqual(pageOf('match[version]=all&match[id]=indicator--1'), [
    'indicator--1 2016 2.1',
    'indicator--1 2018 2.1',
    'indicator--1 2017 2.1',
  ]);
  assert.deepEqual(pageOf('match[version]=2017-01-01T00:00:00Z'), ['indicator--1 2017 2.1']);
  assert.deepEqual(pageOf('match[spec_version]=2.0'), ['indicator--2 2016 2.0']);
  assert.deepEqual(pageOf('match[type]=malware,report'), ['malware--3 2016 2.1']);
  assert.deepEqual(pageOf('added_after=2020-01-02T00:00:00Z'), ['indicator--2 2016 2.1']);
  assert.deepEqual(pageOf('added_after=2020-01-01T23:59:59.999999Z&match[type]=indicator'), [
    'indicator--1 2018 2.1',
    'indicator--2 2016 2.1',
  ]);
});

test('a page with its header fields, and what is empty has no properties', () => {
  const page = taxiiPage(placeRecords(RECORDS), query('limit=2'));
  assert.deepEqual(page.headers, {
    'X-TAXII-Date-Added-First': '2020-01-01T00:00:00.000000Z',
    'X-TAXII-Date-Added-Last': '2020-01-02T00:00:00.000000Z',
  });
  assert.deepEqual(decodeCursor(page.next!), {
    dateAdded: '2020-01-02T00:00:00.000000Z',
    id: 'indicator--1',
    version: '2018-01-01T00:00:00.000000Z',
    specVersion: '2.1',
  });
  assert.deepEqual(envelopeOf(page, [{ id: 'x--1', type: 'x' }]), {
    more: true,
    next: page.next,
    objects: [{ id: 'x--1', type: 'x' }],
  });
  assert.deepEqual(manifestOf(page), {
    more: true,
    objects: [
      {
        id: 'malware--3',
        date_added: '2020-01-01T00:00:00.000000Z',
        version: '2016-01-01T00:00:00.000Z',
        media_type: 'application/stix+json;version=2.1',
      },
      {
        id: 'indicator--1',
        date_added: '2020-01-02T00:00:00.000000Z',
        version: '2018-01-01T00:00:00.000Z',
        media_type: 'application/stix+json;version=2.1',
      },
    ],
  });
  assert.deepEqual(versionsOf(page).versions, ['2016-01-01T00:00:00.000Z', '2018-01-01T00:00:00.000Z']);
  const empty = taxiiPage(placeRecords(RECORDS), query('match[id]=nobody'));
  assert.deepEqual(
    [empty.headers, envelopeOf(empty, []), manifestOf(empty), versionsOf(empty)],
    [{}, {}, {}, {}],
  );
});

test('pages joined are the whole, in order and without repetition, however small they are', () => {
  const record = fc.record({
    id: fc.constantFrom('indicator--1', 'indicator--2', 'malware--3'),
    version: fc.integer({ min: 1, max: 4 }),
    added: fc.integer({ min: 1, max: 5 }),
    spec: fc.constantFrom('2.0', '2.1'),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(record, {
        maxLength: 25,
        selector: ({ id, version, spec }) => `${id} ${version} ${spec}`,
      }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(
        '',
        'match[version]=all',
        'match[version]=first',
        'match[spec_version]=2.0,2.1&match[version]=all',
      ),
      (raw, limit, filter) => {
        const placed = placeRecords(
          raw.map(({ id, version, added, spec }) => ({
            id,
            type: id.split('--')[0]!,
            version: `201${version}-01-01T00:00:00.000Z`,
            specVersion: spec,
            dateAdded: `2020-01-0${added}T00:00:00Z`,
          })),
        );
        const whole = taxiiPage(placed, query(filter)).records;
        const joined: TaxiiRecord[] = [];
        let next: string | undefined;
        do {
          const parameters = `${filter}&limit=${limit}${next === undefined ? '' : `&next=${next}`}`;
          const page = taxiiPage(placed, query(parameters));
          assert.ok(page.records.length <= limit);
          assert.equal(page.more, page.next !== undefined);
          joined.push(...page.records);
          next = page.next;
        } while (next !== undefined);
        assert.deepEqual(joined, whole);
      },
    ),
    { numRuns: 300 },
  );
});

test('a client reads what a server of ours writes', () => {
  const request = {
    addedAfter: '2020-01-01T00:00:00.000Z',
    limit: 2,
    match: { type: ['indicator'], version: ['all'] },
  };
  assert.equal(pageOf(taxiiParameters(request).toString()).length, 2);
  const page = taxiiPage(placeRecords(RECORDS), query('limit=2'));
  const objects = page.records.map(({ id, type }) => ({ id, type }));
  assert.deepEqual(readEnvelope(JSON.parse(JSON.stringify(envelopeOf(page, objects)))), {
    value: { more: true, next: page.next, objects },
  });
  assert.deepEqual(readManifest(JSON.parse(JSON.stringify(manifestOf(page)))), { value: manifestOf(page) });
});
