import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DestinationGuard } from './guard.ts';

const own = [
  { address: '0.0.0.0', port: 8080 },
  { address: '127.0.0.1', port: 9000 },
];

function check(
  allowed: readonly string[],
  address: string,
  port: number,
  expected: string | undefined,
): void {
  const guard = new DestinationGuard(allowed, own, ['10.0.0.5', 'fd00::5']);
  assert.equal(guard.check(address, port), expected, `${address}:${port} with [${allowed.join()}]`);
}

test('special addresses are refused, in every spelling that carries them', () => {
  for (const address of [
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '169.254.169.254',
    '100.100.100.200',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'ff02::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::1',
    'not-an-address',
  ]) {
    check([], address, 80, 'special-address');
  }
});

test('private and public addresses may be reached: the gateway stands between networks', () => {
  for (const address of ['10.1.2.3', '192.168.1.1', '198.51.100.7', '2001:db8::1', 'fd00::1']) {
    check([], address, 80, undefined);
  }
});

test('what may only reach the Internet is kept out of private networks, but for those that a setting names', () => {
  const guard = new DestinationGuard(['10.9.0.0/16'], own, []);
  for (const address of [
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    'fd00::1',
    'fec0::1',
    '::ffff:192.168.0.1',
    '64:ff9b::10.0.0.1',
  ]) {
    assert.equal(guard.checkReach(address, 443, 'public'), 'private-address', address);
    assert.equal(guard.checkReach(address, 443, 'any'), undefined, address);
  }
  assert.equal(guard.checkReach('10.9.1.1', 443, 'public'), undefined);
  assert.equal(guard.checkReach('8.8.8.8', 443, 'public'), undefined);
  assert.equal(guard.checkReach('2606:4700::1', 443, 'public'), undefined);
  assert.equal(guard.checkReach('127.0.0.1', 443, 'public'), 'special-address');
  assert.equal(guard.checkReach('127.0.0.1', 9000, 'public'), 'own-socket');
});

test('a setting opens networks, but never a socket of the gateway', () => {
  check(['127.0.0.0/8'], '127.0.0.1', 80, undefined);
  check(['127.0.0.0/8'], '127.0.0.1', 8080, 'own-socket');
  check(['127.0.0.0/8'], '::ffff:127.0.0.1', 80, undefined);
  check(['0.0.0.0/0', '::/0'], '10.0.0.5', 8080, 'own-socket');
  check(['0.0.0.0/0', '::/0'], 'fd00::5', 8080, 'own-socket');
  check(['0.0.0.0/0'], '0.0.0.0', 8080, 'own-socket');
  check(['0.0.0.0/0'], '127.0.0.1', 9000, 'own-socket');
  check(['0.0.0.0/0'], '10.0.0.5', 9000, undefined);
});

test('a mapped spelling of an own socket is seen through', () => {
  check(['0.0.0.0/0', '::/0'], '::ffff:127.0.0.1', 8080, 'own-socket');
  check(['0.0.0.0/0', '::/0'], '::ffff:127.0.0.1', 9000, 'own-socket');
});
