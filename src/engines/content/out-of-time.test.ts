import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compoundOf, isoOf } from '../../../test/support/archives.ts';
import { unpacked } from '../../../test/support/unpack.ts';
import { zipOf } from '../../../test/support/zip.ts';

const TEXT = Buffer.from('some text\n');
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const HTML = NAMES.map(
  (name) => `<a href="data:application/zip;base64,${zipOf([[name, TEXT]]).toString('base64')}">`,
).join('\n');

const FILES: Readonly<Record<string, Buffer>> = {
  zip: zipOf(NAMES.map((name) => [name, TEXT] as const)),
  compound: compoundOf(Object.fromEntries(NAMES.map((name) => [name, TEXT]))),
  iso: isoOf(Object.fromEntries(NAMES.map((name) => [name, TEXT]))),
  page: Buffer.from(`<html>${HTML}</html>`),
};

test('a reader that ends because its time is over never passes for one that has read everything', async () => {
  for (const [name, file] of Object.entries(FILES)) {
    let asked = 0;
    const whole = await unpacked(file, { expired: () => ++asked < 0 });
    assert.deepEqual(whole.troubles, [], name);
    assert.ok(whole.paths.length >= NAMES.length, name);
    // Time may be over at any question.
    for (let after = 0; after < asked; after++) {
      let count = 0;
      const { paths, troubles } = await unpacked(file, { expired: () => count++ >= after });
      assert.ok(
        troubles.some((each) => each.startsWith('timeout')),
        `${name}, over after ${after} of ${asked} questions: ${paths.length} of ${whole.paths.length} files, "${troubles.join()}"`,
      );
    }
  }
});
