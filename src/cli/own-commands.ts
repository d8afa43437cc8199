import type { Command, Result } from '../kernel/index.ts';
import { defineCommand } from '../kernel/index.ts';
import { commandsBelow, commandTree, helpResult, type CommandNode } from '../protocols/terminal/index.ts';
import { completionScript, SHELLS } from './completion.ts';
import { manPage } from './man.ts';

/** The tree of all commands, with those that the command line brings itself: `help` and `completion`. */
export function wholeTree(commands: readonly Command[]): CommandNode {
  const root = commandTree([...commands, helpCommand(() => root), completionCommand(() => root)]);
  return root;
}

/** True for a command of the command line itself: it needs no engines and no gateway. */
export function isOwnCommand(command: Command): boolean {
  return command.words === 'help' || command.words === 'completion';
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
