/**
 * Whatever a client sends to the management API, in every field of every operation: the answer is never 500, an
 * error is a problem document with a stable code, and the gateway answers the next request as before.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { openApiDocument } from '../../src/services/api/openapi.ts';
import { apiOf, type ApiAnswer, type Ask } from '../support/api-client.ts';
import { startGateway } from '../support/gateway.ts';
import { hostileText, mixedOf, valuesOf, type Resolve, type Schema } from '../support/schema-values.ts';
import { scopeOf } from '../support/scope.ts';
import { until } from '../e2e/processes-gateway.ts';

/** Of each operation. Those that restart something or check passwords cost much more. */
const RUNS = 24;
const RUNS_COSTLY = 4;
const COSTLY =
  /reload|password|session$|POST \/api\/v1\/users|doctor|verify|scan-rules|import|rollback|document/;

/** Name of a user, a token, a feed, an export and a set of rules that are there at the beginning. */
const KNOWN = 'aa';
const PREPARED: readonly (readonly [path: string, body: object])[] = [
  ['users', { name: KNOWN, password: 'a long enough password' }],
  ['tokens', { name: KNOWN, scopes: ['read'] }],
  ['exports', { name: KNOWN }],
  [`feeds/${KNOWN}/import`, { text: 'one.example', format: 'plain', category: 'malware' }],
  ['scan-rules', { name: KNOWN, text: 'rule aa { condition: false }' }],
];

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

const document = openApiDocument('0');
// The generator of the document types its schemas more loosely than it makes them.
const schemas = (document.components?.schemas ?? {}) as unknown as Readonly<Record<string, Schema>>;
const resolve: Resolve = (ref) => schemas[ref.replace('#/components/schemas/', '')] ?? {};

const operations = Object.entries(document.paths ?? {})
  .filter(([path]) => path.startsWith('/api/v1/'))
  .flatMap(([path, item]) =>
    Object.entries(item as unknown as Readonly<Record<string, Operation>>).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
  .filter(
    ({ operation }) =>
      !Object.values(operation.responses).some(({ content }) => content?.['text/event-stream']),
  );

function check(answer: ApiAnswer, name: string): void {
  const said = `${name}: ${answer.status} ${answer.text.slice(0, 500)}`;
  assert.ok(answer.status !== 500, said);
  if (answer.status < 400) return;
  assert.match(answer.type, /^application\/problem\+json/, said);
  const { code, title, status } = answer.document as Readonly<Record<string, unknown>>;
  assert.match(String(code), /^[a-z0-9]+(?:-[a-z0-9]+)*$/, said);
  assert.equal(status, answer.status, said);
  assert.ok(typeof title === 'string' && title !== '', said);
}

/** Requests of one operation: method and target, and a body where there is one. */
function requestsOf({ method, path, operation }: (typeof operations)[number]) {
  const parameters = operation.parameters ?? [];
  const texts = (schema: Schema) =>
    fc.oneof(
      { arbitrary: valuesOf(schema, resolve), weight: 3 },
      { arbitrary: mixedOf(schema, resolve), weight: 1 },
      { arbitrary: hostileText(), weight: 1 },
    );
  const of = (place: string) => {
    const own = parameters.filter((each) => each.in === place);
    // Of what is not there, most operations say only that.
    const known = { arbitrary: fc.constant(place === 'path' ? KNOWN : '1'), weight: 2 };
    const valueOf = (each: (typeof own)[number]) =>
      [each.name, fc.oneof(known, { arbitrary: texts(each.schema), weight: 3 })] as const;
    // With many at once, hardly a request would have nothing wrong.
    const some =
      place === 'path' ? fc.constant(own) : fc.subarray(own, { maxLength: Math.min(3, own.length) });
    return some.chain((chosen) => fc.record(Object.fromEntries(chosen.map(valueOf))));
  };
  const json = operation.requestBody?.content['application/json'];
  const body = json === undefined ? fc.constant(undefined) : mixedOf(json.schema, resolve);
  return fc.tuple(of('path'), of('query'), body).map(([params, query, given]) => {
    const filled = path.replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => encoded((params as Record<string, unknown>)[name]) || '%20',
    );
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`);
    const target = pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`;
    return { line: `${method} ${target}`, body: given };
  });
}

function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Below what a request line may be long.
  return encodeURIComponent(text.toWellFormed()).slice(0, 4000).replace(/%.?$/, '');
}

