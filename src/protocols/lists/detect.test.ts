import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsedList } from '../../../test/support/lists.ts';
import { detectFormat, formatDefaults, LIST_FORMATS, type ListFormat } from './index.ts';

const MD5 = '0123456789abcdef0123456789abcdef';

test('the format is seen from content first, then from the name', () => {
  const formats: readonly (readonly [string, string, ListFormat])[] = [
    ['x.txt', '# c\n0.0.0.0 a.example\n0.0.0.0 b.example\n', 'hosts'],
    ['x.txt', '#####\n# c #\n#####\n127.0.0.1\ta.example\n', 'hosts'],
    ['x.txt', '! c\n||a.example^\n', 'adguard'],
    ['x.txt', 'address=/a.example/0.0.0.0\n', 'dnsmasq'],
    ['x.txt', 'full:a.example\nb.example\n', 'v2fly'],
    ['x.txt', 'a.example @ads\nb.example\n', 'v2fly'],
    ['category-x', 'a.example\nb.example\n', 'v2fly'],
    ['x.gz', 'trail,type,family\na.example,domain,x\n', 'maltrail'],
    ['x.txt', '# Copyright (c) Maltrail developers\na.example\n', 'maltrail'],
    ['x.txt', 'domain,category\na.example,b\n', 'csv'],
    ['x.txt', '$TTL 60\n@ SOA a. b. 1 2 3 4 5\na.example CNAME .\n', 'rpz'],
    ['x.txt', 'a.example 60 IN CNAME rpz-drop.\n*.a.example CNAME *.\n', 'rpz'],
    ['dest/adult/domains', 'a.example\nb.example\n', 'ut1'],
    ['urls', 'a.example/x\n', 'ut1'],
    ['x.txt', '# id,dateadded,url,url_status,last_online,threat,tags\n', 'urlhaus-csv'],
    ['x.txt', '# "first_seen_utc","sha256_hash","md5_hash","sha1_hash"\n', 'malwarebazaar-csv'],
    ['x.txt', '# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type"\n', 'threatfox-csv'],
    ['x.txt', '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\n', 'feodo-csv'],
    ['x.json', '{\n "7": [\n  {\n   "ioc_value": "x"', 'threatfox-json'],
    ['x.json', '{"7":[{"dateadded":"x","url":"http://a.example/","url_status":"online"', 'urlhaus-json'],
    ['x.json', '{"query_status":"ok","urls":[{"id":"7","urlhaus_reference":"x"', 'urlhaus-json'],
    ['x.csv', '2026-01-05 00:16:21,u,domain,a.example,,https://x.example/1\n', 'tweetfeed-csv'],
    ['hashes.csv', '\n', 'misp-hashes-csv'],
    ['x.csv', `${MD5},5ad5b0a8-8b3a-4cf5-8b1a-7c1f0a0a0a0a\n`, 'misp-hashes-csv'],
    ['x.csv', '"SHA-1","MD5","CRC32","FileName","FileSize"\n', 'hashlookup-csv'],
    ['x.txt', `# c\n${MD5};a comment, with a comma\n`, 'hash-comment'],
    ['x.txt', `${MD5}  usr/bin/x\n`, 'md5sums'],
    ['x.txt', '{"kind":"domain","value":"a.example"}\n{"kind":"host"', 'sallyport'],
    ['x.json', '{"version":2,"blacklist":[]}', 'eth-phishing-detect'],
    ['x.json', '{"description":"d","list":[]}', 'misp-warninglist'],
    ['x.json', '{"type": "bundle", "id": "bundle--1", "objects": [', 'stix'],
    ['x.json', '{\n "more": false,\n "objects": [', 'stix'],
    ['x.json', '{"Event": {"info": "x"', 'misp-event'],
    ['x.json', '{"response": [{"Event": {', 'misp-event'],
    ['x.txt', '<?xml version="1.0"?>\n<ioc id="x">', 'openioc'],
    ['x.hosts', '# nothing yet\n', 'hosts'],
    ['x.txt', 'a.example\n192.0.2.1\n', 'plain'],
    ['x.txt', '192.0.2.1 # seen twice\n', 'plain'],
    ['x.txt', '', 'plain'],
  ];
  for (const [name, text, expected] of formats) assert.equal(detectFormat(name, text), expected, text);
});

