/**
 * What the ICAP encoders write, the decoders read back the same: pipelined requests with previews, and their answers.
 * `FUZZ_RUNS` is the number of inputs of each test, `FUZZ_SEED` the seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeChunk, encodeLastChunk } from '../../src/protocols/http1/index.ts';
import {
  type BodySection,
  encodeAnswer,
  encodeContinue,
  encodeOriginalBody,
  encodePreview,
  encodeRequest,
  IcapRequestDecoder,
  type IcapRequestHead,
  IcapResponseDecoder,
  type IcapResponseHead,
} from '../../src/protocols/icap/index.ts';
import { cutUp, seededRandom } from './http1-mutate.ts';
import { ICAP_LIMITS, MessageCollector, type ReadMessage } from './icap-drive.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_240_611);

const token = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
const value = fc.stringMatching(/^[!-~]{1,20}$/);
const fieldLines = fc.array(
  fc.tuple(
    token.map((name) => `x-${name}`),
    value,
  ),
  { maxLength: 4 },
);
const lines = fieldLines.map((fields) => fields.map(([name, text]) => `${name}: ${text}\r\n`).join(''));
const requestHead = fc
  .tuple(fc.constantFrom('GET', 'POST', 'CONNECT'), lines)
  .map(([method, rest]) =>
    Buffer.from(
      `${method} ${method === 'CONNECT' ? 'a.test:443' : 'http://a.test/x'} HTTP/1.1\r\nHost: a.test\r\n${rest}\r\n`,
    ),
  );
const responseHead = fc
  .tuple(fc.integer({ min: 200, max: 599 }), lines)
  .map(([status, rest]) => Buffer.from(`HTTP/1.1 ${status} Reason\r\n${rest}\r\n`));
const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const trailers = fc.option(
  fc.tuple(token, value).map(([name, text]) => Buffer.from(`X-${name}: ${text}\r\n`)),
  { nil: undefined, freq: 3 },
);

/** Pieces of the body as chunks of this size. */
function chunked(bytes: Buffer, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(...encodeChunk(bytes.subarray(at, at + size)));
  return pieces;
}

const sentRequest = fc.record({
  method: fc.constantFrom('OPTIONS' as const, 'REQMOD' as const, 'RESPMOD' as const),
  request: fc.option(requestHead, { nil: undefined }),
  response: fc.option(responseHead, { nil: undefined }),
  body: fc.option(body, { nil: undefined }),
  preview: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
  allow: fc.subarray(['204', '206', 'trailers']),
  fields: fieldLines,
  trailers,
  chunk: fc.integer({ min: 1, max: 64 }),
  continues: fc.boolean(),
});

test('icap round trip: requests, pipelined, with previews, however they are cut', () => {
  const random = seededRandom(SEED);
  const check = (
    messages: readonly (typeof sentRequest extends fc.Arbitrary<infer T> ? T : never)[],
  ): void => {
    const pieces: Uint8Array[] = [];
    const expected: object[] = [];
    const decisions: boolean[] = [];
    messages.forEach((message, at) => {
      const { method, allow, preview, fields } = message;
      const request = method === 'OPTIONS' ? undefined : message.request;
      const response = method === 'RESPMOD' ? message.response : undefined;
      const own = { OPTIONS: 'opt-body', REQMOD: 'req-body', RESPMOD: 'res-body' } as const;
      const section: BodySection = message.body === undefined ? 'null-body' : own[method];
      const keepAlive = at + 1 < messages.length;
      const target = `icap://a.test:1344/s${at}?x=y`;
      const sent = { method, target, host: 'a.test', allow, fields, keepAlive };
      const encapsulated = { request, response, body: section };
      pieces.push(...encodeRequest({ ...sent, encapsulated, ...(preview === undefined ? {} : { preview }) }));
      let received = message.body ?? Buffer.alloc(0);
      let previewed = -1;
      let ieof = false;
      let end = message.trailers;
      if (message.body === undefined) end = undefined;
      else if (preview === undefined) {
        pieces.push(...chunked(message.body, message.chunk), encodeLastChunk(end));
      } else {
        const start = encodePreview(message.body, preview, true);
        pieces.push(...start.pieces);
        ({ ieof } = start);
        previewed = Math.min(preview, received.length);
        if (!ieof) {
          decisions.push(message.continues);
          if (message.continues) {
            pieces.push(...chunked(Buffer.from(start.rest), message.chunk), encodeLastChunk(end));
          } else received = received.subarray(0, previewed);
        }
        if (ieof || !message.continues) end = undefined;
      }
      expected.push({
        method,
        target,
        keepAlive,
        allow,
        preview,
        section,
        fields,
        request,
        response,
        received,
        previewed,
        ieof,
        end,
      });
    });
    const decoder = new IcapRequestDecoder(ICAP_LIMITS);
    const collector = new MessageCollector<IcapRequestHead>();
    for (const piece of cutUp(Buffer.concat(pieces), 6, random)) {
      decoder.receive(Buffer.from(piece));
      for (let event = decoder.next(); event.kind !== 'need-data'; event = decoder.next()) {
        if (event.kind === 'closed') break;
        if (event.kind === 'paused') {
          if (decisions.shift()!) decoder.continue();
          else {
            decoder.answered();
            collector.finish();
          }
          continue;
        }
        assert.ok(event.kind !== 'violation', JSON.stringify(event));
        collector.take(event);
      }
    }
    assert.equal(decoder.next().kind, 'closed');
    const read = collector.messages.map((message) => {
      const { head, request, response, body: received, previewed, ieof, trailers: end } = message;
      return {
        method: head.method,
        target: head.target,
        keepAlive: head.keepAlive,
        allow: [head.allows204 && '204', head.allows206 && '206', head.allowsTrailers && 'trailers'].filter(
          Boolean,
        ),
        preview: head.preview,
        section: head.body,
        fields: ownFields(message),
        request,
        response,
        received,
        previewed,
        ieof,
        end,
      };
    });
    assert.deepEqual(read, expected);
  };
  fc.assert(fc.property(fc.array(sentRequest, { minLength: 1, maxLength: 4 }), check), {
    numRuns: RUNS,
    seed: SEED,
  });
});

