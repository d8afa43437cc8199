import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EXPORT_FORMATS,
  type ExportEntry,
  exportFormat,
  type ExportFacts,
  type ExportGroup,
  EXPORT_GROUPS,
  groupOf,
} from './index.ts';
import { rpzAddress } from './rpz.ts';

const FACTS: ExportFacts = {
  name: 'my-list',
  generation: 42,
  group: undefined,
  sidBase: 9_000_000,
  rulesMax: 1000,
  eventEntriesMax: 3,
  producer: 'Test',
  changedAtS: 1_767_225_600,
};

function entry(kind: ExportEntry['kind'], value: string, more: Partial<ExportEntry> = {}): ExportEntry {
  return {
    kind,
    value,
    action: 'block',
    category: 'malware',
    severity: 'high',
    confidence: 90,
    tlp: 'clear',
    addedAtS: 1_767_225_600,
    note: '',
    reference: '',
    ...more,
  };
}

const SHA256 = 'a'.repeat(64);
const ALL = [
  entry('domain', 'evil.example'),
  entry('host', 'www.bad.example'),
  entry('url', 'bad.example/a/b?c=1'),
  entry('address', '192.0.2.66'),
  entry('network', '198.51.100.0/24'),
  entry('address', '2001:db8::1'),
  entry('network', '2001:db8:1::/48'),
  entry('hash', SHA256),
  entry('email', 'spam@evil.example'),
];

interface Written {
  readonly text: string;
  readonly skipped: readonly string[];
  readonly parts: ReadonlyMap<string, string>;
}

function write(
  format: string,
  entries: readonly ExportEntry[],
  { group, ...facts }: Partial<ExportFacts> & { readonly group?: ExportGroup } = {},
): Written {
  let text = '';
  const starts: [string, number][] = [];
  const writer = exportFormat(format)!.create(
    { ...FACTS, ...facts, group },
    {
      write: (piece) => void (text += piece),
      part: (name) => void starts.push([name, text.length]),
      summary: (prefix) => void (text += `${prefix}SUMMARY\n`),
    },
  );
  const skipped: string[] = [];
  writer.head();
  for (let pass = 0; pass < (writer.passes ?? 1); pass++) {
    for (const each of entries) if (!writer.entry(each, pass)) skipped.push(each.value);
    writer.end?.(pass);
  }
  const parts = new Map(starts.map(([name, at], i) => [name, text.slice(at, starts[i + 1]?.[1])]));
  return { text, skipped, parts };
}

const of = (group: ExportGroup): readonly ExportEntry[] => ALL.filter(({ kind }) => groupOf(kind) === group);
const lines = (text: string): readonly string[] => text.trimEnd().split('\n');

test('txt: one value a line', () => {
  assert.deepEqual(
    lines(write('txt', ALL).text),
    ALL.map(({ value }) => value),
  );
});

test('edl: one type a list, domains with and without wildcard, URLs without scheme', () => {
  assert.deepEqual(lines(write('edl', of('domain'), { group: 'domain' }).text), [
    'evil.example',
    '*.evil.example',
    'www.bad.example',
  ]);
  assert.deepEqual(lines(write('edl', of('ip'), { group: 'ip' }).text), [
    '192.0.2.66',
    '198.51.100.0/24',
    '2001:db8::1',
    '2001:db8:1::/48',
  ]);
  const urls = write('edl', ALL);
  assert.deepEqual(lines(urls.text), [
    'evil.example/',
    '*.evil.example/',
    'www.bad.example/',
    'bad.example/a/b?c=1',
    '192.0.2.66/',
    '[2001:db8::1]/',
  ]);
  assert.deepEqual(urls.skipped, ['198.51.100.0/24', '2001:db8:1::/48', SHA256, 'spam@evil.example']);
});

test('edl: what PAN-OS would take for a wildcard, or is too long for it, is left out', () => {
  const long = `long.example/${'x'.repeat(250)}`;
  const made = write('edl', [entry('url', 'a.example/*'), entry('url', 'a.example/^'), entry('url', long)]);
  assert.equal(made.text, '');
  assert.equal(made.skipped.length, 3);
});

