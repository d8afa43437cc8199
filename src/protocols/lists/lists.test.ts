import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Given, listSummary, parsedList } from '../../../test/support/lists.ts';
import { type ListFormat, listValue } from './index.ts';

async function check(
  format: ListFormat,
  list: string,
  expected: readonly string[],
  given: Given = {},
): Promise<void> {
  assert.deepEqual(await listSummary(format, list, given), expected);
}

test('hosts: exactly the names, and not those of the machine itself', () =>
  check(
    'hosts',
    [
      '\ufeff# a comment\r',
      '127.0.0.1\tlocalhost',
      '::1 ip6-localhost ip6-loopback',
      '0.0.0.0 0.0.0.0',
      '0.0.0.0 Evil.Example. # why\r',
      '0.0.0.0 a.example b.example',
      '0.0.0.0 bücher.example',
      '0.0.0.0',
      'evil.example',
      '0.0.0.0 192.0.2.7',
      '0.0.0.0 nodot',
    ].join('\n'),
    [
      'host evil.example',
      'host a.example',
      'host b.example',
      'host xn--bcher-kva.example',
      'address 192.0.2.7',
      '8: there is no name behind the address',
      '9: the line does not start with an address',
      '11: not a domain name: no dot',
    ],
  ));

test('plain: what a value is, is seen from the value', () =>
  check(
    'plain',
    [
      '# comment',
      '; comment',
      '// comment',
      'evil.example',
      'EVIL2.example. # note',
      '*.wild.example',
      '.dot.example',
      '*.zip',
      '=www.exact.example',
      'hxxps://bad[.]example/Path?q#f',
      'hxxp://192[.]0[.]2[.]1:8080',
      'bad.example/folder/',
      'bad.example:8080',
      '192.0.2.1',
      '192.0.2.1:443',
      '192.0.2.77/24',
      '192.0.2.1/32',
      '2001:DB8::1',
      '[2001:db8::1]:443',
      '2001:db8::/32',
      'http://[2001:db8::2]/',
      'http://0x7f.1/x',
      'a b',
      'user@example.com',
      '192.0.2.1-192.0.2.9',
      '/only/path',
      'ad*.example',
      '^evil\\.example$',
      'gopher://evil.example/',
      'nodot',
      'http://nodot/',
      '300.300.300.300.300',
      'evil..example',
      'http://evil.example:99999/',
    ].join('\n'),
    [
      'domain evil.example',
      'domain evil2.example',
      'domain wild.example',
      'domain dot.example',
      'domain zip',
      'host www.exact.example',
      'url bad.example/Path?q',
      'address 192.0.2.1',
      'url bad.example/folder/',
      'domain bad.example',
      'address 192.0.2.1',
      'address 192.0.2.1',
      'network 192.0.2.0/24',
      'address 192.0.2.1',
      'address 2001:db8::1',
      'address 2001:db8::1',
      'network 2001:db8::/32',
      'address 2001:db8::2',
      'url 127.0.0.1/x',
      'email user@example.com',
      'address 192.0.2.1',
      'network 192.0.2.2/31',
      'network 192.0.2.4/30',
      'network 192.0.2.8/31',
      'url nodot/',
      'domain evil.example',
      '23: not a domain name',
      '26: a path without a host',
      '27: a wildcard inside a name is not supported',
      '28: a regular expression is not supported',
      '29: URLs of gopher are not supported',
      '30: not a domain name: no dot',
      '32: not a domain name: it ends in a number',
      '34: not a URL',
    ],
  ));

test('a port that is dropped stays as a note', () => {
  assert.deepEqual(listValue('192.0.2.1:8443'), { kind: 'address', value: '192.0.2.1', note: 'port 8443' });
  assert.deepEqual(listValue('http://a.example:8080/x'), {
    kind: 'url',
    value: 'a.example/x',
    note: 'port 8080',
  });
  assert.equal(listValue('  '), 'the value is empty');
});

