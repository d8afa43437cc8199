import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Given, listSummary, parsedList } from '../../../test/support/lists.ts';
import type { ListFormat } from './index.ts';

const MD5 = '0123456789abcdef0123456789abcdef';
const SHA1 = `${MD5}01234567`;
const SHA256 = MD5 + MD5;
const BANNER = `####################\n# Some list of abuse.ch, CSV #\n# Terms Of Use: https://abuse.example/, none #\n####################\n#\n`;

/** `kind value|category|confidence|first|last|note|reference` of each entry, then the problems. */
async function details(format: ListFormat, list: string, given: Given = {}): Promise<readonly string[]> {
  const { entries, problems } = await parsedList(format, list, given);
  const date = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString());
  return [
    ...entries.map((entry) =>
      [
        `${entry.kind} ${entry.value}`,
        entry.category,
        entry.confidence ?? '',
        date(entry.firstSeenMs),
        date(entry.lastSeenMs),
        entry.note,
        entry.reference ?? '',
      ].join('|'),
    ),
    ...problems.map(({ line, reason }) => `${line}: ${reason}`),
  ];
}

test('urlhaus-csv: the header in a comment, "None" and empty as nothing', async () => {
  const list = `${BANNER}# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter
"7","2026-02-26 12:05:20","http://192.0.2.7:58801/i","online","2026-02-27 00:00:00","malware_download","elf,mips","https://u.example/7/","r"
"8","2026-02-26 12:05:20","https://evil.example/a,b","offline","","malware_download","None","https://u.example/8/","r"
"9","soon","gopher://evil.example/","offline","","other","None","",""
`;
  assert.deepEqual(await details('urlhaus-csv', list), [
    'url 192.0.2.7/i|malware||2026-02-26T12:05:20.000Z|2026-02-27T00:00:00.000Z|elf,mips, online, port 58801|https://u.example/7/',
    'url evil.example/a,b|malware||2026-02-26T12:05:20.000Z||offline|https://u.example/8/',
    '9: URLs of gopher are not supported',
  ]);
});

test('threatfox-csv: white space before quotes, types, confidence', async () => {
  const list = `${BANNER}# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware","malware_alias","malware_printable","last_seen_utc","confidence_level","is_compromised","reference","tags","anonymous","reporter"
"2026-07-04 22:19:04", "11", "a.evil.example", "domain", "payload_delivery", "js.x", "None", "Family", "", "100", "False", "None", "x,y", "1", "anonymous"
"2026-07-04 22:19:04", "12", "192.0.2.1:425", "ip:port", "botnet_cc", "win.x", "Alias", "Family", "2026-07-05 00:00:00", "75", "True", "https://r.example/", "", "0", "r"
"2026-07-04 22:19:04", "13", "${MD5}", "md5_hash", "payload", "win.x", "", "", "", "50", "False", "", "", "0", "r"
"2026-07-04 22:19:04", "14", "${MD5}", "sha256_hash", "payload", "win.x", "", "", "", "50", "False", "", "", "0", "r"
"2026-07-04 22:19:04", "15", "x", "ja3", "payload", "win.x", "", "", "", "50", "False", "", "", "0", "r"
"2026-07-04 22:19:04", "16", "192.0.2.1", "domain_or_so", "payload", "", "", "", "", "50", "False", "", "", "0", "r"
"2026-07-04 22:19:04", "17", "a.example", "ip:port", "cc_skimming", "", "", "", "", "50", "False", "", "", "0", "r"
`;
  assert.deepEqual(await details('threatfox-csv', list), [
    'domain a.evil.example|malware|100|2026-07-04T22:19:04.000Z||Family, x,y|https://threatfox.abuse.ch/ioc/11/',
    'address 192.0.2.1|botnet-cc|75|2026-07-04T22:19:04.000Z|2026-07-05T00:00:00.000Z|Family, Alias, compromised site, port 425|https://r.example/',
    `hash ${MD5}|malware|50|2026-07-04T22:19:04.000Z|||https://threatfox.abuse.ch/ioc/13/`,
    '10: not a hash of sha256: it has 32 digits',
    '11: a type of values that is not supported',
    '12: a type of values that is not supported',
    '13: the type is "ip:port", the value is not',
  ]);
});

