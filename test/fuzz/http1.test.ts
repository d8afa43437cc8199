/**
 * Invariants of the HTTP/1 codec: what it says does not depend on how the bytes were cut; nothing a peer sends makes it
 * throw; its cost is linear. `FUZZ_RUNS` is the number of inputs of each test, `FUZZ_SEED` the seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RequestDecoder } from '../../src/protocols/http1/index.ts';
import { readCorpus } from './http1-corpus.ts';
import { latin1, LIMITS, requestTranscript, responseTranscript } from './http1-drive.ts';
import { generateRequests, generateResponses } from './http1-generate.ts';
import { cutUp, mutate, seededRandom } from './http1-mutate.ts';
import { assertLinearCost } from './linear-cost.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_240_611);
const METHODS = ['GET', 'HEAD', 'GET', 'CONNECT', 'GET', 'GET', 'GET'];
/** Small ones too, so that every limit is met. */
const ALL_LIMITS = [
  LIMITS,
  { headBytesMax: 120, targetBytesMax: 24, fieldsMax: 4, chunkLineBytesMax: 12, trailerBytesMax: 24 },
];

type Transcriber = (pieces: readonly Uint8Array[], limits: typeof LIMITS) => string[];
const REQUEST: Transcriber = (pieces, limits) => requestTranscript(pieces, { limits });
const RESPONSE: Transcriber = (pieces, limits) => responseTranscript(METHODS, pieces, { limits });

function sameHoweverCut(transcribe: Transcriber, bytes: Buffer, random: () => number): void {
  for (const limits of ALL_LIMITS) {
    const whole = transcribe([bytes], limits);
    const cuts = [
      cutUp(bytes, 1, random),
      cutUp(bytes, 5, random),
      Array.from(bytes, (byte) => Buffer.from([byte])),
    ];
    for (const pieces of cuts) {
      assert.deepEqual(transcribe(pieces, limits), whole, JSON.stringify(bytes.toString('latin1')));
    }
  }
}

for (const [name, transcribe, role, generate] of [
  ['requests', REQUEST, 'requests', generateRequests],
  ['responses', RESPONSE, 'responses', generateResponses],
] as const) {
  test(`${name}: the corpus, whole and cut, says the same`, () => {
    const random = seededRandom(SEED);
    for (const bytes of readCorpus()[role]) sameHoweverCut(transcribe, bytes, random);
  });

  test(`${name}: generated and mutated, whole and cut, say the same`, () => {
    const random = seededRandom(SEED + 1);
    const corpus = readCorpus()[role];
    const pick = (): Buffer => corpus[Math.floor(random() * corpus.length)]!;
    for (let run = 0; run < RUNS; run++) {
      const input = random() < 0.3 ? pick() : generate(random);
      sameHoweverCut(transcribe, random() < 0.3 ? input : mutate(input, pick(), random), random);
    }
  });

  test(`${name}: any bytes, whole and cut, say the same`, () => {
    const random = seededRandom(SEED + 2);
    const line = fc.constantFrom(
      'GET / HTTP/1.1\r\n',
      'HTTP/1.1 200 OK\r\n',
      'Host: a\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 3\r\n',
      '\r\n',
      '1\r\nx\r\n',
      '0\r\n',
    );
    const noise = fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const input = fc.array(fc.oneof({ weight: 4, arbitrary: line }, noise), { maxLength: 14 });
    fc.assert(
      fc.property(input, (parts) => sameHoweverCut(transcribe, latin1(parts.join('')), random)),
      { numRuns: RUNS, seed: SEED },
    );
  });
}

test('large bodies cut anywhere arrive whole and in order', () => {
  const random = seededRandom(SEED + 3);
  const body = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
  const chunk = (size: number, from: number): string =>
    `${size.toString(16)}\r\n${body.toString('latin1', from, from + size)}\r\n`;
  const head = 'POST / HTTP/1.1\r\nHost: a\r\n';
  const texts = [
    `${head}Content-Length: ${body.length}\r\n\r\n${body.toString('latin1')}`,
    `${head}Transfer-Encoding: chunked\r\n\r\n${chunk(30_000, 0)}${chunk(39_999, 30_000)}${chunk(1, 69_999)}0\r\n\r\n`,
  ];
  for (const text of texts) {
    const bytes = latin1(text + text);
    const whole = requestTranscript([bytes]);
    assert.equal(whole.length, 7);
    assert.equal(whole[1], `body ${JSON.stringify(body.toString('latin1'))}`);
    for (let run = 0; run < 40; run++)
      assert.deepEqual(requestTranscript(cutUp(bytes, 1 + (run % 12), random)), whole);
  }
});

test('cost is linear: 32 times the bytes take 32 times the time and not a thousand', () => {
  const limits = {
    headBytesMax: 4_000_000,
    targetBytesMax: 4_000_000,
    fieldsMax: 1_000_000,
    chunkLineBytesMax: 4_000_000,
    trailerBytesMax: 4_000_000,
  };
  const start = 'GET / HTTP/1.1\r\nHost: a\r\n';
  const chunked = `${start}Transfer-Encoding: chunked\r\n\r\n`;
  // Those with many objects are shorter: their cost is the collector's, not ours, when they are long.
  const hostile: Readonly<Record<string, (size: number) => string>> = {
    'one long value': (size) => `${start}X: ${'x'.repeat(size)}`,
    'white space in a value': (size) => `${start}X: ${'y '.repeat(size / 4)}${' '.repeat(size / 2)}`,
    'many empty fields': (size) => start + 'a:\r\n'.repeat(size / 512),
    'a long name': (size) => start + 'x'.repeat(size),
    'many Connection members': (size) => `${start}Connection: ${'a,'.repeat(size / 64)}\r\n`,
    'many Connection fields': (size) => start + 'Connection: a\r\n'.repeat(size / 512),
    'a long target': (size) => `GET http://a/${'/'.repeat(size)}`,
    'a NUL, then no line end': (size) => `${start}X: \0${'x'.repeat(size)}`,
    'a CR per byte': (size) => start + '\r'.repeat(size),
    'a long chunk size': (size) => chunked + '0'.repeat(size),
    'a long chunk extension': (size) => `${chunked}1;a="${'\\"'.repeat(size / 2)}`,
    'many chunks': (size) => chunked + '1\r\nx\r\n'.repeat(size / 6),
    'many trailers': (size) => `${chunked}0\r\n${'a:\r\n'.repeat(size / 512)}`,
  };
  assertLinearCost(() => new RequestDecoder(limits), hostile, 100);
});
