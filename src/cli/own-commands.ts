import type { Command, Result, View } from '../kernel/index.ts';
import { defineCommand } from '../kernel/index.ts';
import { cliErrors } from './errors.ts';
import { completionScript, SHELLS } from './completion.ts';
import { commandHelp, groupHelp, overview } from './help.ts';
import { manPage } from './man.ts';
import { commandsAt } from './parse.ts';
import type { CommandNode } from './tree.ts';
import { commandsBelow, commandTree, nearestWords } from './tree.ts';

/** The tree of all commands, with those that the command line brings itself: `help` and `completion`. */
export function wholeTree(commands: readonly Command[]): CommandNode {
  const root = commandTree([...commands, helpCommand(() => root), completionCommand(() => root)]);
  return root;
}

/** True for a command of the command line itself: it needs no engines and no gateway. */
export function isOwnCommand(command: Command): boolean {
  return command.words === 'help' || command.words === 'completion';
}

/** Help on words: the overview, a group, or one command. */
export function helpResult(root: CommandNode, words: readonly string[]): Result {
  const commands = commandsAt(root, words);
  if (commands.length === 0) {
    const meant = nearestWords(root, words);
    throw cliErrors.CLI_UNKNOWN_COMMAND({
      words: words.join(' '),
      suggestion: meant === undefined ? 'see sallyport help' : `did you mean: sallyport help ${meant}`,
    });
  }
  return { document: commands.map(commandDocument), view: helpView(root, words, commands) };
}

function helpView(
  root: CommandNode,
  words: readonly string[],
  commands: readonly Command[],
): readonly View[] {
  if (words.length === 0) return overview(root);
  const name = words.join(' ');
  const [first, ...others] = commands;
  if (first?.words !== name) return groupHelp(name, commands);
  if (others.length === 0) return commandHelp(first);
  return [...commandHelp(first), ...groupHelp(name, others)];
}

function commandDocument(command: Command): unknown {
  const { words, summary, positionals, options, role, where, examples = [] } = command;
  return { words, summary, positionals, options, role, where, examples };
}

function helpCommand(root: () => CommandNode): Command {
  return defineCommand({
    words: 'help',
    summary: 'Explain the commands',
    positionals: [{ name: 'word', help: 'Words of a command', optional: true, rest: true }],
    options: { man: { help: 'Print the manual page, for man -l' } },
    role: 'read',
    where: 'here',
    examples: ['help show', 'help --man'],
    run: (_, input) => {
      if (input.options['man'] !== true) return Promise.resolve(helpResult(root(), input.rest));
      return Promise.resolve(textResult(manPage(commandsBelow(root()))));
    },
  });
}

function completionCommand(root: () => CommandNode): Command {
  return defineCommand({
    words: 'completion',
    summary: 'Print the completion script of a shell',
    positionals: [{ name: 'shell', help: 'The shell', choices: SHELLS }],
    options: {},
    role: 'read',
    where: 'here',
    examples: ['completion bash'],
    run: (_, input) => Promise.resolve(textResult(completionScript(input.words['shell'] ?? 'bash', root()))),
  });
}

function textResult(text: string): Result {
  return { document: { text }, view: [{ kind: 'text', text }] };
}
