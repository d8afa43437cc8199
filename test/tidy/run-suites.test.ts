import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';

/** Files of tests, by what becomes of them. */
const FILES = {
  passes: `test('a', () => {}); test.describe('suite', () => { test('b', () => {}); });`,
  skips: `test('c', { skip: 'no such program' }, () => {});`,
  fails: `test('d', () => { throw new Error('kaputt'); });`,
  'cannot-load': `import './nowhere.ts';`,
  exits: `test('e', () => { process.exit(0); });`,
} as const;

/** Runs the suites of some files in a process of their own, and answers with its last line and exit code. */
function run(
  names: readonly (keyof typeof FILES)[],
): readonly [last: string, exit: number | null, output: string] {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-suites-'));
  try {
    const suites = names.map((name) => {
      const path = join(folder, `${name}.test.ts`);
      writeFileSync(path, `import { test } from 'node:test';\n${FILES[name]}\n`);
      return { name, files: [path] };
    });
    const script = join(folder, 'run.ts');
    const runner = pathToFileURL(resolve('scripts/run-suites.ts')).href;
    writeFileSync(
      script,
      `import { runSuites } from '${runner}'; process.exitCode = await runSuites(${JSON.stringify(suites)});`,
    );
    // The runner of this test must not take the other one for a part of itself.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const ran = spawnSync(process.execPath, [script], { encoding: 'utf8', env });
    return [ran.stdout.trimEnd().split('\n').at(-1) ?? '', ran.status, ran.stdout];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what passes and what is skipped is counted, skipped ones by name', () => {
  const [last, exit, output] = run(['passes', 'skips']);
  assert.deepEqual([last, exit], ['2 passed, 0 failed, 1 skipped', 0]);
  assert.match(output, /skipped: c \(no such program\)/);
});

test('a test that fails, a file that cannot be loaded and one that ends the process are failures', () => {
  const [last, exit, output] = run(['passes', 'fails', 'cannot-load', 'exits']);
  assert.deepEqual([last, exit], ['2 passed, 3 failed, 0 skipped', 1]);
  assert.match(output, /FAILED: d .*\n\s+Error: kaputt/);
});
