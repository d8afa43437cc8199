/**
 * `npm run bench [-- NAME…] [--quick]`: asks the questions of this folder against the peers in the same run and
 * writes `RESULTS.md`. `--quick`: short rounds that show that the benchmarks work and prove nothing.
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runChild } from '../test/support/child.ts';
import { findPeer } from '../test/support/peers.ts';
import { openScope } from '../test/support/scope.ts';
import type { Question } from './support/question.ts';
import { machine } from './support/machine.ts';
import { tableSection, textSection, writeResults } from './support/results.ts';
import type { Circumstances } from './support/results.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))
  .toSorted();
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no such benchmark: ${unknown.join(', ')}\nhint: one of ${known.join(', ')}\n`);
  process.exit(2);
}

// Ended from outside: `exit` then ends what was started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 1 : 4));
const sections = new Map<string, string>();
let failed = false;
for (const name of positionals.length > 0 ? positionals : known) {
  process.stdout.write(`\n== ${name}\n`);
  try {
    sections.set(name, await ask(name));
  } catch (error) {
    failed = true;
    process.stderr.write(
      `${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  }
}
process.stdout.write(`\nwritten to ${await writeResults(sections)}\n`);
process.exit(failed ? 7 : 0);

async function ask(name: string): Promise<string> {
  const module: unknown = isQuestion(name) ? await import(`./${name}.ts`) : undefined;
  const scope = openScope();
  try {
    if (module === undefined) {
      const path = `${import.meta.dirname}/${name}.ts`;
      const result = await runChild(
        scope,
        process.execPath,
        [path, ...(values.quick ? quickWords(name) : [])],
        {
          // Ten million events are written in about ten minutes on a busy machine.
          timeoutMs: 1_800_000,
        },
      );
      if (result.code !== 0) throw new Error(`${name} ended with ${result.code}: ${result.stderr}`);
      process.stdout.write(result.stdout);
      return textSection(name, result.stdout, await circumstances());
    }
    // A file that exports a question says so by the check in `isQuestion`.
    const { question } = module as { readonly question: Question };
    const log = (text: string): void => void process.stdout.write(`${text}\n`);
    const rows = await question.run({ scope, quick: values.quick, rounds, seconds, log });
    for (const row of rows) {
      log(
        `${row.what}: ours ${row.ours}, Squid ${row.peer}, direct ${row.direct} ${row.unit}, ratio ${row.ratio}; ${row.notes}`,
      );
    }
    return tableSection(question, rows, await circumstances());
  } finally {
    await scope.close();
  }
}

/** Files of this folder either export a `question` or are programs that print their own figures. */
function isQuestion(name: string): boolean {
  return ['proxy-get', 'connect-rate', 'connect-bulk', 'idle-tunnels', 'start', 'url-lookups'].includes(name);
}

/** Of the programs only this one has a short form; the others take numbers. */
function quickWords(name: string): readonly string[] {
  return name === 'indicators' ? ['--quick'] : [];
}

async function circumstances(): Promise<Circumstances> {
  const { model, cores, load } = machine();
  const scope = openScope();
  const squid = findPeer('squid');
  const text = squid.path === undefined ? '' : (await runChild(scope, squid.path, ['-v'])).stdout;
  await scope.close();
  const version = /Version (\S+)/.exec(text)?.[1];
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${model}, ${cores} cores, load ${load.toFixed(1)} at the end`,
    versions: `Node ${process.versions.node}, Squid ${version ?? 'not installed'}`,
    rounds: `${rounds} rounds of ${seconds} s${values.quick ? ' (quick: proves nothing)' : ''}`,
  };
}
