import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type AnswerBody,
  type ExportLab,
  exportLab,
  type LabAnswer,
  type LabRequest,
  type ObjectBody,
} from '../support/exports.ts';
import { scopeOf } from '../support/scope.ts';
import { missingSchemas, stixChecker } from '../support/stix-schemas.ts';

const TAXII = 'application/taxii+json;version=2.1';
const ROOT = '/taxii2/root';
const hosts = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `host${String(from + at).padStart(5, '0')}.example`).join(
    '\n',
  );

async function get(lab: ExportLab, path: string, more: Partial<LabRequest> = {}): Promise<LabAnswer> {
  const answer = await lab.ask({ path, token: 'analyst', ...more });
  assert.equal(answer.fields.get('content-type'), TAXII, `${path}: ${answer.text}`);
  return answer;
}

async function ok(lab: ExportLab, path: string): Promise<AnswerBody> {
  const answer = await get(lab, path);
  assert.equal(answer.status, 200, answer.text);
  return answer.json();
}

const indicators = (envelope: AnswerBody): readonly ObjectBody[] =>
  (envelope.objects ?? []).filter(({ type }) => type === 'indicator');

describe('TAXII 2.1: what is read', () => {
  test('discovery, API root, collections: one for each export, by id and by alias', async (t) => {
    const lab = await exportLab(scopeOf(t));
    await lab.add('urls', 'evil.example\n');
    assert.deepEqual((await ok(lab, '/taxii2/')).api_roots, [`${ROOT}/`]);
    assert.deepEqual((await ok(lab, `${ROOT}/`)).versions, [TAXII]);
    const { collections = [] } = await ok(lab, `${ROOT}/collections/`);
    assert.deepEqual(
      collections.map(({ alias, can_read, can_write }) => [alias, can_read, can_write]),
      ['all-block', 'all-allow', 'local', 'urls'].map((name) => [name, true, false]),
    );
    const last = collections.at(-1)!;
    assert.deepEqual(await ok(lab, `${ROOT}/collections/${last.id}/`), last);
    assert.deepEqual(await ok(lab, `${ROOT}/collections/urls/`), last);
  });

  test('refusals are resources of TAXII, too', async (t) => {
    const lab = await exportLab(scopeOf(t));
    await lab.add('urls', 'evil.example\n');
    const status = async (path: string, more: Partial<LabRequest> = {}) => {
      const answer = await get(lab, path, more);
      assert.equal(answer.json().http_status, String(answer.status));
      return answer.status;
    };
    const objects = `${ROOT}/collections/urls/objects/`;
    assert.equal(await status('/taxii2/', { token: undefined }), 401);
    assert.equal(await status('/taxii2/', { token: 'reader' }), 403);
    assert.equal(await status(objects, { fields: { Accept: 'application/json' } }), 406);
    assert.equal(await status(objects, { fields: { Accept: 'application/taxii+json;version=2.0' } }), 406);
    assert.equal(await status(`${ROOT}/collections/nothing/objects/`), 404);
    assert.equal(await status('/taxii2/nothing/'), 404);
    assert.equal(await status(`${objects}?limit=none`), 400);
    assert.equal(await status(`${objects}?added_after=yesterday`), 400);
    assert.equal(await status(`${objects}?match[color]=red`), 400);
    assert.equal(await status(`${objects}indicator--00000000-0000-4000-8000-000000000000/`), 404);
    assert.equal(await status(objects, { method: 'POST', body: '{}', token: 'partner' }), 403);
    assert.equal(await status(objects, { method: 'POST', body: '{}' }), 403);
    assert.equal(await status(`${ROOT}/collections/`, { method: 'DELETE', token: 'partner' }), 405);
    const fields = { Accept: 'application/taxii+json' };
    assert.equal((await lab.ask({ path: objects, token: 'analyst', fields })).status, 200);
    assert.equal((await lab.ask({ path: '/taxii2/', port: 'http' })).status, 308);
  });

  test('objects: pages in the order of additions, with their dates, each object once', async (t) => {
    const lab = await exportLab(scopeOf(t));
    await lab.add('urls', hosts(0, 1500));
    const found: string[] = [];
    let last = '';
    let next: string | undefined;
    for (let page = 0; page === 0 || next !== undefined; page++) {
      assert.ok(page < 12);
      const cursor = next === undefined ? '' : `&next=${encodeURIComponent(next)}`;
      const answer = await get(lab, `${ROOT}/collections/urls/objects/?limit=200${cursor}`);
      const envelope = answer.json();
      assert.equal(envelope.more === true, envelope.next !== undefined);
      assert.ok(answer.fields.get('x-taxii-date-added-first')! > last, 'dates only go up');
      last = answer.fields.get('x-taxii-date-added-last')!;
      found.push(...indicators(envelope).map(({ name }) => name));
      next = envelope.next;
    }
    assert.deepEqual(found.toSorted(), hosts(0, 1500).split('\n'));
  });

  test('paging under inserts and removals loses nothing: by next, and by dates', async (t) => {
    for (const by of ['next', 'dates'] as const) {
      const lab = await exportLab(scopeOf(t));
      await lab.add('one', hosts(0, 300));
      const found = new Set<string>();
      let cursor = '';
      for (let page = 0; ; page++) {
        assert.ok(page < 40);
        const answer = await get(lab, `${ROOT}/collections/all-block/objects/?limit=50${cursor}`);
        const envelope = answer.json();
        for (const { name } of indicators(envelope)) {
          assert.ok(!found.has(name), `${name} twice`);
          found.add(name);
        }
        if (envelope.more !== true) break;
        cursor =
          by === 'next'
            ? `&next=${encodeURIComponent(envelope.next ?? '')}`
            : `&added_after=${encodeURIComponent(answer.fields.get('x-taxii-date-added-last')!)}`;
        // A list of another feed whose entries were added in the very second of the first, or before it.
        if (page === 1) await lab.add('two', hosts(1000, 1100));
        if (page === 2) {
          lab.clock.nowMs -= 60_000;
          await lab.add('three', hosts(2000, 2100));
          lab.clock.nowMs += 60_000;
        }
        // And one that gives some away.
        if (page === 3) await lab.add('two', hosts(1000, 1050));
      }
      for (const host of [
        ...hosts(0, 300).split('\n'),
        ...hosts(1000, 1050).split('\n'),
        ...hosts(2000, 2100).split('\n'),
      ])
        assert.ok(found.has(host), `${host}, paging by ${by}`);
    }
  });

  test('a change of an entry is a new version, added now; what is the same stays where it was', async (t) => {
    const lab = await exportLab(scopeOf(t));
    await lab.add('urls', 'a.example\nb.example\n');
    const before = await get(lab, `${ROOT}/collections/urls/objects/`);
    const since = before.fields.get('x-taxii-date-added-last')!;
    lab.clock.nowMs += 5000;
    await lab.add('urls', 'a.example\nb.example\n', { severity: 'critical', confidence: 10 });
    const after = indicators(await ok(lab, `${ROOT}/collections/urls/objects/?added_after=${since}`));
    assert.deepEqual(after.map(({ name }) => name).toSorted(), ['a.example', 'b.example']);
    assert.equal(after[0]!.confidence, 10);
    const old = indicators(before.json()).find(({ id }) => id === after[0]!.id)!;
    assert.ok(after[0]!.modified > old.modified);
    assert.equal(after[0]!.created, old.created);
    lab.clock.nowMs += 5000;
    await lab.add('other', 'c.example\n');
    const late = await get(lab, `${ROOT}/collections/urls/objects/?added_after=2026-01-01T00:00:06Z`);
    assert.deepEqual(late.json(), {});
  });

  test('filters: id, type, version, spec_version', async (t) => {
    const lab = await exportLab(scopeOf(t));
    await lab.add('urls', hosts(0, 20));
    const objects = `${ROOT}/collections/urls/objects/`;
    const all = indicators(await ok(lab, objects));
    const [first, second] = all;
    const ids = `${first!.id},${second!.id}`;
    assert.deepEqual(
      indicators(await ok(lab, `${objects}?match[id]=${ids}`)).map(({ id }) => id),
      [first!.id, second!.id],
    );
    const types = async (query: string): Promise<readonly string[]> => {
      const { objects: found = [] } = await ok(lab, `${objects}?${query}`);
      return [...new Set(found.map(({ type }) => type))].toSorted((x, y) => x.localeCompare(y));
    };
    assert.deepEqual(await types('match[type]=indicator'), ['indicator']);
    assert.deepEqual(await types('match[type]=identity,marking-definition'), [
      'identity',
      'marking-definition',
    ]);
    assert.deepEqual(await types('match[spec_version]=2.0'), []);
    assert.deepEqual(await types(`match[version]=${first!.modified}&match[type]=indicator`), ['indicator']);
    assert.deepEqual(await types('match[version]=1999-01-01T00:00:00Z'), []);
    const one = await ok(lab, `${objects}${first!.id}/`);
    assert.deepEqual(one['objects'], [first]);
    const versions = await ok(lab, `${objects}${first!.id}/versions/`);
    assert.deepEqual(versions, { versions: [first!.modified] });
  });

  test('the manifest says of every object when it was added', async (t) => {
    const lab = await exportLab(scopeOf(t));
    await lab.add('urls', hosts(0, 5));
    const { objects = [] } = await ok(lab, `${ROOT}/collections/urls/manifest/?match[type]=indicator`);
    const all = indicators(await ok(lab, `${ROOT}/collections/urls/objects/`));
    assert.deepEqual(
      objects.map(({ id, version }) => [id, version]),
      all.map(({ id, modified }) => [id, modified]),
    );
    assert.match(objects[0]!.date_added, /^2026-01-01T00:00:00\.\d{6}Z$/);
  });

  test('every object is valid by the schemas of OASIS', { skip: missingSchemas }, async (t) => {
    const lab = await exportLab(scopeOf(t));
    const hash = 'ab'.repeat(32);
    await lab.add('urls', `a.example\nb.example/x?y=1'\\\n192.0.2.1\n192.0.2.0/24\n2001:db8::1\n${hash}\n`);
    await lab.add('good', 'c.example\n', { action: 'allow', tlp: 'amber' });
    const check = stixChecker();
    for (const collection of ['urls', 'good', 'all-block']) {
      const { objects = [] } = await ok(lab, `${ROOT}/collections/${collection}/objects/`);
      assert.ok(objects.length > 3);
      for (const object of objects) check(object);
      const bundle = await lab.ask({ path: `/feeds/${collection}.stix.json`, token: 'analyst' });
      check(JSON.parse(bundle.text) as ObjectBody);
    }
  });
});
