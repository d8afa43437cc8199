import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { allCommands } from '../../src/app/commands/index.ts';
import { MANAGEMENT_ROUTES } from '../../src/services/api/management-routes.ts';
import { openApiDocument } from '../../src/services/api/openapi.ts';
import { openApi, statusOf } from '../support/web-doors.ts';
import { valuesOf, type Resolve, type Schema } from '../support/schema-values.ts';

/** Commands that have no route of their own, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  restore: 'replaces the data of a gateway that is stopped, so nobody is there to take the upload',
  'model train': 'reads folders on the machine',
  start: 'there is no API before',
  stop: 'there is no API behind it: the machine or SSH ends the gateway',
  'configure password': 'PUT /api/v1/users/{name}/password',
  'config versions': 'show config versions',
  'show config': 'config export',
  'feed list': 'show feeds',
  'show events': 'GET /api/v1/events, asked of the event store',
  'show policy': 'policy show',
  'explain url': 'GET /api/v1/explain, answered in the edge',
  'lookup url': 'GET /api/v1/lookup, answered in the edge',
  'lookup domain': 'GET /api/v1/lookup, answered in the edge',
  'lookup ip': 'GET /api/v1/lookup, answered in the edge',
  'lookup file': 'GET /api/v1/lookup, answered in the edge',
  'lookup email': 'GET /api/v1/lookup, answered in the edge',
  scan: 'POST /api/v1/files, answered in the edge',
  'quarantine restore': 'GET /api/v1/quarantine/content/{id}',
  version: 'GET /api/v1/status',
  'show version': 'GET /api/v1/status',
};

/** Words that only mean something in a shell. */
const SHELL = /^(?:help|history|enable|disable|exit|completion|terminal )/;

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

test('every command that others than the machine may run has a route', async () => {
  const { paths = {}, components } = openApiDocument('0');
  // The generator of the document types its schemas more loosely than it makes them.
  const schemas = (components?.schemas ?? {}) as unknown as Readonly<Record<string, Schema>>;
  const resolve: Resolve = (ref) => schemas[ref.replace('#/components/schemas/', '')] ?? {};
  const seen = new Set<string>();
  const control = {
    'command.run': (params: unknown) => {
      seen.add((params as { readonly words: string }).words);
      return { document: [] };
    },
    'setup.read': () => ({ needed: true }),
    'setup.done': () => ({ needed: false }),
    'events.search': () => ({ items: [] }),
    'events.read': () => ({}),
    'history.read': () => ({ series: {} }),
  };
  const takeFile = () => Promise.resolve({ length: 1, bytes: Readable.from([Buffer.from('x')]) });
  const door = await openApi({ control, engines: { takeFile } });
  const entries = MANAGEMENT_ROUTES.filter(
    ({ path, stream }) => stream !== 'text/event-stream' && !path.endsWith('/session'),
  );
  for (const { method, path, success } of entries) {
    const item = (paths[path] ?? {}) as unknown as Readonly<Record<string, Operation>>;
    const { parameters = [], requestBody } = item[method] ?? {};
    const sample = (schema: Schema) => fc.sample(valuesOf(schema, resolve), { numRuns: 12, seed: 1 });
    const body = requestBody?.content['application/json']?.schema;
    const bodies = body === undefined ? [undefined] : sample(body);
    for (const [at, given] of bodies.entries()) {
      const valueOf = (name: string): string => {
        const schema = parameters.find((each) => each.name === name)?.schema ?? {};
        return encodeURIComponent(`${(sample(schema)[at] ?? 'x') as string | number}`);
      };
      const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueOf(name));
      const query = parameters
        .filter((each) => each.in === 'query' && (each as { required?: boolean }).required === true)
        .map(({ name }) => `${name}=${valueOf(name)}`);
      const text = given === undefined ? '' : JSON.stringify(given);
      const head = `${method.toUpperCase()} ${[target, query.join('&')].filter(Boolean).join('?')} HTTP/1.1`;
      const fields = ['Host: gw', 'x-apikey: boss', 'Content-Type: application/json'];
      const answer = await door.say(
        'https',
        [head, ...fields, `Content-Length: ${Buffer.byteLength(text)}`, '', text].join('\r\n'),
      );
      assert.equal(statusOf(answer), success.status, `${head} ${text}: ${answer.slice(-300)}`);
    }
  }
  // The rooms of the doctor are values of one parameter.
  for (const words of ['dns', 'ports', 'egress', 'ntp']) seen.add(`verify ${words}`);
  const missing = allCommands
    .map(({ words }) => words)
    .filter((words) => !seen.has(words) && ELSEWHERE[words] === undefined && !SHELL.test(words));
  assert.deepEqual(missing, [], 'give it a route in src/services/api, or say above why it has none');
  const known = new Set(allCommands.map(({ words }) => words));
  const stale = Object.keys(ELSEWHERE).filter((words) => !known.has(words) || seen.has(words));
  assert.deepEqual(stale, []);
});
