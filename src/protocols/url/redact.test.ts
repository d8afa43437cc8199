import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { urlRedactor } from './index.ts';

const NAMES = ['token', 'access_token', 'code', 'key', 'password', 'X-Amz-Signature', 'jsessionid'];
const redactor = urlRedactor(NAMES);

const URLS: readonly (readonly [url: string, redacted: string])[] = [
  // User information: of the URL, of a tunnel, of URLs that are parameters.
  ['http://alice:s3cret@host.example/a?b=c@d', 'http://host.example/a?b=c@d'],
  ['alice:s3cret@host.example:443', 'host.example:443'],
  ['http://a&b:c@d@host.example/', 'http://host.example/'],
  ['http://x/?to=ftp://u:p@y/&mail=a@b', 'http://x/?to=ftp://y/&mail=a@b'],
  ['http://x/?to=http%3A%2F%2Fu%3Ap%40y%2F', 'http://x/?to=http%3A%2F%2Fy%2F'],
  ['http://x/?to=http%253A%252F%252Fu%253Ap%2540y', 'http://x/?to=http%253A%252F%252Fy'],
  ['http://x/?site=http://y&mail=a@b', 'http://x/?site=http://y&mail=a@b'],
  // Parameters: their names in the forms in which they come.
  ['http://x/?token=abc', 'http://x/?token=[secret]'],
  ['http://x/?a=1&TOKEN=abc&b=2', 'http://x/?a=1&TOKEN=[secret]&b=2'],
  ['/cb?code=4%2F0AX&state=xyz', '/cb?code=[secret]&state=xyz'],
  [
    'http://x/?accessToken=a&access-token=b&ACCESS_TOKEN=c',
    'http://x/?accessToken=[secret]&access-token=[secret]&ACCESS_TOKEN=[secret]',
  ],
  ['http://x/?x%2damz-signature=abc&%74oken=def', 'http://x/?x%2damz-signature=[secret]&%74oken=[secret]'],
  [
    'http://x/?user[password]=a&user%5Bpassword%5D=b&key[]=c',
    'http://x/?user[password]=[secret]&user%5Bpassword%5D=[secret]&key[]=[secret]',
  ],
  ['http://x/?_token=a&toke%6e=b', 'http://x/?_token=[secret]&toke%6e=[secret]'],
  ['http://@/', 'http:///'],
  ['http://x/?token=a=b/c?d;e&f=g', 'http://x/?token=[secret]&f=g'],
  ['http://x/?token=a%26b&f=g', 'http://x/?token=[secret]&f=g'],
  ['http://x/?a=1;token=abc', 'http://x/?a=1;token=[secret]'],
  ['http://x/?a&token=abc#frag', 'http://x/?a&token=[secret]#frag'],
  ['http://x/#access_token=abc', 'http://x/#access_token=abc'],
  ['http://x/?q=1#access_token=abc', 'http://x/?q=1#access_token=[secret]'],
  ['http://x/a;jsessionid=ABC/b?c=d', 'http://x/a;jsessionid=[secret]/b?c=d'],
  ['http://x/a;jsessionid=ABC;v=1?c=d', 'http://x/a;jsessionid=[secret];v=1?c=d'],
  // URLs that are parameters, escaped or not.
  ['/v1/url?url=http://y/?token=abc&z=1', '/v1/url?url=http://y/?token=[secret]&z=1'],
  [
    '/v1/url?url=http%3A%2F%2Fy%2F%3Fa%3D1%26token%3Dabc%26b%3D2&z=1',
    '/v1/url?url=http%3A%2F%2Fy%2F%3Fa%3D1%26token%3D[secret]%26b%3D2&z=1',
  ],
  ['/r?u=%252F%253Ftoken%253Dabc%2526b', '/r?u=%252F%253Ftoken%253D[secret]%2526b'],
  ['/to/http%3a%2f%2fy%2f%3ftoken%3dabc', '/to/http%3a%2f%2fy%2f%3ftoken%3d[secret]'],
  // Nothing to hide.
  ['http://x/?tokens=3&mytoken=4&keyword=a&codec=b', 'http://x/?tokens=3&mytoken=4&keyword=a&codec=b'],
  ['http://x/?token=&code', 'http://x/?token=&code'],
  ['http://x/token=abc?a=token=abc', 'http://x/token=abc?a=token=abc'],
  ['http://x/a/key=1;b', 'http://x/a/key=1;b'],
  ['http://x/100%?%=%&%2', 'http://x/100%?%=%&%2'],
];

test('user information and the values of listed parameters are hidden, and nothing else', () => {
  for (const [url, redacted] of URLS) assert.equal(redactor.url(url), redacted, url);
});

test('in a text each URL ends where the text goes on', () => {
  const checks: readonly (readonly [string, string])[] = [
    [
      'GET https://u:p@x/?token=a b "http://y/?key=c" <http://z/?code=d>.',
      'GET https://x/?token=[secret] b "http://y/?key=[secret]" <http://z/?code=[secret]>.',
    ],
    ['{"path":"/cb?code=abc","n":1}', '{"path":"/cb?code=[secret]","n":1}'],
    ['what? token=5 is a number; key=6', 'what? token=5 is a number; key=6'],
    ['/a;jsessionid=x/b and alice@corp.example', '/a;jsessionid=[secret]/b and alice@corp.example'],
  ];
  for (const [text, redacted] of checks) assert.equal(redactor.text(text), redacted);
});

test('without names only user information is hidden', () => {
  const bare = urlRedactor([]);
  assert.equal(bare.url('http://u:p@x/?token=abc'), 'http://x/?token=abc');
  assert.equal(bare.text('see http://u:p@x/?token=abc'), 'see http://x/?token=abc');
});

test('wherever a secret is put and however often it is escaped, it is gone, and hiding again changes nothing', () => {
  const secret = 'S3CRET';
  const noise = fc.string({
    unit: fc.constantFrom('a', '=', '&', ';', '/', '%', '2', '5', '%3', 'F', '@', ':', '%26', '[', ']'),
    maxLength: 20,
  });
  fc.assert(
    fc.property(noise, noise, fc.constantFrom(...NAMES), fc.nat(3), (before, after, name, depth) => {
      let inner = `http://user:${secret}@y.example/?x=1&${name}=${secret}`;
      for (let at = 0; at < depth; at++) inner = encodeURIComponent(inner);
      const url = `http://x.example/${before.replace('?', '')}?u=${inner}&${after}`;
      const hidden = redactor.url(url);
      assert.ok(!hidden.includes(secret), `${url} -> ${hidden}`);
      assert.equal(redactor.url(hidden), hidden);
      assert.ok(!redactor.text(`got ${url} today`).includes(secret));
    }),
    { numRuns: 2000 },
  );
});

test('what an enemy writes takes linear time', () => {
  const attacks = [
    '?',
    '&',
    '?&',
    '%25',
    '%',
    '%3',
    '://',
    '%3A%2F%2F',
    '@',
    'token',
    'token=',
    ';key',
    '%40',
    '&token=[',
    '=',
    ']',
    '%253D',
  ];
  for (const piece of attacks) {
    const long = `http://x/?${piece.repeat(400_000 / piece.length)}`;
    // A quadratic run over these would take minutes and fail by the limit of the runner.
    assert.ok(redactor.url(long).length > 0, piece);
    assert.ok(redactor.text(long).length > 0, piece);
  }
});
