import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { documentOf, openApi, statusOf } from '../../../test/support/web-doors.ts';
import { QUICK_DOCUMENTATION } from './documentation.ts';
import { MANAGEMENT_ROUTES } from './management-routes.ts';
import { lookupSchema, healthSchema, readySchema } from './schemas.ts';

test('the OpenAPI document is made from the routes and names every path', async () => {
  const door = await openApi();
  const document = documentOf(await door.say('https', 'GET /api/openapi.json HTTP/1.1\r\nHost: gw\r\n\r\n'));
  const { openapi, paths, components } = document as unknown as ReturnType<
    OpenAPIHono['getOpenAPI31Document']
  >;
  assert.equal(openapi, '3.1.0');
  const managed = new Set(MANAGEMENT_ROUTES.map(({ path }) => path));
  const others = Object.keys(paths ?? {}).filter((path) => !managed.has(path));
  assert.deepEqual(others.toSorted(), [
    '/api/v1/files',
    '/api/v1/files/{sha256}',
    '/api/v1/lookup',
    '/api/v1/predict',
    '/api/v1/quarantine/content/{id}',
    '/bulk/md5',
    '/bulk/sha1',
    '/bulk/sha256',
    '/ca.crt',
    '/children/{sha1}/{count}/{cursor}',
    '/feeds',
    '/feeds/{name}.{format}',
    '/feeds/{name}/misp/{file}',
    '/healthz',
    '/info',
    '/lookup/md5/{md5}',
    '/lookup/sha1/{sha1}',
    '/lookup/sha256/{sha256}',
    '/metrics',
    '/parents/{sha1}/{count}/{cursor}',
    '/proxy.pac',
    '/readyz',
    '/session/create/{name}',
    '/session/get/{name}',
    '/stats/top',
    '/taxii2/',
    '/taxii2/root/',
    '/taxii2/root/collections/',
    '/taxii2/root/collections/{id}/',
    '/taxii2/root/collections/{id}/manifest/',
    '/taxii2/root/collections/{id}/objects/',
    '/taxii2/root/collections/{id}/objects/{object}/',
    '/taxii2/root/collections/{id}/objects/{object}/versions/',
    '/taxii2/root/status/{status}/',
    '/vt/api/v3/analyses/{id}',
    '/vt/api/v3/domains/{domain}',
    '/vt/api/v3/files',
    '/vt/api/v3/files/{file}',
    '/vt/api/v3/ip_addresses/{ip}',
    '/vt/api/v3/urls',
    '/vt/api/v3/urls/{id}',
    '/wpad.dat',
  ]);
  for (const { path, method } of MANAGEMENT_ROUTES) {
    assert.ok(method in (paths?.[path] ?? {}), `${method} ${path}`);
  }
  const names = MANAGEMENT_ROUTES.map(({ path, method }) => `${method} ${path}`);
  assert.equal(new Set(names).size, names.length);
  assert.ok(components?.schemas?.['Problem']);
  assert.deepEqual(Object.keys(components?.securitySchemes ?? {}), ['bearer', 'basic', 'apiKey', 'session']);
  for (const [path, methods] of Object.entries(paths ?? {})) {
    for (const operation of Object.values(methods)) {
      assert.ok(operation.summary, path);
      assert.ok(
        ['200', '201', '202', '204'].some((status) => operation.responses[status]),
        path,
      );
    }
  }
});

test('what is documented as quick is answered, and in the documented shape', async () => {
  const door = await openApi({ control: { 'metrics.read': () => 'x 1\n' } });
  const shapes = {
    '/healthz': healthSchema,
    '/readyz': readySchema,
    '/api/v1/lookup': lookupSchema,
  } as const;
  for (const { path, responses } of QUICK_DOCUMENTATION) {
    const target = path === '/api/v1/lookup' ? `${path}?kind=ip&value=192.0.2.66` : path;
    const text = await door.say('https', `GET ${target} HTTP/1.1\r\nHost: gw\r\nx-apikey: reader\r\n\r\n`);
    assert.equal(statusOf(text), 200, path);
    assert.ok(responses['200']);
    const shape = Object.entries(shapes).find(([each]) => each === path)?.[1];
    if (shape !== undefined) shape.strict().parse(documentOf(text));
    else assert.doesNotMatch(text, /Content-Type: application\/json/);
  }
});