test('fortinet: lists of one kind; wildcards for what is below a domain', () => {
  assert.deepEqual(lines(write('fortinet', of('domain')).text), [
    'evil.example',
    '*.evil.example',
    'www.bad.example',
  ]);
  assert.deepEqual(write('fortinet', ALL).skipped, ['spam@evil.example']);
});

test('cpl: a definition for each kind, none of them empty, and one condition', () => {
  const { text, skipped } = write('cpl', ALL);
  assert.match(text, /define url\.domain condition sallyport_my_list_domains\n {2}evil\.example\nend\n/);
  assert.match(
    text,
    /define condition sallyport_my_list_hosts\n {2}url\.host\.exact=www\.bad\.example\nend\n/,
  );
  assert.match(text, /define url condition sallyport_my_list_urls\n {2}"bad\.example\/a\/b\?c=1"\nend\n/);
  assert.match(text, /define subnet sallyport_my_list_addresses\n {2}192\.0\.2\.66\n {2}2001:db8::1\nend\n/);
  assert.match(text, /define condition sallyport_my_list\n {2}condition=sallyport_my_list_domains\n/);
  assert.deepEqual([...new Set(skipped)], [SHA256, 'spam@evil.example']);
  assert.doesNotMatch(write('cpl', of('hash')).text, /define/);
});

