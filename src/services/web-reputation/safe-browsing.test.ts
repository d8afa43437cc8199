import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { indicatorLab } from '../../../test/support/indicators.ts';
import { type Scope, scopeOf } from '../../../test/support/scope.ts';
import { openWebReputation, statusOf, type WebDoor } from '../../../test/support/web-doors.ts';
import { createVerdictEngine } from '../../engines/verdict/index.ts';
import {
  applyV4Update,
  applyV5Update,
  batchGetHashListsResponse,
  decodeMessage,
  encodeMessage,
  fetchThreatListUpdatesRequest,
  fetchThreatListUpdatesResponse,
  findFullHashesRequest,
  findFullHashesResponse,
  listHashListsResponse,
  type MessageType,
  NO_LIST,
  searchHashesResponse,
  searchUrlsResponse,
} from '../../protocols/safe-browsing/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';

const LIMITS = { itemsMax: 10_000 };
const hashOf = (expression: string): Buffer => createHash('sha256').update(expression).digest();
const prefixOf = (expression: string): number => hashOf(expression).readUInt32BE();

async function openDoor(scope: Scope, requireToken = false) {
  const lab = await indicatorLab(scope);
  await lab.add('phish', 'login.bank.example\nmistaken.example\n', {
    category: 'phishing',
    severity: 'high',
  });
  await lab.add('mal', 'http://dl.example/kit/\n203.0.113.9\n', {
    category: 'malware',
    severity: 'critical',
  });
  await lab.add('secret', 'quiet.example\n', { category: 'malware', severity: 'high', tlp: 'amber' });
  await lab.admin.addLocal({ value: 'mistaken.example', action: 'allow' }, 'test');
  const door = await openWebReputation({
    engines: { reader: lab.reader, verdicts: createVerdictEngine(lab) },
    config: (base) => ({ ...base, reputation: { ...base.reputation, requireToken } }),
  });
  return { lab, door };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  readonly document: Record<string, unknown>;
}