test('dnsmasq: only what blocks', () =>
  check(
    'dnsmasq',
    [
      '# comment',
      'address=/evil.example/0.0.0.0',
      'address=/a.example/b.example/',
      'local=/c.example/',
      'server=/d.example/',
      'server=/good.d.example/#',
      'server=/e.example/192.0.2.53',
      'server=192.0.2.53',
      'address=/#/0.0.0.0',
      'ipset=/f.example/set',
      'nonsense',
      'address=/not ok/',
    ].join('\n'),
    [
      'domain evil.example',
      'domain a.example',
      'domain b.example',
      'domain c.example',
      'domain d.example',
      '!domain good.d.example',
      '7: the line forwards questions and blocks nothing',
      '8: "server" without a domain',
      '9: "#", every domain, is not supported',
      '10: the option "ipset" names nothing to block',
      '11: not an option of dnsmasq',
      '12: not a domain name',
    ],
  ));

test('adguard: rules for whole sites, and every other one by name', () =>
  check(
    'adguard',
    [
      '[Adblock Plus 2.0]',
      '! comment',
      '# comment',
      '||evil.example^',
      '||evil2.example',
      '@@||good.evil.example^',
      '||imp.example^$important,all',
      '@@||fine.example^|',
      '||*.sub.example^',
      '||192.0.2.1^',
      '||path.example/a/b',
      '|https://exact.example/x|',
      'bare.example',
      '0.0.0.0 hosts.example',
      '||third.example^$third-party',
      '||dom.example^$important,domain=a.example',
      'example.com##.ad',
      'example.com#@#.ad',
      'example.com#$#body{}',
      '/banner[0-9]+/',
      '/re/$script',
      '||wild*.example^',
      '-ad-banner-',
      '/ads/',
    ].join('\n'),
    [
      'domain evil.example',
      'domain evil2.example',
      '!domain good.evil.example',
      'domain imp.example',
      '!domain fine.example',
      'domain sub.example',
      'address 192.0.2.1',
      'url path.example/a/b',
      'url exact.example/x',
      'host bare.example',
      'host hosts.example',
      '15: the modifier "third-party" is not supported',
      '16: the modifier "domain" is not supported',
      '17: a cosmetic rule is not supported',
      '18: a cosmetic rule is not supported',
      '19: a cosmetic rule is not supported',
      '20: a regular expression is not supported',
      '21: a regular expression is not supported',
      '22: a wildcard inside a rule is not supported',
      '23: not a domain name: no dot',
      '24: a regular expression is not supported',
    ],
  ));

const MALTRAIL = [
  'domain evil.example',
  'address 192.0.2.1',
  'address 192.0.2.2',
  'url evil.example/x',
  'network 192.0.2.0/24',
];

test('maltrail: its own form', () =>
  check(
    'maltrail',
    '# Copyright Maltrail\nevil.example\n192.0.2.1\n192.0.2.2:443 # port\nhttp://evil.example/x\n192.0.2.0/24\n/path\n^ab\\.example$\n',
    [...MALTRAIL, '7: a path without a host', '8: a regular expression is not supported'],
  ));

test('maltrail: the form of its trails.csv, with families as categories', async () => {
  const list =
    'trail,type,family\nevil.example,domain,malware/x\n192.0.2.1,ip,malware/x\n192.0.2.2:443,ip,malware/x\n' +
    'evil.example/x,url,malware/x\n192.0.2.0/24,ip,malware/x\n/path,url,malware/x\n"a{1,2}\\.example",domain,malware/x\n';
  await check('maltrail', list, [
    ...MALTRAIL,
    '7: a path without a host',
    '8: a regular expression is not supported',
  ]);
  const { entries } = await parsedList('maltrail', list);
  assert.deepEqual(
    entries.map(({ category, note }) => `${category}|${note}`),
    ['malware|x', 'malware|x', 'malware|x, port 443', 'malware|x', 'malware|x'],
  );
});

