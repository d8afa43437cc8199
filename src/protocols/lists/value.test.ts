import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listValue, listValues } from './index.ts';

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';
const SHA1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Texts with `kind value`, or with the reason why they are no value. */
function check(pairs: readonly (readonly [string, string])[]): void {
  for (const [text, expected] of pairs) {
    const value = listValue(text);
    assert.equal(
      typeof value === 'string' ? value : `${value.kind} ${value.value}`,
      expected,
      text.slice(0, 80),
    );
  }
}

test('hashes, told apart by their length, with or without a name before them', () =>
  check([
    [MD5, `hash ${MD5}`],
    [SHA1.toUpperCase(), `hash ${SHA1}`],
    [SHA256, `hash ${SHA256}`],
    [`sha256:${SHA256.toUpperCase()}`, `hash ${SHA256}`],
    [`SHA-1: ${SHA1}`, `hash ${SHA1}`],
    [`md5:${MD5}`, `hash ${MD5}`],
    [`"${MD5}",`, `hash ${MD5}`],
    [`sha256:${MD5}`, 'not a hash of sha256: it has 32 digits'],
    ['md5:xyz', 'not a hash: not hexadecimal'],
    ['a'.repeat(128), 'a hash of SHA-512 is not supported'],
    [`sha512:${'a'.repeat(128)}`, 'a hash of SHA-512 is not supported'],
    [MD5.slice(1), 'not a domain name: no dot'],
  ]));

test('mail addresses', () =>
  check([
    ['User.Name+tag@Evil.Example', 'email user.name+tag@evil.example'],
    ['a[@]b[.]example', 'email a@b.example'],
    ['a[at]b[dot]example', 'email a@b.example'],
    ['<a@b.example>', 'email a@b.example'],
    ['mailto:a@b.example', 'email a@b.example'],
    ['x@bücher.example', 'email x@xn--bcher-kva.example'],
    ['ü@b.example', 'not a mail address'],
    ['"a b"@c.example', 'not a mail address'],
    [`${'a'.repeat(65)}@b.example`, 'not a mail address'],
    [`${'a'.repeat(64)}@${'b.'.repeat(95)}example`, 'a mail address longer than 254 bytes'],
    ['@b.example', 'a pattern of mail addresses is not supported'],
    ['*@b.example', 'a pattern of mail addresses is not supported'],
    ['a@nodot', 'not a mail address: its domain is not a domain name: no dot'],
    ['a@192.0.2.1', 'not a mail address: its domain is an address, not a domain name'],
    // With a path behind it, it is a URL with credentials.
    ['user:secret@evil.example/a', 'url evil.example/a'],
  ]));

test('values made harmless for reading', () =>
  check([
    ['hxxp://evil[.]example/x', 'url evil.example/x'],
    ['hXXps[:]//evil(.)example', 'url evil.example/'],
    ['h**p://evil{.}example/', 'url evil.example/'],
    ['hxxps[://]evil[ . ]example', 'url evil.example/'],
    ['meow://evil.example/', 'url evil.example/'],
    ['fxp://evil.example/f', 'url evil.example/f'],
    ['evil[dot]example', 'domain evil.example'],
    ['evil(DOT)example', 'domain evil.example'],
    ['[.]evil[.]example', 'domain evil.example'],
    ['evil\\.example', 'domain evil.example'],
    ['http://evil\\.example/a', 'url evil.example/a'],
    ['192[.]0[.]2[.]1:8080', 'address 192.0.2.1'],
    ['^evil\\.example$', 'a regular expression is not supported'],
    ['ev(il|al)\\.example', 'a regular expression is not supported'],
    // Part of a word, and no dot.
    ['anecdote.example', 'domain anecdote.example'],
  ]));

test('what stands around a value', () =>
  check([
    ['\ufeffevil.example\r', 'domain evil.example'],
    ['ev\u200bil.exam\u00adple', 'domain evil.example'],
    ['"evil.example"', 'domain evil.example'],
    ["'evil.example';", 'domain evil.example'],
    ['\u201cevil.example\u201d', 'domain evil.example'],
    ['evil.example.,', 'domain evil.example'],
    ['192.0.2.1.', 'address 192.0.2.1'],
    ['192.0.2.0/24,', 'network 192.0.2.0/24'],
    ['<http://evil.example/a>', 'url evil.example/a'],
    ['"http://evil.example/a",', 'url evil.example/a'],
    // A comma may be part of a path.
    ['http://evil.example/a,', 'url evil.example/a,'],
    ['""', 'the value is empty'],
    [' , ', 'the value is empty'],
  ]));

test('one spelling of each thing', () =>
  check([
    ['ПРИМЕР.рф', 'domain xn--e1afmkfd.xn--p1ai'],
    ['evil。example', 'domain evil.example'],
    ['ⓔvil.example', 'domain evil.example'],
    ['http://user:pw@evil.example/a', 'url evil.example/a'],
    ['http://evil.example/%2525252541', 'url evil.example/A'],
    ['evil.example?a=1', 'url evil.example/?a=1'],
    ['192.0.2.77/24', 'network 192.0.2.0/24'],
    ['::ffff:192.0.2.1', 'address 192.0.2.1'],
    ['::ffff:192.0.2.0/120', 'network 192.0.2.0/24'],
    ['[2001:DB8::1]:443', 'address 2001:db8::1'],
    ['2001:db8::ff/32', 'network 2001:db8::/32'],
    ['192.0.2.0/33', 'not a network: its prefix is too long'],
    ['evil.example:99999', 'a port above 65535'],
    ['javascript:alert(1)', 'a regular expression is not supported'],
    ['file:///etc/passwd', 'URLs of file are not supported'],
  ]));

test('ranges are the fewest networks', () => {
  const values = (text: string): string | readonly string[] => {
    const found = listValues(text);
    return typeof found === 'string' ? found : found.map(({ value }) => value);
  };
  assert.deepEqual(values('192.0.2.1 - 192.0.2.4'), ['192.0.2.1', '192.0.2.2/31', '192.0.2.4']);
  assert.deepEqual(values('192.0.2.0-192.0.2.255'), ['192.0.2.0/24']);
  assert.deepEqual(values('192[.]0.2.7-192[.]0.2.7'), ['192.0.2.7']);
  assert.deepEqual(values('2001:db8::-2001:db8::ffff'), ['2001:db8::/112']);
  assert.equal(values('192.0.2.9-192.0.2.1'), 'a range of addresses that ends first');
  assert.equal(values('192.0.2.1-2001:db8::1'), 'a range of addresses that ends first');
  assert.equal(
    values('::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe'),
    'a range of addresses of more than 64 networks',
  );
  assert.deepEqual(values('a-b.example'), ['a-b.example']);
  assert.equal(listValue('192.0.2.1-192.0.2.4'), 'a range of addresses: write it as networks');
});

test('megabytes are refused with a reason', () => {
  const long = 'a value longer than 65536 bytes';
  check([
    [`http://evil.example/${'a'.repeat(2_000_000)}`, long],
    ['a'.repeat(2_000_000), long],
    [' '.repeat(2_000_000), long],
    [`http://evil.example/${'é'.repeat(60_000)}`, long],
    // Fits, but escaped it does not.
    [`http://evil.example/${'é'.repeat(20_000)}`, 'a value longer than 65535 bytes'],
  ]);
});
