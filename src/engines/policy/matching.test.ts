import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalUrl } from '../../protocols/url/index.ts';
import { compileGlob } from './glob.ts';
import { compileHosts, factHost, hostCovers, hostPattern } from './hosts.ts';
import { compileUrl, urlCovers, urlPattern } from './urls.ts';

const label = fc.constantFrom('a', 'b', 'evil-a', 'example', 'com', 'x1');
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const ports = fc.constantFrom('', ':80', ':443', ':80-90', ':1-65535');
const entry = fc
  .record({ host, suffix: fc.boolean(), ports, upper: fc.boolean(), dot: fc.boolean() })
  .map((parts) => ({
    ...parts,
    text: `${parts.suffix ? '*.' : ''}${parts.upper ? parts.host.toUpperCase() : parts.host}${parts.dot ? '.' : ''}${parts.ports}`,
  }));
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

/** The meaning of an entry in the most direct words. */
function model(each: Entry, name: string, port: number): boolean {
  const [from = 1, to = from] = each.ports === '' ? [1, 65_535] : each.ports.slice(1).split('-').map(Number);
  const labels = name.split('.');
  const own = each.host.split('.');
  const tail = labels.slice(labels.length - own.length).join('.');
  const fits = each.suffix ? labels.length > own.length && tail === each.host : name === each.host;
  return fits && port >= from && port <= to;
}

test('overlapping host entries fit exactly when one of them does, in any case, with and without a final dot', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 8 }),
      host,
      fc.constantFrom(79, 80, 85, 443),
      (list, name, port) => {
        const find = compileHosts(list.map(({ text }) => text));
        assert.equal(
          find(name, port) !== undefined,
          list.some((each) => model(each, name, port)),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test('an entry that covers another one fits whatever that one fits', () => {
  fc.assert(
    fc.property(entry, entry, host, fc.constantFrom(79, 80, 85, 443), (wide, narrow, name, port) => {
      if (!hostCovers(hostPattern(wide.text)!, hostPattern(narrow.text)!)) return;
      if (model(narrow, name, port)) assert.ok(model(wide, name, port), `${wide.text} / ${narrow.text}`);
    }),
    { numRuns: 3000 },
  );
});

test('names that only look like a listed one do not fit it', () => {
  const find = compileHosts([
    '*.example.com',
    'example.com',
    '192.0.2.0/24',
    '2001:db8::/32',
    'bücher.example',
  ]);
  const fits = (name: string): boolean => {
    const url = canonicalUrl(`http://${name}/`);
    return url !== undefined && find(factHost(url.host), 80) !== undefined;
  };
  for (const name of [
    'example.com',
    'EXAMPLE.com',
    'example.com.',
    'www.example.com',
    'www.example.com.',
    'a.b.example.com',
    'example%2ecom',
    '192.0.2.7',
    '[2001:DB8:0::9]',
    '0xc0000207',
    '3221225991',
    'bücher.example',
    'BÜCHER.example',
    'xn--bcher-kva.example',
  ]) {
    assert.ok(fits(name), name);
  }
  for (const name of [
    'evil-example.com',
    'evilexample.com',
    'example.com.evil.test',
    'example.co',
    'xexample.com',
    'example.com-evil.test',
    'com',
    '192.0.3.7',
    '192.0.2.7.evil.test',
    'bucher.example',
    'www.bücher.example',
  ]) {
    assert.ok(!fits(name), name);
  }
});

test('a glob is what the naive matcher says', () => {
  const naive = (pattern: string, text: string): boolean => {
    if (pattern === '') return text === '';
    if (pattern[0] === '*') {
      return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
    }
    return text !== '' && pattern[0] === text[0] && naive(pattern.slice(1), text.slice(1));
  };
  const small = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 6 });
  fc.assert(
    fc.property(pattern, small, (glob, text) => {
      assert.equal(compileGlob(glob)(text), naive(glob, text));
    }),
    { numRuns: 5000 },
  );
});

