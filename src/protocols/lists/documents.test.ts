import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parsedList } from '../../../test/support/lists.ts';
import { detectFormat, LIST_FORMATS } from './index.ts';

const DOCUMENT = join(import.meta.dirname, '..', '..', '..', 'docs', 'operations', 'list-formats.md');

/** Examples by format: blocks of code that name it. */
function examples(): ReadonlyMap<string, string> {
  const blocks = readFileSync(DOCUMENT, 'utf8').matchAll(/^```text ([a-z0-9-]+)\n([^]*?)^```$/gm);
  return new Map([...blocks].map(([, format, text]) => [format!, text!]));
}

test('the document has each format, with an example that is read without a problem', async () => {
  const texts = examples();
  assert.deepEqual([...texts.keys()], [...LIST_FORMATS]);
  for (const format of LIST_FORMATS) {
    const text = texts.get(format)!;
    const path = format === 'ut1' ? 'malware/domains' : 'example';
    assert.equal(detectFormat(path, text), format);
    const { entries, problems } = await parsedList(format, text, { path });
    // The one that is only there to be explained.
    if (format === 'misp-hashes-csv') assert.equal(problems.length, 1);
    else assert.deepEqual([entries.length > 0, problems], [true, []], format);
  }
});
