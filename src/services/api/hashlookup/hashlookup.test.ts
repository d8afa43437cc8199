import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fileReputationLab, type FileReputationLab } from '../../../../test/support/file-reputation.ts';
import { scopeOf, type Scope } from '../../../../test/support/scope.ts';
import { documentOf, statusOf, type WebDoor } from '../../../../test/support/web-doors.ts';
import { fileRecordSchema } from '../documentation-reputation.ts';

const digest = (type: string, text: string): string => createHash(type).update(text).digest('hex');
const EVIL_SHA256 = digest('sha256', 'evil');
const EVIL_MD5 = digest('md5', 'evil');
const EVIL_SHA1 = digest('sha1', 'evil');
const GOOD_SHA256 = digest('sha256', 'good');
const GOOD_SHA1 = digest('sha1', 'good');
const GOOD_MD5 = digest('md5', 'good');
const REPORT = 'https://bazaar.example/sample/1';

const line = (entry: object): string => `${JSON.stringify({ kind: 'hash', ...entry })}\n`;

async function labWithLists(
  t: Scope,
  ...settings: Parameters<typeof fileReputationLab> extends [unknown, ...infer R] ? R : never
) {
  const lab = await fileReputationLab(scopeOf(t), ...settings);
  const bad = {
    action: 'block',
    category: 'malware',
    severity: 'high',
    note: 'Emotet, a.exe',
    reference: REPORT,
  };
  await lab.add(
    'bazaar',
    [EVIL_SHA256, EVIL_MD5, EVIL_SHA1].map((value) => line({ value, ...bad })).join(''),
    {
      format: 'sallyport',
    },
  );
  const good = {
    action: 'allow',
    category: 'known-good',
    note: 'bash, Debian',
    reference: 'bash_5.2-15_amd64.deb',
  };
  await lab.add(
    'nsrl',
    [GOOD_SHA256, GOOD_SHA1, GOOD_MD5].map((value) => line({ value, ...good })).join(''),
    {
      format: 'sallyport',
      action: 'allow',
    },
  );
  return lab;
}

async function get(
  door: WebDoor,
  path: string,
  fields = '',
): Promise<{ status: number; document: Record<string, unknown> }> {
  const answer = await door.say('https', `GET ${path} HTTP/1.1\r\nHost: gw\r\n${fields}\r\n`);
  return { status: statusOf(answer), document: documentOf(answer) };
}

async function post(door: WebDoor, path: string, body: string, fields = '') {
  const head = `POST ${path} HTTP/1.1\r\nHost: gw\r\n${fields}Content-Length: ${body.length}\r\n\r\n`;
  const answer = await door.say('https', head + body);
  return { status: statusOf(answer), document: documentOf(answer) as unknown };
}

test('a bad file is known malicious, with the list, its trust and the gateway’s own verdict', async (t) => {
  const door = await (await labWithLists(t)).edge();
  const { status, document } = await get(door, `/lookup/sha256/${EVIL_SHA256.toUpperCase()}`);
  assert.equal(status, 200);
  fileRecordSchema.parse(document);
  const { 'sallyport:matches': matches, ...rest } = document;
  assert.deepEqual(rest, {
    'SHA-256': EVIL_SHA256.toUpperCase(),
    KnownMalicious: 'bazaar',
    db: 'bazaar',
    'insert-timestamp': '1767225600',
    'hashlookup:trust': 10,
    'sallyport:verdict': 'malicious',
    'sallyport:score': 90,
    'sallyport:note': 'Emotet, a.exe',
    source: REPORT,
    parents: [{ 'SHA-1': digest('sha1', REPORT).toUpperCase(), source: REPORT }],
    'hashlookup:parent-total': 1,
  });
  assert.ok(Array.isArray(matches) && matches.length === 1);
  assert.equal((await get(door, `/lookup/md5/${EVIL_MD5}`)).document['KnownMalicious'], 'bazaar');
  assert.equal((await get(door, `/lookup/sha1/${EVIL_SHA1}`)).document['sallyport:verdict'], 'malicious');
});

