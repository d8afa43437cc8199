import type { Command, Result, View } from '../../kernel/index.ts';
import { cliErrors } from './errors.ts';
import { commandHelp, groupHelp, overview } from './help.ts';
import { CLI_MOUTH, type Mouth } from './mouth.ts';
import { commandsAt } from './parse.ts';
import { nearestWords, type CommandNode } from './tree.ts';

/** Help on words: the overview, a group, or one command. */
export function helpResult(root: CommandNode, words: readonly string[], mouth: Mouth = CLI_MOUTH): Result {
  const commands = commandsAt(root, words);
  if (commands.length === 0) {
    const meant = nearestWords(root, words);
    throw cliErrors.CLI_UNKNOWN_COMMAND({
      words: words.join(' '),
      suggestion:
        meant === undefined ? `see ${mouth.program}help` : `did you mean: ${mouth.program}help ${meant}`,
    });
  }
  return { document: commands.map(commandDocument), view: helpView(root, words, commands, mouth) };
}

function helpView(
  root: CommandNode,
  words: readonly string[],
  commands: readonly Command[],
  mouth: Mouth,
): readonly View[] {
  if (words.length === 0) return overview(root, mouth);
  const name = words.join(' ');
  const [first, ...others] = commands;
  if (first?.words !== name) return groupHelp(name, commands, mouth);
  if (others.length === 0) return commandHelp(first, mouth);
  return [...commandHelp(first, mouth), ...groupHelp(name, others, mouth)];
}

function commandDocument(command: Command): unknown {
  const { words, summary, positionals, options, role, where, examples = [] } = command;
  return { words, summary, positionals, options, role, where, examples };
}
