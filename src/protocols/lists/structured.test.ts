import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSummary, parsedList } from '../../../test/support/lists.ts';
import { missingData, testData } from '../../../test/support/test-data.ts';
import { indicatorObject } from '../stix/index.ts';
import { openStructuredParser } from './structured.ts';

const STRUCTURED = { defaults: { action: 'block', category: 'c' }, documentBytesMax: 10_000 } as const;
const WHOLE = { documentBytesMax: 10_000_000 };

function bundle(...patterns: readonly string[]): string {
  const objects = patterns.map((pattern, at) => ({ type: 'indicator', id: `indicator--${at}`, pattern }));
  return JSON.stringify({ type: 'bundle', id: 'bundle--1', objects });
}

test('values of STIX are made canonical, and what cannot be is reported with its place', async () => {
  const list = bundle(
    "[domain-name:value = 'EVIL.Example.']",
    "[url:value = 'HTTP://Evil.Example:8080/a/../b?c#d']",
    "[ipv4-addr:value = '198.51.100.7/24']",
    "[domain-name:value = 'not a name']",
    "[email-addr:value = 'A@Evil.Example']",
    "[url:value = 'gopher://evil.example/']",
  );
  assert.deepEqual(await listSummary('stix', list), [
    'domain evil.example',
    'url evil.example/b?c',
    'network 198.51.100.0/24',
    'email a@evil.example',
    '4: not a domain name',
    '6: URLs of gopher are not supported',
  ]);
});

test('defaults hold where a document says nothing', async () => {
  const { entries } = await parsedList('stix', bundle("[domain-name:value = 'evil.example']"));
  assert.deepEqual(entries, [
    {
      kind: 'domain',
      value: 'evil.example',
      action: 'block',
      category: 'default',
      severity: undefined,
      note: '',
      confidence: undefined,
      tlp: undefined,
      firstSeenMs: undefined,
      lastSeenMs: undefined,
      expiresAtMs: undefined,
      reference: 'indicator--0',
    },
  ]);
});

test('an entry that a gateway exports as STIX is imported as the same entry', async () => {
  const common = {
    action: 'block',
    category: 'phishing',
    severity: 'high',
    confidence: 40,
    tlp: 'amber',
    firstSeenMs: 1.6e12,
    lastSeenMs: 1.65e12,
    expiresAtMs: 1.8e12,
    note: 'a note',
    reference: 'https://report.example/',
  } as const;
  const values = [
    { kind: 'domain', value: 'evil.example' },
    { kind: 'host', value: 'www.evil.example' },
    { kind: 'url', value: "evil.example/a'b?c=\\" },
    { kind: 'address', value: '2001:db8::1' },
    { kind: 'network', value: '198.51.100.0/24' },
    { kind: 'hash', value: 'ab'.repeat(32) },
    { kind: 'email', value: "o'neil@evil.example" },
  ] as const;
  for (const value of values) {
    const object = indicatorObject(
      { ...common, ...value, addedAtMs: 1.6e12, modifiedAtMs: 1.6e12 },
      { name: 'gateway', createdMs: 1.5e12 },
    );
    const { entries, problems } = await parsedList('stix', JSON.stringify([object]));
    assert.deepEqual(problems, []);
    // A URL is there with http and with https, which are one URL to look-ups.
    assert.equal(new Set(entries.map((entry) => JSON.stringify(entry))).size, 1);
    assert.deepEqual(entries[0], { ...value, ...common });
  }
});

test('what is revoked is taken out, or reported where nothing can be', async () => {
  const list = JSON.stringify([
    { type: 'indicator', id: 'indicator--1', pattern: "[domain-name:value = 'evil.example']", revoked: true },
  ]);
  const { entries, removed } = await parsedList('stix', list);
  assert.deepEqual([entries, removed.map(({ value }) => value)], [[], ['evil.example']]);
  assert.deepEqual(await listSummary('stix', list, { wholeOnly: true }), ['1: revoked by its producer']);
});

test('problems are safe to print', async () => {
  const { problems } = await parsedList('stix', bundle("[x:y\u202e = 'a\u001b[31m'", "[a:'\u202e' = 'x']"));
  assert.deepEqual(
    problems.map(({ reason }) => reason),
    ['not a pattern: a character that no pattern has', 'a:\\u{202e} is not looked up'],
  );
  for (const { reason, text } of problems) assert.match(reason + text, /^[\x20-\x7e…]*$/);
});

