/**
 * Invariants of the ICAP codec: what it says does not depend on how the bytes were cut; nothing a peer sends makes it
 * throw or wait for ever; what is encoded is read back the same; its cost is linear. `FUZZ_RUNS` is the number of
 * inputs of each test, `FUZZ_SEED` the seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { IcapRequestDecoder, type IcapLimits } from '../../src/protocols/icap/index.ts';
import { latin1 } from './http1-drive.ts';
import { cutUp, mutate, seededRandom } from './http1-mutate.ts';
import { ICAP_LIMITS, icapRequestTranscript, icapResponseTranscript } from './icap-drive.ts';
import { ASKED, generateIcapRequests, generateIcapResponses, icapCorpus } from './icap-generate.ts';
import { assertLinearCost } from './linear-cost.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_240_611);
/** Small ones too, so that every limit is met. */
const ALL_LIMITS: readonly IcapLimits[] = [
  ICAP_LIMITS,
  {
    headBytesMax: 120,
    targetBytesMax: 24,
    fieldsMax: 4,
    chunkLineBytesMax: 12,
    trailerBytesMax: 24,
    encapsulatedBytesMax: 70,
  },
];

type Transcriber = (pieces: readonly Uint8Array[], limits: IcapLimits) => string[];
const REQUEST: Transcriber = (pieces, limits) =>
  icapRequestTranscript(pieces, { limits, previews: ['continue', 'answered', 'answered'] });
const RESPONSE: Transcriber = (pieces, limits) => icapResponseTranscript(ASKED, pieces, { limits });

function sameHoweverCut(transcribe: Transcriber, bytes: Buffer, random: () => number): void {
  for (const limits of ALL_LIMITS) {
    const whole = transcribe([bytes], limits);
    // Behind the peer's last byte nothing is left open.
    assert.match(whole.at(-1)!, /^(closed|violation ICAP_\w+ \d{3})$/);
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
  ['requests', REQUEST, 'requests', generateIcapRequests],
  ['responses', RESPONSE, 'responses', generateIcapResponses],
] as const) {
  test(`icap ${name}: the corpus, whole and cut, says the same`, () => {
    const random = seededRandom(SEED);
    for (const bytes of icapCorpus()[role]) sameHoweverCut(transcribe, bytes, random);
  });

  test(`icap ${name}: generated and mutated, whole and cut, say the same`, () => {
    const random = seededRandom(SEED + 1);
    const corpus = icapCorpus()[role];
    const pick = (): Buffer => corpus[Math.floor(random() * corpus.length)]!;
    let whole = 0;
    for (let run = 0; run < RUNS; run++) {
      const input = random() < 0.3 ? pick() : generate(random);
      const bytes = random() < 0.4 ? input : mutate(input, pick(), random);
      sameHoweverCut(transcribe, bytes, random);
      whole += transcribe([bytes], ICAP_LIMITS).at(-1) === 'closed' ? 1 : 0;
    }
    // Otherwise the first rules alone would be tried.
    assert.ok(whole > RUNS / 50, `${whole} of ${RUNS} are read to their end`);
  });

  test(`icap ${name}: any bytes, whole and cut, say the same`, () => {
    const random = seededRandom(SEED + 2);
    const line = fc.constantFrom(
      'REQMOD icap://a/s ICAP/1.0\r\n',
      'OPTIONS icap://a/s ICAP/1.0\r\n',
      'ICAP/1.0 200 OK\r\n',
      'ICAP/1.0 100 Continue\r\n\r\n',
      'Host: a\r\n',
      'Preview: 3\r\n',
      'Encapsulated: req-body=0\r\n',
      'Encapsulated: req-hdr=0, req-body=18\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      '\r\n',
      '1\r\nx\r\n',
      '0; ieof\r\n',
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

test('icap: cost is linear: 32 times the bytes take 32 times the time and not a thousand', () => {
  const limits: IcapLimits = {
    headBytesMax: 4_000_000,
    targetBytesMax: 4_000_000,
    fieldsMax: 1_000_000,
    chunkLineBytesMax: 4_000_000,
    trailerBytesMax: 4_000_000,
    encapsulatedBytesMax: 4_000_000,
  };
  const start = 'REQMOD icap://a/s ICAP/1.0\r\n';
  const body = `${start}Encapsulated: req-body=0\r\n\r\n`;
  const block = `${start}Encapsulated: req-hdr=0, null-body=3900000\r\n\r\n`;
  // Those with many objects are shorter: their cost is the collector's, not ours, when they are long.
  const hostile: Readonly<Record<string, (size: number) => string>> = {
    'one long value': (size) => `${start}X: ${'x'.repeat(size)}`,
    'a long Encapsulated of blanks': (size) => `${start}Encapsulated: req-hdr${' '.repeat(size)}=0`,
    'a long Encapsulated of commas': (size) => `${start}Encapsulated: ${','.repeat(size)}`,
    'many Allow members': (size) =>
      `${start}Allow: ${'a,'.repeat(size / 64)}\r\nEncapsulated: null-body=0\r\n`,
    'a long target': (size) => `REQMOD icap://a/${'/'.repeat(size)}`,
    'a long encapsulated field': (size) => `${block}GET / HTTP/1.1\r\nX: ${'x'.repeat(size)}`,
    'many encapsulated fields': (size) => `${block}GET / HTTP/1.1\r\n${'a:\r\n'.repeat(size / 512)}`,
    'an encapsulated head of bare LF': (size) => `${block}GET / HTTP/1.1\n${'a:\n'.repeat(size / 3)}`,
    'an encapsulated head of CR': (size) => `${block}GET / HTTP/1.1\r\n\0\r\n${'\r'.repeat(size)}`,
    'a long chunk extension': (size) => `${body}1;a="${'\\"'.repeat(size / 2)}`,
    'many chunk extensions': (size) => `${body}1${';a'.repeat(size / 64)}\r\n`,
    'blanks in a chunk line': (size) => `${body}1${' '.repeat(size)}`,
    'many chunks': (size) => body + '1; a\r\nx\r\n'.repeat(size / 64),
  };
  assertLinearCost(() => new IcapRequestDecoder(limits), hostile, 60);
});