test('csv: columns by name, by number, or by their usual names', async () => {
  const list =
    '\ufeffEntry;Sort;What;Act;Sev;Why\r\nevil.example;host;"a; b";block;low;"two\nlines"\r\n"bad";;;;;\r\nok.example;;;allow;;\r\n' +
    '192.0.2.0/24;;net;maybe;;\r\na.example;;;;huge;\r\n192.0.2.0/24;url;;;;\r\n';
  const mapping = {
    value: 'entry',
    kind: 'sort',
    category: 'what',
    action: 'act',
    severity: 'sev',
    note: 'why',
  };
  await check(
    'csv',
    list,
    [
      'host evil.example',
      '!domain ok.example',
      'url 192.0.2.0/24',
      '4: not a domain name: no dot',
      '6: the action is neither "allow" nor "block"',
      '7: the severity is unknown',
    ],
    { mapping },
  );
  const [first] = (await parsedList('csv', list, { mapping })).entries;
  assert.deepEqual([first?.category, first?.severity, first?.note], ['a; b', 'low', 'two lines']);
  await check('csv', 'x,evil.example\ny,evil2.example\n', ['domain evil.example', 'domain evil2.example'], {
    mapping: { value: '2' },
  });
  await check('csv', 'rank,Domain\n1,evil.example\n', ['domain evil.example']);
  await check('csv', 'a,b\n1,evil.example\n', ['1: no column holds values: map one with value=COLUMN']);
});

test('csv: a broken record costs only itself', async () => {
  await check('csv', 'domain,note\na.example,"fine"\nb.example,say "hi"\nc.example,"open\nd.example,x\n', [
    'domain a.example',
    'domain b.example',
    'domain d.example',
    '4: not CSV: a quote is not closed',
  ]);
  // It may span lines up to four times the bound; then only its first line is lost.
  const long = `domain,note\na.example,"${'x\n'.repeat(5000)}\nb.example,y\nc.example,z\n`;
  const { entries, problems } = await parsedList('csv', long, { cuts: 700 });
  assert.deepEqual(
    entries.map((entry) => entry.value),
    ['b.example', 'c.example'],
  );
  assert.equal(problems[0]?.reason, 'a record longer than 4000 bytes: its quote is not closed');
  assert.equal(problems[0]?.line, 2);
});

test('eth-phishing-detect: both lists, and the fuzzy one by name', () =>
  check(
    'eth-phishing-detect',
    JSON.stringify({
      blacklist: ['evil.example', 7],
      whitelist: ['good.example'],
      fuzzylist: ['a.example'],
      tolerance: 2,
    }),
    [
      'domain evil.example',
      '!domain good.example',
      '2: not a text',
      '0: fuzzylist: 1 names for fuzzy comparison were not imported',
    ],
  ));

test('misp-warninglist: by the type of the list', async () => {
  await check('misp-warninglist', '{"type":"cidr","list":["192.0.2.0/24"]}', ['network 192.0.2.0/24']);
  await check('misp-warninglist', '{"type":"hostname","list":[".evil.example"]}', ['domain evil.example']);
  await check('misp-warninglist', '{"type":"string","list":["evil.example"]}', ['host evil.example']);
  await check('misp-warninglist', '{"type":"regex","list":["/x/"]}', [
    '1: lists of type "regex" are not supported',
  ]);
  await check('misp-warninglist', '{"list":', ['0: the document is not JSON']);
  await check('misp-warninglist', '[]', ['0: not a warning list: it has no "list" and "type"']);
});

test('v2fly: rules and attributes', () =>
  check(
    'v2fly',
    'evil.example @ads # c\ndomain:b.example\nfull:www.c.example\nregexp:^x\nkeyword:y\ninclude:z\nwhat:z\n',
    [
      'domain evil.example',
      'domain b.example',
      'host www.c.example',
      '4: a regular expression is not supported',
      '5: a keyword is not supported',
      '6: include: the other list must be imported itself',
      '7: the rule "what" is unknown',
    ],
  ));

test('a line over the bound is one problem, and the next line is read', async () => {
  const list = `${'x'.repeat(5000)}\nevil.example\n${'y'.repeat(5000)}`;
  for (const cuts of [1, 7, 999, 100_000]) {
    const { entries, problems } = await parsedList('plain', list, { cuts });
    assert.deepEqual(
      entries.map((entry) => entry.value),
      ['evil.example'],
      `cut at ${cuts}`,
    );
    assert.deepEqual(
      problems.map(({ line, reason }) => `${line}: ${reason}`),
      ['1: longer than 1000 bytes', '3: longer than 1000 bytes'],
    );
  }
});

test('the text of a problem is cut and safe to print', async () => {
  const { problems } = await parsedList('plain', `a\u001b[31m\u202e${'z'.repeat(500)}\n`);
  assert.match(problems[0]!.text, /^a\\u\{1b\}\[31m\\u\{202e\}z+…$/);
  assert.ok(problems[0]!.text.length < 150);
});
