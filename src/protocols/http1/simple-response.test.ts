import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simpleResponse, VIOLATIONS } from './index.ts';

const BASE = {
  status: 403,
  reason: 'Forbidden',
  fields: [['X-A', 'b']],
  body: 'nö',
  keepAlive: true,
  head: false,
} as const;

function text(response: Parameters<typeof simpleResponse>[0]): string {
  return Buffer.from(simpleResponse(response)).toString('latin1');
}

test('an answer of our own', () => {
  const head = 'HTTP/1.1 403 Forbidden\r\nX-A: b\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n';
  assert.equal(text(BASE), `${head}n\xc3\xb6`);
  assert.equal(text({ ...BASE, head: true }), head);
  assert.equal(text({ ...BASE, body: new Uint8Array([1]), keepAlive: false }).split('\r\n\r\n')[1], '\x01');
  assert.match(text({ ...BASE, keepAlive: false }), /\r\nConnection: close\r\n\r\n/);
  assert.equal(
    text({ ...BASE, status: 204, reason: 'No Content', fields: [] }),
    'HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n',
  );
});

test('no value adds a line, no name is anything but a token', () => {
  const split = text({ ...BASE, reason: 'a\r\nb', fields: [['Location', 'x\r\nSet-Cookie: y\0\u{2028}']] });
  assert.ok(split.startsWith('HTTP/1.1 403 a  b\r\nLocation: x  Set-Cookie: y  \r\nContent-Length'), split);
  assert.throws(() => text({ ...BASE, fields: [['a\r\nb', 'c']] }), RangeError);
});

test('every violation has a status and a sentence', () => {
  for (const [code, { status, reason }] of Object.entries(VIOLATIONS)) {
    assert.match(code, /^HTTP1_[A-Z0-9_]+$/);
    assert.ok([400, 414, 417, 431, 501, 502, 505].includes(status), code);
    assert.match(reason, /^[A-Z].*\.$/);
  }
});
