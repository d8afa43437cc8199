import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { indicatorLab } from '../../../test/support/indicators.ts';
import type { Match } from '../../kernel/index.ts';
import { canonicalHost, canonicalUrl } from '../../protocols/url/index.ts';

const say = (matches: readonly Match[]): readonly string[] =>
  matches.map(({ feed, action, kind, entry }) => `${feed} ${action} ${kind} ${entry}`);

test('a domain matches itself and what is below it, a host only itself', async (t: TestContext) => {
  const { add, reader } = await indicatorLab(t);
  await add('domains', 'evil.example\n*.zip\n');
  await add('hosts', '0.0.0.0 host.example\n0.0.0.0 www.evil.example\n', { format: 'hosts' });
  const host = (text: string): readonly string[] => say(reader.lookupHost(canonicalHost(text)!));
  assert.deepEqual(host('evil.example'), ['domains block domain evil.example']);
  assert.deepEqual(host('a.b.EVIL.example.'), ['domains block domain evil.example']);
  assert.deepEqual(host('www.evil.example'), [
    'hosts block host www.evil.example',
    'domains block domain evil.example',
  ]);
  assert.deepEqual(host('host.example'), ['hosts block host host.example']);
  assert.deepEqual(host('sub.host.example'), []);
  assert.deepEqual(host('notevil.example'), []);
  assert.deepEqual(host('example'), []);
  assert.deepEqual(host('anything.zip'), ['domains block domain zip']);
  assert.deepEqual(host('zip'), ['domains block domain zip']);
  // More labels than a name can have do no harm.
  assert.deepEqual(host(`${'a.'.repeat(120)}evil.example`), ['domains block domain evil.example']);
});

test('a URL matches by its expressions: exact, without query, and below a folder', async (t) => {
  const { add, reader } = await indicatorLab(t);
  await add(
    'urls',
    'http://a.example/x/y.html?q=1\nb.example/folder/\nhttp://c.example/\nhttp://192.0.2.9/p/\nd.example/file\n',
  );
  const url = (text: string): readonly string[] =>
    reader.lookupUrl(canonicalUrl(text)!).map((match) => match.entry);
  assert.deepEqual(url('https://a.example/x/y.html?q=1'), ['a.example/x/y.html?q=1']);
  assert.deepEqual(url('http://a.example/x/y.html'), []);
  assert.deepEqual(url('http://a.example/x/y.html?q=2'), []);
  assert.deepEqual(url('http://b.example/folder/deep/er.html?z'), ['b.example/folder/']);
  assert.deepEqual(url('http://b.example/folder'), []);
  assert.deepEqual(url('http://www.b.example//folder/./a'), ['b.example/folder/']);
  assert.deepEqual(url('http://d.example:8080/file?x=1'), ['d.example/file']);
  assert.deepEqual(url('http://d.example/file2'), []);
  assert.deepEqual(url('http://0300.0.2.9/p/q'), ['192.0.2.9/p/']);
  // An entry for a whole host matches who asks for the host alone, a longer one does not.
  assert.deepEqual(say(reader.lookupHost('c.example')), ['urls block url c.example/']);
  assert.deepEqual(reader.lookupHost('b.example'), []);
});

test('addresses and networks, as addresses and as hosts of URLs', async (t) => {
  const { add, reader } = await indicatorLab(t);
  await add('net', '192.0.2.0/24\n192.0.0.0/16\n192.0.2.7\n2001:db8::/32\n2001:db8::5\n0.0.0.0/1\n');
  const address = (text: string): readonly string[] => reader.lookupAddress(text).map((match) => match.entry);
  assert.deepEqual(address('192.0.2.7'), ['192.0.2.7', '192.0.2.0/24', '192.0.0.0/16']);
  assert.deepEqual(address('192.0.3.7'), ['192.0.0.0/16']);
  assert.deepEqual(address('10.0.0.1'), ['0.0.0.0/1']);
  assert.deepEqual(address('2001:db8:0:0::5'), ['2001:db8::5', '2001:db8::/32']);
  assert.deepEqual(address('2001:db9::5'), []);
  assert.deepEqual(address('::ffff:192.0.2.7')[0], '192.0.2.7');
  assert.deepEqual(address('2002:c000:207::1')[0], '192.0.2.7');
  assert.deepEqual(address('not an address'), []);
  assert.equal(reader.lookupUrl(canonicalUrl('http://3221225991/x')!)[0]?.entry, '192.0.2.7');
  assert.equal(reader.lookupUrl(canonicalUrl('http://[2001:db8::5]:8080/x')!)[0]?.entry, '2001:db8::5');
  assert.equal(reader.lookupHost('[2001:db8::6]')[0]?.entry, '2001:db8::/32');
});

