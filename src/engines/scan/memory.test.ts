import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChild } from '../../../test/support/child.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'test', 'support', 'scan-large.ts');

test('a file of 200 MiB grows the memory of the process by less than 64 MiB', async (t) => {
  // A process of its own: what other tests left on the heap must not count.
  const { stdout, stderr } = await runChild(t, process.execPath, [PROGRAM], { timeoutMs: 120_000 });
  const seen = JSON.parse(stdout || '{}') as {
    grownBytes: number;
    verdict: string;
    bytes: number;
    same: boolean;
  };
  assert.deepEqual([seen.verdict, seen.bytes, seen.same], ['clean', 200 << 20, true], stderr);
  t.diagnostic(`grown by ${(seen.grownBytes / 1024 ** 2).toFixed(1)} MiB`);
  assert.ok(seen.grownBytes < 64 << 20, `grown by ${seen.grownBytes} bytes`);
});
