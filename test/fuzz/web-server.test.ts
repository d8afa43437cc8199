// Whatever arrives, the server loop ends by itself, blames no bug of ours, and answers the same however the bytes were cut.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { openApi, openWebReputation } from '../support/web-doors.ts';

const WIRE = join(import.meta.dirname, '../wire');

/** What the wire scripts send, as seeds. */
const CORPUS = ['api', 'web-reputation']
  .flatMap((folder) =>
    readdirSync(join(WIRE, folder)).map((file) =>
      readFileSync(join(WIRE, folder, file), 'latin1')
        .split('\n')
        .filter((line) => line.startsWith('>'))
        .map((line) => (line.startsWith('>.') ? line.slice(3) : `${line.slice(2)}\r\n`))
        .join(''),
    ),
  )
  .concat(
    'GET /api/v1/explain?url=x HTTP/1.1\r\nHost: gw\r\nx-apikey: reader\r\n\r\n',
    'POST /api/v1/tokens HTTP/1.1\r\nHost: [::1]:443\r\nx-apikey: boss\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{"name":"a","scopes":["read"]}',
    'DELETE /api/v1/tokens/%41 HTTP/1.1\r\nHost: gw\r\nx-apikey: boss\r\n\r\n',
  );

const DOORS = [
  [openApi, 'https'],
  [openApi, 'http'],
  [openWebReputation, 'webReputation'],
] as const;

const PIECES = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  ':',
  'Content-Length: 1\r\n',
  'Transfer-Encoding: chunked\r\n',
  '0\r\n\r\n',
  '\u0000',
  '%',
  '?',
  'url=',
];

const edit = fc.record({
  at: fc.nat(),
  remove: fc.nat(6),
  insert: fc.oneof(
    fc.constantFrom(...PIECES),
    fc.string({ maxLength: 4 }).map((text) => text.replace(/[^\u0000-\u00ff]/g, 'x')),
  ),
});

const message = fc
  .tuple(
    fc.array(fc.constantFrom(...CORPUS), { minLength: 1, maxLength: 3 }),
    fc.array(edit, { maxLength: 4 }),
  )
  .map(([parts, edits]) =>
    edits.reduce((text, { at, remove, insert }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + remove);
    }, parts.join('')),
  );

test('mutated conversations are answered alike in every cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      message,
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }),
      async (text, steps) => {
        for (const [open, key] of DOORS) {
          const whole = await open();
          const expected = await whole.say(key, text);
          const parts = await open();
          assert.equal(await parts.say(key, cut(text, steps)), expected);
          for (const door of [whole, parts]) {
            assert.deepEqual(
              door.logged.filter(([event]) => event.endsWith('.bug')),
              [],
            );
          }
        }
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
  );
});

function cut(text: string, steps: readonly number[]): readonly Uint8Array[] {
  const bytes = Buffer.from(text, 'latin1');
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let step = 0; at < bytes.length; step++) {
    const size = steps[step % steps.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