test('threatfox-json: the same by number', async () => {
  const list = JSON.stringify({
    21: [
      {
        ioc_value: '192.0.2.1:8084',
        ioc_type: 'ip:port',
        threat_type: 'botnet_cc',
        malware_alias: null,
        malware_printable: 'Family',
        first_seen_utc: '2026-10-05 02:05:04',
        last_seen_utc: null,
        confidence_level: 100,
        is_compromised: true,
        reference: null,
        tags: 'a, b',
      },
      { ioc_value: 7 },
    ],
    22: ['x'],
  });
  assert.deepEqual(await details('threatfox-json', list), [
    'address 192.0.2.1|botnet-cc|100|2026-10-05T02:05:04.000Z||Family, compromised site, a, b, port 8084|https://threatfox.abuse.ch/ioc/21/',
    '2: a type of values that is not supported',
    '3: no indicator of ThreatFox',
  ]);
  assert.deepEqual(await details('threatfox-json', '[]'), []);
});

const URLHAUS_ROW = {
  dateadded: '2026-02-26 12:05:20 UTC',
  url: 'http://182.126.120.150:58801/i',
  url_status: 'online',
  last_online: '2026-02-27 12:05:20 UTC',
  threat: 'malware_download',
  tags: ['32-bit', 'elf'],
  urlhaus_link: 'https://urlhaus.abuse.ch/url/3786237/',
  reporter: 'geenensp',
};
const URLHAUS_ENTRY =
  'url 182.126.120.150/i|malware||2026-02-26T12:05:20.000Z|2026-02-27T12:05:20.000Z|32-bit,elf, online, port 58801|https://urlhaus.abuse.ch/url/3786237/';

test('urlhaus-json: the dump by number, and the answers of the API', async () => {
  const dump = {
    3786237: [URLHAUS_ROW],
    3: [{ url: 7 }, 'x'],
    4: [{ ...URLHAUS_ROW, url: 'http://' }],
    5: null,
  };
  assert.deepEqual(await details('urlhaus-json', JSON.stringify(dump, undefined, 1)), [
    URLHAUS_ENTRY,
    // JSON.stringify puts numbers in their order.
    '1: no URL of URLhaus',
    '2: no URL of URLhaus',
    '3: not a URL',
  ]);
  const { dateadded, urlhaus_link, ...row } = URLHAUS_ROW;
  const api = {
    query_status: 'ok',
    urls: [{ ...row, date_added: dateadded, urlhaus_reference: urlhaus_link, tags: null }],
  };
  assert.deepEqual(await details('urlhaus-json', JSON.stringify(api)), [
    URLHAUS_ENTRY.replace('32-bit,elf, ', ''),
  ]);
});

test('a dump is read record by record: any length, each record bounded, and one that is cut is broken', async () => {
  const long = { ...URLHAUS_ROW, reporter: 'x'.repeat(2000) };
  const tricky = { ...URLHAUS_ROW, reporter: '} ] "\\" {', tags: [{ a: [1, { b: '}' }] }] };
  const list = JSON.stringify({ 1: [long], 2: [tricky], 3: [URLHAUS_ROW] });
  for (const cuts of [1, 7, 1000]) {
    const { entries, problems } = await parsedList('urlhaus-json', `\ufeff${list}\n`, { cuts });
    assert.equal(entries.length, 2);
    assert.deepEqual(problems, [{ line: 1, reason: 'longer than 1000 bytes', text: '1' }]);
  }
  const broken = async (text: string) => {
    const { problems } = await parsedList('urlhaus-json', text);
    return problems.filter(({ isBroken }) => isBroken === true).map(({ reason }) => reason);
  };
  assert.deepEqual(await broken(list.slice(0, -1)), ['the document ends before its end']);
  assert.deepEqual(await broken(list.slice(0, -30)), ['the document ends before its end']);
  assert.deepEqual(await broken(`${list}{}`), ['something follows behind the document']);
  assert.deepEqual(await broken('{"1": [{"url": "http://a.example/"}}'), ['the document is not JSON']);
  assert.deepEqual(await broken('404 not found'), ['the document is not JSON']);
  assert.deepEqual(await broken(''), ['the document is not JSON']);
  assert.deepEqual(await broken('['.repeat(100_000)), ['the document is nested too deep']);
});

