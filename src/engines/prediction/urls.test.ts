import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { canonicalUrl, hostParts } from '../../protocols/url/index.ts';
import { brandIn } from './brands.ts';
import { hostingOf } from './hosting.ts';
import { createPredictor, createSitePredictor, readUrlModel, readDomainModel } from './index.ts';
import { quickTrees } from './quick-trees.ts';
import { readTrees, type TreesData } from './trees.ts';
import { Words } from './words.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const predictor = createPredictor({ dataDir: '/nonexistent/sallyport', log });
const models = join(import.meta.dirname, '..', '..', '..', 'models');

function bodyOf(kind: string): Record<string, unknown> {
  const text = readFileSync(join(models, `${kind}.model`), 'utf8');
  // Written by our training: an object.
  return JSON.parse(text.slice(text.indexOf('\n') + 1)) as Record<string, unknown>;
}

test('pages of known sites are clean, imitations are not, and both say why', () => {
  for (const [url, verdict, reason] of [
    ['https://www.paypal.com/signin', 'clean', 'popularity'],
    ['https://docs.python.org/3/library/re.html', 'clean', 'path'],
    ['http://paypa1-secure.top/login', 'malicious', 'brand'],
    ['https://account-verify.micros0ft-support.xyz/', 'malicious', 'brand'],
    ['http://45.137.22.9:8080/bins/x86.sh', 'malicious', 'port'],
  ] as const) {
    const score = predictor.scoreUrl(url);
    assert.equal(score?.verdict, verdict, url);
    assert.ok(
      score.reasons.some(({ feature }) => feature === reason),
      `${url}: ${reason}`,
    );
    assert.ok(score.score >= 0 && score.score <= 100);
  }
});

test('the scheme, a leading www and a last slash change nothing', () => {
  const one = predictor.scoreUrl('https://www.example-shop.de/sale/')!.probability;
  for (const url of [
    'http://www.example-shop.de/sale/',
    'https://example-shop.de/sale',
    'example-shop.de/sale',
  ]) {
    assert.equal(predictor.scoreUrl(url)!.probability, one, url);
  }
});

test('names that programs make up stand out, popular names never do', () => {
  for (const name of ['xkqjwpzvbnrt.info', 'qgmgqcwcieuakkmw.org', '1hmmz021wkx7fxg1ee16enyvdx.com']) {
    assert.notEqual(predictor.scoreDomain(name)!.verdict, 'clean', name);
    assert.ok(predictor.scoreDomain(name)!.reasons.length > 0);
  }
  for (const name of ['google.com', 'wikipedia.org', 'my-little-bakery.de', '192.0.2.1', 'localhost']) {
    assert.equal(predictor.scoreDomain(name)!.verdict, 'clean', name);
  }
});

test('both ways of asking the trees give the same answer', () => {
  // Written by our training, and read below.
  const data = bodyOf('urls')['trees'] as TreesData;
  const trees = readTrees(data)!;
  const quick = quickTrees(data)!;
  let state = 7;
  for (let round = 0; round < 200; round++) {
    const row = Float64Array.from(data.features, (_, at) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const cuts = data.cuts[at]!;
      return cuts.length === 0 ? 0 : cuts[state % cuts.length]! + ((state >>> 8) % 3) - 1;
    });
    assert.equal(quick.logOdds(row), trees.logOdds(row));
  }
});

test('a body that is not whole is no model', () => {
  for (const [kind, read] of [
    ['urls', readUrlModel],
    ['domains', readDomainModel],
  ] as const) {
    const body = bodyOf(kind);
    assert.ok(read(body, '1') !== undefined);
    for (const field of Object.keys(body)) {
      for (const wrong of [undefined, null, {}, 'x', 7]) {
        assert.equal(
          read({ ...body, [field]: wrong }, '1'),
          undefined,
          `${kind} ${field} ${JSON.stringify(wrong)}`,
        );
      }
    }
  }
});

