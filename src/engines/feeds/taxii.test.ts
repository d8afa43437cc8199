import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { feedLab, feedServer, IO } from '../../../test/support/feed-lab.ts';
import { type Scope, scopeOf } from '../../../test/support/scope.ts';

interface Held {
  readonly added: string;
  readonly object: Readonly<Record<string, unknown>>;
}

const at = (second: number): string =>
  `2026-01-01T00:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}.000000Z`;

/** An indicator; its id comes from its number. */
function indicator(number: number, pattern: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    created: at(0),
    modified: at(0),
    pattern_type: 'stix',
    valid_from: at(0),
    indicator_types: ['malicious-activity'],
    pattern,
    ...more,
  };
}

const domain = (name: string): string => `[domain-name:value = '${name}']`;

/**
 * A TAXII server with one collection of objects in the order in which they were added. `next`: pages by a cursor;
 * without it by `added_after` alone, as some servers do.
 */
async function taxiiServer(scope: Scope, options: { readonly next: boolean; readonly pageMax?: number }) {
  const held: Held[] = [];
  const queries: URLSearchParams[] = [];
  const state = { afterPage: (_page: number): void => {}, pages: 0 };
  const server = await feedServer(scope, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://server');
    const answer = (document: unknown, fields: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(200, { 'Content-Type': 'application/taxii+json;version=2.1', ...fields });
      response.end(JSON.stringify(document));
    };
    if (request.headers.accept !== 'application/taxii+json;version=2.1') return response.writeHead(406).end();
    if (url.pathname === '/taxii2/') return answer({ title: 'Test', api_roots: ['/api/'] });
    if (url.pathname === '/api/') {
      return answer({
        title: 'Root',
        versions: ['application/taxii+json;version=2.1'],
        max_content_length: 1,
      });
    }
    if (url.pathname === '/api/collections/') {
      const collections = [
        { id: 'c-1', title: 'Indicators', can_read: true, can_write: false },
        { id: 'c-2', title: 'Secret', can_read: false, can_write: false },
      ];
      return answer({ collections });
    }
    if (url.pathname !== '/api/collections/c-1/objects/') return response.writeHead(404).end();
    const query = url.searchParams;
    queries.push(query);
    const after = query.get('next') ?? query.get('added_after') ?? '';
    const size = Math.min(Number(query.get('limit')), options.pageMax ?? 2);
    const rest = held.filter(({ added }) => added > after);
    const page = rest.slice(0, size);
    const more = rest.length > page.length;
    const last = page.at(-1)?.added;
    state.afterPage(++state.pages);
    return answer(
      {
        objects: page.map(({ object }) => object),
        ...(more ? { more, ...(options.next ? { next: last } : {}) } : {}),
      },
      last === undefined
        ? {}
        : { 'X-TAXII-Date-Added-First': page[0]!.added, 'X-TAXII-Date-Added-Last': last },
    );
  });
  const add = (second: number, object: Readonly<Record<string, unknown>>): void =>
    void held.push({ added: at(second), object });
  return { ...server, add, queries, state };
}

async function subscribed(scope: Scope, server: Awaited<ReturnType<typeof taxiiServer>>, more = {}) {
  const lab = await feedLab(scope);
  const entry = { type: 'taxii', url: `${server.url}/taxii2/`, caFile: server.tls.caFile, ...more };
  await lab.feeds.add('intel', entry, {}, 'tester');
  return lab;
}

for (const next of [true, false]) {
  const how = next ? '`next`' : '`added_after` alone';
  test(`a collection is read in pages by ${how}, also when objects are added meanwhile`, async (t) => {
    const scope = scopeOf(t);
    const server = await taxiiServer(scope, { next });
    for (let number = 1; number <= 5; number++)
      server.add(number, indicator(number, domain(`a${number}.example`)));
    server.state.afterPage = (page) => {
      if (page === 1) server.add(6, indicator(6, domain('a6.example')));
    };
    const lab = await subscribed(scope, server);
    const first = await lab.feeds.sync('intel', false, IO);
    assert.equal(first.result, 'changed');
    assert.deepEqual(
      lab.entries('intel'),
      [1, 2, 3, 4, 5, 6].map((number) => `a${number}.example`),
    );
    assert.equal(server.queries[0]?.get('match[type]'), 'indicator');
    assert.equal(server.queries[0]?.get('added_after'), null);

    // Later only what was added since, by the server's clock.
    const asked = server.queries.length;
    assert.equal((await lab.feeds.sync('intel', false, IO)).result, 'unchanged');
    assert.equal(server.queries[asked]?.get('added_after'), at(6));
    assert.equal(server.queries.length, asked + 1);
  });
}

