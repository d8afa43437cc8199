import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { StatedIndicator, StatedProblem } from '../../kernel/index.ts';
import { missingData, testData } from '../../../test/support/test-data.ts';
import { readOpenIoc } from './index.ts';

function read(text: string): {
  readonly indicators: readonly StatedIndicator[];
  readonly problems: readonly StatedProblem[];
} {
  const indicators: StatedIndicator[] = [];
  const problems: StatedProblem[] = [];
  readOpenIoc(text, {
    indicator: (indicator) => indicators.push(indicator),
    problem: (problem) => problems.push(problem),
  });
  return { indicators, problems };
}

/** `kind value (note)` of indicators, `! position reason: text` of problems. */
function summary(text: string): readonly string[] {
  const { indicators, problems } = read(text);
  return [
    ...indicators.map(({ kind, value, note }) => `${kind} ${value}${note === '' ? '' : ` (${note})`}`),
    ...problems.map(({ position, reason, text: about }) => `! ${position} ${reason}: ${about}`),
  ];
}

function ioc(definition: string): string {
  return `<?xml version="1.0"?><ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="i1"><definition>${definition}</definition></ioc>`;
}

function item(search: string, content: string, attributes = 'condition="is"'): string {
  return `<IndicatorItem ${attributes}><Context document="x" search="${search}" type="mir"/><Content type="string">${content}</Content></IndicatorItem>`;
}

function group(operator: 'AND' | 'OR', ...children: readonly string[]): string {
  return `<Indicator operator="${operator}">${children.join('')}</Indicator>`;
}

const MD5 = '79054025255fb1a26e4bc422aef54eb4';
const SHA256 = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f';
const NEEDS_ALL = 'needs all of several things, which a look-up cannot see together';

test('terms that are looked up', () => {
  const definition = group(
    'OR',
    item('FileItem/Md5sum', MD5.toUpperCase()),
    item('FileItem/Sha256sum', SHA256),
    item('Network/DNS', 'evil.example'),
    item('DnsEntryItem/RecordName', 'a.evil.example'),
    item('UrlHistoryItem/HostName', 'h.evil.example'),
    item('UrlHistoryItem/URL', 'http://evil.example/?a=1&amp;b=2'),
    item('PortItem/remoteIP', '198.51.100.1'),
    item('portitem/REMOTEIP', '198.51.100.0/24'),
    item('Email/From', 'a@evil.example'),
    item('Network/DNS', 'evil.example'),
  );
  assert.deepEqual(summary(ioc(definition)), [
    `hash ${MD5}`,
    `hash ${SHA256}`,
    'domain evil.example',
    'domain a.evil.example',
    'host h.evil.example',
    'url http://evil.example/?a=1&b=2',
    'address 198.51.100.1',
    'network 198.51.100.0/24',
    'email a@evil.example',
  ]);
});

test('what is no indicator is reported with the number of its item', () => {
  const definition = group(
    'OR',
    item('Network/DNS', 'evil.example', 'condition="contains"'),
    item('Network/DNS', 'evil.example', 'condition="isnot"'),
    item('Network/DNS', 'evil.example', 'condition="is" negate="true"'),
    item('RegistryItem/Path', 'x'),
    item('FileItem/FileName', 'a.exe'),
    item('FileItem/Md5sum', 'abc'),
    item('Network/DNS', ''),
  );
  assert.deepEqual(summary(ioc(definition)), [
    '! 1 Network/DNS is looked up whole, not with "contains": Network/DNS contains evil.example',
    '! 2 a term that is negated names what is fine: Network/DNS isnot evil.example',
    '! 3 a term that is negated names what is fine: Network/DNS is evil.example',
    '! 4 RegistryItem/Path is not looked up: RegistryItem/Path is x',
    '! 5 a property of a file alone is no indicator: FileItem/FileName is a.exe',
    '! 6 not 32 hexadecimal digits of FileItem/Md5sum: FileItem/Md5sum is abc',
    '! 7 an empty value: Network/DNS is ',
  ]);
});

test('AND: one file is its strongest hash, a port is a note, everything else needs all', () => {
  const check = (definition: string, ...expected: readonly string[]): void =>
    assert.deepEqual(summary(ioc(definition)), expected);
  check(
    group(
      'AND',
      item('FileItem/Md5sum', MD5),
      item('FileItem/Sha256sum', SHA256),
      item('FileItem/FileName', 'a'),
    ),
    `hash ${SHA256}`,
  );
  check(
    group('AND', item('PortItem/remoteIP', '198.51.100.1'), item('PortItem/remotePort', '80')),
    'address 198.51.100.1 (only with PortItem/remotePort is 80)',
  );
  check(
    group('AND', item('Network/DNS', 'a.example'), item('FileItem/Md5sum', MD5)),
    `! 1 ${NEEDS_ALL}: Network/DNS is a.example; FileItem/Md5sum is ${MD5}`,
  );
  check(
    group(
      'AND',
      group('OR', item('Network/DNS', 'a.example'), item('Network/DNS', 'b.example')),
      item('RegistryItem/Path', 'x'),
    ),
    `! 1 ${NEEDS_ALL}: (Network/DNS is a.example or 1 more); RegistryItem/Path is x`,
  );
  check(group('AND', group('OR', item('Network/DNS', 'a.example'))), 'domain a.example');
  check(
    group('OR', group('AND', item('Network/DNS', 'a.example')), item('Network/DNS', 'b.example')),
    'domain a.example',
    'domain b.example',
  );
});

