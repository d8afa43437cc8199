import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeAnswer,
  encodePreview,
  encodeRequest,
  IcapRequestDecoder,
  type IcapRequestHead,
  IcapResponseDecoder,
  type IcapResponseHead,
} from '../../src/protocols/icap/index.ts';
import { encodeChunk, encodeLastChunk } from '../../src/protocols/http1/index.ts';
import { describeHead, ICAP_LIMITS, MessageCollector, type ReadMessage } from '../fuzz/icap-drive.ts';
import { missingData, testData } from '../support/test-data.ts';

/** Squid 5.7 talking to c-icap 0.5.10 (echo): both sides of real connections, as they were cut by the network. */

const CAPTURE = '07-traffic/icap/capture_squid57_to_cicap0510_echo.jsonl.gz';
const skip = missingData(CAPTURE);

interface Piece {
  readonly toServer: boolean;
  readonly bytes: Buffer;
}

interface Exchange {
  readonly request: ReadMessage<IcapRequestHead>;
  readonly response: ReadMessage<IcapResponseHead>;
  readonly continued: boolean;
}

function readCapture(): Piece[][] {
  const connections = new Map<number, Piece[]>();
  for (const line of testData(CAPTURE)!.toString('utf8').split('\n')) {
    if (line === '') continue;
    // The relay that wrote the file wrote such objects.
    const { conn, dir, b64 } = JSON.parse(line) as { conn: number; dir: string; b64: string };
    const pieces = connections.get(conn) ?? [];
    connections.set(conn, [...pieces, { toServer: dir === 'c>s', bytes: Buffer.from(b64, 'base64') }]);
  }
  return [...connections.values()];
}

/** Follows both sides of a connection; `step` cuts the pieces once more. */
function follow(pieces: readonly Piece[], step: number): Exchange[] {
  const server = new IcapRequestDecoder(ICAP_LIMITS);
  const client = new IcapResponseDecoder(ICAP_LIMITS);
  const requests = new MessageCollector<IcapRequestHead>();
  const responses = new MessageCollector<IcapResponseHead>();
  const continued = new Set<number>();
  let paused = false;
  const serve = (): void => {
    for (;;) {
      const event = server.next();
      if (event.kind === 'need-data' || event.kind === 'closed') return;
      if (event.kind === 'paused') {
        paused = true;
        return;
      }
      assert.notEqual(event.kind, 'violation', JSON.stringify(event));
      if (event.kind === 'violation') return;
      if (event.kind === 'head') client.begin({ method: event.head.method, previewed: true });
      requests.take(event);
    }
  };
  const read = (): void => {
    for (let event = client.next(); event.kind !== 'need-data'; event = client.next()) {
      if (event.kind === 'closed') return;
      assert.ok(event.kind !== 'violation' && event.kind !== 'paused', JSON.stringify(event));
      if (event.kind === 'head' && event.head.informational) {
        assert.ok(paused);
        paused = false;
        continued.add(requests.messages.length);
        server.continue();
        serve();
        continue;
      }
      if (event.kind === 'head' && paused) {
        paused = false;
        server.answered();
        requests.finish();
      }
      responses.take(event);
    }
  };
  for (const { toServer, bytes } of pieces) {
    for (let at = 0; at < bytes.length; at += step) {
      (toServer ? server : client).receive(Buffer.from(bytes.subarray(at, at + step)));
      if (toServer) serve();
      else read();
    }
  }
  server.receiveEnd();
  client.receiveEnd();
  assert.equal(server.next().kind, 'closed');
  assert.equal(client.next().kind, 'closed');
  assert.equal(requests.messages.length, responses.messages.length);
  return requests.messages.map((request, at) => ({
    request,
    response: responses.messages[at]!,
    continued: continued.has(at),
  }));
}

test(
  'every message of the capture is read, however it is cut, and the echo is the same body',
  { skip },
  () => {
    let count = 0;
    const kinds = new Set<string>();
    for (const pieces of readCapture()) {
      const exchanges = follow(pieces, Infinity);
      const digest = (all: readonly Exchange[]): object[] =>
        all.map(({ request, response, continued }) => ({
          continued,
          request: [request.request, request.response, request.body, request.previewed, request.ieof],
          response: [response.head.status, response.request, response.response, response.body],
        }));
      for (const step of [1, 13, 1000]) assert.deepEqual(digest(follow(pieces, step)), digest(exchanges));
      for (const { request, response, continued } of exchanges) {
        count++;
        const { method } = request.head;
        const preview = request.previewed < 0 ? 'none' : request.ieof ? 'ieof' : 'open';
        kinds.add(`${method} ${response.head.status} preview ${preview}${continued ? ' continued' : ''}`);
        for (const block of [request.head.request, request.head.response]) {
          assert.equal(block?.fault, undefined);
          if (block !== undefined) assert.ok(block.head !== undefined);
        }
        if (response.head.status === 200 && method !== 'OPTIONS')
          assert.deepEqual(response.body, request.body);
      }
    }
    assert.ok(count >= 40, `${count} transactions`);
    assert.deepEqual([...kinds].toSorted(), [
      'OPTIONS 200 preview none',
      'REQMOD 200 preview ieof',
      'REQMOD 200 preview open continued',
      'REQMOD 204 preview none',
      'REQMOD 204 preview open',
      'RESPMOD 200 preview ieof',
      'RESPMOD 200 preview open continued',
      'RESPMOD 204 preview ieof',
      'RESPMOD 204 preview none',
      'RESPMOD 204 preview open',
    ]);
  },
);