test('malwarebazaar-csv: an entry for each hash of a sample', async () => {
  const list = `${BANNER}# "first_seen_utc","sha256_hash","md5_hash","sha1_hash","reporter","file_name","file_type_guess","mime_type","signature","clamav","vtpercent","imphash","ssdeep","tlsh"
"2026-05-19 09:33:02", "${SHA256}", "${MD5}", "n/a", "r", "a.tar", "tar", "application/x-tar", "Family", "n/a", "n/a", "n/a", "n/a", "n/a"
"2026-05-19 09:33:02", "n/a", "n/a", "n/a", "r", "a.tar", "tar", "application/x-tar", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a"
`;
  const rest = `|default||2026-05-19T09:33:02.000Z||Family, a.tar, tar|https://bazaar.abuse.ch/sample/${SHA256}/`;
  assert.deepEqual(await details('malwarebazaar-csv', list), [
    `hash ${SHA256}${rest}`,
    `hash ${MD5}${rest}`,
    '8: the row has no hash',
  ]);
});

test('feodo-csv: the header in quotes, comments at the end', async () => {
  const list = `${BANNER}"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"
"2025-12-30 13:56:31","192.0.2.211","443","online","2026-03-12","QakBot"
# END 1 entries
`;
  assert.deepEqual(await details('feodo-csv', list), [
    'address 192.0.2.211|botnet-cc||2025-12-30T13:56:31.000Z|2026-03-12T00:00:00.000Z|QakBot, port 443, online|',
  ]);
});

test('tweetfeed-csv: no header, tags as categories', async () => {
  const list = `2026-01-05 00:16:21,user,domain,evil.example,#phishing #Family,https://x.example/1
2026-01-05 00:16:21,user,url,http://evil.example/a,#Family #C2,https://x.example/2
2026-01-05 00:16:21,user,sha256,${SHA256},,https://x.example/3
user,domain,evil.example
`;
  assert.deepEqual(await details('tweetfeed-csv', list), [
    'domain evil.example|phishing||2026-01-05T00:16:21.000Z||#phishing #Family, @user|https://x.example/1',
    'url evil.example/a|botnet-cc||2026-01-05T00:16:21.000Z||#Family #C2, @user|https://x.example/2',
    `hash ${SHA256}|default||2026-01-05T00:16:21.000Z||@user|https://x.example/3`,
    '4: not a row of TweetFeed: date,user,type,value,tags,tweet',
  ]);
});

test('hashlookup-csv: the NSRL, inventories, and columns that are called otherwise', async () => {
  const nsrl = `"SHA-256","SHA-1","MD5","CRC32","FileName","FileSize","ProductCode"\n"${SHA256.toUpperCase()}","${SHA1}","${MD5}","0","a.dll",1,7\n"","","","0","b",1,7\n`;
  assert.deepEqual(await details('hashlookup-csv', nsrl), [
    `hash ${SHA256}|default||||a.dll, 7|`,
    `hash ${SHA1}|default||||a.dll, 7|`,
    `hash ${MD5}|default||||a.dll, 7|`,
    '3: the row has no hash',
  ]);
  const other = `digest;where\n${SHA256};/bin/x\n`;
  assert.deepEqual(await listSummary('hashlookup-csv', other), [
    '1: the header names no column SHA-256, SHA-1 or MD5',
  ]);
  assert.deepEqual(await details('hashlookup-csv', other, { mapping: { sha256: 'digest', note: 'where' } }), [
    `hash ${SHA256}|default||||/bin/x|`,
  ]);
});

test('misp-hashes-csv: the digest of a value is no file', async () => {
  const event = '5ad5b0a8-8b3a-4cf5-8b1a-7c1f0a0a0a0a';
  const list = `${MD5},${event}\nevil.example,${event}\n\nevil.example,x\n`;
  assert.deepEqual(await details('misp-hashes-csv', list), [
    `domain evil.example|default|||||${event}`,
    '1: the MD5 of an attribute, not of a file: import the events of the feed',
    '4: not a row of hashes.csv: hash,uuid',
  ]);
});

