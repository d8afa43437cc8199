import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { parseDestinationPattern } from '../../kernel/index.ts';
import { type PacInput, proxyPac } from './index.ts';

const DIRECT = [
  '10.0.0.0/8',
  '*.corp.example',
  'printer.example:631',
  'fd00::/8',
  '192.0.2.7',
  '127.0.0.0/8',
];

/** Runs the file as an engine does: no global of a browser or of Node. */
function asked(
  url: string,
  { direct = DIRECT, ...input }: Partial<Omit<PacInput, 'direct'>> & { direct?: string[] } = {},
) {
  const patterns = direct.map((text) => parseDestinationPattern(text)!);
  const text = proxyPac({ proxy: 'gw.corp.example:8080', direct: patterns, ...input });
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const answer: unknown = vm.runInNewContext(`${text}\nFindProxyForURL(url, host)`, { url, host });
  return answer;
}

test('plain names, listed names and addresses in listed networks go direct, the rest through the proxy', () => {
  for (const [url, expected] of [
    ['http://wiki/', 'DIRECT'],
    ['https://localhost:8443/', 'DIRECT'],
    ['https://a.b.corp.example/', 'DIRECT'],
    ['https://A.CORP.example./', 'DIRECT'],
    ['http://10.255.255.255/', 'DIRECT'],
    ['http://127.0.0.1:9/', 'DIRECT'],
    ['http://192.0.2.7/', 'DIRECT'],
    ['http://[fd12:3456::1]/', 'DIRECT'],
    ['http://[::ffff:10.1.2.3]/', 'DIRECT'],
    ['http://printer.example:631/', 'DIRECT'],
    ['http://printer.example/', 'PROXY gw.corp.example:8080'],
    ['https://printer.example/', 'PROXY gw.corp.example:8080'],
    ['http://corp.example/', 'PROXY gw.corp.example:8080'],
    ['http://notcorp.example/', 'PROXY gw.corp.example:8080'],
    ['http://10.example/', 'PROXY gw.corp.example:8080'],
    ['http://11.0.0.1/', 'PROXY gw.corp.example:8080'],
    ['http://192.0.2.8/', 'PROXY gw.corp.example:8080'],
    ['http://[2001:db8::1]/', 'PROXY gw.corp.example:8080'],
    ['http://[::1]/', 'PROXY gw.corp.example:8080'],
  ] as const) {
    assert.equal(asked(url), expected, url);
  }
});

test('a port belongs to the URL, not to user information or an IPv6 address', () => {
  const direct = ['www.example:443', '[2001:db8::1]:8080', 'alt.example:8000-8999'];
  for (const [url, expected] of [
    ['https://www.example/', 'DIRECT'],
    ['wss://www.example/', 'DIRECT'],
    ['http://www.example/', 'PROXY gw.corp.example:8080'],
    ['http://a:443@www.example/', 'PROXY gw.corp.example:8080'],
    ['http://www.example/?x=http://y:443', 'PROXY gw.corp.example:8080'],
    ['http://[2001:db8::1]:8080/', 'DIRECT'],
    ['http://[2001:db8::1]/', 'PROXY gw.corp.example:8080'],
    ['http://alt.example:8999/', 'DIRECT'],
    ['http://alt.example:9000/', 'PROXY gw.corp.example:8080'],
  ] as const) {
    assert.equal(asked(url, { direct }), expected, url);
  }
});

test('there is no way around the proxy unless it is asked for', () => {
  assert.equal(asked('http://example.com/'), 'PROXY gw.corp.example:8080');
  assert.equal(asked('http://example.com/', { fallback: 'direct' }), 'PROXY gw.corp.example:8080; DIRECT');
  assert.equal(asked('http://example.com/', { direct: [] }), 'PROXY gw.corp.example:8080');
});

test('a configured text cannot become code', () => {
  assert.equal(asked('http://example.com/', { proxy: '"; throw 1; //\u2028' }), 'PROXY "; throw 1; //\u2028');
});

test('the file is JavaScript of 1999', () => {
  const text = proxyPac({ proxy: 'gw:8080', direct: [] });
  assert.doesNotMatch(
    text,
    /=>|\b(const|let|class)\b|`|\?\?|\?\.|\.(includes|startsWith|endsWith|padStart)\(/,
  );
  assert.match(text, /^[\n\x20-\x7e]+$/);
});
