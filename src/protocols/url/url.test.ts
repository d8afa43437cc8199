import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { assertNoSquare } from '../../../test/support/cost.ts';
import {
  canonicalHost,
  type CanonicalUrl,
  canonicalUrl,
  canonicalUrlOf,
  canonicalUrlOfBytes,
  hostSuffixes,
  pathPrefixes,
} from './index.ts';
import { ipv4OfForms } from './ipv4-forms.ts';

const VECTORS = resolve(
  process.env['SALLYPORT_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/data'),
  '08-url-vectors/safebrowsing_go_vectors.json',
);

interface Vector {
  readonly url_latin1: string;
  readonly output: string | readonly string[] | null;
  readonly fail: boolean;
}

/** How each suite of the vectors reads a URL. The reference client leaves query and port out of the URL. */
const SUITES: Readonly<Record<string, (url: CanonicalUrl) => string | readonly string[]>> = {
  TestCanonicalURL: (url) => `${url.scheme}://${url.host}${url.path}`,
  TestCanonicalHost: (url) => url.host,
  TestCanonicalPath: (url) => url.path,
  TestGeneratePatterns: (url) => url.expressions(),
  TestGenerateLookupHosts: (url) => hostSuffixes(url.host),
  TestGenerateLookupPaths: (url) => pathPrefixes(url.path, url.query).toReversed(),
};

test(
  'the vectors of the reference client hold',
  { skip: existsSync(VECTORS) ? false : 'SALLYPORT_DATA: no 08-url-vectors' },
  () => {
    const suites = JSON.parse(readFileSync(VECTORS, 'utf8')) as Record<string, readonly Vector[]>;
    let checked = 0;
    for (const [name, vectors] of Object.entries(suites)) {
      for (const { url_latin1: text, output, fail } of vectors) {
        checked++;
        if (name === 'TestParseIPAddress') {
          assert.equal(ipv4OfForms(text) ?? '', output, `${name} ${text}`);
          continue;
        }
        const url = canonicalUrlOfBytes(text);
        if (fail) assert.equal(url, undefined, `${name} ${text} must have no host`);
        else {
          assert.ok(url, `${name} ${text}`);
          const got = SUITES[name]!(url);
          // Hex digits of escapes are compared without case: lists hold both.
          assert.deepEqual(lowerEscapes(got), lowerEscapes(output ?? ''), `${name} ${text}`);
        }
      }
    }
    assert.equal(checked, 106);
  },
);

test('a host has one spelling', () => {
  const same: readonly (readonly [string, string | undefined])[] = [
    ['Example.COM.', 'example.com'],
    ['example.com', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['evil。example', 'evil.example'],
    ['evil%2eexample', 'evil.example'],
    ['0x7f.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['１２７.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
    ['[0:0:0:0:0:0:0:1]', '[::1]'],
    ['[::ffff:10.0.0.1]', '10.0.0.1'],
    ['[64:ff9b::a00:1]', '10.0.0.1'],
    ['[::c009:505]', '[::192.9.5.5]'],
    ['[fe80::1%25eth0]', '[fe80::1]'],
    ['a_b.example', 'a_b.example'],
    ['1.2.3.4.5', '1.2.3.4.5'],
    ['', undefined],
    ['...', undefined],
    ['a/b', undefined],
    ['a%2fb', undefined],
    ['a@b', undefined],
    ['[::1', undefined],
    ['[not-an-address]', undefined],
    ['x'.repeat(2000), undefined],
  ];
  for (const [text, expected] of same) assert.equal(canonicalHost(text), expected, text);
});

test('a URL cannot be told apart by its spelling', () => {
  const keys: readonly (readonly [string, string | undefined])[] = [
    ['https://user:pw@EVIL.example:8443/a/./b/../c?x=1#frag', 'evil.example/a/c?x=1'],
    ['evil.example', 'evil.example/'],
    ['evil.example:8080/x', 'evil.example/x'],
    ['evil.example?q', 'evil.example/?q'],
    ['http://evil.example\\a', 'evil.example/a'],
    ['http://x%2F@evil.example/', 'evil.example/'],
    ['http://evil.example/%252e%252e/a', 'evil.example/a'],
    ['http://evil.example/ü', 'evil.example/%C3%BC'],
    ['http://evil.example/%c3%bc', 'evil.example/%C3%BC'],
    ['javascript:alert(1)', undefined],
    ['http://evil.example:99999/', undefined],
    ['http://evil.example:8a/', undefined],
  ];
  for (const [text, expected] of keys) assert.equal(canonicalUrl(text)?.key, expected, text);
  assert.deepEqual(
    ['http://a.test/', 'https://a.test/', 'https://a.test:8443/', 'gopher://a.test/'].map(
      (text) => canonicalUrl(text)?.port,
    ),
    [80, 443, 8443, 0],
  );
});

test('a URL over the bound is not looked at', () => {
  const url = `http://a.test/${'x'.repeat(100)}`;
  assert.equal(canonicalUrl(url, 100), undefined);
  assert.equal(canonicalUrl(url, 200)?.path.length, 101);
  assert.equal(canonicalUrlOf('http', 'a.test', 80, '/abc', 5), undefined);
});

test('parts and text give the same URL, with and without the fast path', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('a.test', 'A.test.', 'b-1.a.test', '1.2.3.4', '[::1]', '0x1.2'),
      fc.string({ unit: fc.constantFrom('a', '/', '.', '?', '%', '2', 'e', '=', '\\', '~'), maxLength: 30 }),
      (host, tail) => {
        const fromText = canonicalUrlOfBytes(`http://${host}/${tail}`);
        const fromParts = canonicalUrlOf('http', host, 0, `/${tail}`);
        assert.equal(fromParts?.key, fromText?.key);
        assert.ok(fromParts);
        // Canonical is a fixed point, but for the query, where `\` and `/` mean nothing.
        assert.equal(canonicalUrlOfBytes(`http://${fromParts.key}`)?.key, fromParts.key);
        assert.equal(fromParts.expressions()[0], fromParts.key);
        assert.ok(fromParts.expressions().length <= 42);
      },
    ),
    { numRuns: 2000 },
  );
});

test('any text is answered, in linear time', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const url = canonicalUrl(text);
      if (url !== undefined) assert.match(url.key, /^[\x21-\x7e]+$/);
      canonicalHost(text);
    }),
    { numRuns: 3000 },
  );
  // A square cost would take minutes at this size.
  for (const piece of ['%25', '/..', '../', '%', '%2525', '.', '//', ' ', '@', ':', '\\', '?']) {
    const text = `http://a.test/${piece.repeat(200_000 / piece.length)}`;
    await assertNoSquare(1000, piece, () => {
      canonicalUrl(text, 500_000);
      canonicalUrl(text.replace('a.test/', ''), 500_000);
    });
  }
});

function lowerEscapes(value: string | readonly string[]): string | readonly string[] {
  const one = (text: string): string => text.replace(/%[0-9A-Fa-f]{2}/g, (escape) => escape.toLowerCase());
  return typeof value === 'string' ? one(value) : value.map(one);
}
