import type { Command, Option, Positional, Suggestion } from '../../kernel/index.ts';
import type { Mouth } from './mouth.ts';
import { commandsBelow, walk, walkToCommand, type CommandNode } from './tree.ts';
import { typedWords } from './words.ts';

/** What may stand where the cursor is. */
export interface Completion {
  /** The word that is being typed, as far as it goes. */
  readonly current: string;
  /** What fits it, in the order of the declarations. */
  readonly choices: readonly Choice[];
  /** Names of things that fit here as well; the gateway knows them. */
  readonly suggest: Suggestion | undefined;
  /** What is asked for where nothing can be listed: `VALUE  The thing itself`. */
  readonly notes: readonly Choice[];
  /** The line is a whole command as it stands. */
  readonly whole: boolean;
}

export interface Choice {
  readonly word: string;
  readonly help: string;
}

/** Looks at the line up to the cursor. Never throws, whatever stands there. */
export function completionOf(root: CommandNode, line: string, mouth: Mouth): Completion {
  const { before, current } = typedWords(line);
  const words = before.filter((_, at) => at === 0 || !isValue(before, at, root, mouth));
  const bare = words.filter((word) => !word.startsWith('--'));
  const found = walkToCommand(root, bare);
  const options = { ...found?.command.options, ...mouth.globals };
  const asked = optionBefore(before.at(-1), options);
  if (asked !== undefined) return valueCompletion(asked, current);
  const { node, depth } = walk(root, bare);
  const children =
    depth === bare.length ? [...node.children].map(([word, child]) => childChoice(word, child)) : [];
  const given = found === undefined ? [] : bare.slice(found.depth);
  const place = found === undefined ? undefined : positionalAt(found.command, given.length);
  const flags =
    found === undefined && current === ''
      ? []
      : Object.entries(options)
          .filter(([name, option]) => option.repeat === true || !before.includes(`--${name}`))
          .map(([name, option]) => ({ word: `--${name}`, help: option.help }));
  const all = [
    ...children,
    ...(place?.choices ?? []).map((word) => ({ word, help: place?.help ?? '' })),
    ...(current.startsWith('-') ||
    (children.length === 0 && place?.choices === undefined) ||
    found !== undefined
      ? flags
      : []),
  ];
  const isShort = current === '' && place?.optional !== true && place !== undefined;
  return {
    current,
    choices: all.filter(({ word }) => word.startsWith(current) && !(isShort && word.startsWith('--'))),
    suggest: place?.suggest,
    notes: place !== undefined && place.choices === undefined ? [noteOf(place)] : [],
    whole: found !== undefined && current === '' && missingAt(found.command, given.length) === undefined,
  };
}

/** The longest text that all begin with. */
export function commonStart(words: readonly string[]): string {
  let start = words[0] ?? '';
  for (const word of words) while (!word.startsWith(start)) start = start.slice(0, -1);
  return start;
}

function valueCompletion(option: Option, current: string): Completion {
  const choices = (option.choices ?? []).map((word) => ({ word, help: '' }));
  return {
    current,
    choices: choices.filter(({ word }) => word.startsWith(current)),
    suggest: option.suggest,
    notes: choices.length > 0 ? [] : [{ word: option.value ?? '', help: option.help }],
    whole: false,
  };
}

function childChoice(word: string, child: CommandNode): Choice {
  const own = child.command?.summary;
  if (own !== undefined) return { word, help: own };
  const next = [...child.children.keys()];
  const below = commandsBelow(child);
  return { word, help: below.length === 1 ? (below[0]?.summary ?? '') : next.join(', ') };
}

function optionBefore(
  word: string | undefined,
  options: Readonly<Record<string, Option>>,
): Option | undefined {
  if (word === undefined || !word.startsWith('--')) return undefined;
  const option = options[word.slice(2)];
  return option?.value === undefined ? undefined : option;
}

/** The word is the value of the option in front of it. */
function isValue(words: readonly string[], at: number, root: CommandNode, mouth: Mouth): boolean {
  const found = walkToCommand(
    root,
    words.slice(0, at - 1).filter((word) => !word.startsWith('--')),
  );
  return optionBefore(words[at - 1], { ...found?.command.options, ...mouth.globals }) !== undefined;
}

function positionalAt(command: Command, given: number): Positional | undefined {
  const last = command.positionals.at(-1);
  return command.positionals[given] ?? (last?.rest === true ? last : undefined);
}

function missingAt(command: Command, given: number): Positional | undefined {
  return command.positionals.slice(given).find((each) => each.optional !== true);
}

function noteOf(place: Positional): Choice {
  return { word: place.name.toUpperCase(), help: place.help };
}