test('a model that is missing is not asked', () => {
  const sites = createSitePredictor({ urls: undefined, domains: undefined });
  const url = canonicalUrl('http://paypa1-secure.top/login')!;
  assert.deepEqual(
    [sites.scoreUrl(url), sites.scoreName(url.host), sites.isPopular(url)],
    [undefined, undefined, false],
  );
});

test('what is at home is not judged', () => {
  const sites = createSitePredictor(predictor);
  for (const host of [
    '127.0.0.1',
    '10.1.2.3',
    '[fd00::1]',
    'intranet',
    'wiki.corp',
    'nas.home.arpa',
    'x.local',
  ]) {
    assert.equal(sites.scoreUrl(canonicalUrl(`http://${host}/login`)!), undefined, host);
    assert.equal(sites.scoreName(host), undefined, host);
  }
  assert.equal(sites.scoreUrl(canonicalUrl('http://45.137.22.9:8080/bins/x86.sh')!)?.verdict, 'malicious');
});

test('asked for a host at home, the model says that it does not know', () => {
  for (const url of ['http://192.168.1.1/login', 'http://127.0.0.1:8080/', 'http://intranet/verify']) {
    const { verdict, probability, reasons } = predictor.scoreUrl(url)!;
    assert.deepEqual(
      [verdict, probability.toFixed(2), reasons.map(({ feature }) => feature)],
      ['clean', '0.50', ['home']],
      url,
    );
  }
});

test('nothing is said of how bad a suffix is that nobody has listed', () => {
  const suffixOf = (url: string): string | undefined =>
    predictor.scoreUrl(url)!.reasons.find(({ feature }) => feature === 'suffix')?.text;
  assert.equal(suffixOf('http://xkqjwpzvbn.example/'), '".example" is no public suffix');
  assert.equal(suffixOf('http://paypa1-login.top/verify'), 'many bad sites are under ".top"');
});

test('brands are found however they are written', () => {
  for (const [text, brand, spelling] of [
    ['paypal', 'paypal', 'plain'],
    ['www.micros0ft', 'microsoft', 'look-alike'],
    ['xn--pypal-4ve', 'paypal', 'look-alike'],
    ['rnetamask', 'metamask', 'look-alike'],
    ['facebok', 'facebook', 'near'],
    ['dhl-track', 'dhl', 'plain'],
    ['sidhling', undefined, undefined],
    ['purchase', undefined, undefined],
  ] as const) {
    const found = brandIn(text);
    assert.deepEqual([found?.brand.name, found?.spelling], [brand, spelling], text);
  }
});

test('what a host is let for is known below it, too', () => {
  assert.equal(hostingOf('shop.weebly.com'), 'pages');
  assert.equal(hostingOf('x.y.duckdns.org'), 'dynamic');
  assert.equal(hostingOf('notweebly.com'), undefined);
});

test('a label is read as few words', () => {
  const words = new Words(['iron', 'cross', 'floor', 'ironcross']);
  assert.deepEqual({ ...words.read('ironcrossfloor') }, { covered: 1, words: 2, longest: 9 });
  assert.deepEqual({ ...words.read('xxiron') }, { covered: 1 - 2 / 6, words: 1, longest: 4 });
  assert.deepEqual({ ...words.read('') }, { covered: 0, words: 0, longest: 0 });
});

test('a host is taken apart at its public suffix', () => {
  const shown = (host: string): unknown => {
    const { suffix, domain, name, subdomain, isPrivate } = hostParts(host);
    return [suffix, domain, name, subdomain, isPrivate];
  };
  assert.deepEqual(shown('www.mail.eu.example.co.uk'), [
    'co.uk',
    'example.co.uk',
    'example',
    'mail.eu',
    false,
  ]);
  assert.deepEqual(shown('me.github.io'), ['github.io', 'me.github.io', 'me', '', true]);
  assert.deepEqual(shown('192.0.2.1'), ['', '192.0.2.1', '', '', false]);
  assert.deepEqual(shown('co.uk'), ['co.uk', 'co.uk', '', '', false]);
});