test('OpenIOC 1.1, with a prefix, CDATA and what the document says of itself', () => {
  const { indicators, problems } = read(`<?xml version="1.0" encoding="utf-8"?>
    <o:OpenIOC xmlns:o="http://openioc.org/schemas/OpenIOC_1.1" id="i2">
      <o:metadata><o:short_description>Campaign</o:short_description><o:authored_date>2014-08-28T15:57:54</o:authored_date></o:metadata>
      <o:criteria><o:Indicator operator="OR"><o:IndicatorItem condition="is">
        <o:Context search="Network/DNS"/><o:Content type="string"><![CDATA[evil.example]]></o:Content>
      </o:IndicatorItem></o:Indicator></o:criteria>
    </o:OpenIOC>`);
  assert.deepEqual(problems, []);
  assert.deepEqual(indicators, [
    {
      kind: 'domain',
      value: 'evil.example',
      action: undefined,
      category: undefined,
      severity: undefined,
      confidence: undefined,
      tlp: undefined,
      firstSeenMs: Date.UTC(2014, 7, 28, 15, 57, 54),
      lastSeenMs: undefined,
      expiresAtMs: undefined,
      note: 'Campaign',
      reference: 'i2',
      isRevoked: false,
    },
  ]);
});

test('what is no OpenIOC, and what XML could be made to do', () => {
  const reason = (text: string): string | undefined => read(text).problems[0]?.reason;
  assert.match(reason('')!, /^not XML/);
  assert.match(reason('{"a": 1}')!, /^not XML/);
  assert.match(reason('<ioc><definition></ioc>')!, /^not XML/);
  assert.equal(reason('<html/>'), 'no OpenIOC document: its first element is neither ioc nor OpenIOC');
  assert.equal(
    reason('<!DOCTYPE ioc [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ioc>&b;</ioc>'),
    'a document type: OpenIOC has none',
  );
  assert.match(reason('<ioc>&nothing;</ioc>')!, /^not XML/);
  assert.equal(reason(`<ioc>${'<Indicator>'.repeat(100_000)}`), 'elements deeper than 64');
  // A mistake at the end leaves nothing of what came before.
  assert.deepEqual(read(`${ioc(item('Network/DNS', 'evil.example'))}<`).indicators, []);
});

test('no text makes it throw', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<ioc>',
      '</ioc>',
      '<Indicator operator="AND">',
      '</Indicator>',
      item('Network/DNS', 'a.example'),
      '<',
      '&',
      ']]>',
      '<!--',
      '<?x',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const { indicators, problems } = read(pieces.join(''));
      assert.ok(indicators.every(({ value }) => value === 'a.example'));
      assert.ok(problems.every(({ position }) => position >= 0));
    }),
    { numRuns: 1000 },
  );
});

const FOLDER = '05-intel/openioc_mandiant/';
for (const [name, kinds, problems] of [
  ['APT12__2384c8ce-6eca-4d06-8aa4-151b53d9a6bc', { hash: 11, address: 1, email: 1 }, 6],
  ['APT18__0ae061d7-c624-4a84-8adf-00281b97797b', { hash: 1 }, 3],
  ['APT28__a438caeb-96dd-4225-853c-fc5910980961', {}, 3],
  ['APT28__bdf7929c-3f0b-4fdd-bcc5-b4a82554ad92', {}, 3],
  ['APT30__eeffc8e8-caee-4fe1-8ace-7a994b5d893f', { hash: 164 }, 56],
  ['APT3__62f65dae-9475-44b0-a9eb-c1baebbd9885', { address: 2 }, 5],
  ['BlogPosts__113e561e-60d2-48db-979d-02f207550125', { address: 2 }, 14],
  ['BlogPosts__5a8d6878-2649-4ddc-a1f6-c98932a54f91', { hash: 13 }, 9],
  ['BlogPosts__60a6de64-7308-4af1-9003-dc23a73fdf01', { hash: 1 }, 4],
  ['BlogPosts__9a7a6929-25ea-4254-a300-13fd6b39c490', { address: 2 }, 19],
  ['BlogPosts__b513e829-b023-426a-b7d4-accd511be3c0', { hash: 1, address: 1 }, 7],
  ['BlogPosts__e598231d-8584-4535-a0de-94e822f04c0b', { hash: 2, address: 1 }, 6],
] as const) {
  test(`real: ${name}`, { skip: missingData(FOLDER) }, () => {
    const found = read(testData(`${FOLDER}${name}.ioc`)!.toString('utf8'));
    assert.deepEqual(countsOf(found.indicators.map(({ kind }) => kind)), kinds);
    const known =
      /is not looked up$|looked up whole, not with "contains"$|^a property of a file alone|^needs all of/;
    assert.ok(found.problems.every(({ reason }) => known.test(reason)));
    assert.equal(found.problems.length, problems);
  });
}

function countsOf(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
