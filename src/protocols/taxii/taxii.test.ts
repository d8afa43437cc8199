import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingData, testData } from '../../../test/support/test-data.ts';
import {
  acceptRefusal,
  apiRootUrls,
  contentTypeRefusal,
  errorDocument,
  isRefusal,
  manifestOf,
  placeRecords,
  readApiRoot,
  readCollections,
  readDiscovery,
  readEnvelope,
  readErrorDocument,
  readManifest,
  readStatus,
  readTaxiiQuery,
  recordOf,
  TAXII_MATCHES,
  type TaxiiMatch,
  taxiiPage,
  type TaxiiQuery,
  taxiiTimestamp,
  taxiiUrls,
  timestampKey,
} from './index.ts';

const LIMITS = { pageObjectsMax: 100, matchValuesMax: 20 };

function query(search: string, matches: readonly TaxiiMatch[] = TAXII_MATCHES.objects): TaxiiQuery {
  const read = readTaxiiQuery(new URLSearchParams(search), matches, LIMITS);
  assert.ok(!isRefusal(read), JSON.stringify(read));
  return read;
}

function checkBad(search: string, description: string, matches?: readonly TaxiiMatch[]): void {
  const read = readTaxiiQuery(new URLSearchParams(search), matches ?? TAXII_MATCHES.objects, LIMITS);
  assert.ok(isRefusal(read), search);
  assert.deepEqual([read.status, read.code, read.description], [400, 'TAXII_BAD_QUERY', description]);
}

test('Accept: our type, its ranges and none at all are fine', () => {
  for (const accept of [
    undefined,
    '',
    'application/taxii+json;version=2.1',
    'application/taxii+json; version="2.1"; charset=utf-8',
    'application/taxii+json',
    'APPLICATION/TAXII+JSON;VERSION=2.1',
    'text/html, application/*;q=0.5',
    '*/*',
    'application/taxii+json;version=2.0, application/taxii+json;version=2.1;q=0.1',
  ])
    assert.equal(acceptRefusal(accept), undefined, accept);
  for (const accept of [
    'text/html',
    'application/json',
    'application/taxii+json;version=2.0',
    'application/vnd.oasis.taxii+json; version=2.0',
    'application/taxii+json;version=2.1;q=0',
    '*/*, application/taxii+json;q=0',
    'application/stix+json;version=2.1',
  ])
    assert.deepEqual(
      [acceptRefusal(accept)?.status, acceptRefusal(accept)?.code],
      [406, 'TAXII_NOT_ACCEPTABLE'],
      accept,
    );
});

test('Content-Type: our type alone', () => {
  assert.equal(contentTypeRefusal('application/taxii+json;version=2.1'), undefined);
  assert.equal(contentTypeRefusal('application/taxii+json'), undefined);
  for (const type of [
    undefined,
    'application/json',
    'application/taxii+json;version=2.0',
    '*/*',
    'application/*',
  ])
    assert.deepEqual(
      [contentTypeRefusal(type)?.status, contentTypeRefusal(type)?.code],
      [415, 'TAXII_MEDIA_TYPE'],
      type,
    );
});

test('timestamps of any precision compare as texts', () => {
  assert.equal(timestampKey('2016-01-01T01:01:01Z'), '2016-01-01T01:01:01.000000Z');
  assert.equal(timestampKey('2016-01-01T01:01:01.5Z'), '2016-01-01T01:01:01.500000Z');
  assert.equal(timestampKey('2016-01-01T01:01:01.123456789Z'), '2016-01-01T01:01:01.123456Z');
  for (const text of [
    '',
    '2016-01-01',
    '2016-01-01T01:01:01',
    '2016-01-01T01:01:01+00:00',
    '2016-13-01T01:01:01Z',
  ])
    assert.equal(timestampKey(text), undefined, text);
  assert.equal(timestampKey(taxiiTimestamp(1_451_610_061_005)), '2016-01-01T01:01:01.005000Z');
});