test('known good counts by SHA-256 only; MD5 and SHA-1 can be forged and are marked', async (t) => {
  const door = await (await labWithLists(t)).edge();
  const strong = await get(door, `/lookup/sha256/${GOOD_SHA256}`);
  assert.equal(strong.document['sallyport:verdict'], 'clean');
  assert.equal(strong.document['hashlookup:trust'], 90);
  assert.equal(strong.document['FileName'], 'bash');
  assert.equal('sallyport:weak' in strong.document, false);
  for (const path of [`/lookup/md5/${GOOD_MD5}`, `/lookup/sha1/${GOOD_SHA1}`]) {
    const { document } = await get(door, path);
    assert.equal(document['sallyport:verdict'], 'unknown', path);
    assert.equal(document['sallyport:weak'], true, path);
    assert.equal(document['hashlookup:trust'], 50, path);
    assert.equal('KnownMalicious' in document, false, path);
  }
});

test('unknown is 404, malformed is 400, each with its message', async (t) => {
  const door = await (await labWithLists(t)).edge();
  const cases: readonly (readonly [path: string, status: number, message: string, query: string])[] = [
    [`/lookup/md5/${'0'.repeat(32)}`, 404, 'Non existing MD5', '0'.repeat(32)],
    [`/lookup/sha1/${'A'.repeat(40)}`, 404, 'Non existing SHA-1', 'A'.repeat(40)],
    [`/lookup/sha256/${'0'.repeat(64)}`, 404, 'Non existing SHA-256', '0'.repeat(64)],
    ['/lookup/md5/xyz', 400, 'MD5 value incorrect, expecting a MD5 value in hex format', 'xyz'],
    [
      `/lookup/sha1/${'g'.repeat(40)}`,
      400,
      'SHA1 value incorrect, expecting a SHA1 value in hex format',
      'g'.repeat(40),
    ],
    [
      `/lookup/sha256/${EVIL_MD5}`,
      400,
      'SHA-256 value incorrect, expecting a SHA-256 value in hex format',
      EVIL_MD5,
    ],
    ['/lookup/md5/%22%3C', 400, 'MD5 value incorrect, expecting a MD5 value in hex format', '%22%3C'],
    [
      `/lookup/md5/${'9'.repeat(4000)}`,
      400,
      'MD5 value incorrect, expecting a MD5 value in hex format',
      '9'.repeat(128),
    ],
    ['/lookup/md5/', 400, 'MD5 value incorrect, expecting a MD5 value in hex format', ''],
  ];
  for (const [path, status, message, query] of cases) {
    assert.deepEqual(await get(door, path), { status, document: { message, query } }, path);
  }
});

test('bulk gives the records of the known ones, in order, and passes over what is no hash', async (t) => {
  const door = await (await labWithLists(t)).edge();
  const hashes = ['zz', 'f'.repeat(64), GOOD_SHA256, 7, null, EVIL_SHA256.toUpperCase(), EVIL_MD5];
  const { status, document } = await post(door, '/bulk/sha256', JSON.stringify({ hashes }));
  assert.equal(status, 200);
  assert.ok(Array.isArray(document));
  const records = document.map((record) => fileRecordSchema.parse(record));
  assert.deepEqual(
    records.map((record) => [record['SHA-256']?.toLowerCase(), record['sallyport:verdict']]),
    [
      [GOOD_SHA256, 'clean'],
      [EVIL_SHA256, 'malicious'],
    ],
  );
  const md5 = await post(door, '/bulk/md5', JSON.stringify({ hashes: [EVIL_MD5] }));
  assert.ok(Array.isArray(md5.document) && md5.document.length === 1);
  assert.deepEqual(await post(door, '/bulk/sha1', '{"hashes":[]}'), { status: 200, document: [] });
});

