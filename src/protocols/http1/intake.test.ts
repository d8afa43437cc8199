import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1, LIMITS } from '../../../test/fuzz/http1-drive.ts';
import { RequestDecoder, type RequestEvent, type Stop } from './index.ts';
import { Intake } from './intake.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n';

function events(decoder: RequestDecoder): (RequestEvent | Stop)[] {
  const all: (RequestEvent | Stop)[] = [];
  for (;;) {
    const event = decoder.next();
    if (event.kind === 'need-data') return all;
    all.push(event);
    if (event.kind === 'violation' || event.kind === 'closed') return all;
  }
}

test('a chunk that comes while nothing waits is used in place', () => {
  const decoder = new RequestDecoder(LIMITS);
  const chunk = latin1(HEAD + 'x'.repeat(60_000));
  decoder.receive(chunk);
  const [head, body] = events(decoder);
  assert.ok(head?.kind === 'head' && body?.kind === 'body');
  assert.equal(head.head.bytes.buffer, chunk.buffer);
  assert.equal(body.bytes.buffer, chunk.buffer);
  assert.equal(body.bytes.length, 60_000);
});

test('a large chunk behind half a head is not copied either, but for a first piece', () => {
  const decoder = new RequestDecoder(LIMITS);
  decoder.receive(latin1(HEAD.slice(0, 30)));
  assert.deepEqual(events(decoder), []);
  const chunk = latin1(HEAD.slice(30) + 'x'.repeat(60_000));
  decoder.receive(chunk);
  const bodies = events(decoder).flatMap((event) => (event.kind === 'body' ? [event.bytes] : []));
  const inPlace = bodies.filter((bytes) => bytes.buffer === chunk.buffer);
  assert.equal(
    bodies.reduce((sum, bytes) => sum + bytes.length, 0),
    60_000,
  );
  assert.ok(inPlace.reduce((sum, bytes) => sum + bytes.length, 0) > 56_000);
});

test('half a head survives that the wire reuses its buffer', () => {
  const decoder = new RequestDecoder(LIMITS);
  const buffer = latin1(HEAD.slice(0, 30));
  decoder.receive(buffer);
  assert.deepEqual(events(decoder), []);
  buffer.fill(0);
  decoder.receive(latin1(HEAD.slice(30)));
  assert.equal(events(decoder)[0]?.kind, 'head');
});

test('keep: the next request survives a read before the decoder asked for it', () => {
  const decoder = new RequestDecoder(LIMITS);
  const get = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
  const buffer = latin1(get + get);
  decoder.receive(buffer);
  assert.equal(decoder.next().kind, 'head');
  assert.equal(decoder.next().kind, 'end');
  decoder.keep();
  buffer.fill(0);
  decoder.receive(latin1(get));
  assert.deepEqual(
    events(decoder).map(({ kind }) => kind),
    ['head', 'end', 'head', 'end'],
  );
});

test('an idle decoder holds on to no buffer', () => {
  const intake = new Intake();
  intake.receive(Buffer.alloc(65_536));
  intake.start = intake.end;
  intake.keep();
  assert.equal(intake.bytes.length, 0);
  assert.equal(intake.isEmpty, true);
});

test('takeAll: rest and tail in one piece', () => {
  const intake = new Intake();
  const rest = Buffer.from('rest');
  intake.receive(rest);
  intake.start = 1;
  intake.keep();
  rest.fill(0);
  const tail = Buffer.alloc(10_000, 't');
  intake.receive(tail);
  assert.equal(Buffer.from(intake.takeAll()).toString('latin1'), `est${'t'.repeat(10_000)}`);
  assert.equal(intake.isEmpty, true);
});
