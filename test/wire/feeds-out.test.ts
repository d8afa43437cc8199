import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportLab } from '../support/exports.ts';
import { scopeOf } from '../support/scope.ts';

const token = 'analyst';
const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `host${String(from + at).padStart(5, '0')}.example`).join(
    '\n',
  );

test('who may: public lists are for everybody and without TLS, others for the scope intel', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\n');
  await lab.exports.add('open', { public: true }, 'test');
  const status = async (path: string, more: object = {}) => (await lab.ask({ path, ...more })).status;
  assert.equal(await status('/feeds/open.txt'), 200);
  assert.equal(await status('/feeds/open.txt', { port: 'http' }), 200);
  assert.equal(await status('/feeds', { port: 'http' }), 200);
  assert.equal(await status('/feeds/urls.txt'), 401);
  assert.equal(await status('/feeds/nothing.txt'), 401, 'what is there is no business of strangers');
  assert.equal(await status('/feeds/urls.txt', { port: 'http' }), 308);
  assert.equal(await status('/feeds/urls.txt', { token: 'reader' }), 403);
  assert.equal(await status('/feeds/urls.txt', { token: 'wrong' }), 401);
  assert.equal(await status('/feeds/open.txt', { token: 'wrong' }), 401);
  assert.equal(await status('/feeds/urls.txt', { token }), 200);
  assert.equal(await status('/feeds/urls.txt', { fields: { 'x-apikey': 'analyst' } }), 200);
  const basic = Buffer.from('anybody:pw').toString('base64');
  assert.equal(await status('/feeds/urls.txt', { fields: { Authorization: `Basic ${basic}` } }), 200);
});

test('what was rendered for somebody with a token is not handed to strangers', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('told', 'amber.example\n', { tlp: 'amber' });
  await lab.add('open', 'clear.example\n');
  await lab.exports.add('both', { public: true }, 'test');
  const path = '/feeds/both.txt';
  assert.equal((await lab.ask({ path, token })).text, 'clear.example\namber.example\n');
  assert.equal((await lab.ask({ path })).text, 'clear.example\n');
  assert.equal((await lab.ask({ path, port: 'http' })).text, 'clear.example\n');
  assert.equal((await lab.ask({ path, token })).text, 'clear.example\namber.example\n');
});

test('what is not there, or not like this, is a problem document', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\n');
  const code = async (path: string, method = 'GET') => {
    const answer = await lab.ask({ path, token, method });
    return `${answer.status} ${answer.json().code}`;
  };
  assert.equal(await code('/feeds/nothing.txt'), '404 feed-unknown');
  assert.equal(await code('/feeds/urls.exe'), '404 feed-unknown');
  assert.equal(await code('/feeds/urls'), '404 feed-unknown');
  assert.equal(await code('/feeds/../urls.txt'), '404 feed-unknown');
  assert.equal(await code('/feeds/urls/misp/nothing.json'), '404 feed-part-unknown');
  assert.equal(await code('/feeds/urls.txt?kind=car'), '400 feed-query');
  assert.equal(await code('/feeds/urls.nft?kind=url'), '400 feed-query');
  assert.equal(await code('/feeds/urls.nft?limit=5'), '400 feed-query');
  assert.equal(await code('/feeds/urls.txt?limit=0'), '400 feed-query');
  assert.equal(await code('/feeds/urls.txt?part=2'), '404 feed-part-unknown');
  assert.equal(await code('/feeds/urls.txt', 'POST'), '405 method-not-allowed');
});

test('conditional requests: nothing is sent that the client has', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\n');
  const path = '/feeds/urls.txt';
  const first = await lab.ask({ path, token });
  const etag = first.fields.get('etag')!;
  const status = async (fields: Record<string, string>) => (await lab.ask({ path, token, fields })).status;
  assert.equal(await status({ 'If-None-Match': etag }), 304);
  assert.equal(await status({ 'If-None-Match': `"x", W/${etag}` }), 304);
  assert.equal(await status({ 'If-None-Match': '*' }), 304);
  assert.equal(await status({ 'If-None-Match': '"x"' }), 200);
  assert.equal(await status({ 'If-Modified-Since': first.fields.get('last-modified')! }), 304);
  assert.equal(await status({ 'If-Modified-Since': 'Mon, 01 Jan 2024 00:00:00 GMT' }), 200);
  const unchanged = await lab.ask({ path, token, fields: { 'If-None-Match': etag } });
  assert.equal(unchanged.text, '');
  assert.equal(unchanged.fields.get('etag'), etag);
});