test('documents are bounded, and what is no document is reported', async () => {
  for (const [format, text] of [
    ['stix', '[1] '],
    ['misp-event', '[1] '],
    ['openioc', '<a> '],
  ] as const)
    assert.deepEqual(await listSummary(format, text.repeat(26), { documentBytesMax: 100, cuts: 7 }), [
      '0: the document is longer than 100 bytes',
    ]);
  assert.deepEqual(await listSummary('stix', '{'), ['0: the document is not JSON']);
  assert.deepEqual(await listSummary('stix', '5'), ['0: neither a STIX bundle nor a list of STIX objects']);
  assert.deepEqual(await listSummary('misp-event', '5'), ['0: neither a MISP event nor an answer of MISP']);
});

test('OpenIOC in UTF-8 and UTF-16, however it is cut', async () => {
  const list =
    '<ioc><definition><IndicatorItem condition="is"><Context search="Network/DNS"/><Content>b\u00fccher.example</Content></IndicatorItem></definition></ioc>';
  const swapped = Buffer.from(`\ufeff${list}`, 'utf16le').swap16();
  for (const bytes of [list, `\ufeff${list}`, Buffer.from(`\ufeff${list}`, 'utf16le'), swapped].map((each) =>
    Buffer.from(each),
  )) {
    const values: string[] = [];
    const parser = await openStructuredParser('openioc', STRUCTURED, {
      entry: ({ value }) => values.push(value),
      problem: ({ reason }) => assert.fail(reason),
    });
    for (let at = 0; at < bytes.length; at += 3) parser.receive(bytes.subarray(at, at + 3));
    parser.receiveEnd();
    assert.deepEqual(values, ['xn--bcher-kva.example']);
  }
});

test('attributes of MISP that are not meant for detection, where they are asked for', async () => {
  const list = JSON.stringify({
    Event: { Attribute: [{ type: 'domain', value: 'evil.example', to_ids: false }] },
  });
  assert.deepEqual(await listSummary('misp-event', list), ['1: to_ids is not set: not meant for detection']);
  const values: string[] = [];
  const parser = await openStructuredParser(
    'misp-event',
    { ...STRUCTURED, mispContextToo: true },
    { entry: ({ value }) => values.push(value), problem: ({ reason }) => assert.fail(reason) },
  );
  parser.receive(Buffer.from(list));
  parser.receiveEnd();
  assert.deepEqual(values, ['evil.example']);
});

const DATA = '05-intel/';
for (const [format, file, kinds, reasons] of [
  ['stix', 'tweetfeed/stix/bundle_2026-08-01.json', { url: 20, address: 9, domain: 18, hash: 9 }, {}],
  ['stix', 'tweetfeed/stix/taxii/pages/2026-08-08.0.json', { url: 40, hash: 8, address: 26, domain: 35 }, {}],
  [
    'stix',
    'amnesty_stix2/2021-12-16_cytrox__cytrox.stix2',
    { domain: 336 },
    { 'file:path is not looked up': 6, 'configuration-profile:id is not looked up': 1 },
  ],
  [
    'stix',
    'oasis/examples/threat-reports/poisonivy.json',
    { address: 40, domain: 24 },
    // One name has a word before it.
    { 'a property of a file alone is no indicator': 2, 'not a domain name': 1 },
  ],
  [
    'misp-event',
    'tweetfeed/misp/0817c45e-eeee-55e2-843a-b05b37a1f9fb.json',
    { domain: 203, url: 270, address: 32, hash: 13 },
    {},
  ],
  [
    'misp-event',
    'eset_misp/turla__misp-turla-outlook-event.json',
    {},
    { 'to_ids is not set: not meant for detection': 5 },
  ],
  ['misp-event', 'pymisp/malware_exist.json', { hash: 4 }, {}],
  [
    'misp-event',
    'pymisp/def_param.json',
    { domain: 1, host: 1 },
    { 'to_ids is not set: not meant for detection': 1 },
  ],
  [
    'openioc',
    'openioc_mandiant/APT12__2384c8ce-6eca-4d06-8aa4-151b53d9a6bc.ioc',
    { hash: 11, address: 1, email: 1 },
    {
      'DnsEntryItem/Host is looked up whole, not with "contains"': 2,
      'a property of a file alone is no indicator': 4,
    },
  ],
] as const) {
  test(`real: ${file}`, { skip: missingData(DATA + file) }, async () => {
    const { entries, problems } = await parsedList(format, testData(DATA + file)!, WHOLE);
    assert.deepEqual(countsOf(entries.map(({ kind }) => kind)), kinds);
    assert.deepEqual(countsOf(problems.map(({ reason }) => reason)), reasons);
  });
}

function countsOf(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
