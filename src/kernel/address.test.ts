import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  embeddedIpv4,
  formatAddress,
  NetworkSet,
  parseAddress,
  parseNetwork,
  plainAddress,
} from './address.ts';

test('addresses read and written in standard form', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['10.0.0.1', '10.0.0.1'],
    ['[::1]', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::', '::'],
    ['10.0.0', undefined],
    ['010.0.0.1', undefined],
    ['g::1', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) {
    const address = parseAddress(text);
    assert.equal(address && formatAddress(address), expected, text);
  }
});

test('an IPv6 address that carries IPv4 is seen through', () => {
  for (const [text, expected] of [
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['64:ff9b::7f00:1', '127.0.0.1'],
    ['2002:7f00:1::', '127.0.0.1'],
    ['2001:db8::7f00:1', undefined],
  ] as const) {
    const inner = embeddedIpv4(parseAddress(text)!);
    assert.equal(inner && formatAddress(inner), expected, text);
  }
  assert.equal(plainAddress('::ffff:10.1.2.3'), '10.1.2.3');
  assert.equal(plainAddress('::1'), '::1');
});

test('networks: prefixes are checked, host bits cleared', () => {
  assert.equal(formatAddress({ family: 4, value: parseNetwork('10.9.8.7/8')!.first }), '10.0.0.0');
  for (const bad of ['10.0.0.0/33', '10.0.0.0/', '::/129', 'x/8', '10.0.0.0/-1']) {
    assert.equal(parseNetwork(bad), undefined, bad);
  }
  assert.throws(() => new NetworkSet(['10.0.0.0/40']), RangeError);
});

test('a set answers like its networks one by one, at every edge', () => {
  const texts = [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '192.168.4.0/22',
    '192.168.8.0/22',
    '0.0.0.0/32',
    'fd00::/8',
    '::1/128',
  ];
  const set = new NetworkSet(texts);
  const networks = texts.map((text) => parseNetwork(text)!);
  for (const network of networks) {
    for (const value of [network.first - 1n, network.first, network.last, network.last + 1n]) {
      if (value < 0n || (network.family === 4 && value > 0xffff_ffffn)) continue;
      const address = { family: network.family, value } as const;
      const expected = networks.some(
        (each) => each.family === address.family && value >= each.first && value <= each.last,
      );
      assert.equal(set.has(address), expected, formatAddress(address));
    }
  }
  assert.equal(set.hasText('::ffff:10.2.3.4'), true, 'mapped addresses are judged as IPv4');
  assert.equal(set.hasText('not an address'), false);
});
