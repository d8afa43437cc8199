import { resolve } from 'node:path';
import type { Command, Input, Option, Positional } from '../../kernel/index.ts';
import { cliErrors } from './errors.ts';
import { commandsBelow, nearest, nearestWords, walk, walkToCommand } from './tree.ts';
import type { CommandNode } from './tree.ts';
import { CLI_MOUTH, type Mouth } from './mouth.ts';
import { usageOf } from './usage.ts';

/** The options that every command takes. Paths are absolute. */
export interface Globals {
  readonly json: boolean;
  readonly config: string | undefined;
  readonly dataDir: string | undefined;
}

export type Parsed =
  | { readonly kind: 'run'; readonly command: Command; readonly input: Input; readonly globals: Globals }
  /** Help on a command or on all that begin with the words; no words: the overview. */
  | { readonly kind: 'help'; readonly words: readonly string[]; readonly globals: Globals };

/** One argument as typed. `option` is `undefined` for a bare word. */
interface Token {
  readonly text: string;
  readonly option: string | undefined;
  readonly inline: string | undefined;
}

/** True when the caller wants JSON; also when the rest of the line is wrong. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

/**
 * Reads a command line. The command is the longest match of the leading words; what is left are its
 * arguments. Throws a `CLI_…` error with a hint for everything that is not understood.
 */
export function parseCommandLine(
  root: CommandNode,
  argv: readonly string[],
  cwd: string,
  mouth: Mouth = CLI_MOUTH,
): Parsed {
  const { tokens, taken } = takeGlobals(argv, cwd, mouth);
  const { globals } = taken;
  const firstOption = tokens.findIndex((token) => token.option !== undefined || token.text === '--');
  const leading = (firstOption < 0 ? tokens : tokens.slice(0, firstOption)).map((token) => token.text);
  const asked = leading.indexOf('?');
  if (asked >= 0) return { kind: 'help', words: leading.slice(0, asked), globals };
  if (taken.help) return { kind: 'help', words: leading.slice(0, walk(root, leading).depth), globals };
  if (leading.length === 0 && tokens.length === 0) return { kind: 'help', words: [], globals };
  const found = walkToCommand(root, leading);
  if (found === undefined) throw notFound(root, leading, tokens, mouth);
  const { command, depth } = found;
  const input = readInput(command, tokens.slice(depth), taken.values, { cwd, mouth });
  return { kind: 'run', command, input, globals };
}

function notFound(
  root: CommandNode,
  leading: readonly string[],
  tokens: readonly Token[],
  { program }: Mouth,
): Error {
  if (leading.length === 0) {
    return cliErrors.CLI_UNKNOWN_OPTION({
      option: tokens[0]?.text ?? '',
      suggestion: `a command comes first. See ${program}help`,
    });
  }
  const { node, depth } = walk(root, leading);
  if (depth === leading.length) {
    return cliErrors.CLI_COMMAND_INCOMPLETE({
      words: node.words,
      choices: [...node.children.keys()].join(', '),
      help: `${program}help ${node.words}`,
    });
  }
  const begun = [...node.children.keys()].filter((word) => word.startsWith(leading[depth] ?? ''));
  if (begun.length > 1) {
    return cliErrors.CLI_COMMAND_AMBIGUOUS({
      words: leading.slice(0, depth + 1).join(' '),
      choices: begun.map((word) => [...leading.slice(0, depth), word].join(' ')).join(', '),
    });
  }
  const meant = nearestWords(root, leading);
  const below = depth > 0 ? `one of: ${[...node.children.keys()].join(', ')}` : `see ${program}help`;
  return cliErrors.CLI_UNKNOWN_COMMAND({
    words: leading.slice(0, depth + 1).join(' '),
    suggestion: meant === undefined || meant === node.words ? below : `did you mean: ${program}${meant}`,
  });
}

interface Taken {
  readonly globals: Globals;
  readonly help: boolean;
  readonly values: Readonly<Record<string, string>>;
}

/** Takes the global options out, wherever they stand. */
function takeGlobals(
  argv: readonly string[],
  cwd: string,
  { globals: known }: Mouth,
): { tokens: readonly Token[]; taken: Taken } {
  const tokens: Token[] = [];
  const values: Record<string, string> = {};
  let json = false;
  let help = false;
  let literal = false;
  for (let at = 0; at < argv.length; at++) {
    const token = literal ? bare(argv[at]!) : tokenOf(argv[at]!);
    const name = token.option ?? '';
    const spec = Object.hasOwn(known, name) ? known[name] : undefined;
    if (token.text === '--' && !literal) literal = true;
    if (token.option === undefined || spec === undefined) {
      tokens.push(token);
      continue;
    }
    if (spec.value === undefined) {
      if (token.inline !== undefined) throw cliErrors.CLI_OPTION_IS_FLAG({ option: token.option });
      if (token.option === 'json') json = true;
      else help = true;
      continue;
    }
    if (values[token.option] !== undefined) throw cliErrors.CLI_OPTION_REPEATED({ option: token.option });
    const value = token.inline ?? argv[++at];
    values[token.option] = resolve(cwd, checkedValue(token.option, spec, value));
  }
  const globals = { json, config: values['config'], dataDir: values['data-dir'] };
  return { tokens, taken: { globals, help, values } };
}

/** Where the caller stands: relative paths begin there. */
interface Place {
  readonly cwd: string;
  readonly mouth: Mouth;
}