test('the query of a request', () => {
  const read = query(
    'added_after=2016-01-01T00:00:00Z&limit=5&match[id]=a--1,b--2&match[type]=indicator&match[version]=first,2016-01-01T01:01:01Z&match[spec_version]=2.0,2.1&other=1',
  );
  assert.deepEqual(read, {
    addedAfter: '2016-01-01T00:00:00.000000Z',
    limit: 5,
    next: undefined,
    ids: new Set(['a--1', 'b--2']),
    types: new Set(['indicator']),
    versions: { first: true, last: false, all: false, exact: new Set(['2016-01-01T01:01:01.000000Z']) },
    specVersions: new Set(['2.0', '2.1']),
  });
  assert.deepEqual(query('').versions, { first: false, last: true, all: false, exact: new Set() });
  // The server's own bound holds whatever a client asks for.
  assert.equal(query('limit=1000000').limit, 100);
  assert.equal(query('').limit, 100);
});

test('queries that are refused', () => {
  checkBad('added_after=yesterday', 'added_after is no timestamp like 2016-02-01T00:00:01.000Z');
  for (const limit of ['0', '-1', '1.5', 'x', '']) checkBad(`limit=${limit}`, 'limit is no number above 0');
  checkBad('next=x', 'next is not from an answer of this server');
  checkBad('match[version]=newest', 'match[version] is none of first, last, all and timestamps');
  checkBad('match[name]=x', 'match[name] is not known here');
  checkBad('match[id]=x', 'match[id] is not known here', TAXII_MATCHES.versions);
  checkBad(`match[id]=${'x,'.repeat(20)}`, 'match[id] has more than 20 values');
});

test('an error document', () => {
  const refusal = readTaxiiQuery(new URLSearchParams('limit=0'), [], LIMITS);
  assert.ok(isRefusal(refusal));
  assert.deepEqual(errorDocument(refusal, 'abc'), {
    title: 'Bad query',
    description: 'limit is no number above 0',
    error_id: 'abc',
    error_code: 'TAXII_BAD_QUERY',
    http_status: '400',
  });
});

test('addresses below an API root', () => {
  const urls = taxiiUrls('https://taxii.example/api1');
  assert.equal(urls.collections().href, 'https://taxii.example/api1/collections/');
  assert.equal(
    urls.objects('a/b', { next: 'x&y', match: { id: ['1', '2'] } }).href,
    'https://taxii.example/api1/collections/a%2Fb/objects/?next=x%26y&match%5Bid%5D=1%2C2',
  );
  assert.deepEqual(
    apiRootUrls('https://taxii.example/taxii2/', ['/api1/', 'https://b.example/c/', 'http://']),
    ['https://taxii.example/api1/', 'https://b.example/c/'],
  );
});

test('what a server sends that is no resource', () => {
  const problem = (reading: object): unknown => ('problem' in reading ? reading.problem : undefined);
  assert.equal(problem(readDiscovery({})), 'the discovery resource has no "title"');
  assert.equal(problem(readDiscovery({ title: 'x', api_roots: [5] })), '"api_roots" is no list of addresses');
  assert.equal(problem(readApiRoot([])), 'the API root has no "title" or no "versions"');
  assert.equal(problem(readCollections({ collections: [{}] })), 'a collection has no "id" or no "title"');
  assert.equal(problem(readEnvelope('x')), 'the envelope is no JSON object');
  assert.match(String(problem(readEnvelope({ type: 'bundle', objects: [] }))), /^a STIX bundle/);
  assert.equal(
    problem(readEnvelope({ objects: [{ id: 'a', type: 'b' }, { id: 5 }] })),
    'object 2 has no "id" or no "type"',
  );
  assert.equal(
    problem(readManifest({ objects: [{}] })),
    'a manifest record has no "id", "date_added" or "version"',
  );
  assert.equal(
    problem(readStatus({ id: 'x', status: 'maybe' })),
    'the status resource has no "id" or no "status"',
  );
  assert.equal(readErrorDocument('<html>'), undefined);
  assert.deepEqual(readErrorDocument({ title: 'No', http_status: '404', other: 1 }), {
    title: 'No',
    http_status: '404',
  });
});

