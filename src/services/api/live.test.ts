import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryWire, whole } from '../../../test/support/memory-wire.ts';
import { openApi, statusOf, type WebDoor } from '../../../test/support/web-doors.ts';

const GET = (path: string, fields: readonly string[] = []): string =>
  [`GET ${path} HTTP/1.1`, 'Host: gw', 'x-apikey: reader', ...fields, '', ''].join('\r\n');

/** Begins a request that does not end by itself. */
function open(door: WebDoor, text: string) {
  const wire = new MemoryWire(whole(text), { peerAddress: '10.0.0.9', encrypted: true });
  return { wire, done: door.serve('https', wire) };
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < end, 'it does not come');
    await new Promise(setImmediate);
  }
}

test('events are sent as they come, with an id to go on behind, and the drain ends the stream', async () => {
  const asked: unknown[] = [];
  const batches = [
    { items: [], after: 'a0' },
    { items: [{ id: '1' }, { id: '2\n' }], after: 'a2' },
  ];
  const tail = (params: unknown): unknown => {
    asked.push(params);
    return batches.shift() ?? new Promise(() => {});
  };
  const door = await openApi({ control: { 'events.tail': tail } });
  const { wire, done } = open(door, GET('/api/v1/events/stream?type=decision.', ['Last-Event-ID: before']));
  await until(() => asked.length === 3);
  assert.match(
    wire.text,
    /^HTTP\/1\.1 200 OK\r\n[^]*Content-Type: text\/event-stream\r\n[^]*X-Accel-Buffering: no\r\n/,
  );
  const pieces = wire.text.slice(wire.text.indexOf('\r\n\r\n') + 4).split(/\r\n/);
  assert.deepEqual(
    pieces.filter((_, at) => at % 2 === 1),
    [': live\n\n', ': \n\n', 'data: {"id":"1"}\n\nid: a2\ndata: {"id":"2\\n"}\n\n'],
  );
  assert.deepEqual(
    asked.map((params) => (params as { after: string }).after),
    ['before', 'a0', 'a2'],
  );
  assert.equal((asked[0] as { type: string }).type, 'decision.');
  door.drain();
  await done;
  assert.ok(wire.text.endsWith('0\r\n\r\n'), 'the client sees a whole answer and connects again');
  assert.equal(statusOf(await door.say('https', GET('/api/v1/events/stream'))), 503);
});

test('the number of streams is bounded; control being away ends one', async () => {
  const door = await openApi({
    config: (base) => ({ ...base, edges: 1, api: { ...base.api, streamsMax: 1 } }),
    control: { 'log.tail': () => new Promise(() => {}) },
  });
  const first = open(door, GET('/api/v1/log/stream?level=warn'));
  await until(() => first.wire.text.includes(': live'));
  const second = await door.say('https', GET('/api/v1/log/stream'));
  assert.equal(statusOf(second), 503);
  assert.match(second, /"code":"streams-busy"/);
  door.drain();
  await first.done;
  const away = await (await openApi()).say('https', GET('/api/v1/log/stream'));
  assert.equal(statusOf(away), 200);
  assert.ok(away.endsWith('0\r\n\r\n'));
});
