import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { exportLab } from '../../../test/support/exports.ts';
import { scopeOf } from '../../../test/support/scope.ts';

const token = 'analyst';

test('a feed goes out under its name, and what is allowed locally does not', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\nbad.example\nworse.example/a\n192.0.2.7\n192.0.2.8\n');
  await lab.admin.addLocal({ value: 'bad.example', action: 'allow' }, 'test');
  await lab.admin.addLocal({ value: '192.0.2.8/31', action: 'allow' }, 'test');
  const answer = await lab.ask({ path: '/feeds/urls.txt', token });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, 'evil.example\nworse.example/a\n192.0.2.7\n');
  const [artifact] = (await lab.exports.show('urls')).rendered;
  assert.equal(artifact?.allowed, 2);
});

test('all-block and all-allow join what all lists say, each value once', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('one', 'a.example\nb.example\n');
  await lab.add('two', 'b.example\nc.example\n');
  await lab.add('good', 'd.example\n', { action: 'allow' });
  await lab.admin.addLocal({ value: 'e.example', action: 'block' }, 'test');
  const blocked = await lab.ask({ path: '/feeds/all-block.txt', token });
  assert.deepEqual(blocked.text.trim().split('\n').toSorted(), [
    'a.example',
    'b.example',
    'c.example',
    'e.example',
  ]);
  assert.equal((await lab.ask({ path: '/feeds/all-allow.txt', token })).text, 'd.example\n');
});

test('a filter takes kinds, severities, categories and ages; time alone changes a list', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('high', 'a.example\n192.0.2.1\n', { category: 'phishing', severity: 'critical' });
  await lab.add('low', 'b.example\n', { category: 'phishing', severity: 'low' });
  await lab.exports.add('strict', { severity: 'high', kinds: ['domain', 'host'], maxAge: '1h' }, 'test');
  assert.equal((await lab.ask({ path: '/feeds/strict.txt', token })).text, 'a.example\n');
  lab.clock.nowMs += 3_700_000;
  assert.equal((await lab.ask({ path: '/feeds/strict.txt', token })).text, '');
});

test('a list is rendered once for a state of its feeds, whoever asks how often', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\n');
  await Promise.all([1, 2, 3, 4].map(() => lab.ask({ path: '/feeds/urls.txt', token })));
  assert.equal(lab.rendered(), 1);
  await lab.add('other', 'good.example\n');
  const same = await lab.ask({ path: '/feeds/urls.txt', token });
  assert.equal(lab.rendered(), 1);
  await lab.add('urls', 'evil.example\nbad.example\n');
  const next = await lab.ask({ path: '/feeds/urls.txt', token });
  assert.equal(lab.rendered(), 2);
  assert.notEqual(next.fields.get('etag'), same.fields.get('etag'));
  assert.equal(
    readdirSync(lab.cacheDir).filter((name) => name.endsWith('.txt')).length,
    1,
    'the old one is gone',
  );
});

test('control away: the last list goes on being sent, and says that it is old', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\n');
  await lab.ask({ path: '/feeds/urls.txt', token });
  await lab.add('urls', 'evil.example\nbad.example\n');
  lab.leave();
  const answer = await lab.ask({ path: '/feeds/urls.txt', token });
  assert.equal(answer.status, 200);
  assert.equal(answer.fields.get('sallyport-stale'), 'true');
  assert.equal(answer.text, 'evil.example\n');
  assert.equal((await lab.ask({ path: '/feeds/urls.csv', token })).status, 503);
});

test('the cache stays within its bounds', async (t) => {
  const lab = await exportLab(scopeOf(t), (config) => ({
    ...config,
    exports: { ...config.exports, cacheBytesMax: 1 },
  }));
  await lab.add('urls', 'evil.example\n');
  await lab.ask({ path: '/feeds/urls.txt', token });
  await lab.ask({ path: '/feeds/urls.csv', token });
  assert.equal(readdirSync(lab.cacheDir).filter((name) => name.endsWith('.json')).length, 1);
  assert.equal((await lab.ask({ path: '/feeds/urls.txt', token })).text, 'evil.example\n');
});

test('an export that is too large is refused, and leaves nothing behind', async (t) => {
  const lab = await exportLab(scopeOf(t), (config) => ({
    ...config,
    exports: { ...config.exports, fileBytesMax: 10 },
  }));
  await lab.add('urls', 'evil.example\n');
  const answer = await lab.ask({ path: '/feeds/urls.txt', token });
  assert.equal(answer.status, 429);
  assert.equal(answer.json().code, 'export-too-large');
  assert.deepEqual(readdirSync(lab.cacheDir), []);
});