test('what is no list of this kind is refused as a whole, with the reason', async () => {
  const page = '<!DOCTYPE html>\n<title>404</title>\nevil.example\n';
  const json = '[\n  "evil.example",\n  "b.example"\n]\n';
  for (const format of LIST_FORMATS) {
    const { entries, problems } = await parsedList(format, page);
    assert.deepEqual(entries, [], format);
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      ['the list is an HTML page'],
      format,
    );
    assert.deepEqual((await parsedList(format, json)).entries, [], format);
    const binary = await parsedList(format, 'evil.example\n\u0000\u0001\u0002\n');
    assert.deepEqual(binary.entries, [], format);
    assert.ok(binary.problems.length > 0, format);
  }
  assert.equal((await parsedList('plain', json)).problems[0]?.reason, 'the list is JSON');
  assert.equal(
    (await parsedList('csv', '<?xml version="1.0"?>\n<a/>')).problems[0]?.reason,
    'the list is XML',
  );
  // The header of a list of AdGuard is no JSON.
  assert.equal((await parsedList('adguard', '[Adblock Plus 2.0]\n||a.example^\n')).entries.length, 1);
});

test('a list in another format than its own imports nothing', async () => {
  const lists: readonly (readonly [ListFormat, string])[] = [
    ['hosts', '0.0.0.0 evil.example\n'],
    ['dnsmasq', 'address=/evil.example/0.0.0.0\n'],
    ['adguard', '||evil.example^\n'],
    ['rpz', 'evil.example CNAME .\n'],
    ['tweetfeed-csv', '2026-01-05 00:16:21,u,domain,evil.example,,https://x.example/1\n'],
    ['hash-comment', `${MD5};comment\n`],
    ['md5sums', `${MD5}  usr/bin/x\n`],
    ['csv', 'domain,note\nevil.example,x\n'],
  ];
  // AdGuard's lists may hold lines of hosts files; a first row is a header to what is table.
  const fine = new Set(['adguard hosts', 'csv tweetfeed-csv', 'hashlookup-csv tweetfeed-csv']);
  for (const [own, list] of lists) {
    for (const format of LIST_FORMATS) {
      if (format === own || fine.has(`${format} ${own}`)) continue;
      const { entries, problems } = await parsedList(format, list);
      assert.deepEqual(entries, [], `${own} as ${format}`);
      assert.ok(problems.length > 0, `${own} as ${format}`);
    }
  }
});

test('what a format is for', () => {
  assert.deepEqual(formatDefaults('plain'), { action: 'block', category: undefined });
  assert.deepEqual(formatDefaults('misp-warninglist'), { action: 'suppress', category: 'warning-list' });
  assert.deepEqual(formatDefaults('eth-phishing-detect'), { action: 'block', category: 'phishing' });
  assert.equal(formatDefaults('hashlookup-csv').action, 'allow');
});

test('ut1: the folder is the category, the name says what the lines are', async () => {
  const read = async (path: string, list: string): Promise<readonly string[]> =>
    (await parsedList('ut1', list, { path })).entries.map(
      ({ kind, value, category }) => `${kind} ${value} ${category}`,
    );
  assert.deepEqual(await read('blacklists/adult/domains', 'a.example\n192.0.2.1\n# c\n'), [
    'domain a.example adult',
    'address 192.0.2.1 adult',
  ]);
  assert.deepEqual(await read('./vpn/urls.gz', 'a.example/x\nb.example\n192.0.2.1/24\n'), [
    'url a.example/x vpn',
    'url b.example/ vpn',
    'url 192.0.2.1/24 vpn',
  ]);
  assert.deepEqual(await read('domains', 'a.example\n'), ['domain a.example default']);
  assert.deepEqual(await read('lists/mixed.txt', 'a.example\nb.example/x\n'), [
    'domain a.example default',
    'url b.example/x default',
  ]);
  const { entries, problems } = await parsedList('ut1', '(^|x)y\n', { path: 'adult/expressions' });
  assert.deepEqual([entries.length, problems[0]?.reason], [0, 'a regular expression is not supported']);
});