function readInput(
  command: Command,
  tokens: readonly Token[],
  globalValues: Readonly<Record<string, string>>,
  place: Place,
): Input {
  const bareWords: string[] = [];
  const given = new Map<string, (string | true)[]>();
  let literal = false;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token.text === '--' && !literal) literal = true;
    else if (token.option === undefined) bareWords.push(token.text);
    else {
      const spec = Object.hasOwn(command.options, token.option) ? command.options[token.option] : undefined;
      if (spec === undefined) throw unknownOption(command, token, place.mouth);
      if (spec.value === undefined && token.inline !== undefined) {
        throw cliErrors.CLI_OPTION_IS_FLAG({ option: token.option });
      }
      const next = spec.value === undefined || token.inline !== undefined ? undefined : tokens[++at];
      const value =
        spec.value === undefined ? true : checkedValue(token.option, spec, token.inline ?? next?.text);
      const before = given.get(token.option) ?? [];
      if (before.length > 0 && spec.repeat !== true) {
        throw cliErrors.CLI_OPTION_REPEATED({ option: token.option });
      }
      given.set(token.option, [...before, absolute(value, spec.file, place.cwd)]);
    }
  }
  return { ...placeWords(command, bareWords, place), options: optionValues(command, given, globalValues) };
}

/** The value of an option: there, and one of its choices. `--` and other options are no values. */
function checkedValue(name: string, spec: Option, value: string | undefined): string {
  if (value === undefined || value === '--' || /^--[a-z]/.test(value)) {
    throw cliErrors.CLI_OPTION_VALUE_MISSING({ option: name, value: spec.choices?.join('|') ?? spec.value });
  }
  checkChoice(`--${name}`, spec.choices, value);
  return value;
}

function optionValues(
  command: Command,
  given: ReadonlyMap<string, readonly (string | true)[]>,
  globalValues: Readonly<Record<string, string>>,
): Input['options'] {
  const entries = Object.entries(command.options).map(([name, spec]) => {
    const values = given.get(name);
    if (spec.repeat === true) {
      const fallback = spec.default === undefined ? [] : [spec.default];
      return [name, values?.map(String) ?? fallback] as const;
    }
    if (spec.value === undefined) return [name, values !== undefined] as const;
    return [name, values?.[0] ?? globalValues[name] ?? spec.default] as const;
  });
  return Object.fromEntries(entries);
}

function placeWords(
  command: Command,
  given: readonly string[],
  { cwd, mouth }: Place,
): { words: Record<string, string | undefined>; rest: readonly string[] } {
  const words: Record<string, string | undefined> = {};
  let rest: readonly string[] = [];
  let at = 0;
  for (const positional of command.positionals) {
    const taken = given.slice(at, positional.rest === true ? undefined : at + 1);
    at += taken.length;
    if (taken.length === 0 && positional.optional !== true) throw missing(command, positional, mouth);
    for (const value of taken) checkChoice(positional.name, positional.choices, value);
    const values = taken.map((value) => absolute(value, positional.file, cwd));
    if (positional.rest === true) rest = values;
    else words[positional.name] = values[0];
  }
  const extra = given[at];
  if (extra !== undefined) {
    throw cliErrors.CLI_ARGUMENT_UNEXPECTED({ value: extra, usage: usageOf(command, mouth.program) });
  }
  return { words, rest };
}

function missing(command: Command, positional: Positional, { program }: Mouth): Error {
  const example = command.examples?.[0];
  return cliErrors.CLI_ARGUMENT_MISSING({
    name: positional.name.toUpperCase(),
    usage: usageOf(command, program),
    example: example === undefined ? '' : `\nexample: ${program}${example}`,
  });
}

function unknownOption(command: Command, token: Token, { globals, program }: Mouth): Error {
  const meant = nearest(token.option ?? '', [...Object.keys(command.options), ...Object.keys(globals)]);
  return cliErrors.CLI_UNKNOWN_OPTION({
    option: token.text,
    suggestion: meant === undefined ? `see ${program}${command.words} --help` : `did you mean --${meant}`,
  });
}

function checkChoice(name: string, choices: readonly string[] | undefined, value: string): void {
  if (choices === undefined || choices.includes(value)) return;
  const meant = nearest(value, choices);
  throw cliErrors.CLI_BAD_CHOICE({
    name: name.startsWith('--') ? name : name.toUpperCase(),
    value,
    choices: choices.join(', ') + (meant === undefined ? '' : `. Did you mean ${meant}`),
  });
}

function absolute<T extends string | true>(value: T, file: boolean | undefined, cwd: string): string | T {
  return file === true && typeof value === 'string' ? resolve(cwd, value) : value;
}

function bare(text: string): Token {
  return { text, option: undefined, inline: undefined };
}

function tokenOf(text: string): Token {
  if (text === '-h') return { text, option: 'help', inline: undefined };
  if (!text.startsWith('--') || text === '--') {
    // `-` is a value; any other word with a hyphen in front is an option that does not exist.
    return /^-[^-\d]/.test(text) ? { text, option: text.slice(1), inline: undefined } : bare(text);
  }
  const equals = text.indexOf('=');
  return equals < 0
    ? { text, option: text.slice(2), inline: undefined }
    : { text, option: text.slice(2, equals), inline: text.slice(equals + 1) };
}

/** The commands that a help request is about; empty: the words lead nowhere. */
export function commandsAt(root: CommandNode, words: readonly string[]): readonly Command[] {
  const { node, depth } = walk(root, words);
  return depth === words.length ? commandsBelow(node) : [];
}