test('TLP: red never leaves, amber only with a token', async (t) => {
  const lab = await exportLab(scopeOf(t));
  for (const tlp of ['clear', 'green', 'amber', 'amber+strict', 'red'] as const) {
    await lab.add(`feed-${tlp.replace('+', '-')}`, `${tlp.replace('+', '-')}.example\n`, { tlp });
  }
  await lab.exports.add('open', { public: true }, 'test');
  const anonymous = await lab.ask({ path: '/feeds/open.txt' });
  assert.deepEqual(anonymous.text.trim().split('\n').toSorted(), ['clear.example', 'green.example']);
  const known = await lab.ask({ path: '/feeds/open.txt', token });
  assert.deepEqual(known.text.trim().split('\n').toSorted(), [
    'amber-strict.example',
    'amber.example',
    'clear.example',
    'green.example',
  ]);
  assert.equal((await lab.ask({ path: '/feeds/feed-red.txt', token })).text, '');
});

test('exports are stored, listed, checked and removed; built-in ones stay', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', 'evil.example\n');
  await lab.exports.add('mine', { feeds: ['urls'], limit: 1 }, 'test');
  const names = (await lab.exports.list()).map(({ name, origin }) => `${name} ${origin}`);
  assert.deepEqual(names, [
    'mine stored',
    'all-block built-in',
    'all-allow built-in',
    'local feed',
    'urls feed',
  ]);
  await assert.rejects(lab.exports.add('mine', {}, 'test'), { code: 'EXPORT_EXISTS' });
  await assert.rejects(lab.exports.add('Bad Name', {}, 'test'), { code: 'EXPORT_NAME' });
  await assert.rejects(lab.exports.add('bad', { tlp: 'red' }, 'test'), { code: 'EXPORT_VALUE' });
  await assert.rejects(lab.exports.add('bad', { color: 'red' }, 'test'), { code: 'EXPORT_VALUE' });
  await assert.rejects(lab.exports.remove('all-block', 'test'), { code: 'EXPORT_BUILT_IN' });
  await lab.exports.remove('mine', 'test');
  await assert.rejects(lab.exports.show('mine'), { code: 'EXPORT_UNKNOWN' });
});

test('a permission that ends, ends in the lists too; warning lists are no lists to go out', async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('warning', 'good.example\n', { action: 'suppress' });
  await lab.add('urls', 'evil.example\n192.0.2.0/25\n');
  const expiresAfterMs = 3_600_000;
  await lab.admin.addLocal({ value: 'evil.example', action: 'allow', expiresAfterMs }, 'test');
  await lab.admin.addLocal({ value: '192.0.2.0/24', action: 'allow', expiresAfterMs }, 'test');
  const list = async (): Promise<string> => (await lab.ask({ path: '/feeds/all-block.txt', token })).text;
  assert.equal(await list(), '');
  assert.equal((await lab.ask({ path: '/feeds/all-allow.txt', token })).text, 'evil.example\n192.0.2.0/24\n');
  lab.clock.nowMs += expiresAfterMs + 1000;
  assert.equal(await list(), 'evil.example\n192.0.2.0/25\n');
  assert.equal((await lab.ask({ path: '/feeds/warning.txt', token })).status, 404);
});

test('what goes out comes in again as the same set: the native form, STIX, MISP', async (t) => {
  const lab = await exportLab(scopeOf(t));
  const hash = 'ab'.repeat(32);
  const list = `evil.example\n=www.bad.example\nbad.example/x?y=1\n192.0.2.1\n192.0.2.0/24\n2001:db8::1\n${hash}\na@evil.example\n`;
  await lab.add('urls', list, { category: 'phishing', severity: 'critical', confidence: 70, tlp: 'green' });
  const rows = async (feed: string): Promise<readonly string[]> => {
    const { text } = await lab.ask({ path: `/feeds/${feed}.csv`, token });
    // Kind, value, action, category, severity, confidence and TLP.
    return text
      .split('\r\n')
      .map((row) => row.split(',').slice(0, 7).join())
      .toSorted((x, y) => x.localeCompare(y));
  };
  const wanted = await rows('urls');
  assert.equal(wanted.length, 10);
  const native = await lab.ask({ path: '/feeds/urls.ndjson', token });
  await lab.add('native', native.text, { format: 'sallyport' });
  assert.deepEqual(await rows('native'), wanted);
  const bundle = await lab.ask({ path: '/feeds/urls.stix.json', token });
  await lab.add('stix', bundle.text, { format: 'stix' });
  assert.deepEqual(await rows('stix'), wanted);
  const manifest = (await lab.ask({ path: '/feeds/urls/misp/manifest.json', token })).json();
  const [uuid] = Object.keys(manifest);
  const event = await lab.ask({ path: `/feeds/urls/misp/${uuid}.json`, token });
  await lab.add('misp', event.text, { format: 'misp-event' });
  assert.deepEqual(await rows('misp'), wanted);
});
