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

const TOKEN = 'X-Apikey: asker\r\n';

async function inspect(body: unknown, options: WebDoorOptions = {}, fields = TOKEN) {
  const door = await openWebReputation(options);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await door.say(
    'webReputation',
    `POST /v1/inspect HTTP/1.1\r\nHost: gw\r\n${fields}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
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
  options: { readonly open?: readonly string[]; readonly settings?: object; readonly fields?: string } = {},
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
  const time = { nowMs: Date.UTC(2026, 0, 2) };
  const clock = { now: () => time.nowMs, monotonic: () => performance.now() };
  const metrics = createMetrics([...egressMetrics, ...inspectionMetrics]);
  const egress = new Egress({
    config: { ...config.egress, allowDestinations: options.open ?? ['127.0.0.0/8'] },
    parents: [],
    clock,
    log: silent,
    metrics,
    own: [],
    machine: [],
  });
  t.after(() => egress.close());
  const predictor = createPredictor({ dataDir: '/nonexistent/sallyport', log: silent });
  const port = Number(new URL(origin.url).port);
  const inspection = createInspection({
    config: { ...config.inspection, ports: [port], ...options.settings },
    sites: createSitePredictor(predictor),
    egress,
    clock,
    metrics,
  });
  const engines = { inspection } as WebDoorOptions['engines'];
  const say = (path: string, fields = options.fields ?? TOKEN) =>
    inspect({ url: `${origin.url}${path}` }, { ...(engines && { engines }) }, fields);
  const ask = async (path: string) => (await say(path)).document;
  const reason = async (path: string): Promise<string> =>
    String(((await ask(path))['reasons'] as string[]).at(-1));
  return { ask, say, reason, origin, port, time };
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

test('a fetch takes a token with the scope reputation; without one the address alone is judged', async (t) => {
  const { say, origin } = await fetching(t, { '/': LOGIN });
  const anonymous = await say('/', '');
  assert.equal(anonymous.status, 200);
  assert.deepEqual([anonymous.document['verdict'], anonymous.document['page']], ['unknown', null]);
  assert.match(
    String((anonymous.document['reasons'] as string[]).at(-1)),
    /^not-fetched: .*inspection\.fetch: token/,
  );
  const reader = await say('/', 'X-Apikey: analyst\r\n');
  assert.deepEqual([reader.status, reader.document['code']], [403, 'scope-missing']);
  const wrong = await say('/', 'X-Apikey: stranger\r\n');
  assert.equal(wrong.status, 401);
  assert.equal(origin.asked.length, 0);
  assert.equal((await say('/')).document['verdict'], 'malicious');
  assert.equal(origin.asked.length, 1);
});

test('a setting opens the fetch for anyone, or closes it for everybody', async (t) => {
  const anyone = await fetching(t, { '/': LOGIN }, { settings: { fetch: 'anyone' }, fields: '' });
  assert.equal((await anyone.ask('/'))['verdict'], 'malicious');
  const off = await fetching(t, { '/': LOGIN }, { settings: { fetch: 'off' } });
  assert.match(await off.reason('/'), /^not-fetched: .*inspection\.fetch: off/);
  assert.equal(off.origin.asked.length, 0);
  const handedIn = await inspect({ url: 'https://pay-center-online.com/', html: LOGIN }, {}, '');
  assert.equal(handedIn.document['verdict'], 'malicious', 'what is handed in takes no token');
});

test('one client has so many pages fetched in a minute', async (t) => {
  const { say, time } = await fetching(t, { '/': '<p>x' }, { settings: { fetchesPerMinute: 2 } });
  for (let count = 0; count < 2; count++) assert.equal((await say('/')).status, 200);
  const { status, document } = await say('/');
  assert.deepEqual([status, document['code']], [429, 'inspection-often']);
  time.nowMs += 60_000;
  assert.equal((await say('/')).status, 200);
});

test('a fetch ends at every bound, and says which', async (t) => {
  const loop = {
    '/loop': { to: '/loop' },
    '/out': { to: 'https://127.0.0.1:9/' },
    '/file': { to: 'file:///etc/passwd' },
  };
  const { ask, reason } = await fetching(
    t,
    { ...loop, '/big': `<title>Big</title>${'x'.repeat(100_000)}` },
    { settings: { pageBytesMax: 1024 } },
  );
  assert.match(await reason('/loop'), /^not-fetched: more redirects than inspection\.redirectsMax/);
  assert.match(await reason('/out'), /^not-fetched: .*inspection\.ports/);
  assert.match(await reason('/file'), /^not-fetched: .*not HTTP/);
  const impatient = await fetching(t, {}, { settings: { timeoutMs: 500 } });
  assert.match(await impatient.reason('/never'), /^not-fetched: .*inspection\.timeout/);
  const big = (await ask('/big'))['page'] as Record<string, unknown>;
  assert.deepEqual([big['title'], big['cut']], ['Big', true]);
});

test('an address that nobody may reach is not asked', async (t) => {
  const { reason, origin } = await fetching(t, { '/': LOGIN }, { open: [] });
  assert.match(await reason('/'), /^not-fetched: the gateway connects to no address/);
  assert.equal(origin.asked.length, 0);
});

test('every hop is judged anew: a page cannot lead into the machine or a private network', async (t) => {
  const pages: Record<string, { to: string }> = {};
  const { reason, origin, port } = await fetching(t, pages, { open: ['127.0.0.1/32'] });
  const places = [
    '127.0.0.2',
    '0.0.0.0',
    '169.254.169.254',
    '10.0.0.1',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '[fd00::1]',
    '[::ffff:192.168.0.1]',
    '[64:ff9b::a00:1]',
    '2130706434',
    '0x0a.0.0.1',
  ];
  for (const [at, place] of places.entries()) {
    pages[`/${at}`] = { to: `https://${place}:${port}/` };
    assert.match(await reason(`/${at}`), /^not-fetched: the gateway connects to no address.*RFC 6890/, place);
  }
  assert.equal(origin.asked.length, places.length, 'the first hop of each');
});