/** The fields that the message was given, without those that the encoder writes itself. */
function ownFields({ fields }: Pick<ReadMessage<IcapRequestHead>, 'fields'>): object[] {
  return fields.filter(([name]) => name.startsWith('x-')).map((field) => [...field]);
}

const sentAnswer = fc.record({
  status: fc.constantFrom(200, 204, 206, 404, 500),
  istag: fc.stringMatching(/^[A-Za-z0-9-]{1,32}$/),
  method: fc.constantFrom('REQMOD' as const, 'RESPMOD' as const),
  head: fc.oneof(
    requestHead.map((bytes) => ({ request: bytes })),
    responseHead.map((bytes) => ({ response: bytes })),
  ),
  body: fc.option(body, { nil: undefined }),
  originalFrom: fc.option(fc.maxSafeNat(), { nil: undefined }),
  continued: fc.boolean(),
  fields: fieldLines,
  trailers,
  chunk: fc.integer({ min: 1, max: 64 }),
});

test('icap round trip: answers, however they are cut', () => {
  const random = seededRandom(SEED);
  const check = (answers: readonly (typeof sentAnswer extends fc.Arbitrary<infer T> ? T : never)[]): void => {
    const pieces: Uint8Array[] = [];
    const expected: object[] = [];
    const methods = answers.map(({ method, head }) => ('request' in head ? 'REQMOD' : method));
    answers.forEach(({ status, istag, head, fields, ...answer }, at) => {
      const request = 'request' in head ? head.request : undefined;
      const response = 'response' in head ? head.response : undefined;
      const carries = status === 200 || status === 206;
      const section: BodySection =
        !carries || answer.body === undefined ? 'null-body' : request === undefined ? 'res-body' : 'req-body';
      const keepAlive = at + 1 < answers.length;
      if (answer.continued) pieces.push(encodeContinue());
      const sent = { status, istag, fields, keepAlive };
      pieces.push(
        ...encodeAnswer(carries ? { ...sent, encapsulated: { request, response, body: section } } : sent),
      );
      const hasBody = section !== 'null-body';
      const originalFrom = hasBody && status === 206 ? answer.originalFrom : undefined;
      const end = hasBody && originalFrom === undefined ? answer.trailers : undefined;
      if (hasBody) {
        pieces.push(...chunked(answer.body!, answer.chunk));
        pieces.push(originalFrom === undefined ? encodeLastChunk(end) : encodeOriginalBody(originalFrom));
      }
      if (answer.continued) expected.push({ status: 100 });
      const received = hasBody ? answer.body : Buffer.alloc(0);
      const blocks = carries ? { request, response } : { request: undefined, response: undefined };
      expected.push({ status, istag, keepAlive, fields, ...blocks, section, received, end, originalFrom });
    });
    const decoder = new IcapResponseDecoder(ICAP_LIMITS);
    const collector = new MessageCollector<IcapResponseHead>();
    const begin = (): void => {
      const method = methods.shift();
      if (method !== undefined) decoder.begin({ method, previewed: true });
    };
    begin();
    for (const piece of cutUp(Buffer.concat(pieces), 6, random)) {
      decoder.receive(Buffer.from(piece));
      for (let event = decoder.next(); event.kind !== 'need-data'; event = decoder.next()) {
        assert.ok(
          event.kind !== 'violation' && event.kind !== 'closed' && event.kind !== 'paused',
          JSON.stringify(event),
        );
        collector.take(event);
        if (event.kind === 'end') begin();
      }
    }
    decoder.receiveEnd();
    assert.equal(decoder.next().kind, 'closed');
    const read = collector.messages.map((message) => {
      const { head, request, response, body: received, trailers: end } = message;
      const { status, istag, keepAlive, body: section } = head;
      if (head.informational) return { status };
      const originalFrom = message.originalBodyFrom;
      const fields = ownFields(message);
      return { status, istag, keepAlive, fields, request, response, section, received, end, originalFrom };
    });
    assert.deepEqual(read, expected);
  };
  fc.assert(fc.property(fc.array(sentAnswer, { minLength: 1, maxLength: 4 }), check), {
    numRuns: RUNS,
    seed: SEED,
  });
});
