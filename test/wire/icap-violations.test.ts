import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { latin1 } from '../fuzz/http1-drive.ts';
import { icapRequestTranscript, icapResponseTranscript } from '../fuzz/icap-drive.ts';
import { ICAP_VIOLATIONS } from '../../src/protocols/icap/index.ts';
import { ICAP_CASE_LIMITS, ICAP_VIOLATION_CASES } from './icap-violation-cases.ts';

/** Every rule bites: no code of the table is there without a message that earns it. */

const DOCUMENT = resolve(import.meta.dirname, '../../docs/protocols/icap.md');
const OPTIONS = { limits: ICAP_CASE_LIMITS };
const ASKED = [{ method: 'REQMOD', previewed: true }] as const;

/** Whole, and byte by byte: the same violation. */
function judged(
  transcribe: (pieces: readonly Uint8Array[]) => string[],
  message: string,
): string | undefined {
  const bytes = latin1(message);
  const whole = transcribe([bytes]);
  assert.deepEqual(transcribe(Array.from(bytes, (byte) => Buffer.from([byte]))), whole);
  return whole.at(-1);
}

for (const [code, { request, response }] of Object.entries(ICAP_VIOLATION_CASES)) {
  test(`icap violation: ${code}`, () => {
    assert.ok(request !== undefined || response !== undefined);
    // The key is one of the table's: the cases are a record of its keys.
    const { status } = ICAP_VIOLATIONS[code as keyof typeof ICAP_VIOLATIONS];
    if (request !== undefined) {
      assert.equal(
        judged((pieces) => icapRequestTranscript(pieces, OPTIONS), request),
        `violation ${code} ${status}`,
      );
    }
    if (response !== undefined) {
      assert.equal(
        judged((pieces) => icapResponseTranscript(ASKED, pieces, OPTIONS), response),
        `violation ${code} 502`,
      );
    }
  });
}

test('docs/protocols/icap.md lists every code with its statuses and its sentence', () => {
  const rows = readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `ICAP_'));
  const listed = rows.map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return [cells[1]?.replaceAll('`', ''), cells[2], cells[3], cells[5]];
  });
  const expected = Object.entries(ICAP_VIOLATIONS).map(([code, { status, reason }]) => {
    const { request, response } = ICAP_VIOLATION_CASES[code as keyof typeof ICAP_VIOLATIONS];
    return [code, request === undefined ? '–' : String(status), response === undefined ? '–' : '502', reason];
  });
  assert.deepEqual(listed, expected);
});