test('checkpoint.csv: every observable has a name that stays, a type and a product', () => {
  const { text } = write('checkpoint.csv', ALL);
  const rows = lines(text).filter((line) => !line.startsWith('#'));
  assert.match(text, /^#UNIQ-NAME,VALUE,TYPE,CONFIDENCE,SEVERITY,PRODUCT,COMMENT$/m);
  assert.equal(new Set(rows.map((row) => row.split(',')[0])).size, ALL.length);
  assert.deepEqual(
    rows.map((row) => row.split(',').slice(1, 6).join()),
    [
      'evil.example,Domain,critical,high,AB',
      'www.bad.example,Domain,critical,high,AB',
      'bad.example/a/b?c=1,URL,critical,high,AB',
      '192.0.2.66,IP,critical,high,AB',
      '198.51.100.0-198.51.100.255,IP Range,critical,high,AB',
      '2001:db8::1,IP,critical,high,AB',
      '2001:db8:1::-2001:db8:1:ffff:ffff:ffff:ffff:ffff,IP Range,critical,high,AB',
      `${SHA256},SHA256,critical,high,AV`,
      'spam@evil.example,Mail-from,critical,high,AV',
    ],
  );
});

test('rpz: names, what is below them, addresses in reverse, and the generation as serial', () => {
  const { text, skipped } = write('rpz', [...ALL, entry('domain', 'good.example', { action: 'allow' })]);
  assert.match(text, /^@ IN SOA localhost\. root\.localhost\. \(42 /m);
  for (const line of [
    'evil.example CNAME .',
    '*.evil.example CNAME .',
    'www.bad.example CNAME .',
    '32.66.2.0.192.rpz-ip CNAME .',
    '24.0.100.51.198.rpz-ip CNAME .',
    '128.1.zz.db8.2001.rpz-ip CNAME .',
    'good.example CNAME rpz-passthru.',
  ])
    assert.ok(lines(text).includes(line), line);
  assert.deepEqual(skipped, ['bad.example/a/b?c=1', SHA256, 'spam@evil.example']);
});

test('rpz addresses: examples of the draft and of the manual of BIND', () => {
  assert.equal(rpzAddress('192.0.2.1'), '32.1.2.0.192.rpz-ip');
  assert.equal(rpzAddress('2001:db8::3'), '128.3.zz.db8.2001.rpz-ip');
  assert.equal(rpzAddress('2001:db8:101::/48'), '48.zz.101.db8.2001.rpz-ip');
  assert.equal(rpzAddress('::/0'), '0.zz.rpz-ip');
  assert.equal(rpzAddress('1:2:3:4:5:6:7:8'), '128.8.7.6.5.4.3.2.1.rpz-ip');
});

test('suricata: rules by type, counted from the base, bounded', () => {
  const { text, skipped } = write('suricata', ALL);
  assert.match(
    text,
    /^alert dns .*dns\.query; dotprefix; content:"\.evil\.example"; nocase; endswith; .*sid:9000000;/m,
  );
  assert.match(text, /^alert tls .*tls\.sni; content:"www\.bad\.example"; nocase; startswith; endswith;/m);
  assert.match(
    text,
    /^alert ip any any -> \[192\.0\.2\.66,198\.51\.100\.0\/24,2001:db8::1,2001:db8:1::\/48\] any /m,
  );
  assert.match(
    text,
    /http\.host; content:"bad\.example"; startswith; endswith; http\.uri; content:"\/a\/b\?c=1";/,
  );
  assert.deepEqual(skipped, [SHA256, 'spam@evil.example']);
  const sids = [...text.matchAll(/sid:(\d+);/g)].map((match) => Number(match[1]));
  assert.equal(new Set(sids).size, sids.length);
  assert.deepEqual(write('suricata', ALL, { rulesMax: 4 }).skipped.includes('www.bad.example'), true);
});

test('csv: RFC 4180, and no text that a spreadsheet would compute', () => {
  const { text } = write('csv', [
    entry('domain', 'a.example', { note: 'say "hi", \n=1+1', category: '=cmd' }),
  ]);
  assert.equal(
    text.split('\r\n')[1],
    `domain,a.example,block,'=cmd,high,90,clear,2026-01-01T00:00:00Z,,,,"say ""hi"",  =1+1",`,
  );
});

test('misp: events of a bounded size, a manifest and hashes that name them', () => {
  const { parts } = write('misp', ALL);
  const manifest = JSON.parse(parts.get('manifest.json')!);
  assert.equal(Object.keys(manifest).length, 3);
  const hashes = lines(parts.get('hashes.csv')!).map((line) => line.split(','));
  assert.equal(hashes.length, ALL.length);
  let at = 0;
  for (const uuid of Object.keys(manifest)) {
    const { Event } = JSON.parse(parts.get(`${uuid}.json`)!);
    assert.equal(Event.uuid, uuid);
    assert.deepEqual(Event.Orgc, manifest[uuid].Orgc);
    for (const _ of Event.Attribute) assert.equal(hashes[at++]![1], uuid);
  }
  assert.equal(at, ALL.length);
});

test('stix.json: one bundle, every reference inside it', () => {
  const bundle = JSON.parse(write('stix.json', ALL).text);
  assert.equal(
    bundle.objects.filter(({ type }: { type: string }) => type === 'indicator').length,
    ALL.length,
  );
  const ids = new Set(bundle.objects.map(({ id }: { id: string }) => id));
  for (const object of bundle.objects) {
    for (const id of object.object_marking_refs ?? []) assert.ok(ids.has(id), id);
    if (object.created_by_ref !== undefined) assert.ok(ids.has(object.created_by_ref));
  }
  assert.deepEqual(JSON.parse(write('stix.json', []).text).objects.length, 1);
});

test('no value, note, category or reference breaks out of its line', () => {
  const nasty = 'x\ny\r\nz";) drop all\u2028\u0085';
  for (const { name, groups } of EXPORT_FORMATS) {
    const kinds = groups.flatMap((group) => EXPORT_GROUPS[group]);
    const plain = write(
      name,
      kinds.map((kind) => entry(kind, VALUES[kind])),
    );
    const bad = write(
      name,
      kinds.flatMap((kind) => [
        entry(kind, `${VALUES[kind]}\ninjected`),
        entry(kind, `${VALUES[kind]} evil`),
        entry(kind, VALUES[kind], { note: nasty, category: nasty, reference: nasty }),
      ]),
    );
    const shape = (text: string): number => text.split(/[\n\r\u2028\u0085]/).length;
    const whole = name === 'csv' || name === 'ndjson' || name === 'stix.json' || name === 'misp';
    if (!whole) assert.equal(shape(bad.text), shape(plain.text), name);
    assert.doesNotMatch(bad.text, /^injected/m, name);
    assert.doesNotMatch(bad.text, /^y/m, name);
  }
});

const VALUES: Readonly<Record<ExportEntry['kind'], string>> = {
  domain: 'evil.example',
  host: 'www.evil.example',
  url: 'evil.example/a',
  address: '192.0.2.1',
  network: '192.0.2.0/24',
  hash: SHA256,
  email: 'a@evil.example',
};