test('no field of the API brings the gateway down', { timeout: 600_000 }, async (context) => {
  const scope = scopeOf(context);
  const gateway = await startGateway(scope, { edges: 1 });
  const admin = { Authorization: '' };
  const ask = apiOf(scope, gateway, admin);
  const { pid } = gateway.child;
  assert.ok(operations.length > 60);

  /** A rollback or a document of the whole configuration rightly takes the token and the known names with it. */
  const prepare = async () => {
    if ((await ask('GET /api/v1/status')).status !== 401) return;
    const made = (await gateway.ask('token', 'create', '--name', 'zz-fuzz-zz', '--scope', 'admin')) as {
      token: string;
    };
    admin.Authorization = `Bearer ${made.token}`;
    for (const [path, body] of PREPARED) {
      const answer = await ask(`POST /api/v1/${path}`, { body });
      assert.ok(answer.status < 300 || answer.status === 409, answer.text);
    }
  };

  const carriedOut = new Set<string>();
  for (const operation of operations) {
    await prepare();
    await context.test(operation.name, async () => {
      await fc.assert(
        fc.asyncProperty(requestsOf(operation), async ({ line, body }) => {
          const answer = await ask(line, body === undefined ? {} : { body });
          check(answer, `${line} ${JSON.stringify(body)?.slice(0, 300)}`);
          if (answer.status < 400) carriedOut.add(operation.name);
        }),
        { numRuns: COSTLY.test(operation.name) ? RUNS_COSTLY : RUNS, endOnFailure: true },
      );
    });
  }

  // Else it would only say that everything is refused; which values come is chance.
  assert.ok(carriedOut.size > operations.length / 3, `${carriedOut.size} of ${operations.length}`);
  await prepare();
  await context.test('bodies that are no document', () => rawBodies(ask));
  await context.test('fields of the request', () => wildFields(ask));
  await context.test('without credentials nothing else is looked at', async () => {
    const nobody = apiOf(scope, gateway);
    for (const { name } of operations.filter(({ operation }) => 'security' in operation)) {
      const answer = await nobody(name.replaceAll(/[{}]/g, ''), name.startsWith('GET') ? {} : { body: [] });
      check(answer, name);
      assert.ok([401, 403, 404].includes(answer.status), `${name}: ${answer.status} ${answer.text}`);
    }
  });
  await prepare();
  await until('all processes are ready', async () => {
    const status = await ask('GET /api/v1/status');
    assert.equal(status.status, 200);
    const { processes } = status.document as { processes: { role: string; state: string }[] };
    return processes.every(({ state }) => state === 'ready');
  });
  assert.equal(gateway.child.pid, pid);
  assert.equal(
    /"event":"(?:api|bus|command|process)\.bug"|bus\.(?:call|lost)/.exec(gateway.child.stderr())?.[0],
    undefined,
  );
});

async function rawBodies(ask: Ask): Promise<void> {
  const bodies = [
    Buffer.from(''),
    Buffer.from('{'),
    Buffer.from('['.repeat(100_000)),
    Buffer.from(`{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
    Buffer.from([0xff, 0xfe, 0x00, 0x01]),
    Buffer.from('{"name":"\\ud800"}'),
    Buffer.from('1e999'),
    Buffer.alloc(200_000, 0x61),
  ];
  for (const { name, operation } of operations) {
    if (operation.requestBody?.content['application/json'] === undefined) continue;
    const line = name.replaceAll(/\{\w+\}/g, 'x');
    for (const raw of bodies) {
      const answer = await ask(line, { raw });
      check(answer, `${line} ${raw.subarray(0, 40).toString('latin1')}`);
      assert.equal(answer.status, 400, `${line}: ${answer.text}`);
    }
  }
}

async function wildFields(ask: Ask): Promise<void> {
  const values = ['', ' ', '*', '"', '"x"', 'W/"x"', 'x'.repeat(3000), '"a",'.repeat(500), '\u00FF'];
  for (const field of [
    'If-Match',
    'If-None-Match',
    'Idempotency-Key',
    'X-CSRF-Token',
    'Cookie',
    'Last-Event-ID',
  ]) {
    for (const value of values) {
      check(await ask('GET /api/v1/users/admin', { headers: { [field]: value } }), `GET ${field}: ${value}`);
      const call = { body: { role: 'admin' }, headers: { [field]: value } };
      check(await ask('PATCH /api/v1/users/admin', call), `PATCH ${field}: ${value}`);
      check(await ask('POST /api/v1/tokens', { ...call, body: {} }), `POST ${field}: ${value}`);
    }
  }
}
