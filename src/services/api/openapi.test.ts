import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { documentOf, openApi, statusOf } from '../../../test/support/web-doors.ts';
import { QUICK_DOCUMENTATION } from './documentation.ts';
import { lookupSchema, healthSchema, readySchema } from './schemas.ts';

test('the OpenAPI document is made from the routes and names every path', async () => {
  const door = await openApi();
  const document = documentOf(await door.say('https', 'GET /api/openapi.json HTTP/1.1\r\nHost: gw\r\n\r\n'));
  const { openapi, paths, components } = document as unknown as ReturnType<
    OpenAPIHono['getOpenAPI31Document']
  >;
  assert.equal(openapi, '3.1.0');
  assert.deepEqual(Object.keys(paths ?? {}).toSorted(), [
    '/api/v1/explain',
    '/api/v1/feeds',
    '/api/v1/lookup',
    '/api/v1/ports',
    '/api/v1/status',
    '/api/v1/tokens',
    '/api/v1/tokens/{name}',
    '/api/v1/users',
    '/ca.crt',
    '/healthz',
    '/metrics',
    '/proxy.pac',
    '/readyz',
    '/wpad.dat',
  ]);
  assert.deepEqual(Object.keys(paths?.['/api/v1/tokens'] ?? {}), ['get', 'post']);
  assert.ok(components?.schemas?.['Problem']);
  assert.deepEqual(Object.keys(components?.securitySchemes ?? {}), ['bearer', 'basic', 'apiKey']);
  for (const [path, methods] of Object.entries(paths ?? {})) {
    for (const operation of Object.values(methods)) {
      assert.ok(operation.summary, path);
      assert.ok(operation.responses['200'] ?? operation.responses['201'] ?? operation.responses['204'], path);
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
