import type { CommandIo, Result } from '../kernel/index.ts';
import {
  cliErrors,
  failureOf,
  helpResult,
  parseCommandLine,
  resultJson,
  resultText,
  styleOf,
  wantsJson,
} from '../protocols/terminal/index.ts';
import { isOwnCommand, wholeTree } from './own-commands.ts';
import { openProgress } from './progress.ts';
import type { CliOptions, LocalEngines } from './seam.ts';

const NOTHING: LocalEngines = { engines: undefined, close: () => {} };

/** Runs one command line and returns the exit code. Never throws: what fails is written to `stderr`. */
export async function runCli(options: CliOptions): Promise<number> {
  const { argv, env, stdout, stderr, clock } = options;
  const json = wantsJson(argv);
  const errorStyle = styleOf(stderr, env);
  const progress = openProgress(stderr, errorStyle, clock, json);
  let answered = false;
  const show = (result: Result): void => {
    progress.clear();
    if (!answered) stdout.write(json ? resultJson(result) : resultText(result, styleOf(stdout, env)));
    answered = true;
  };
  try {
    const result = await answer(options, progress.report, show);
    show(result);
    return result.exit ?? 0;
  } catch (error) {
    progress.clear();
    const failure = failureOf(error, json, errorStyle, (env['SALLYPORT_DEBUG'] ?? '') !== '');
    stderr.write(failure.text);
    return failure.exit;
  }
}

async function answer(
  options: CliOptions,
  report: CommandIo['progress'],
  announce: (result: Result) => void,
): Promise<Result> {
  const argv = options.argv[0] === '--version' ? ['version', ...options.argv.slice(1)] : options.argv;
  const root = wholeTree(await options.commands(argv));
  const parsed = parseCommandLine(root, argv, options.cwd);
  if (parsed.kind === 'help') return helpResult(root, parsed.words);
  const { command, globals } = parsed;
  if (command.where === 'shell') throw cliErrors.CLI_SHELL_ONLY({ words: command.words });
  if (command.where !== 'here') {
    const result = await options.askGateway({ words: command.words, input: parsed.input, globals }, report);
    if (result !== undefined) return result;
    if (command.where === 'running') throw cliErrors.CLI_NOT_RUNNING();
  }
  const local = isOwnCommand(command) ? NOTHING : await options.openLocal(command, globals, announce);
  try {
    // Whoever declares a command also makes its engines in `openLocal`; the tree holds them without the type.
    return await command.run(local.engines as never, parsed.input, { actor: 'local', progress: report });
  } finally {
    await local.close();
  }
}