test('a glob with many stars costs no more than the text is long', () => {
  const fits = compileGlob(`${'a*'.repeat(500)}b`);
  assert.ok(!fits('a'.repeat(100_000)));
});

const path = fc
  .array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 })
  .chain((steps) =>
    fc.constantFrom('', '/').map((end) => `/${steps.join('/')}${steps.length > 0 ? end : ''}`),
  );

test('a URL prefix is that path and everything below it', () => {
  fc.assert(
    fc.property(path, path, fc.constantFrom('', '?q=1'), (prefix, seen, query) => {
      const pattern = urlPattern(`site.example${prefix}`);
      assert.ok(pattern !== undefined);
      const url = canonicalUrl(`http://site.example${seen}${query}`)!;
      const target = url.query === '' ? url.path : `${url.path}?${url.query}`;
      const isBelow =
        url.path === prefix ||
        (prefix.endsWith('/') && url.path.startsWith(prefix)) ||
        url.path.startsWith(`${prefix}/`);
      const fits = compileUrl(pattern)({ scheme: 'http', host: url.host, port: 80, target });
      assert.equal(fits, isBelow, `${prefix} / ${seen}`);
    }),
    { numRuns: 2000 },
  );
});

test('URL patterns are compared in canonical form, with scheme and port', () => {
  const fits = (pattern: string, text: string): boolean => {
    const compiled = urlPattern(pattern);
    assert.ok(compiled !== undefined, pattern);
    const { scheme, host: name, port, path: seen, query } = canonicalUrl(text)!;
    const target = query === '' ? seen : `${seen}?${query}`;
    return compileUrl(compiled)({ scheme, host: factHost(name), port, target });
  };
  for (const [pattern, text, expected] of [
    ['example.com/A/', 'http://example.com/A/b', true],
    ['example.com/A/', 'http://example.com/a/b', false],
    ['example.com/a', 'http://example.com/x/../a?q', true],
    ['example.com/a', 'http://example.com/%61', true],
    ['example.com/a', 'http://example.com/ab', false],
    ['example.com', 'http://www.example.com/', false],
    ['*.example.com/a', 'http://www.example.com/a', true],
    ['*.example.com/a', 'http://example.com/a', false],
    ['*.example.com', 'http://evil-example.com/', false],
    ['https://example.com/', 'http://example.com/', false],
    ['http://example.com:8080/', 'http://example.com:8080/x', true],
    ['http://example.com:8080/', 'http://example.com/x', false],
    ['example.com/*.exe', 'http://example.com/a/b.exe', true],
    ['example.com/*.exe', 'http://example.com/a/b.exe?x', false],
    ['*/login*', 'http://anything.example/login.php?user=a', true],
    ['[2001:db8::1]/a', 'http://[2001:DB8::0:1]/a', true],
    ['bücher.example/a', 'http://xn--bcher-kva.example/a', true],
  ] as const) {
    assert.equal(fits(pattern, text), expected, `${pattern} / ${text}`);
  }
  for (const bad of ['', 'a b.example', 'ftp://a.example/', 'a.example:0/', 'a.*.example/', 'a.example/ b']) {
    assert.equal(urlPattern(bad), undefined, bad);
  }
});

test('a URL pattern that covers another one fits whatever that one fits', () => {
  const urls = fc
    .tuple(fc.constantFrom('', '*.'), host, path, fc.constantFrom('', '*'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(urls, urls, host, path, (wide, narrow, name, target) => {
      const [outer, inner] = [urlPattern(wide), urlPattern(narrow)];
      if (outer === undefined || inner === undefined || !urlCovers(outer, inner)) return;
      const seen = { scheme: 'http', host: name, port: 80, target };
      if (compileUrl(inner)(seen))
        assert.ok(compileUrl(outer)(seen), `${wide} / ${narrow} / ${name}${target}`);
    }),
    { numRuns: 3000 },
  );
});