const MEDALLION = '05-intel/oasis/medallion_default_data.json';
test("real: the data of OASIS's own server", { skip: missingData(MEDALLION) }, () => {
  const data = JSON.parse(testData(MEDALLION)!.toString('utf8')) as MedallionData;
  const discovery = readDiscovery(data['/discovery']);
  assert.ok('value' in discovery);
  assert.equal(discovery.value.api_roots?.length, 3);
  const { information, status, collections } = data.trustgroup1;
  assert.deepEqual(readApiRoot(information), { value: information });
  const read = readCollections({ collections });
  assert.ok('value' in read);
  assert.deepEqual(
    read.value.map(({ can_read, can_write }) => [can_read, can_write]),
    [
      [false, true],
      [true, true],
      [true, true],
      [true, false],
      [false, false],
    ],
  );
  assert.ok(status.every((each) => 'value' in readStatus(each)));

  const { objects, manifest } = collections.find((each) => each.objects.length > 0)!;
  assert.ok('value' in readManifest({ objects: manifest }));
  const placed = placeRecords(objects.map((object, at) => recordOf(object, manifest[at]!.date_added)));
  const ids = (search: string): readonly string[] =>
    taxiiPage(placed, query(search)).records.map(
      ({ id, version }) => `${id.split('--')[0]} ${version.slice(0, 10)}`,
    );
  // Of the malware the version with the newer specification alone, where nothing else is asked for (§3.4.1).
  assert.equal(ids('match[version]=all').length, 7);
  assert.equal(ids('match[version]=all&match[spec_version]=2.0,2.1').length, 8);
  assert.deepEqual(ids('match[type]=indicator'), ['indicator 2014-05-08', 'indicator 2017-01-27']);
  assert.deepEqual(ids('match[type]=indicator&match[version]=first'), [
    'indicator 2014-05-08',
    'indicator 2016-11-03',
  ]);
  assert.deepEqual(ids('match[type]=malware&match[version]=all'), ['malware 2017-01-27']);
  assert.deepEqual(ids('match[type]=malware&match[version]=all&match[spec_version]=2.0'), [
    'malware 2018-02-23',
  ]);
});

interface MedallionData {
  readonly '/discovery': unknown;
  readonly trustgroup1: {
    readonly information: Record<string, unknown>;
    readonly status: readonly unknown[];
    readonly collections: readonly {
      readonly objects: readonly { readonly id: string; readonly type: string }[];
      readonly manifest: readonly { readonly date_added: string }[];
    }[];
  };
}

for (const day of ['2026-08-01.0', '2026-08-08.0', 'meta']) {
  const [pages, manifests] = ['pages', 'manifest'].map(
    (folder) => `05-intel/tweetfeed/stix/taxii/${folder}/${day}.json`,
  );
  test(`real: the pages of TweetFeed, ${day}`, { skip: missingData(pages!) }, () => {
    const objects = JSON.parse(testData(pages!)!.toString('utf8')) as unknown[];
    const manifest = JSON.parse(testData(manifests!)!.toString('utf8')) as unknown[];
    const [envelope, read] = [readEnvelope({ more: false, objects }), readManifest({ objects: manifest })];
    assert.ok('value' in envelope && 'value' in read);
    // The manifest that its server published is the one that we make of its objects.
    const dates = new Map(read.value.objects?.map(({ id, date_added }) => [id, date_added]));
    const records = envelope.value.objects!.map((object) => recordOf(object, dates.get(object.id)!));
    const all = { ...query('match[version]=all'), limit: 1_000 };
    const ours = manifestOf(taxiiPage(placeRecords(records), all)).objects!;
    const keys = (list: typeof ours): readonly string[] =>
      list
        .map((each) => `${timestampKey(each.date_added)} ${each.id} ${each.version} ${each.media_type}`)
        .toSorted();
    assert.deepEqual(keys(ours), keys(read.value.objects!));
  });
}