test('gzip where the client takes it, with a tag of its own; HEAD without a body', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', numbers(0, 3000));
  const path = '/feeds/urls.txt';
  const plain = await lab.ask({ path, token });
  const packed = await lab.ask({ path, token, fields: { 'Accept-Encoding': 'br, gzip' } });
  assert.equal(packed.fields.get('content-encoding'), 'gzip');
  assert.equal(packed.text, plain.text);
  assert.ok(Number(packed.fields.get('content-length')) < Number(plain.fields.get('content-length')) / 4);
  assert.notEqual(packed.fields.get('etag'), plain.fields.get('etag'));
  const refused = await lab.ask({ path, token, fields: { 'Accept-Encoding': 'gzip;q=0' } });
  assert.equal(refused.fields.get('content-encoding'), undefined);
  const head = await lab.ask({ path, token, method: 'HEAD' });
  assert.equal(head.text, '');
  assert.equal(head.fields.get('content-length'), plain.fields.get('content-length'));
});

test('pages: every line once, in order, with a link to the next; tables keep their head', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', numbers(0, 2500));
  const whole = (await lab.ask({ path: '/feeds/urls.txt', token })).text;
  let path: string | undefined = '/feeds/urls.txt?limit=999';
  let text = '';
  for (let page = 0; path !== undefined; page++) {
    assert.ok(page < 4);
    const answer = await lab.ask({ path, token });
    text += answer.text;
    path = /^<(.*)>; rel="next"$/.exec(answer.fields.get('link') ?? '')?.[1];
  }
  assert.equal(text, whole);
  const beyond = await lab.ask({ path: '/feeds/urls.txt?offset=9999', token });
  assert.equal(beyond.status, 200);
  assert.equal(beyond.text, '');
  const table = await lab.ask({ path: '/feeds/urls.csv?offset=1024&limit=1', token });
  const [head, row, rest] = table.text.split('\r\n');
  assert.match(head!, /^kind,value,/);
  assert.match(row!, /^domain,host01024\.example,/);
  assert.equal(rest, '');
});

test('fortinet: parts of as many lines as the firewall takes', async (t) => {
  const lab = await exportLab(scopeOf(t), (config) => ({
    ...config,
    exports: { ...config.exports, fortinetPartLinesMax: 100 },
  }));
  await lab.add('urls', numbers(0, 120));
  const whole = await lab.ask({ path: '/feeds/urls.fortinet?kind=domain', token });
  assert.equal(whole.fields.get('sallyport-parts'), '3');
  let text = '';
  for (const part of [1, 2, 3]) {
    const answer = await lab.ask({ path: `/feeds/urls.fortinet?kind=domain&part=${part}`, token });
    assert.ok(answer.text.split('\n').length - 1 <= 100);
    text += answer.text;
  }
  assert.equal(text, whole.text);
  assert.equal((await lab.ask({ path: '/feeds/urls.fortinet?kind=domain&part=4', token })).status, 404);
});

test('what a format has no form for is counted in the answer and in the file', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\n192.0.2.1\nevil.example/a\n');
  const answer = await lab.ask({ path: '/feeds/urls.nft', token });
  assert.equal(answer.fields.get('sallyport-entries'), '1');
  assert.equal(answer.fields.get('sallyport-skipped'), '1 domain, 1 url');
  assert.match(answer.text, /^# 1 entries; not in this format and left out: 1 domain, 1 url *$/m);
  const [artifact] = (await lab.exports.show('urls')).rendered;
  assert.deepEqual(artifact?.skipped, { domain: 1, url: 1 });
});

test('the index: JSON for programs, HTML for people, only what the client may see', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\n');
  await lab.exports.add('open', { public: true, note: '<b>&' }, 'test');
  const names = async (more: object) =>
    JSON.parse((await lab.ask({ path: '/feeds', ...more })).text).map(({ name }: { name: string }) => name);
  assert.deepEqual(await names({}), ['open']);
  assert.deepEqual(await names({ token }), ['open', 'all-block', 'all-allow', 'local', 'urls']);
  const page = await lab.ask({ path: '/feeds', fields: { Accept: 'text/html,*/*;q=0.8' } });
  assert.equal(page.fields.get('content-type'), 'text/html; charset=utf-8');
  assert.match(page.text, /&#60;b&#62;&#38;/);
  assert.equal((await lab.ask({ path: '/feeds', fields: { Accept: 'image/png' } })).status, 406);
});

test('MISP: the manifest names events that are there', async (t) => {
  const lab = await exportLab(scopeOf(t), (config) => ({
    ...config,
    exports: { ...config.exports, mispEventEntriesMax: 2 },
  }));
  await lab.add('urls', 'evil.example\n192.0.2.1\nevil.example/a\n');
  const manifest = (await lab.ask({ path: '/feeds/urls/misp/manifest.json', token })).json();
  assert.equal(Object.keys(manifest).length, 2);
  for (const uuid of Object.keys(manifest)) {
    const event = await lab.ask({ path: `/feeds/urls/misp/${uuid}.json`, token });
    assert.ok(event.text.startsWith(`{"Event":{"uuid":"${uuid}"`), event.text);
    assert.ok('Event' in event.json());
  }
  const hashes = await lab.ask({ path: '/feeds/urls/misp/hashes.csv', token });
  assert.equal(hashes.text.trim().split('\n').length, 3);
});