test('hash-comment and md5sums: a hash, and what it is', async () => {
  assert.deepEqual(
    await details('hash-comment', `# MD5;COMMENT\n${MD5};A; b\n${SHA256}\nx;y\nevil.example\n`),
    [`hash ${MD5}|default||||A; b|`, `hash ${SHA256}|default|||||`, '4: not a hash', '5: not a hash'],
  );
  const sums = `# a.md5sums\n${MD5}  usr/bin/a b\n${SHA256} *x\n\\${MD5}  a\\nb\nSHA256 (c d) = ${SHA256}\n${MD5} x\nevil.example\nSHA256 (c) = ${MD5}\n`;
  assert.deepEqual(await details('md5sums', sums), [
    `hash ${MD5}|default||||usr/bin/a b|`,
    `hash ${SHA256}|default||||x|`,
    `hash ${MD5}|default||||a\\nb|`,
    `hash ${SHA256}|default||||c d|`,
    '6: not a checksum and a path',
    '7: not a checksum and a path',
    '8: not a hash of sha256: it has 32 digits',
  ]);
});

test('csv: every field that can be mapped', async () => {
  const mapping = {
    value: 'what',
    kind: 'sort',
    category: 'class',
    confidence: 'sure',
    'first-seen': 'from',
    'last-seen': 'to',
    expires: 'until',
    tlp: 'share',
    note: 'why',
    reference: 'where',
    delimiter: 'pipe',
  } as const;
  const head = 'what|sort|class|sure|from|to|until|share|why|where\n';
  const list = `${head}192.0.2.1:80|ip:port|botnet|high|2024-01-31|1706745600|2024-02-01T00:00:00+02:00|TLP:WHITE|n|r
evil.example|url|||||||none|
evil.example|md5_hash||||||||
evil.example|mutex||||||||
evil.example||||2024-02-30|||||
evil.example|||||||red-ish||
evil.example|||101||||||
evil.example||||||never|||
`;
  assert.deepEqual(await details('csv', list, { mapping }), [
    'address 192.0.2.1|botnet|85|2024-01-31T00:00:00.000Z|2024-02-01T00:00:00.000Z|n, port 80|r',
    'url evil.example/|default|||||',
    '4: not a hash: not hexadecimal',
    '5: a type of values that is not supported',
    '6: the date of "first-seen" cannot be read',
    '7: the TLP is unknown',
    '8: the confidence is not a number from 0 to 100',
    '9: the date of "expires" cannot be read',
  ]);
  const [first] = (await parsedList('csv', list, { mapping })).entries;
  assert.equal(first?.tlp, 'clear');
  assert.equal(first?.expiresAtMs, Date.UTC(2024, 0, 31, 22));
});

test('csv: with and without a header, in a comment, hashes side by side', async () => {
  const rows = 'evil.example\tx\nb.example\ty\n';
  assert.deepEqual(await listSummary('csv', rows, { mapping: { value: '1', note: '2', delimiter: 'tab' } }), [
    'domain evil.example',
    'domain b.example',
  ]);
  assert.deepEqual(
    await listSummary('csv', `Name\tNote\n${rows}`, { mapping: { value: '1', header: 'yes' } }),
    ['domain evil.example', 'domain b.example'],
  );
  assert.deepEqual(await listSummary('csv', rows, { mapping: { value: 'domain', header: 'no' } }), [
    '0: without a header line columns are mapped by number: value=1',
  ]);
  assert.deepEqual(
    await listSummary('csv', '# A sentence, and url, too\n# ip,note\n192.0.2.1,x\nip,note\n'),
    ['address 192.0.2.1'],
  );
  assert.deepEqual(await listSummary('csv', `md5,sha1\n${MD5},${SHA1}\n,\n`), [
    `hash ${SHA1}`,
    `hash ${MD5}`,
    '3: the row has no hash',
  ]);
  assert.deepEqual(await listSummary('csv', `url,md5\nhttp://evil.example/,${MD5}\n`), ['url evil.example/']);
  assert.deepEqual(
    await listSummary('csv', `url,md5\nhttp://evil.example/,${MD5}\n`, {
      mapping: { value: 'url', md5: 'md5' },
    }),
    ['url evil.example/', `hash ${MD5}`],
  );
});

test('a header of another table is a problem, and nothing is imported', async () => {
  const formats = ['urlhaus-csv', 'threatfox-csv', 'malwarebazaar-csv', 'feodo-csv'] as const;
  for (const format of formats) {
    const { entries, problems } = await parsedList(format, 'domain,note\nevil.example,x\nb.example,y\n');
    assert.deepEqual(entries, [], format);
    assert.equal(problems.length, 1, format);
    assert.match(problems[0]!.reason, /^the header is not that of /, format);
  }
});