test('revoked and changed objects take their entries out, unless another object says them, too', async (t) => {
  const scope = scopeOf(t);
  const server = await taxiiServer(scope, { next: true, pageMax: 100 });
  server.add(1, indicator(1, domain('shared.example')));
  server.add(2, indicator(2, domain('shared.example')));
  server.add(3, indicator(3, domain('only.example')));
  server.add(4, indicator(4, domain('old.example')));
  const lab = await subscribed(scope, server, { url: `${server.url}/api/` });
  await lab.feeds.sync('intel', false, IO);
  assert.deepEqual(lab.entries('intel'), ['old.example', 'only.example', 'shared.example']);

  server.add(5, indicator(1, domain('shared.example'), { modified: at(5), revoked: true }));
  server.add(6, indicator(3, domain('only.example'), { modified: at(6), revoked: true }));
  server.add(7, indicator(4, domain('new.example'), { modified: at(7) }));
  // A version that is older than the one known is no news.
  server.add(8, indicator(2, domain('stale.example'), { modified: '2025-01-01T00:00:00Z' }));
  const second = await lab.feeds.sync('intel', false, IO);
  assert.equal(second.result, 'changed');
  assert.deepEqual(lab.entries('intel'), ['new.example', 'shared.example']);

  server.add(9, indicator(2, domain('shared.example'), { modified: at(9), revoked: true }));
  await lab.feeds.sync('intel', false, IO);
  assert.deepEqual(lab.entries('intel'), ['new.example']);
  await lab.feeds.sync('intel', true, IO);
  assert.deepEqual(lab.entries('intel'), ['new.example'], 'all of it at once gives the same');
  rmSync(join(lab.dataDir, 'feeds', 'cache'), { recursive: true });
  server.add(10, indicator(10, domain('last.example')));
  await lab.feeds.sync('intel', false, IO);
  assert.deepEqual(lab.entries('intel'), ['last.example', 'new.example'], 'without its memory it takes all');
});

test('labels choose objects; the collection is chosen by id or title, and named when it is not clear', async (t) => {
  const scope = scopeOf(t);
  const server = await taxiiServer(scope, { next: true, pageMax: 100 });
  server.add(1, indicator(1, domain('a.example'), { indicator_types: ['phishing'] }));
  server.add(2, indicator(2, domain('b.example'), { labels: ['tor'] }));
  server.add(3, indicator(3, domain('c.example')));
  server.add(4, { type: 'malware', id: 'malware--1', spec_version: '2.1' });
  const lab = await subscribed(scope, server, { label: ['phishing', 'tor'], collection: 'Indicators' });
  await lab.feeds.sync('intel', false, IO);
  assert.deepEqual(lab.entries('intel'), ['a.example', 'b.example']);
  await lab.feeds.edit('intel', { collection: 'c-1', label: undefined }, {}, 'tester');
  await lab.feeds.sync('intel', false, IO);
  assert.equal(lab.entries('intel').length, 3);
  await lab.feeds.edit('intel', { collection: 'Secret' }, {}, 'tester');
  const failure = await failureOf(lab.feeds.sync('intel', false, IO));
  assert.match(failure.message, /no readable collection is called "Secret"; it has "Indicators"/);
});

test('a server that does not come to an end, or is no TAXII 2.1, is named', async (t) => {
  const scope = scopeOf(t);
  let objects: unknown = { more: true, next: 'x', objects: [] };
  let root: unknown = { collections: [{ id: 'c', title: 'C', can_read: true, can_write: false }] };
  let status = 200;
  const server = await feedServer(scope, (request, response) => {
    const document = request.url?.includes('/objects/') === true ? objects : root;
    response.writeHead(status, { 'Content-Type': 'application/taxii+json;version=2.1' });
    response.end(JSON.stringify(document));
  });
  const lab = await feedLab(scope);
  const url = `${server.url}/api/collections/`;
  await lab.feeds.add('intel', { type: 'taxii', url, caFile: server.tls.caFile }, {}, 'tester');
  const outcome = async () => failureOf(lab.feeds.sync('intel', false, IO));
  assert.match((await outcome()).message, /says `next` again and again/);
  objects = { more: true, objects: [] };
  assert.match((await outcome()).message, /neither `next` nor a later X-TAXII-Date-Added-Last/);
  objects = { type: 'bundle', objects: [] };
  assert.match((await outcome()).message, /STIX bundle, not an envelope/);
  root = { name: 'something else' };
  assert.match((await outcome()).message, /no discovery, API root or list of collections/);
  for (const [answered, code] of [
    [401, 'FEEDS_CREDENTIALS'],
    [403, 'FEEDS_CREDENTIALS'],
    [406, 'FEEDS_NOT_ACCEPTABLE'],
    [429, 'FEEDS_SLOW_DOWN'],
  ] as const) {
    status = answered;
    assert.equal((await outcome()).code, code);
  }
});
