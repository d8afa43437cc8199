import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as der from './der.ts';

function check(actual: Uint8Array, expected: string): void {
  assert.equal(Buffer.from(actual).toString('hex'), expected.replaceAll(' ', ''));
}

test('lengths are as short as possible (X.690 §10.1)', () => {
  check(der.octetString(new Uint8Array(0)), '0400');
  assert.deepEqual([...der.octetString(new Uint8Array(127)).subarray(0, 2)], [0x04, 127]);
  assert.deepEqual([...der.octetString(new Uint8Array(128)).subarray(0, 3)], [0x04, 0x81, 128]);
  assert.deepEqual([...der.octetString(new Uint8Array(256)).subarray(0, 4)], [0x04, 0x82, 1, 0]);
  assert.deepEqual([...der.octetString(new Uint8Array(65_536)).subarray(0, 5)], [0x04, 0x83, 1, 0, 0]);
});

test('integers are positive and minimal (X.690 §8.3)', () => {
  check(der.integer(Buffer.of(0)), '020100');
  check(der.integer(Buffer.of()), '020100');
  check(der.integer(Buffer.of(0, 0, 5)), '020105');
  check(der.integer(Buffer.of(0x80)), '02020080');
  check(der.integer(Buffer.of(0, 0x80)), '02020080');
  check(der.integer(Buffer.of(0x7f, 0xff)), '02027fff');
});

test('object identifiers (X.690 §8.19)', () => {
  check(der.objectIdentifier('2.5.29.17'), '0603551d11');
  check(der.objectIdentifier('1.2.840.10045.4.3.2'), '06082a8648ce3d040302');
  check(der.objectIdentifier('2.999.3'), '0603883703');
});

test('times change their form in 2050 (RFC 5280 §4.1.2.5)', () => {
  check(
    der.time(Date.parse('2049-12-31T23:59:59.999Z')),
    `170d${Buffer.from('491231235959Z').toString('hex')}`,
  );
  check(
    der.time(Date.parse('2050-01-01T00:00:00Z')),
    `180f${Buffer.from('20500101000000Z').toString('hex')}`,
  );
});

test('strings, bits, booleans, sets and tags', () => {
  check(der.utf8String('ü'), '0c02c3bc');
  check(der.bitString(Buffer.of(0x80), 7), '03020780');
  check(der.boolean(true), '0101ff');
  check(der.set(der.boolean(false)), '3103010100');
  check(der.sequence(der.integer(Buffer.of(1)), der.integer(Buffer.of(2))), '3006020101020102');
  check(der.context(3, der.sequence()), 'a3023000');
  check(der.contextPrimitive(2, Buffer.from('a')), '820161');
});
