import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { COUNTS_MARK } from './test-reporter.ts';
import type { Counts } from './test-reporter.ts';

/** One step of the check: a program, or test files. */
export type Suite =
  | { readonly name: string; readonly program: string; readonly args: readonly string[] }
  | {
      readonly name: string;
      /** Patterns of test files. */
      readonly files: readonly string[];
      /** All files in one process: faster, for tests that touch nothing of the process. */
      readonly together?: boolean;
    };

const BIN = 'node_modules/.bin';
/** A test that hangs fails by itself, so that the suite can say which one it was. */
const TEST_TIMEOUT_MS = 300_000;

/** The programs and tests without sockets of the machine: seconds. */
export const FAST_SUITES: readonly Suite[] = [
  { name: 'format', program: `${BIN}/oxfmt`, args: ['--check'] },
  { name: 'types', program: `${BIN}/tsc`, args: [] },
  { name: 'console', program: `${BIN}/tsc`, args: ['-p', 'console'] },
  {
    name: 'lint',
    program: `${BIN}/oxlint`,
    args: ['--type-aware', 'src', 'test', 'scripts', 'bench', 'console/src'],
  },
  { name: 'tidy', files: ['test/tidy/**/*.test.ts'], together: true },
  { name: 'unit', files: ['src/**/*.test.ts', 'console/src/**/*.test.ts'], together: true },
];

/** Conversations, random input, browsers and foreign programs: a minute or more. */
export const SLOW_SUITES: readonly Suite[] = [
  { name: 'wire', files: ['test/wire/**/*.test.ts'] },
  { name: 'fuzz', files: ['test/fuzz/**/*.test.ts'] },
  { name: 'e2e', files: ['test/e2e/**/*.test.ts'] },
  { name: 'peer', files: ['test/peer/**/*.test.ts'] },
];

/** Runs the suites in order, all of them whatever fails, and returns the exit code. */
export async function runSuites(suites: readonly Suite[]): Promise<number> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines: string[] = [];
  for (const suite of suites) {
    const startedAt = performance.now();
    console.log(`${suite.name} …`);
    const counts = 'program' in suite ? await runProgram(suite) : await runTests(suite);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const line = `${suite.name.padEnd(8)}${summary(counts).padEnd(38)}${seconds.padStart(7)} s`;
    console.log(`  ${line}\n`);
    lines.push(line);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  console.log([...lines, '', summary(total)].join('\n'));
  return total.failed === 0 ? 0 : 1;
}

function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A check without tests of its own counts as one. */
async function runProgram(suite: Extract<Suite, { program: string }>): Promise<Counts> {
  const { code } = await run(suite.program, suite.args);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function runTests(suite: Extract<Suite, { files: readonly string[] }>): Promise<Counts> {
  const files = globSync([...suite.files]).toSorted();
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const { code, counts } = await run(process.execPath, [
    '--test',
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    '--test-reporter=./scripts/test-reporter.ts',
    ...(suite.together === true ? ['--test-isolation=none'] : []),
    ...files,
  ]);
  // The runner itself may die: that is a failure too, whatever it had counted.
  if (counts === undefined) return { passed: 0, failed: 1, skipped: 0 };
  return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

/** Runs a program, passes on what it writes, and keeps the line with the counts for itself. */
async function run(
  program: string,
  args: readonly string[],
): Promise<{ code: number; counts: Counts | undefined }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      console.error(`  ${program}: ${error.message}`);
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
  let counts: Counts | undefined;
  let rest = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // The reporter wrote it: a line of ours.
      if (line.startsWith(COUNTS_MARK)) counts = JSON.parse(line.slice(COUNTS_MARK.length)) as Counts;
      else console.log(line);
    }
  }
  if (rest !== '') console.log(rest);
  return { code: await exit, counts };
}
