import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import { type ConsoleFolder, consoleBuiltAt, readConsole } from './folder.io.ts';
import { consoleRoutes, type ConsoleSource } from './routes.ts';

const text = (of: string) => Buffer.from(of);
const FOLDER: ConsoleFolder = new Map([
  ['index.html', { content: text('<page>'), gzip: text('gz page'), brotli: text('br page') }],
  ['assets/a-1.js', { content: text('script'), gzip: text('gz'), brotli: text('br') }],
  ['assets/icon-1.svg', { content: text('<svg>'), gzip: undefined, brotli: undefined }],
]);

async function ask(
  path: string,
  fields: Readonly<Record<string, string>> = {},
  source: ConsoleSource = { builtAt: () => Promise.resolve(1), read: () => Promise.resolve(FOLDER) },
): Promise<WebAnswer & { readonly text: string; field(name: string): string | undefined }> {
  const routes = consoleRoutes(source);
  const handler = routes.get(path === '/' || path === '/console' ? path : '/console/')?.['GET'];
  assert.ok(handler !== undefined);
  // What the handler reads of a request.
  const request = { path, method: 'GET', field: (name: string) => fields[name] } as unknown as WebRequest;
  const answer = await handler(request);
  return {
    ...answer,
    text: Buffer.from(answer.body ?? '').toString(),
    field: (name) => answer.fields?.find(([each]) => each === name)?.[1],
  };
}

test('the root and the name without a slash lead to the console', async () => {
  for (const path of ['/', '/console']) {
    const answer = await ask(path);
    assert.deepEqual([answer.status, answer.field('Location')], [302, '/console/']);
  }
});

test('every page of the console is the same document, under a policy that lets nothing in', async () => {
  for (const path of ['/console/', '/console/log', '/console/nobody-knows', '/console/index.html']) {
    const answer = await ask(path);
    assert.deepEqual([answer.status, answer.text], [200, '<page>'], path);
    assert.match(answer.field('Content-Security-Policy') ?? '', /^default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(answer.field('Content-Security-Policy') ?? '', /unsafe|https?:|\*/);
    assert.equal(answer.field('Cache-Control'), 'no-cache');
  }
});

test('a page that did not change is not sent again', async () => {
  const tag = (await ask('/console/')).field('ETag') ?? '';
  assert.equal((await ask('/console/', { 'if-none-match': tag })).status, 304);
  assert.equal((await ask('/console/', { 'if-none-match': '"other"' })).status, 200);
});

test('the best form that the client takes is sent', async () => {
  const cases = [
    ['gzip, deflate, br, zstd', 'br', 'br'],
    ['gzip', 'gzip', 'gz'],
    ['GZIP;q=0.5', 'gzip', 'gz'],
    ['br;q=0, gzip', 'gzip', 'gz'],
    ['br;q=0.0, gzip;q=0', undefined, 'script'],
    ['identity', undefined, 'script'],
  ] as const;
  for (const [accepted, coding, sent] of cases) {
    const answer = await ask('/console/assets/a-1.js', { 'accept-encoding': accepted });
    assert.deepEqual([answer.field('Content-Encoding'), answer.text], [coding, sent], accepted);
    assert.equal(answer.field('Vary'), 'Accept-Encoding');
    assert.match(answer.field('Cache-Control') ?? '', /immutable/);
  }
  const icon = await ask('/console/assets/icon-1.svg', { 'accept-encoding': 'br' });
  assert.deepEqual([icon.field('Content-Encoding'), icon.type], [undefined, 'image/svg+xml']);
});

test('a file of another release is 404, not the page', async () => {
  const answer = await ask('/console/assets/a-0.js');
  assert.deepEqual([answer.status, answer.code], [404, 'not-found']);
  assert.equal((await ask('/console/assets/../index.html')).status, 404);
});

test('what was built meanwhile is served, and what is not built is said', async () => {
  let builtAt: number | undefined;
  let folder: ConsoleFolder | undefined;
  const routes = consoleRoutes({
    builtAt: () => Promise.resolve(builtAt),
    read: () => Promise.resolve(folder),
  });
  const source = async () => {
    const request = { path: '/console/', method: 'GET', field: () => undefined } as unknown as WebRequest;
    return routes.get('/console/')?.['GET']?.(request);
  };
  const before = await source();
  assert.deepEqual([before?.status, before?.code], [503, 'console-not-built']);
  builtAt = 1;
  folder = FOLDER;
  assert.equal((await source())?.status, 200);
  builtAt = 2;
  folder = new Map([['index.html', { content: text('<new>'), gzip: undefined, brotli: undefined }]]);
  assert.equal(Buffer.from((await source())?.body ?? '').toString(), '<new>');
});

test('the folder is read with its compressed forms; without an index nothing was built', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'console-'));
  t.after(() => rm(dir, { recursive: true }));
  assert.equal(await readConsole(dir), undefined);
  assert.equal(await consoleBuiltAt(dir), undefined);
  await mkdir(join(dir, 'assets'));
  await writeFile(join(dir, 'index.html'), 'page');
  await writeFile(join(dir, 'index.html.br'), 'br');
  await writeFile(join(dir, 'assets', 'a.js'), 'script');
  const folder = await readConsole(dir);
  assert.deepEqual([...(folder?.keys() ?? [])].toSorted(), ['assets/a.js', 'index.html']);
  assert.equal(Buffer.from(folder?.get('index.html')?.brotli ?? []).toString(), 'br');
  assert.equal(folder?.get('assets/a.js')?.gzip, undefined);
  assert.ok((await consoleBuiltAt(dir)) !== undefined);
  assert.equal(await readConsole(join(dir, 'nowhere')), undefined);
});
