import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHostName, parseDestinationPattern } from './destination.ts';

function check(text: string, expected: string | undefined): void {
  const found = parseDestinationPattern(text);
  const network = found?.network === undefined ? '' : `${found.network.family}/${found.network.prefix}`;
  const ports = found?.ports === undefined ? '' : ` ${found.ports.from}-${found.ports.to}`;
  assert.equal(found && `${found.kind} ${found.host}${network}${ports}`, expected, text);
}

test('hosts, suffixes and networks, each with ports or without', () => {
  check('*.Example.com', 'suffix example.com');
  check('WWW.example.com.:443', 'host www.example.com 443-443');
  check('localhost:8000-8100', 'host localhost 8000-8100');
  check('_dmarc.example', 'host _dmarc.example');
  check('bücher.example', 'host bücher.example');
  check('10.0.0.0/8:80', 'network 4/8 80-80');
  check('192.0.2.1', 'network 4/32');
  check('2001:db8::1', 'network 6/128');
  check('[2001:db8::/32]:1-65535', 'network 6/32 1-65535');
  check('[::1]', 'network 6/128');
});

test('everything else is none', () => {
  for (const text of [
    '',
    '*',
    '*.',
    '.a',
    'a..b',
    '-a',
    'a-',
    'a b',
    'a/b',
    'http://a',
    'a:',
    'a:0',
    'a:65536',
    'a:2-1',
    'a:1-',
    'a:x',
  ]) {
    check(text, undefined);
  }
  for (const text of [
    '1.2.3',
    '1.2.3.256',
    '10.0.0.0/33',
    '*.10.0.0.1',
    '[::1',
    '[::1]x',
    '[::1]:',
    `${'a'.repeat(64)}.b`,
    'a.'.repeat(140),
  ]) {
    check(text, undefined);
  }
  assert.equal(isHostName('a.123'), false);
  assert.equal(isHostName('123.a'), true);
});
