import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeKeyOf, type RouteTable } from './routes.ts';

const handler = () => ({ status: 204 });
const routes: RouteTable = new Map([
  ['/', { GET: handler }],
  ['/lookup/md5/', { GET: handler }],
  ['/lookup/', { GET: handler }],
  ['/lookup/md5/all', { GET: handler }],
  ['/vt/api/v3/files/', { GET: handler }],
]);

test('a whole path goes before a prefix, a longer prefix before a shorter one', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    '/': '/',
    '/lookup/md5/0123': '/lookup/md5/',
    '/lookup/md5/all': '/lookup/md5/all',
    '/lookup/md5/': '/lookup/md5/',
    '/lookup/md5': '/lookup/',
    '/lookup': undefined,
    '/lookup/crc/1/2/3/4/5/6': '/lookup/',
    '/lookupx/md5/1': undefined,
    '/vt/api/v3/files/44d8': '/vt/api/v3/files/',
    '/other': undefined,
    '//lookup/md5/1': undefined,
  };
  for (const [path, key] of Object.entries(cases)) assert.equal(routeKeyOf(routes, path), key, path);
});

test('the root is a path and no prefix', () => {
  assert.equal(routeKeyOf(new Map([['/', { GET: handler }]]), '/anything'), undefined);
});
