import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSummary, parsedList } from '../../../test/support/lists.ts';

const HEAD = `; a zone
$TTL 2h
$ORIGIN rpz.local.
@  3600 IN SOA ns.local. admin.local. (
      2024010100 ; serial
      1h 15m 30d 2h )
        IN NS ns.local.
`;

test('actions: what a name gets instead of its answer is a block, passthru an exception', async () => {
  assert.deepEqual(
    await listSummary(
      'rpz',
      `${HEAD}nx.example CNAME .
nodata.example 300 CNAME *.
drop.example IN 300 CNAME rpz-drop.
walled.example 300 IN CNAME garden.local.
data.example A 192.0.2.1
data6.example AAAA 2001:db8::1
Good.Example. CNAME rpz-passthru.
good.example CNAME rpz-passthru.
old.example CNAME old.example.
tcp.example CNAME rpz-tcp-only.
text.example TXT "a ; b"
mail.example MX 10 mx.local.
broken.example CNAME
nothing.example
not_ok\\.example CNAME .
`,
    ),
    [
      'host nx.example',
      'host nodata.example',
      'host drop.example',
      'host walled.example',
      'host data.example',
      'host data6.example',
      '!host good.example',
      '!host old.example',
      '14: an owner name outside of the zone',
      '17: rpz-tcp-only blocks nothing',
      '18: a record of type TXT blocks nothing',
      '19: a record of type MX blocks nothing',
      '20: a CNAME record without a target',
      '21: not a record of a zone',
      '22: not a domain name',
    ],
  );
  const { entries } = await parsedList('rpz', 'a.example CNAME garden.local.\nb.example A 192.0.2.1\n');
  assert.deepEqual(
    entries.map(({ note }) => note),
    ['redirected to garden.local', 'answered with 192.0.2.1'],
  );
});

test('a name and its wildcard are one domain', async () => {
  assert.deepEqual(
    await listSummary(
      'rpz',
      `${HEAD}a.example CNAME .
*.a.example CNAME .
*.b.example CNAME .
b.example CNAME .
c.example CNAME rpz-passthru.
*.c.example CNAME .
*.d.example CNAME .
e.example CNAME .
`,
    ),
    [
      'domain a.example',
      'domain b.example',
      '!host c.example',
      'domain c.example',
      'domain d.example',
      'host e.example',
    ],
  );
});

test('addresses in answers, both families', async () => {
  assert.deepEqual(
    await listSummary(
      'rpz',
      `${HEAD}32.1.2.0.192.rpz-ip CNAME .
24.0.2.0.192.rpz-ip CNAME rpz-drop.
32.9.2.0.192.rpz-ip CNAME rpz-passthru.
128.1.zz.db8.2001.rpz-ip CNAME .
48.zz.1.db8.2001.rpz-ip CNAME .
128.zz.1.rpz-ip CNAME .
128.1.zz.rpz-ip CNAME .
128.8.7.6.5.4.3.2.1.rpz-ip CNAME .
33.1.2.0.192.rpz-ip CNAME .
128.zz.1.zz.2.rpz-ip CNAME .
24.0.2.0.192.rpz-nsip CNAME .
ns.evil.example.rpz-nsdname CNAME .
24.0.2.0.192.rpz-client-ip CNAME .
x.rpz-what CNAME .
`,
    ),
    [
      'address 192.0.2.1',
      'network 192.0.2.0/24',
      '!address 192.0.2.9',
      'address 2001:db8::1',
      'network 2001:db8:1::/48',
      'address 1::',
      'address ::1',
      'address 1:2:3:4:5:6:7:8',
      '16: not an address of rpz-ip',
      '17: not an address of rpz-ip',
      '18: rpz-nsip: the addresses of name servers are not looked at',
      '19: rpz-nsdname: the names of name servers are not looked at',
      '20: rpz-client-ip: the address of who asks is a matter of policy',
      '21: the trigger rpz-what is unknown',
    ],
  );
});

test('the zone is known from $ORIGIN or from its SOA, and taken off', async () => {
  const dumped = `$ORIGIN .
$TTL 300
rpz.local IN SOA ns.local. admin.local. 1 2 3 4 5
          NS ns.local.
$ORIGIN rpz.local.
a.example CNAME .
$ORIGIN example.rpz.local.
b CNAME .
\tA 192.0.2.1
c.example.rpz.local. CNAME .
$INCLUDE other.zone
`;
  assert.deepEqual(await listSummary('rpz', dumped), [
    'host a.example',
    'host b.example',
    'host b.example',
    'host c.example',
    '11: $INCLUDE is not supported',
  ]);
  assert.deepEqual(
    await listSummary('rpz', 'rpz.local. SOA a. b. 1 2 3 4 5\na.example.rpz.local. CNAME .\n'),
    ['host a.example'],
  );
  // Nothing says what the zone is: a relative name is itself, an absolute one could be anything.
  assert.deepEqual(
    await listSummary('rpz', '@ SOA a. b. 1 2 3 4 5\na.example CNAME .\nb.example. CNAME .\n'),
    ['host a.example', '3: an owner name outside of the zone'],
  );
  assert.deepEqual(await listSummary('rpz', '@ SOA a. b. (\n1 2 3\n'), ['2: a parenthesis is not closed']);
});