async function ask(
  door: WebDoor,
  line: string,
  body: string | Uint8Array = '',
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const bytes = Buffer.from(body);
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${line} HTTP/1.1\r\nHost: gw\r\nContent-Length: ${bytes.length}\r\n${lines.join('')}\r\n`;
  const text = await door.say('webReputation', [Buffer.concat([Buffer.from(head), bytes])]);
  const at = text.indexOf('\r\n\r\n') + 4;
  const type = /\r\nContent-Type: (.*)\r\n/.exec(text)?.[1] ?? '';
  const answer = Buffer.from(text.slice(at), 'latin1');
  const document: Record<string, unknown> = type.includes('json') ? JSON.parse(answer.toString('utf8')) : {};
  return { status: statusOf(text), type, body: answer, document };
}

function read<T>(type: MessageType<T>, { body, type: media }: Answer): T {
  assert.equal(media, 'application/x-protobuf');
  const reading = decodeMessage(type, body, LIMITS);
  assert.ok(reading.ok);
  return reading.value;
}

test('version 4 in JSON: lists, full hashes, matches', async (t) => {
  const { door } = await openDoor(scopeOf(t));
  const entries = { threatType: 'SOCIAL_ENGINEERING', platformType: 'WINDOWS', threatEntryType: 'URL' };
  const updates = await ask(
    door,
    'POST /v4/threatListUpdates:fetch?key=abc',
    JSON.stringify({ client: { clientId: 'x' }, listUpdateRequests: [entries] }),
    { 'Content-Type': 'application/json' },
  );
  const raw = hashOf('login.bank.example/').subarray(0, 4);
  const [update, ...others] = updates.document['listUpdateResponses'] as Record<string, unknown>[];
  assert.deepEqual(others, []);
  assert.deepEqual(
    { ...update, newClientState: 0 },
    {
      ...entries,
      responseType: 'FULL_UPDATE',
      additions: [
        { compressionType: 'RAW', rawHashes: { prefixSize: 4, rawHashes: raw.toString('base64') } },
      ],
      newClientState: 0,
      checksum: { sha256: createHash('sha256').update(raw).digest('base64') },
    },
  );
  assert.equal(updates.document['minimumWaitDuration'], '1800s');
  assert.equal(
    urlRedactor(['key']).url(door.entries[0]?.url ?? ''),
    '/v4/threatListUpdates:fetch?key=[secret]',
  );

  const threatInfo = {
    threatTypes: ['MALWARE', 'SOCIAL_ENGINEERING'],
    platformTypes: ['ANY_PLATFORM'],
    threatEntryTypes: ['URL'],
  };
  const full = await ask(
    door,
    'POST /v4/fullHashes:find',
    JSON.stringify({
      threatInfo: {
        ...threatInfo,
        threatEntries: [
          'login.bank.example/',
          'mistaken.example/',
          'unlisted.example/',
          'quiet.example/',
        ].map((expression) => ({ hash: hashOf(expression).subarray(0, 4).toString('base64') })),
      },
    }),
  );
  const match = {
    threatType: 'SOCIAL_ENGINEERING',
    platformType: 'ANY_PLATFORM',
    threatEntryType: 'URL',
    cacheDuration: '300s',
  };
  assert.deepEqual(full.document, {
    matches: [{ ...match, threat: { hash: hashOf('login.bank.example/').toString('base64') } }],
    negativeCacheDuration: '300s',
  });

  const urls = [
    'http://login.bank.example/a?b',
    'https://203.0.113.9:8080/',
    'dl.example/kit/x',
    'dl.example/',
    '',
  ];
  const matches = await ask(
    door,
    'POST /v4/threatMatches%3Afind',
    JSON.stringify({ threatInfo: { ...threatInfo, threatEntries: urls.map((url) => ({ url })) } }),
  );
  assert.deepEqual(matches.document, {
    matches: [
      { ...match, threat: { url: urls[0] } },
      { ...match, threatType: 'MALWARE', threat: { url: urls[1] } },
      { ...match, threatType: 'MALWARE', threat: { url: urls[2] } },
    ],
  });
  const lists = await ask(door, 'GET /v4/threatLists');
  assert.equal((lists.document['threatLists'] as unknown[]).length, 32);
});

test('version 4 in protobuf, as Firefox and as other clients send it', async (t) => {
  const { door, lab } = await openDoor(scopeOf(t));
  const request = (state = NO_LIST.token) =>
    encodeMessage(fetchThreatListUpdatesRequest, {
      listUpdateRequests: [
        {
          threatType: 5,
          platformType: 2,
          threatEntryType: 1,
          state,
          constraints: { supportedCompressions: [2] },
        },
        { threatType: 9, platformType: 2, threatEntryType: 1 },
      ],
    });
  const query = `$req=${Buffer.from(request()).toString('base64url')}&$ct=application/x-protobuf&key=k&$httpMethod=POST`;
  const first = read(
    fetchThreatListUpdatesResponse,
    await ask(door, `GET /v4/threatListUpdates:fetch?${query}`, '', { 'X-HTTP-Method-Override': 'POST' }),
  );
  const [social, empty] = first.listUpdateResponses;
  assert.deepEqual([social?.threatType, social?.platformType, social?.responseType], [5, 2, 2]);
  assert.deepEqual([empty?.additions, empty?.newClientState.length], [[], 1]);
  const list = applyV4Update(NO_LIST, social!, 100);
  assert.ok(list.ok);
  assert.deepEqual(list.list.prefixes, Uint32Array.of(prefixOf('login.bank.example/')));

  await lab.add('more', 'two.example\nthree.example\n', { category: 'scam', severity: 'medium' });
  await lab.admin.remove('phish', 'test');
  const second = read(
    fetchThreatListUpdatesResponse,
    await ask(door, 'POST /v4/threatListUpdates:fetch?alt=proto', request(list.list.token), {
      'Content-Type': 'application/x-protobuf',
    }),
  ).listUpdateResponses[0]!;
  assert.equal(second.responseType, 1);
  assert.deepEqual([second.additions.length, second.removals.length], [1, 1]);
  const after = applyV4Update(list.list, second, 100);
  assert.ok(after.ok);
  const wanted = [prefixOf('two.example/'), prefixOf('three.example/')];
  assert.deepEqual(after.list.prefixes, Uint32Array.from(wanted).toSorted());

  const full = encodeMessage(findFullHashesRequest, {
    threatInfo: {
      threatTypes: [1, 5],
      platformTypes: [2],
      threatEntryTypes: [1],
      threatEntries: [{ hash: hashOf('two.example/').subarray(0, 4) }, { hash: hashOf('203.0.113.9/') }],
    },
  });
  const found = read(
    findFullHashesResponse,
    await ask(
      door,
      `GET /v4/fullHashes:find?$req=${Buffer.from(full).toString('base64url')}&$ct=application/x-protobuf`,
    ),
  );
  assert.deepEqual(
    found.matches.map(({ threatType, threat }) => [threatType, Buffer.from(threat!.hash)]),
    [
      [5, hashOf('two.example/')],
      [1, hashOf('203.0.113.9/')],
    ],
  );
  const inPath = await ask(
    door,
    `GET /v4/encodedFullHashes/${Buffer.from(full).toString('base64url')}?clientId=x`,
  );
  assert.equal((inPath.document['matches'] as unknown[]).length, 2);
});

test('version 5: lists with versions, hashes, URLs', async (t) => {
  const { door, lab } = await openDoor(scopeOf(t));
  const names = 'names=se-4b&names=mw-4b&names=gc-32b&names=csdda-32b&version=&version=';
  const first = read(batchGetHashListsResponse, await ask(door, `GET /v5/hashLists:batchGet?key=&${names}`));
  assert.deepEqual(
    first.hashLists.map(({ name, partialUpdate, minimumWaitDuration }) => [
      name,
      partialUpdate,
      minimumWaitDuration,
    ]),
    ['se-4b', 'mw-4b', 'gc-32b', 'csdda-32b'].map((name) => [name, false, 1_800_000]),
  );
  const malware = applyV5Update(NO_LIST, first.hashLists[1]!, 100);
  assert.ok(malware.ok);
  const prefixes = [prefixOf('dl.example/kit/'), prefixOf('203.0.113.9/')];
  assert.deepEqual(malware.list.prefixes, Uint32Array.from(prefixes).toSorted());

  await lab.add('mal2', 'fourth.example\n', { category: 'c2', severity: 'high' });
  const versions = first.hashLists.map(
    ({ version }) => `version=${Buffer.from(version).toString('base64url')}`,
  );
  // Versions come in any order, and each list takes its own.
  const query = `names=mw-4b&names=se-4b&names=gc-32b&${versions.join('&')}`;
  const second = read(batchGetHashListsResponse, await ask(door, `GET /v5/hashLists:batchGet?${query}`));
  assert.deepEqual(
    second.hashLists.map(({ partialUpdate, sha256Checksum }) => [partialUpdate, sha256Checksum.length]),
    [
      [true, 32],
      [true, 0],
      [true, 0],
    ],
  );
  const after = applyV5Update(malware.list, second.hashLists[0]!, 100);
  assert.ok(after.ok);
  assert.deepEqual(
    after.list.prefixes,
    Uint32Array.from([...prefixes, prefixOf('fourth.example/')]).toSorted(),
  );

  const hashPrefixes = ['dl.example/kit/', 'mistaken.example/', 'quiet.example/']
    .map((each) => `hashPrefixes=${encodeURIComponent(hashOf(each).subarray(0, 4).toString('base64'))}`)
    .join('&');
  const hashes = read(searchHashesResponse, await ask(door, `GET /v5/hashes:search?${hashPrefixes}`));
  assert.equal(hashes.cacheDuration, 300_000);
  assert.deepEqual(
    hashes.fullHashes.map(({ fullHash, fullHashDetails }) => [Buffer.from(fullHash), fullHashDetails]),
    [[hashOf('dl.example/kit/'), [{ threatType: 1, attributes: [] }]]],
  );
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const posted = read(
    searchHashesResponse,
    await ask(door, 'POST /v5/hashes:search?key=', hashPrefixes, form),
  );
  assert.deepEqual(posted, hashes);
  const urls = await ask(door, 'GET /v5/urls:search?urls=dl.example/kit/a&urls=http://ok.example/&alt=json');
  assert.deepEqual(urls.document, {
    threats: [{ url: 'dl.example/kit/a', threatTypes: ['MALWARE'] }],
    cacheDuration: '300s',
  });
  const noUrls = read(searchUrlsResponse, await ask(door, 'GET /v5/urls:search?urls=http://ok.example/'));
  assert.deepEqual(noUrls, { threats: [], cacheDuration: 300_000 });
  const all = read(listHashListsResponse, await ask(door, 'GET /v5/hashLists'));
  assert.deepEqual(
    all.hashLists.map(({ name, metadata }) => [name, metadata?.threatTypes]),
    [
      ['mw-4b', [1]],
      ['se-4b', [2]],
      ['uws-4b', [3]],
      ['pha-4b', [4]],
      ['gc-32b', []],
    ],
  );
  const one = await ask(door, 'GET /v5/hashList/se-4b?alt=json&sizeConstraints.maxUpdateEntries=1024');
  assert.equal(one.document['name'], 'se-4b');
  assert.equal(one.document['minimumWaitDuration'], '1800s');
});

test('what is not for everybody takes a token', async (t) => {
  const scope = scopeOf(t);
  const prefix = hashOf('quiet.example/').subarray(0, 4).toString('base64');
  const line = `GET /v5/hashes:search?hashPrefixes=${encodeURIComponent(prefix)}&alt=json`;
  const open = await openDoor(scope);
  assert.equal((await ask(open.door, line)).document['fullHashes'], undefined);
  // Nobody has asked for the key, so nobody looks at it.
  assert.equal((await ask(open.door, `${line}&key=asker`)).document['fullHashes'], undefined);
  const shown = await ask(open.door, line, '', { 'x-apikey': 'asker' });
  assert.equal((shown.document['fullHashes'] as unknown[]).length, 1);
  assert.equal((await ask(open.door, line, '', { 'x-apikey': 'wrong' })).status, 401);

  const closed = await openDoor(scope, true);
  const refused = await ask(closed.door, line);
  assert.deepEqual(
    [refused.status, refused.document],
    [401, { error: { code: 401, message: 'The request needs a valid token.', status: 'UNAUTHENTICATED' } }],
  );
  const keyed = await ask(closed.door, `${line}&key=asker`);
  assert.equal((keyed.document['fullHashes'] as unknown[]).length, 1);
  assert.equal((await ask(closed.door, `${line}&key=proxied`)).status, 403);
  const redactor = urlRedactor(['key']);
  assert.ok(closed.door.entries.every(({ url }) => !/asker|proxied/.test(redactor.url(url))));
});

test('mistakes are answered as Google does', async (t) => {
  const { door } = await openDoor(scopeOf(t));
  const tooMany = JSON.stringify({
    threatInfo: { threatEntries: Array.from({ length: 1001 }, () => ({ hash: 'AAAAAA==' })) },
  });
  for (const [line, body, status, says] of [
    ['POST /v4/fullHashes:find', '{', 400, /not JSON/],
    ['POST /v4/fullHashes:find', '[]', 400, /not an object/],
    ['POST /v4/fullHashes:find', '{"threatInfo":{"threatTypes":["NONE"]}}', 400, /threatTypes\[0\]/],
    ['POST /v4/fullHashes:find', '{"threatInfo":{"threatEntries":[{"hash":"AAA="}]}}', 400, /4 to 32/],
    ['POST /v4/fullHashes:find', tooMany, 400, /At most 1000/],
    ['POST /v4/fullHashes:find?$ct=application/x-protobuf', '\x0a\x05a', 400, /beyond the end/],
    ['GET /v4/fullHashes:find?$req=%25', '', 400, /base64/],
    ['GET /v5/hashLists:batchGet', '', 400, /names/],
    ['GET /v5/hashLists:batchGet?names=se-4b&names=se-4b', '', 400, /twice/],
    ['GET /v5/hashLists:batchGet?names=nothing', '', 404, /no hash list nothing/],
    ['GET /v5/hashLists:batchGet?names=se-4b&version=%25', '', 400, /version/],
    ['GET /v5/hashes:search', '', 400, /hashPrefixes/],
    ['GET /v5/hashes:search?hashPrefixes=AAA', '', 400, /4 to 32/],
  ] as const) {
    const answer = await ask(door, line, body);
    assert.equal(answer.status, status, line);
    const { error } = answer.document as { error: { code: number; message: string; status: string } };
    assert.equal(error.code, status);
    assert.match(error.message, says);
    assert.match(error.status, /^(INVALID_ARGUMENT|NOT_FOUND)$/);
  }
});

test('details and categories come from the lists', async (t) => {
  const { door, lab } = await openDoor(scopeOf(t));
  const lines = [
    { kind: 'domain', value: 'known.example', action: 'block', category: 'phishing', severity: 'high' },
    { kind: 'domain', value: 'shop.example', action: 'block', category: 'shopping', severity: 'low' },
  ].map((line) =>
    JSON.stringify({ ...line, note: 'kit 7', reference: 'https://intel.example/7', firstSeenMs: 1000 }),
  );
  await lab.add('notes', `${lines.join('\n')}\n`, { format: 'sallyport' });
  await lab.add('quiet', lines[0]!, { format: 'sallyport', tlp: 'amber' });
  const { document } = await ask(door, 'GET /v1/url?url=known.example&detail=true');
  const [first, second] = document['matches'] as Record<string, unknown>[];
  assert.deepEqual(
    [first?.['note'], first?.['reference'], first?.['firstSeen'], first?.['lastSeen']],
    ['kit 7', 'https://intel.example/7', '1970-01-01T00:00:01.000Z', null],
  );
  assert.deepEqual([second?.['feed'], second?.['tlp'], second?.['note']], ['quiet', 'amber', '']);
  const shown = await ask(door, 'GET /v1/url?url=known.example&detail=true', '', { 'x-apikey': 'asker' });
  assert.equal((shown.document['matches'] as Record<string, unknown>[])[1]?.['note'], 'kit 7');
  const { document: categories } = await ask(door, 'GET /v1/categories?url=http%3A%2F%2Fwww.shop.example%2F');
  assert.deepEqual(categories, {
    url: 'http://www.shop.example/',
    categories: [{ category: 'shopping', feeds: ['notes'] }],
  });
});
