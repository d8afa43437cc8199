import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { assertNoSquare } from '../../../test/support/cost.ts';
import { parsedList } from '../../../test/support/lists.ts';
import { LIST_FORMATS } from './index.ts';

/** Tables look at nothing before they have seen a header of theirs. */
const HEADERS = [
  'trail,type,family\n',
  '# id,dateadded,url,url_status,last_online,threat,tags\n',
  '"ioc_value","ioc_type","threat_type","confidence_level"\n',
  'sha256_hash,md5_hash,sha1_hash\n',
  'dst_ip,dst_port,malware\n',
  'SHA-1,MD5,FileName\n',
  '2026-01-05 00:16:21,u,domain,a.example,,x\n',
];

test('the result does not depend on how a list is cut, and nothing throws', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'a.example',
      '\n',
      '\r\n',
      '||',
      '^',
      '@@',
      '$',
      ',',
      '"',
      ';',
      '#',
      '/',
      '*.',
      '0.0.0.0 ',
      '192.0.2.0/24',
      'address=/',
      'hxxp://',
      '[.]',
      ':',
      '\\',
      '{"list":',
      '\ufeff',
      'ü',
      '\u0000',
      ' ',
      'full:',
      'http://',
      '%',
      '=',
      ' CNAME .\n',
      '$ORIGIN x.\n',
      '(',
      '.rpz-ip',
      'domain,note\n',
      'x,"',
      '"",',
      '{"kind":"domain","value":"a.example"}\n',
      'd41d8cd98f00b204e9800998ecf8427e',
      'a@b.example',
      '192.0.2.1-192.0.2.9',
      '  ',
      ...HEADERS,
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
      fc.constantFrom(...LIST_FORMATS),
      fc.integer({ min: 1, max: 50 }),
      async (list, format, cuts) => {
        const whole = await parsedList(format, list, { lineBytesMax: 200 });
        assert.deepEqual(await parsedList(format, list, { lineBytesMax: 200, cuts }), whole);
        for (const { value } of whole.entries) assert.match(value, /^[\x21-\x7e]+$/);
        for (const { text, reason } of whole.problems) assert.match(`${reason}: ${text}`, /^[\x20-\x7e…]*$/);
      },
    ),
    { numRuns: 1500 },
  );
});

test('cost is linear in every format', async () => {
  for (const format of LIST_FORMATS) {
    for (const piece of [
      'a',
      '"',
      '"\n',
      ',',
      '||',
      '$,',
      '#',
      ' #',
      '/',
      '%25',
      '[.]',
      '\n',
      '*.',
      'a.',
      '1.',
      '"a\n',
      'a"b ',
      '" ',
      '(',
      '(\n',
      'a-1',
      '[dot]',
      '\\.',
      'a@',
      '\u200b',
      'domain,"\n',
    ]) {
      const list = piece.repeat(150_000 / piece.length);
      await assertNoSquare(2000, `${format} "${piece}"`, () =>
        parsedList(format, list, { lineBytesMax: 400_000, cuts: 65_536 }),
      );
    }
  }
});

test('random bytes throw nowhere, and an entry is always canonical', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...LIST_FORMATS),
      fc.constantFrom('', ...HEADERS),
      async (bytes, format, head) => {
        const list = Buffer.concat([Buffer.from(head), bytes]);
        const { entries } = await parsedList(format, list, { lineBytesMax: 200, cuts: 13 });
        for (const { kind, value } of entries) {
          assert.match(value, /^[\x21-\x7e]+$/);
          if (kind === 'hash') assert.match(value, /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