test('local allow, local block, then feeds; the longer match first, then block before known-good', async (t) => {
  const { add, admin, reader } = await indicatorLab(t);
  await add('good', 'www.evil.example\nevil.example\n', { action: 'allow' });
  await add('bad', 'evil.example\nhttp://www.evil.example/malware/\n');
  const host = (text: string): readonly string[] => say(reader.lookupHost(text));
  assert.deepEqual(host('evil.example'), ['bad block domain evil.example', 'good allow domain evil.example']);
  assert.deepEqual(host('www.evil.example'), [
    'good allow domain www.evil.example',
    'bad block domain evil.example',
    'good allow domain evil.example',
  ]);
  assert.equal(
    say(reader.lookupUrl(canonicalUrl('http://www.evil.example/malware/x')!))[0],
    'bad block url www.evil.example/malware/',
  );
  await admin.addLocal({ value: 'a.www.evil.example', action: 'block' }, 'test');
  await admin.addLocal({ value: 'example', action: 'allow' }, 'test').then(
    () => assert.fail('a top-level name must be written *.example'),
    (error: unknown) => assert.match(String(error), /no dot/),
  );
  await admin.addLocal({ value: '*.example', action: 'allow' }, 'test');
  assert.deepEqual(host('a.www.evil.example').slice(0, 3), [
    'local allow domain example',
    'local block domain a.www.evil.example',
    'good allow domain www.evil.example',
  ]);
  await admin.removeLocal('*.example', 'test');
  assert.equal(host('a.www.evil.example')[0], 'local block domain a.www.evil.example');
});

test('hashes match whole, each type in its own table', async (t) => {
  const { add, admin, reader } = await indicatorLab(t);
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
  const sha1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
  const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  await add('files', [md5, sha1, sha256].map((hash) => hash.toUpperCase()).join('\n'));
  for (const hash of [md5, sha1, sha256]) {
    assert.deepEqual(say(reader.lookupHash(hash)), [`files block hash ${hash}`]);
    assert.deepEqual(reader.lookupHash(`${hash.slice(0, -1)}0`), []);
    assert.deepEqual(reader.lookupHash(hash.toUpperCase()), [], 'who asks writes lower case');
  }
  assert.deepEqual(reader.lookupHash(sha256.slice(0, 32)), []);
  assert.deepEqual(reader.lookupHash('x'.repeat(64)), []);
  assert.deepEqual(reader.lookupHash(''), []);
  await admin.addLocal({ value: sha1, action: 'allow', note: 'ours' }, 'test');
  assert.deepEqual(say(reader.lookupHash(sha1)), [`local allow hash ${sha1}`, `files block hash ${sha1}`]);
  assert.equal(reader.describe(reader.lookupHash(sha1)[0]!)?.note, 'ours');
  assert.equal(reader.counts.kinds.hash, 4);
});

test('thousands of hashes that start alike cost no more than others', async (t) => {
  const { add, reader } = await indicatorLab(t);
  const hash = (at: number): string => `${'ab'.repeat(28)}${at.toString(16).padStart(8, '0')}`;
  await add('alike', Array.from({ length: 5000 }, (_, at) => hash(at * 3)).join('\n'));
  for (let at = 0; at < 15_000; at += 71)
    assert.equal(reader.lookupHash(hash(at)).length, at % 3 === 0 ? 1 : 0, String(at));
  assert.equal([...reader.entries('alike')].length, 5000);
});

test('a mail address matches itself, then what is known of its domain', async (t) => {
  const { add, reader } = await indicatorLab(t);
  await add('mail', 'mallory@evil.example\nevil.example\nhttp://evil.example/\n192.0.2.0/24\n');
  assert.deepEqual(say(reader.lookupEmail('mallory@evil.example')), [
    'mail block email mallory@evil.example',
    'mail block url evil.example/',
    'mail block domain evil.example',
  ]);
  assert.deepEqual(say(reader.lookupEmail('eve@sub.evil.example')), [
    'mail block url evil.example/',
    'mail block domain evil.example',
  ]);
  assert.deepEqual(say(reader.lookupEmail('eve@192.0.2.1')), ['mail block network 192.0.2.0/24']);
  assert.deepEqual(reader.lookupEmail('mallory@good.example'), []);
  assert.deepEqual(reader.lookupEmail('mallory'), []);
  assert.deepEqual(reader.lookupEmail(''), []);
  // The name before the sign is no host.
  assert.deepEqual(reader.lookupHost('mallory'), []);
});

