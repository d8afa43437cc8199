import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { latin1, requestTranscript, responseTranscript } from '../fuzz/http1-drive.ts';
import { VIOLATIONS } from '../../src/protocols/http1/index.ts';
import { readScripts } from './http1-script.ts';
import { CASE_LIMITS, VIOLATION_CASES } from './http1-violation-cases.ts';

/** Every rule bites: no code of the table is there without a message that earns it. */

const DOCUMENT = resolve(import.meta.dirname, '../../docs/protocols/http1.md');
const OPTIONS = { limits: CASE_LIMITS };

for (const [code, { request, response }] of Object.entries(VIOLATION_CASES)) {
  test(`http1 violation: ${code}`, () => {
    assert.ok(request !== undefined || response !== undefined);
    // The key is one of the table's: the cases are a record of its keys.
    const { status } = VIOLATIONS[code as keyof typeof VIOLATIONS];
    if (request !== undefined) {
      assert.equal(violationOf(requestTranscript([latin1(request)], OPTIONS)), `${code} ${status}`);
    }
    if (response !== undefined) {
      assert.equal(violationOf(responseTranscript(['POST'], [latin1(response)], OPTIONS)), `${code} 502`);
    }
  });
}

/** Code and status of the violation that the transcript ends with. */
function violationOf(lines: readonly string[]): string | undefined {
  const last = lines.at(-1);
  return last?.startsWith('violation ') === true ? last.slice('violation '.length) : last;
}

test('the scripts and the cases earn every code of the table, and no other', () => {
  const earned = new Set<string>();
  const note = (lines: readonly string[]): void => {
    for (const line of lines) if (line.startsWith('violation ')) earned.add(line.split(' ')[1] ?? '');
  };
  for (const { role, methods, bytes } of readScripts()) {
    note(role === 'request' ? requestTranscript([bytes]) : responseTranscript(methods, [bytes]));
  }
  for (const { request, response } of Object.values(VIOLATION_CASES)) {
    if (request !== undefined) note(requestTranscript([latin1(request)], OPTIONS));
    if (response !== undefined) note(responseTranscript(['POST'], [latin1(response)], OPTIONS));
  }
  assert.deepEqual([...earned].toSorted(), Object.keys(VIOLATIONS).toSorted());
});

test('docs/protocols/http1.md lists every code with its statuses and its sentence', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `HTTP1_'));
  const cells = rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const listed = cells.map(([code = '', request, response, , reason]) => [
    code.replaceAll('`', ''),
    request,
    response,
    reason,
  ]);
  const expected = Object.entries(VIOLATIONS).map(([code, { status, reason }]) => {
    const { request, response } = VIOLATION_CASES[code as keyof typeof VIOLATIONS];
    return [code, request === undefined ? '–' : String(status), response === undefined ? '–' : '502', reason];
  });
  assert.deepEqual(listed, expected);
});
