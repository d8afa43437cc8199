import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutOctets, formatSyslog, frameLine, frameOctetCounted, type SyslogMessage } from './index.ts';

const BASE: SyslogMessage = {
  facility: 16,
  severity: 5,
  timeMs: Date.UTC(2026, 10, 24, 3, 20, 0, 123),
  hostname: 'gw.example.test',
  appName: 'sallyport',
  procId: '42',
  msgId: 'decision.block',
  data: {},
  text: 'CEF:0|x',
};

function check(change: Partial<SyslogMessage>, expected: string): void {
  assert.equal(formatSyslog({ ...BASE, ...change }), expected);
}

test('the fields of RFC 5424 §6 stand in their order', () => {
  check({}, '<133>1 2026-11-24T03:20:00.123Z gw.example.test sallyport 42 decision.block - CEF:0|x');
  check({ hostname: '', procId: '', msgId: '' }, '<133>1 2026-11-24T03:20:00.123Z - sallyport - - - CEF:0|x');
  check(
    { data: { 'gw@32473': { rule: 'a"b]c\\d\ne' } } },
    '<133>1 2026-11-24T03:20:00.123Z gw.example.test sallyport 42 decision.block [gw@32473 rule="a\\"b\\]c\\\\d e"] CEF:0|x',
  );
});

test('nothing in a field can begin another field or another message', () => {
  check(
    { hostname: 'a b\n<0>1', msgId: 'x'.repeat(70), text: 'one\r\ntwo\0three\u2028four' },
    `<133>1 2026-11-24T03:20:00.123Z ab<0>1 sallyport 42 ${'x'.repeat(32)} - one two three four`,
  );
});

test('framing counts octets, not characters', () => {
  assert.equal(frameOctetCounted('añ€'), '6 añ€');
  assert.equal(frameLine('a'), 'a\n');
});

test('a message is cut between characters', () => {
  for (const [octetsMax, expected] of [
    [6, 'añ€'],
    [5, 'añ'],
    [3, 'añ'],
    [2, 'a'],
    [0, ''],
  ] as const) {
    assert.equal(cutOctets('añ€', octetsMax), expected, `${octetsMax} octets`);
  }
});
