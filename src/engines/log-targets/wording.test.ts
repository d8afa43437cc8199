import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventItem } from '../events/index.ts';
import { detectionTypeOf, malwareTypeOf } from './detection.ts';
import { otlpRecord, textOf } from './wording.ts';

const SPEAKER = { hostname: 'gw', version: '1.0.0', pid: 1 };

function item(more: Partial<EventItem> = {}): EventItem {
  return {
    id: '20261124-00.7',
    time: '2026-11-24T12:00:00.000Z',
    type: 'decision.block',
    severity: 'info',
    door: 'forward-proxy',
    source: '10.0.0.7',
    user: 'alice',
    target: 'http://bad.example/a/report.exe?x=1',
    reason: 'file-malicious',
    rule: 'file-malicious',
    feed: 'urlhaus',
    count: 1,
    details: {
      decision: 'block',
      category: 'malware',
      id: 'x1-2',
      method: 'GET',
      status: 403,
      bytesIn: 321,
      bytesOut: 6543,
      destination: '192.0.2.7:80',
      score: 81,
      agent: 'curl/8.1',
      referrer: 'http://portal.example/',
      groups: ['Sales', 'Board'],
      fileName: 'report.exe',
      fileType: 'pe',
      bytes: 4096,
      sha256: 'ab'.repeat(32),
      sha1: 'cd'.repeat(20),
      stage: 'clamd',
      finding: 'Win.Trojan.Agent',
      path: 'report.exe/inner.dll',
    },
    ...more,
  };
}

/** The extension of a CEF message, as a reader sees it. */
function keysOf(text: string): Readonly<Record<string, string>> {
  const extension = text.slice(text.lastIndexOf('|') + 1);
  const keys = [...extension.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)];
  return Object.fromEntries(
    keys.map((match, at) => [
      match[1]!,
      extension.slice(match.index + match[0].length, keys[at + 1]?.index ?? extension.length),
    ]),
  );
}

test('every key that a fact is there for is sent, with its label', () => {
  assert.deepEqual(keysOf(textOf(item(), 'cef', SPEAKER)), {
    rt: String(Date.UTC(2026, 10, 24, 12)),
    externalId: '20261124-00.7',
    act: 'block',
    app: 'forward-proxy',
    cat: 'malware',
    suser: 'alice',
    devicePayloadId: 'x1-2',
    src: '10.0.0.7',
    dvchost: 'gw',
    dst: '192.0.2.7',
    dpt: '80',
    dhost: 'bad.example',
    in: '321',
    out: '6543',
    proto: 'TCP',
    type: '0',
    request: 'http://bad.example/a/report.exe?x\\=1',
    requestMethod: 'GET',
    requestClientApplication: 'curl/8.1',
    requestContext: 'http://portal.example/',
    reason: 'file-malicious',
    outcome: 'failure',
    cn1Label: 'malwareType',
    cn1: '1',
    cn2Label: 'wrsScore',
    cn2: '81',
    cn3Label: 'detectionType',
    cn3: '40',
    cs1Label: 'malwareName',
    cs1: 'Win.Trojan.Agent',
    cs2Label: 'policyName',
    cs2: 'file-malicious',
    cs3Label: 'profileName',
    cs3: 'urlhaus',
    cs5Label: 'fileHashSha256',
    cs5: 'ab'.repeat(32),
    cs6Label: 'userGroupName',
    cs6: 'Sales,Board',
    fname: 'report.exe',
    filePath: 'report.exe/inner.dll',
    fileType: 'pe',
    fsize: '4096',
    fileHash: 'cd'.repeat(20),
  });
});

test('what is not known is left out, and so are labels without a value', () => {
  const bare = item({
    details: {},
    rule: 'default-allow',
    reason: 'no-rule-matched',
    type: 'decision.allow',
  });
  const keys = keysOf(textOf({ ...bare, feed: undefined } as unknown as EventItem, 'cef', SPEAKER));
  for (const key of [
    'dst',
    'dpt',
    'in',
    'out',
    'cn1',
    'cn1Label',
    'cn2',
    'cs1',
    'cs3Label',
    'fname',
    'cat',
  ]) {
    assert.equal(keys[key], undefined, key);
  }
  assert.deepEqual([keys['cn3'], keys['outcome'], keys['act']], ['0', 'success', 'allow']);
});

