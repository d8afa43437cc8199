import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { makeCertificate } from '../../../test/support/authority.ts';
import { startUpstream } from '../../../test/support/look-aside.ts';
import {
  documentOf,
  openWebReputation,
  statusOf,
  type WebDoorOptions,
} from '../../../test/support/web-doors.ts';
import { loadConfig } from '../../engines/config/index.ts';
import { Egress, egressMetrics } from '../../engines/egress/index.ts';
import { createInspection, inspectionMetrics } from '../../engines/inspection/index.ts';
import { createPredictor, createSitePredictor } from '../../engines/prediction/index.ts';
import { createMetrics } from '../../engines/telemetry/index.ts';

async function inspect(body: unknown, options: WebDoorOptions = {}) {
  const door = await openWebReputation(options);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await door.say(
    'webReputation',
    `POST /v1/inspect HTTP/1.1\r\nHost: gw\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  return { status: statusOf(answer), document: documentOf(answer) };
}

const LOGIN =
  '<title>PayPal</title><form method=post action="https://x.example.net/"><input type=password name=p></form>';

test('a page that is handed in is judged', async () => {
  const { status, document } = await inspect({ url: 'https://pay-center-online.com/', html: LOGIN });
  assert.deepEqual([status, document['verdict'], document['categories']], [200, 'malicious', ['phishing']]);
  assert.match(String((document['reasons'] as unknown[])[0]), /^brand-asks: it calls itself paypal/);
  assert.deepEqual((document['page'] as Record<string, unknown>)['title'], 'PayPal');
  const own = await inspect({
    url: 'https://www.paypal.com/signin',
    html: LOGIN.replace('https://x.example.net/', '/in'),
  });
  assert.equal(own.document['verdict'], 'clean');
});

test('a list knows better than the page', async () => {
  const { document } = await inspect({ url: 'https://evil.example/', html: '<p>nothing' });
  assert.equal(document['verdict'], 'malicious');
});

test('what cannot be read is said with a code', async () => {
  for (const [body, code] of [
    ['{', 'question-unreadable'],
    ['[]', 'question-unreadable'],
    [{ html: '' }, 'question-unreadable'],
    [{ url: 'http://x.example/', html: 7 }, 'question-unreadable'],
    [{ url: 'mailto:x' }, 'url-unreadable'],
    [{ url: 'ftp://x.example/' }, 'url-unreadable'],
  ] as const) {
    const { status, document } = await inspect(body);
    assert.deepEqual([status, document['code']], [400, code], JSON.stringify(body));
  }
});

/** Real egress and a real origin; loopback is open where the test says so. */
async function fetching(
  t: TestContext,
  pages: Readonly<Record<string, string | { readonly to: string }>>,
  options: { readonly open?: boolean; readonly settings?: object } = {},
) {
  const { cert, key } = await makeCertificate(t);
  const origin = await startUpstream(
    t,
    (target, response) => {
      const page = pages[target];
      if (page === undefined) return;
      if (typeof page === 'string') response.writeHead(200, { 'content-type': 'text/html' }).end(page);
      else response.writeHead(302, { location: page.to }).end();
    },
    { cert, key },
  );
  const config = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const metrics = createMetrics([...egressMetrics, ...inspectionMetrics]);
  const egress = new Egress({
    config: { ...config.egress, allowDestinations: options.open === false ? [] : ['127.0.0.0/8'] },
    parents: [],
    clock,
    log: silent,
    metrics,
    own: [],
    machine: [],
  });
  t.after(() => egress.close());
  const predictor = createPredictor({ dataDir: '/nonexistent/sallyport', log: silent });
  const inspection = createInspection({
    config: { ...config.inspection, ports: [Number(new URL(origin.url).port)], ...options.settings },
    sites: createSitePredictor(predictor),
    egress,
    clock,
    metrics,
  });
  const engines = { inspection } as WebDoorOptions['engines'];
  const ask = async (path: string) =>
    (await inspect({ url: `${origin.url}${path}` }, { ...(engines && { engines }) })).document;
  return { ask, origin };
}

test('a page is fetched through egress, without script, after its redirects', async (t) => {
  const { ask, origin } = await fetching(t, { '/a': { to: '/b?x=1' }, '/b?x=1': LOGIN });
  const document = await ask('/a');
  assert.equal(document['verdict'], 'malicious');
  const page = document['page'] as Record<string, unknown>;
  assert.deepEqual([page['status'], page['title'], page['url']], [200, 'PayPal', `${origin.url}/b?x=1`]);
  assert.ok((document['reasons'] as string[]).some((reason) => reason.startsWith('certificate:')));
  assert.deepEqual(
    origin.asked.map(({ target }) => target),
    ['/a', '/b?x=1'],
  );
});

test('a fetch ends at every bound, and says which', async (t) => {
  const loop = {
    '/loop': { to: '/loop' },
    '/out': { to: 'https://127.0.0.1:9/' },
    '/file': { to: 'file:///etc/passwd' },
  };
  const { ask } = await fetching(
    t,
    { ...loop, '/big': `<title>Big</title>${'x'.repeat(100_000)}` },
    {
      settings: { timeoutMs: 1000, pageBytesMax: 1024 },
    },
  );
  const reason = async (path: string): Promise<unknown> => ((await ask(path))['reasons'] as string[]).at(-1);
  assert.match(String(await reason('/loop')), /^not-fetched: more redirects than inspection\.redirectsMax/);
  assert.match(String(await reason('/out')), /^not-fetched: .*inspection\.ports/);
  assert.match(String(await reason('/file')), /^not-fetched: .*not HTTP/);
  assert.match(String(await reason('/never')), /^not-fetched: .*inspection\.timeout/);
  const big = (await ask('/big'))['page'] as Record<string, unknown>;
  assert.deepEqual([big['title'], big['cut']], ['Big', true]);
});

test('an address that nobody may reach is not asked', async (t) => {
  const { ask, origin } = await fetching(t, { '/': LOGIN }, { open: false });
  const document = await ask('/');
  assert.match(
    String((document['reasons'] as string[]).at(-1)),
    /^not-fetched: the gateway connects to no address/,
  );
  assert.equal(origin.asked.length, 0);
});
