/**
 * Invariants of the form decoder: what it says does not depend on how the bytes were cut; nothing a client sends makes it
 * throw or wait for ever; a form that was written is read back the same; its cost is linear. `FUZZ_RUNS` is the number of
 * inputs of each test, `FUZZ_SEED` the seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormDecoder, type FormLimits, parseParameters } from '../../src/protocols/form-data/index.ts';
import { cutUp, mutate, seededRandom } from './http1-mutate.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_106);
const BOUNDARY = 'b-1';
const LIMITS: readonly FormLimits[] = [
  { headBytesMax: 8192, partsMax: 1000 },
  { headBytesMax: 70, partsMax: 2 },
];

/** Every event as a line; neighboring data is joined, because only its cuts may differ. */
function transcript(pieces: readonly Buffer[], limits: FormLimits): readonly string[] {
  const decoder = new FormDecoder(BOUNDARY, limits);
  const lines: string[] = [];
  let data: Buffer[] = [];
  const flush = (): void => {
    if (data.length > 0) lines.push(`data ${Buffer.concat(data).toString('latin1')}`);
    data = [];
  };
  let next = 0;
  let shared = Buffer.alloc(0);
  for (;;) {
    const event = decoder.next();
    if (event.kind === 'data') {
      assert.ok(event.bytes.length > 0);
      data.push(Buffer.from(event.bytes));
      continue;
    }
    if (event.kind === 'need-data') {
      const piece = pieces[next++];
      // The bytes of the last piece are the wire's again.
      shared.fill(0x5a);
      if (piece === undefined) decoder.receiveEnd();
      else decoder.receive((shared = Buffer.from(piece)));
      continue;
    }
    flush();
    if (event.kind === 'part') lines.push(`part ${JSON.stringify(event)}`);
    else if (event.kind === 'part-end') lines.push('part-end');
    else {
      lines.push(event.kind === 'end' ? 'end' : event.code);
      // Both are final.
      assert.deepEqual(decoder.next(), event);
      return lines;
    }
  }
}

function sameHoweverCut(bytes: Buffer, random: () => number): void {
  for (const limits of LIMITS) {
    const whole = transcript([bytes], limits);
    assert.match(whole.at(-1)!, /^(?:end|FORM_\w+)$/);
    for (const pieces of [
      cutUp(bytes, 1, random),
      cutUp(bytes, 7, random),
      Array.from(bytes, (b) => Buffer.of(b)),
    ]) {
      assert.deepEqual(transcript(pieces, limits), whole, JSON.stringify(bytes.toString('latin1')));
    }
  }
}

interface Part {
  readonly name: string;
  readonly body: Buffer;
}

const BITS = [
  '\r\n',
  '--',
  '--b-1',
  '\r\n--b-',
  '\r\n--b-1',
  '\r',
  '\n',
  '-',
  'x',
  'value',
  '\0',
  'é',
  ';',
  '"',
  '\r\n\r\n',
];

function randomPart(random: () => number): Part {
  const count = Math.floor(random() * 12);
  const text = Array.from({ length: count }, () => BITS[Math.floor(random() * BITS.length)]!).join('');
  return { name: `f${Math.floor(random() * 100)}`, body: Buffer.from(text, 'latin1') };
}

function encode(parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ name, body }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`),
    body,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

test('forms: generated and mutated, whole and cut, say the same', () => {
  const random = seededRandom(SEED);
  const generate = (): Buffer =>
    encode(Array.from({ length: Math.floor(random() * 4) }, () => randomPart(random)));
  let whole = 0;
  for (let run = 0; run < RUNS; run++) {
    const input = generate();
    const bytes = random() < 0.4 ? input : mutate(input, generate(), random);
    sameHoweverCut(bytes, random);
    if (transcript([bytes], LIMITS[0]!).at(-1) === 'end') whole++;
  }
  // Neither all nothing nor all well: the generator reaches both sides.
  assert.ok(whole > RUNS / 10 && whole < (RUNS * 9) / 10, String(whole));
});

test('forms: what was written is read back, unless a part holds the boundary', () => {
  const random = seededRandom(SEED + 1);
  for (let run = 0; run < RUNS; run++) {
    const parts = Array.from({ length: Math.floor(random() * 4) }, () => randomPart(random)).filter(
      ({ body }) => !`\r\n${body.toString('latin1')}`.includes(`\r\n--${BOUNDARY}`),
    );
    const expected = parts.flatMap(({ name, body }) => [
      `part {"kind":"part","name":"file","fileName":"${name}"}`,
      ...(body.length === 0 ? [] : [`data ${body.toString('latin1')}`]),
      'part-end',
    ]);
    assert.deepEqual(transcript([encode(parts)], LIMITS[0]!), [...expected, 'end']);
  }
});

test('fields: any text has parameters or none, and never throws', () => {
  const random = seededRandom(SEED + 2);
  const corpus = [
    'form-data; name="file"; filename="a\\"b.txt"',
    `attachment; filename*=UTF-8''na%C3%AFve.txt; filename=x`,
    'multipart/form-data; boundary=----x; charset=utf-8',
  ].map((text) => Buffer.from(text));
  const pick = (): Buffer => corpus[Math.floor(random() * corpus.length)]!;
  for (let run = 0; run < RUNS; run++) {
    const text = mutate(pick(), pick(), random).toString('latin1');
    const parsed = parseParameters(text);
    for (const value of parsed?.parameters.values() ?? []) assert.ok(value.length <= text.length);
  }
});

test('forms: twice the input takes twice the steps, also in single bytes', () => {
  const steps = (size: number): number => {
    const decoder = new FormDecoder(BOUNDARY);
    let count = 0;
    for (const byte of encode([{ name: 'a', body: Buffer.alloc(size, '\r') }])) {
      decoder.receive(Buffer.of(byte));
      for (let event = decoder.next(); event.kind !== 'need-data'; event = decoder.next()) {
        count++;
        if (event.kind === 'end' || event.kind === 'violation') break;
      }
    }
    return count;
  };
  assert.ok(steps(40_000) < 2.2 * steps(20_000));
});