test('a bulk query is bounded, and a body that is none is refused', async (t) => {
  const door = await (await labWithLists(t, { bulkHashesMax: 2 })).edge();
  for (const [body, status] of [
    ['{"hashes":["a","b","c"]}', 413],
    ['{"hashes":["a","b"]}', 200],
    ['{"hashes":"a"}', 404],
    ['{}', 404],
    ['null', 404],
    ['["a"]', 404],
    ['{"hashes":', 400],
    ['\u00ff', 400],
  ] as const) {
    assert.equal((await post(door, '/bulk/md5', body)).status, status, body);
  }
});

test('parents and children are the reports and packages of the lists, page by page, over several edges', async (t) => {
  const lab = await labWithLists(t);
  const [door, other] = [await lab.edge(), await lab.edge()];
  const parent = digest('sha1', REPORT);
  assert.deepEqual(await get(door, `/parents/${EVIL_SHA1}/10/0`), {
    status: 200,
    document: { parents: [parent.toUpperCase()], cursor: '0', total: 1 },
  });
  const first = await get(door, `/children/${parent.toUpperCase()}/2/0`);
  assert.equal(first.document['total'], 3);
  const second = await get(other, `/children/${parent}/2/${String(first.document['cursor'])}`);
  assert.equal(second.document['cursor'], '0');
  const children = [first, second].flatMap(({ document }) => document['children'] as string[]);
  assert.deepEqual(
    children.toSorted(),
    [EVIL_SHA256, EVIL_MD5, EVIL_SHA1].map((hash) => hash.toUpperCase()).toSorted(),
  );
  assert.deepEqual((await get(door, `/children/${EVIL_SHA1}/10/0`)).status, 404);
  assert.deepEqual((await get(door, '/children/xyz/10/0')).status, 400);
  await lab.add('more', line({ value: EVIL_SHA1, action: 'block', reference: 'event 7' }), {
    format: 'sallyport',
  });
  assert.equal((await get(door, `/parents/${EVIL_SHA1}`)).document['total'], 2, 'a new list is seen');
});

test('what does not fit into memory is said to be missing', async (t) => {
  const door = await (await labWithLists(t, { relationsMax: 1 })).edge();
  const answers = await Promise.all(
    [EVIL_SHA256, EVIL_MD5, EVIL_SHA1, GOOD_SHA1].map((hash) => get(door, `/parents/${hash}/10/0`)),
  );
  const known = answers.filter(({ status }) => status === 200);
  assert.deepEqual(
    known.map(({ document }) => document['sallyport:partial']),
    [true],
  );
});

test('a session collects what is looked up through any edge, and ends', async (t) => {
  const lab = await labWithLists(t, { sessionsMax: 1, sessionHashesMax: 3, sessionLifeMs: 60_000 });
  const [door, other] = [await lab.edge(), await lab.edge()];
  assert.deepEqual((await get(door, '/session/get/case-1')).status, 404);
  assert.deepEqual(await get(door, '/session/create/case-1', 'User-Agent: curl/8\r\n'), {
    status: 200,
    document: { message: 'Session case-1 created and session will expire in 60 seconds' },
  });
  assert.equal((await get(door, '/session/create/case-2')).status, 429);
  const field = 'hashlookup_session: case-1\r\n';
  await get(door, `/lookup/md5/${EVIL_MD5}`, field);
  await get(other, `/lookup/md5/${'0'.repeat(32)}`, field);
  await get(other, `/lookup/md5/${'0'.repeat(32)}`, field);
  await get(other, `/lookup/md5/xyz`, field);
  await get(door, `/lookup/md5/${'1'.repeat(32)}`, 'hashlookup_session: nobody\r\n');
  const { document } = await get(other, '/session/get/case-1');
  assert.deepEqual(document, {
    nx: ['0'.repeat(32)],
    exist: [EVIL_MD5.toUpperCase()],
    info: '{"ip_addr":"10.0.0.9","user_agent":"curl/8"}',
  });
  const body = JSON.stringify({ hashes: [EVIL_SHA256, GOOD_SHA256] });
  await post(door, '/bulk/sha256', body, field);
  assert.equal((await get(other, '/session/get/case-1')).document['sallyport:full'], true);
  lab.clock.nowMs += 60_000;
  assert.equal((await get(other, '/session/get/case-1')).status, 404);
  assert.equal((await get(door, '/session/create/case-2')).status, 200, 'there is room again');
});

