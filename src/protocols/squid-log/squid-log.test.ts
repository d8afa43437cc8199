import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SquidLine, squidLine } from './index.ts';

const BASE: SquidLine = {
  endMs: 1_286_536_308_779,
  elapsedMs: 180,
  client: '192.168.0.224',
  resultCode: 'TCP_MISS',
  status: 200,
  bytes: 411,
  method: 'GET',
  url: 'http://example.com/a?b=c',
  user: undefined,
  hierarchy: 'HIER_DIRECT',
  peer: '192.0.2.7',
  mediaType: 'text/html',
};

function check(change: Partial<SquidLine>, expected: string): void {
  assert.equal(squidLine({ ...BASE, ...change }), `${expected}\n`);
}

test('the fields stand in the order and width of the native format', () => {
  check(
    {},
    '1286536308.779    180 192.168.0.224 TCP_MISS/200 411 GET http://example.com/a?b=c - HIER_DIRECT/192.0.2.7 text/html',
  );
  check(
    { endMs: 1_286_536_308_007, elapsedMs: 1_234_567, status: 0, user: 'ana', mediaType: undefined },
    '1286536308.007 1234567 192.168.0.224 TCP_MISS/000 411 GET http://example.com/a?b=c ana HIER_DIRECT/192.0.2.7 -',
  );
});

test('nothing a peer sends can add a field or a line', () => {
  check(
    { url: 'http://x/a b\r\n1 2 3', user: 'Ana María%20%', peer: '' },
    '1286536308.779    180 192.168.0.224 TCP_MISS/200 411 GET http://x/a%20b%0D%0A1%202%203 Ana%20Mar%C3%ADa%20%25 HIER_DIRECT/- text/html',
  );
});