test('of equal matches the graver one comes first', async (t) => {
  const { add, reader } = await indicatorLab(t);
  await add('a', 'evil.example\n', { severity: 'low' });
  await add('b', 'evil.example\n', { severity: 'critical', priority: 900 });
  assert.deepEqual(
    reader.lookupHost('evil.example').map((match) => match.feed),
    ['b', 'a'],
  );
});

test('everything that is stored of a match can be read', async (t) => {
  const { add, reader } = await indicatorLab(t);
  const time = Date.UTC(2025, 5, 1);
  const entry = {
    kind: 'url',
    value: 'evil.example/x',
    category: 'phishing',
    severity: 'low',
    confidence: 30,
    tlp: 'amber+strict',
    firstSeenMs: time,
    lastSeenMs: time + 86_400_000,
    note: 'Ünïcode',
    reference: 'https://reports.example/1',
  };
  await add('feed', JSON.stringify(entry), { format: 'sallyport' });
  const [match] = reader.lookupUrl(canonicalUrl('http://evil.example/x')!);
  assert.deepEqual(reader.describe(match!), {
    kind: 'url',
    value: 'evil.example/x',
    action: 'block',
    category: 'phishing',
    severity: 'low',
    confidence: 30,
    tlp: 'amber+strict',
    addedAtS: Date.UTC(2026, 0, 1) / 1000,
    firstSeenS: time / 1000,
    lastSeenS: time / 1000 + 86_400,
    expiresAtS: undefined,
    note: 'Ünïcode',
    reference: 'https://reports.example/1',
  });
  assert.equal(reader.describe({ ...match!, entry: 'other.example/' }), undefined);
  assert.equal(reader.describe({ ...match!, feed: 'other' }), undefined);
});

test('of equal matches the smaller priority comes first, then the name', async (t) => {
  const { add, reader } = await indicatorLab(t);
  await add('b', 'evil.example\n');
  await add('a', 'evil.example\n');
  await add('z', 'evil.example\n', { priority: 5 });
  assert.deepEqual(
    reader.lookupHost('evil.example').map((match) => match.feed),
    ['z', 'a', 'b'],
  );
});

test('a match says all about its entry, and its age goes on', async (t) => {
  const { add, clock, reader } = await indicatorLab(t);
  await add('feed', 'value,category,severity\nevil.example,phishing,critical\nb.example,,\n', {
    format: 'csv',
    category: 'other',
    severity: 'low',
    licence: 'CC0-1.0',
  });
  clock.nowMs += 90_500;
  assert.deepEqual(reader.lookupHost('x.evil.example'), [
    {
      feed: 'feed',
      entry: 'evil.example',
      kind: 'domain',
      action: 'block',
      category: 'phishing',
      severity: 'critical',
      addedAt: '2026-01-01T00:00:00.000Z',
      confidence: 100,
      tlp: 'clear',
      ageS: 90,
      expiresAt: undefined,
      licence: 'CC0-1.0',
    },
  ]);
  const [other] = reader.lookupHost('b.example');
  assert.deepEqual([other?.category, other?.severity], ['other', 'low']);
});

test('what was imported is found, what was not is not', async (t) => {
  const { add, reader } = await indicatorLab(t);
  const name = fc.stringMatching(/^[a-c]{1,2}(\.[a-c]{1,2}){1,3}$/);
  const path = fc.stringMatching(/^(\/[ab]{1,2}){0,5}\/?(\?[ab])?$/);
  const pick = fc.sample(fc.record({ name, path }), { numRuns: 600, seed: 7 });
  const listed = new Set(pick.slice(0, 300).map((each) => `${each.name}.example`));
  const urls = new Set(
    pick.slice(300).map((each) => canonicalUrl(`http://${each.name}.test${each.path}`)!.key),
  );
  await add('both', [...listed, ...[...urls].map((url) => `http://${url}`)].join('\n'));
  for (const each of fc.sample(fc.record({ name, path }), { numRuns: 3000, seed: 8 })) {
    const host = `${each.name}.example`;
    const labels = host.split('.');
    const expected = labels.map((_, at) => labels.slice(at).join('.')).filter((suffix) => listed.has(suffix));
    assert.deepEqual(
      reader.lookupHost(host).map((match) => match.entry),
      expected,
      host,
    );
    const url = canonicalUrl(`http://${each.name}.test${each.path}`)!;
    const found = reader.lookupUrl(url).map((match) => match.entry);
    assert.deepEqual(
      found.toSorted(),
      url
        .expressions()
        .filter((expression) => urls.has(expression))
        .toSorted(),
      url.key,
    );
    assert.deepEqual(
      found,
      found.toSorted((x, y) => y.length - x.length),
    );
  }
});
