import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AnswerBody,
  type ExportLab,
  exportLab,
  type LabAnswer,
  type ObjectBody,
} from '../support/exports.ts';
import { scopeOf } from '../support/scope.ts';

const TAXII = 'application/taxii+json;version=2.1';
const ROOT = '/taxii2/root';
const OBJECTS = `${ROOT}/collections/inbox/objects/`;
const uuid = (at: number): string => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;

function indicator(
  at: number,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${uuid(at)}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    indicator_types: ['malicious-activity'],
    pattern: `[domain-name:value = 'host${at}.example']`,
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00Z',
    ...more,
  };
}

async function inbox(t: Parameters<typeof scopeOf>[0], lab?: ExportLab): Promise<ExportLab> {
  const made = lab ?? (await exportLab(scopeOf(t)));
  await made.exports.addCollection('inbox', { title: 'Inbox' }, 'test');
  return made;
}

function post(lab: ExportLab, objects: readonly unknown[], token = 'partner'): Promise<LabAnswer> {
  const body = JSON.stringify({ objects });
  return lab.ask({ path: OBJECTS, method: 'POST', token, body, fields: { 'Content-Type': TAXII } });
}

/** The status when everything that was written is known to look-ups. */
async function settled(lab: ExportLab, answer: LabAnswer): Promise<AnswerBody> {
  assert.equal(answer.status, 202, answer.text);
  const { id } = answer.json();
  for (;;) {
    const status = (await lab.ask({ path: `${ROOT}/status/${id}/`, token: 'analyst' })).json();
    if (status.status === 'complete') return status;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function read(lab: ExportLab, query = ''): Promise<readonly ObjectBody[]> {
  const answer = await lab.ask({ path: `${OBJECTS}${query}`, token: 'analyst' });
  assert.equal(answer.status, 200, answer.text);
  return answer.json().objects ?? [];
}

test('what is written is blocked, and can be read', async (t) => {
  const lab = await inbox(t);
  const status = await settled(lab, await post(lab, [indicator(1), indicator(2), { type: 'note' }]));
  assert.equal(status.total_count, 3);
  assert.equal(status.success_count, 2);
  assert.equal(status.failure_count, 1);
  assert.match(status.failures?.[0]?.message ?? '', /id/);
  assert.deepEqual(
    (await read(lab)).map(({ id }) => id),
    [1, 2].map((at) => `indicator--${uuid(at)}`),
  );
  assert.equal(lab.reader.lookupHost('host1.example')[0]?.feed, 'inbox');
  assert.equal(lab.reader.lookupHost('host3.example').length, 0);
  const [written] = lab.audits.filter(({ action }) => action === 'taxii.write');
  assert.deepEqual(written, {
    action: 'taxii.write',
    details: { collection: 'inbox', stored: 2, refused: 1 },
    actor: 'token:partner',
  });
});

test('versions: the newest is what counts; one that was written before is no failure', async (t) => {
  const lab = await inbox(t);
  await settled(lab, await post(lab, [indicator(1)]));
  const changed = indicator(1, {
    modified: '2026-02-01T00:00:00.000Z',
    pattern: "[domain-name:value = 'other.example']",
  });
  await settled(lab, await post(lab, [changed, indicator(1)]));
  assert.equal(lab.reader.lookupHost('other.example').length, 1);
  assert.equal(lab.reader.lookupHost('host1.example').length, 0);
  assert.deepEqual(
    (await read(lab)).map(({ modified }) => modified),
    ['2026-02-01T00:00:00.000Z'],
  );
  assert.equal((await read(lab, '?match[version]=all')).length, 2);
  assert.deepEqual(
    (await read(lab, '?match[version]=first')).map(({ modified }) => modified),
    ['2026-01-01T00:00:00.000Z'],
  );
  const path = `${OBJECTS}indicator--${uuid(1)}/versions/`;
  const { versions } = (await lab.ask({ path, token: 'analyst' })).json();
  assert.deepEqual(versions, ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z']);
});

test('what is revoked or deleted blocks no more', async (t) => {
  const lab = await inbox(t);
  await settled(lab, await post(lab, [indicator(1), indicator(2)]));
  const revoked = indicator(1, { modified: '2026-02-01T00:00:00.000Z', revoked: true });
  await settled(lab, await post(lab, [revoked]));
  assert.equal(lab.reader.lookupHost('host1.example').length, 0);
  assert.equal(lab.reader.lookupHost('host2.example').length, 1);
  const path = `${OBJECTS}indicator--${uuid(2)}/`;
  assert.equal((await lab.ask({ path, method: 'DELETE', token: 'analyst' })).status, 403);
  assert.equal((await lab.ask({ path, method: 'DELETE', token: 'partner' })).status, 200);
  assert.equal((await lab.ask({ path, method: 'DELETE', token: 'partner' })).status, 404);
  assert.equal(lab.reader.lookupHost('host2.example').length, 0);
  assert.equal(lab.admin.feeds().length, 0, 'a feed without entries is none');
});

test('paging under inserts: what comes in between is on a later page', async (t) => {
  const lab = await inbox(t);
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => indicator(from + at));
  await settled(lab, await post(lab, range(100, 130)));
  const found: string[] = [];
  let next: string | undefined;
  for (let page = 0; page === 0 || next !== undefined; page++) {
    const cursor = next === undefined ? '' : `&next=${encodeURIComponent(next)}`;
    const answer = await lab.ask({ path: `${OBJECTS}?limit=10${cursor}`, token: 'analyst' });
    found.push(...(answer.json().objects ?? []).map(({ id }) => id));
    next = answer.json().next;
    // Ids that sort before all that were read.
    if (page === 1) await settled(lab, await post(lab, range(1, 10)));
  }
  assert.equal(new Set(found).size, 39);
  assert.equal(found.length, 39);
});

test('what is no envelope, of another type or too much is refused as TAXII says', async (t) => {
  const lab = await inbox(
    t,
    await exportLab(scopeOf(t), (config) => ({
      ...config,
      taxii: { ...config.taxii, envelopeObjectsMax: 3, collectionObjectsMax: 2 },
    })),
  );
  const status = async (body: string, type = TAXII) => {
    const fields = { 'Content-Type': type };
    return (await lab.ask({ path: OBJECTS, method: 'POST', token: 'partner', body, fields })).status;
  };
  assert.equal(await status('{"objects":[]}', 'application/json'), 415);
  assert.equal(await status('{"objects":[]}', 'application/taxii+json;version=2.0'), 415);
  assert.equal(await status('{'), 400);
  assert.equal(await status('[]'), 422);
  assert.equal(await status('{"objects":{}}'), 422);
  assert.equal(
    (
      await post(
        lab,
        [1, 2, 3, 4].map((at) => indicator(at)),
      )
    ).status,
    413,
  );
  const full = await settled(
    lab,
    await post(
      lab,
      [1, 2, 3].map((at) => indicator(at)),
    ),
  );
  assert.equal(full.success_count, 2);
  assert.match(full.failures?.[0]?.message ?? '', /2 objects, the most/);
  const body = `{"objects":[${JSON.stringify(indicator(1))}]}`;
  const fields = { 'Content-Type': TAXII };
  const path = `${ROOT}/collections/nothing/objects/`;
  assert.equal((await lab.ask({ path, method: 'POST', token: 'partner', body, fields })).status, 404);
  assert.equal((await lab.ask({ path: `${ROOT}/status/${uuid(1)}/`, token: 'analyst' })).status, 404);
});

test('collections: names of lists are taken; a removed one takes its feed with it', async (t) => {
  const lab = await inbox(t);
  await lab.add('urls', 'evil.example\n');
  await assert.rejects(lab.exports.addCollection('urls', {}, 'test'), { code: 'COLLECTION_NAME_TAKEN' });
  await assert.rejects(lab.exports.addCollection('inbox', {}, 'test'), { code: 'COLLECTION_EXISTS' });
  await settled(lab, await post(lab, [indicator(1)]));
  const { collections = [] } = (await lab.ask({ path: `${ROOT}/collections/`, token: 'analyst' })).json();
  const named = collections.filter(({ alias }) => alias === 'inbox');
  assert.equal(named.length, 1);
  assert.equal(named[0]?.can_write, true);
  await lab.exports.removeCollection('inbox', 'test');
  assert.equal(lab.reader.lookupHost('host1.example').length, 0);
  assert.equal((await lab.ask({ path: OBJECTS, token: 'analyst' })).status, 404);
  await lab.exports.addCollection('inbox', {}, 'test');
  assert.deepEqual(await read(lab), []);
});