test('session names are bounded', async (t) => {
  const door = await (await labWithLists(t)).edge();
  for (const name of ['', 'a'.repeat(121), '%00', '%zz', 'a/b']) {
    assert.equal((await get(door, `/session/create/${name}`)).status, 400, name);
  }
});

test('the most asked hashes of all edges', async (t) => {
  const lab = await labWithLists(t);
  const doors = [await lab.edge(), await lab.edge()];
  for (const [at, door] of doors.entries()) {
    for (let count = 0; count <= at; count++) await get(door, `/lookup/sha1/${EVIL_SHA1}`);
    await get(door, `/lookup/md5/${'0'.repeat(32)}`);
  }
  assert.deepEqual((await get(doors[0]!, '/stats/top')).document, {
    nx: [['0'.repeat(32), 2]],
    exist: [{ 'SHA-1': [EVIL_SHA1.toUpperCase(), 3] }],
  });
  const silent = await (await labWithLists(t, { topValuesMax: 0 })).edge();
  assert.equal((await get(silent, '/stats/top')).status, 400);
});

test('look-ups do not wait for texts: only some are read in a second', async (t) => {
  const door = await (await labWithLists(t, { textsPerSecondMax: 1 })).edge();
  const first = await get(door, `/lookup/sha256/${EVIL_SHA256}`);
  const second = await get(door, `/lookup/sha256/${GOOD_SHA256}`);
  const again = await get(door, `/lookup/sha256/${EVIL_SHA256}`);
  assert.deepEqual(
    [first, second, again].map(({ document }) => [document['sallyport:brief'], document['source']]),
    [
      [undefined, REPORT],
      [true, 'nsrl'],
      [undefined, REPORT],
    ],
  );
});

test('info counts the hashes and names the lists', async (t) => {
  const door = await (await labWithLists(t)).edge();
  const { document } = await get(door, '/info');
  assert.equal(document['stat:hashlookup_total_keys'], 6);
  assert.deepEqual(
    (document['sallyport:feeds'] as { name: string; hashes: number }[]).map(({ name, hashes }) => [
      name,
      hashes,
    ]),
    [
      ['bazaar', 3],
      ['nsrl', 3],
    ],
  );
});

test('look-ups go on while control is away; what control keeps is 503', async (t) => {
  const lab: FileReputationLab = await labWithLists(t);
  const door = await lab.edge();
  lab.control.isAway = true;
  const field = 'hashlookup_session: x\r\n';
  assert.equal((await get(door, `/lookup/md5/${EVIL_MD5}`, field)).status, 200);
  assert.equal((await post(door, '/bulk/md5', JSON.stringify({ hashes: [EVIL_MD5] }), field)).status, 200);
  for (const path of ['/session/create/x', '/session/get/x', '/stats/top', `/parents/${EVIL_SHA1}/1/0`]) {
    assert.equal((await get(door, path)).status, 503, path);
  }
});

test('a token is asked for when the operator wants that', async (t) => {
  const lab = await labWithLists(t);
  const door = await lab.edge({
    config: (base) => ({ ...base, reputation: { ...base.reputation, requireToken: true } }),
  });
  assert.equal((await get(door, `/lookup/md5/${EVIL_MD5}`)).status, 401);
  assert.equal((await get(door, `/lookup/md5/${EVIL_MD5}`, 'x-apikey: proxied\r\n')).status, 403);
  assert.equal((await get(door, `/lookup/md5/${EVIL_MD5}`, 'Authorization: Bearer asker\r\n')).status, 200);
});