test('severity: allowed 0, watched and warned of 1, refused 2', () => {
  const severityOf = (type: string, decision = 'block', severity: EventItem['severity'] = 'info'): string =>
    textOf(item({ type, severity, details: { decision } }), 'cef', SPEAKER).split('|')[6]!;
  assert.equal(severityOf('decision.allow'), '0');
  assert.equal(severityOf('aggregate.allow'), '0');
  assert.equal(severityOf('decision.monitor'), '1');
  assert.equal(severityOf('decision.warn'), '1');
  assert.equal(severityOf('file.predicted', 'allow'), '1');
  assert.equal(severityOf('file.malicious', 'block', 'warn'), '2');
  assert.equal(severityOf('decision.block'), '2');
  assert.equal(severityOf('feed.failed', '', 'error'), '2');
});

test('a destination is an address; a parent proxy that has a name is none', () => {
  const dst = (destination: string): unknown =>
    keysOf(textOf(item({ details: { destination } }), 'cef', SPEAKER))['dst'];
  assert.equal(dst('192.0.2.7:443'), '192.0.2.7');
  assert.equal(dst('[2001:db8::1]:443'), '2001:db8::1');
  assert.equal(dst('192.0.2.7'), '192.0.2.7');
  assert.equal(dst('parent.example:3128'), undefined);
});

test('what a decision was made by, and what kind of bad thing it was, as numbers', () => {
  const numbers = (reason: string, rule: string, details: Readonly<Record<string, unknown>> = {}) => {
    const event = item({ reason, rule, details });
    return [detectionTypeOf(event), malwareTypeOf(event)];
  };
  assert.deepEqual(numbers('indicator-match', 'feed-block', { category: 'phishing' }), [20, 4]);
  assert.deepEqual(numbers('indicator-match', 'feed-block', { category: 'botnet-cc' }), [50, 3]);
  assert.deepEqual(numbers('indicator-match', 'feed-block', { category: 'ransomware' }), [110, 2]);
  assert.deepEqual(numbers('indicator-match', 'local-block'), [10, undefined]);
  assert.deepEqual(numbers('indicator-match', 'local-allow', { category: 'malware' }), [9, undefined]);
  assert.deepEqual(numbers('special-address', 'destination-address'), [15, undefined]);
  assert.deepEqual(numbers('policy-rule', 'no-games', { category: 'games' }), [21, undefined]);
  assert.deepEqual(numbers('policy-rule', 'no-programs', { fileType: 'pe' }), [30, undefined]);
  assert.deepEqual(numbers('file-malicious', 'file-malicious', { stage: 'yara', finding: 'x' }), [40, 1]);
  assert.deepEqual(numbers('file-malicious', 'file-malicious', {}), [90, 1]);
  assert.deepEqual(numbers('predicted', 'default-allow', {}), [45, 5]);
  assert.deepEqual(numbers('file-encrypted', 'file-incomplete'), [5, undefined]);
  assert.deepEqual(numbers('rate-exceeded', 'limit'), [0, undefined]);
  assert.equal(detectionTypeOf(item({ type: 'login.failed' })), undefined);
});

test('LEEF, JSON and OTLP carry the same facts', () => {
  const leef = Object.fromEntries(
    textOf(item(), 'leef', SPEAKER)
      .split('|')
      .slice(6)
      .join('|')
      .split('\t')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  assert.deepEqual(
    [leef['dst'], leef['dstPort'], leef['srcBytes'], leef['dstBytes'], leef['detectionType'], leef['groups']],
    ['192.0.2.7', '80', '321', '6543', '40', 'Sales,Board'],
  );
  assert.deepEqual(JSON.parse(textOf(item(), 'json', SPEAKER)), item());
  const { attributes } = otlpRecord(item());
  assert.deepEqual(
    [attributes['network.peer.address'], attributes['network.peer.port'], attributes['sallyport.bytes.out']],
    ['192.0.2.7', 80, 6543],
  );
});