const OWN = new Set(['host', 'allow', 'preview', 'encapsulated', 'istag', 'connection']);

function otherFields({ fields }: IcapRequestHead | IcapResponseHead): [string, string][] {
  return Array.from({ length: fields.count }, (_, at): [string, string] => [
    fields.name(at),
    fields.value(at),
  ]).filter(([name]) => !OWN.has(name));
}

/** The head with what the encoders write in their own way left out. */
function comparable(head: IcapRequestHead | IcapResponseHead): object {
  return { ...describeHead(head), bytes: '', fields: otherFields(head) };
}

test('what is encoded again is read the same', { skip }, () => {
  for (const pieces of readCapture()) {
    for (const { request, response } of follow(pieces, Infinity)) {
      assertSameRequest(request);
      assertSameResponse(response, request.head);
    }
  }
});

function assertSameRequest(message: ReadMessage<IcapRequestHead>): void {
  const { head, request, response, body, previewed, ieof } = message;
  const { method, target, preview } = head;
  const [host = '', allow] = [head.fields.get('host'), head.fields.get('allow')];
  const written = encodeRequest({
    method,
    target,
    host,
    allow: allow?.split(', ') ?? [],
    fields: otherFields(head),
    keepAlive: true,
    ...(preview === undefined ? {} : { preview }),
    ...(method === 'OPTIONS' ? {} : { encapsulated: { request, response, body: head.body } }),
  });
  const decoder = new IcapRequestDecoder(ICAP_LIMITS);
  const collector = new MessageCollector<IcapRequestHead>();
  const drain = (): void => {
    for (let event = decoder.next(); event.kind !== 'need-data'; event = decoder.next()) {
      if (event.kind === 'paused') return;
      assert.ok(event.kind !== 'violation' && event.kind !== 'closed', JSON.stringify(event));
      collector.take(event);
    }
  };
  if (head.body !== 'null-body') {
    const start = encodePreview(body, preview!, ieof || body.length > previewed);
    assert.equal(start.ieof, ieof);
    decoder.receive(Buffer.concat([...written, ...start.pieces]));
    drain();
    if (start.rest.length > 0) {
      decoder.continue();
      decoder.receive(Buffer.concat([...encodeChunk(start.rest), encodeLastChunk(undefined)]));
    } else if (!ieof) {
      decoder.answered();
      collector.finish();
    }
  } else decoder.receive(Buffer.concat(written));
  drain();
  const [again] = collector.messages;
  assert.deepEqual(comparable(again!.head), comparable(head));
  assert.deepEqual(
    [again!.request, again!.response, again!.body, again!.previewed, again!.ieof],
    [request, response, body, previewed, ieof],
  );
}

function assertSameResponse(message: ReadMessage<IcapResponseHead>, { method }: IcapRequestHead): void {
  const { head, request, response, body } = message;
  const { status, reason, istag = '' } = head;
  const has = request !== undefined || response !== undefined;
  const pieces = encodeAnswer({
    status,
    reason,
    istag,
    fields: otherFields(head),
    keepAlive: true,
    ...(has ? { encapsulated: { request, response, body: head.body } } : {}),
  });
  if (head.body !== 'null-body') pieces.push(...encodeChunk(body), encodeLastChunk(undefined));
  const decoder = new IcapResponseDecoder(ICAP_LIMITS);
  const collector = new MessageCollector<IcapResponseHead>();
  decoder.begin({ method, previewed: false });
  decoder.receive(Buffer.concat(pieces));
  for (let event = decoder.next(); event.kind !== 'need-data'; event = decoder.next()) {
    assert.ok(event.kind !== 'violation' && event.kind !== 'closed' && event.kind !== 'paused');
    collector.take(event);
  }
  const [again] = collector.messages;
  assert.deepEqual(comparable(again!.head), comparable(head));
  assert.deepEqual([again!.request, again!.response, again!.body], [request, response, body]);
}
