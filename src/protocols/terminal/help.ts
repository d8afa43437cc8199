import type { Cell, Command, View } from '../../kernel/index.ts';
import { CLI_MOUTH, type Mouth } from './mouth.ts';
import type { CommandNode } from './tree.ts';
import { commandsBelow } from './tree.ts';
import { positionalUsage, signatureOf, usageOf } from './usage.ts';

/** Groups of the overview, by first word. What no group names stands in the last. */
export const GROUPS: readonly { readonly title: string; readonly words: readonly string[] }[] = [
  { title: 'The gateway', words: ['start', 'stop', 'reload', 'status', 'doctor', 'version'] },
  { title: 'Look', words: ['show', 'log', 'ping', 'verify'] },
  { title: 'Ask what it knows and decides', words: ['lookup', 'explain', 'scan', 'policy'] },
  { title: 'Lists and feeds', words: ['feed', 'indicator', 'mirror', 'quarantine', 'model'] },
  { title: 'People and products', words: ['token', 'user', 'directory', 'product'] },
  {
    title: 'Configuration',
    words: [
      'config',
      'configure',
      'certificate',
      'firewall',
      'backup',
      'restore',
      'enable',
      'reboot',
      'shutdown',
    ],
  },
  { title: 'More', words: [] },
];

const NO_TITLES = [{ title: '' }, { title: '' }];

/** The overview: every command in its group, one line each. */
export function overview(root: CommandNode, { program, globals }: Mouth = CLI_MOUTH): readonly View[] {
  const groups = groupsOf(commandsBelow(root)).flatMap(({ title, commands }): View[] => [
    { kind: 'title', text: title },
    { kind: 'table', columns: NO_TITLES, rows: commands.map(commandRow) },
  ]);
  return [
    { kind: 'text', text: 'Sallyport, the open on-premises service gateway' },
    { kind: 'facts', facts: [['usage', `${program}COMMAND [arguments] [options]`]] },
    ...groups,
    { kind: 'title', text: 'Options of every command' },
    { kind: 'table', columns: NO_TITLES, rows: Object.entries(globals).map(optionRow) },
    {
      kind: 'text',
      text: `\n${program}help COMMAND explains one command; "?" after any word shows what may follow.`,
    },
  ];
}

/** The commands that begin with some words: `show`. */
export function groupHelp(
  words: string,
  commands: readonly Command[],
  { program }: Mouth = CLI_MOUTH,
): readonly View[] {
  return [
    { kind: 'title', text: `${program}${words} …` },
    { kind: 'table', columns: NO_TITLES, rows: commands.map(commandRow) },
  ];
}

/** One command in full. */
export function commandHelp(command: Command, { program }: Mouth = CLI_MOUTH): readonly View[] {
  const views: View[] = [
    { kind: 'text', text: command.summary },
    { kind: 'facts', facts: [['usage', usageOf(command, program)], ...factsOf(command)] },
  ];
  if (command.positionals.length > 0) {
    const rows = command.positionals.map((each): Cell[] => [strong(positionalUsage(each)), helpOf(each)]);
    views.push({ kind: 'title', text: 'Arguments' }, { kind: 'table', columns: NO_TITLES, rows });
  }
  const options = Object.entries(command.options);
  if (options.length > 0) {
    views.push({ kind: 'title', text: 'Options' });
    views.push({ kind: 'table', columns: NO_TITLES, rows: options.map(optionRow) });
  }
  const examples = command.examples ?? [];
  if (examples.length > 0) {
    views.push({ kind: 'title', text: 'Examples' });
    views.push({ kind: 'text', text: examples.map((example) => `  ${program}${example}`).join('\n') });
  }
  return views;
}

/** The commands by group, empty groups left out. */
export function groupsOf(
  commands: readonly Command[],
): readonly { readonly title: string; readonly commands: readonly Command[] }[] {
  const known = new Set(GROUPS.flatMap((group) => group.words));
  const groups = GROUPS.map((group) => ({
    title: group.title,
    commands: commands.filter((command) => {
      const first = firstWord(command);
      return group.words.length === 0 ? !known.has(first) : group.words.includes(first);
    }),
  }));
  return groups.filter((group) => group.commands.length > 0);
}

/** What the help says of an option or argument, choices and default included. */
export function helpOf(each: {
  readonly help: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly repeat?: boolean;
}): string {
  const notes = [
    each.choices === undefined ? '' : `one of: ${each.choices.join(', ')}`,
    each.default === undefined ? '' : `default: ${each.default}`,
    each.repeat === true ? 'may be repeated' : '',
  ].filter((note) => note !== '');
  return notes.length === 0 ? each.help : `${each.help} (${notes.join('; ')})`;
}

function factsOf(command: Command): readonly (readonly [string, Cell])[] {
  const where = {
    running: 'asks the running gateway',
    either: 'asks the running gateway, and works on a stopped one too',
    here: 'runs here, without asking the gateway',
    shell: 'at the prompt of an SSH session',
  }[command.where];
  return [
    ['where', where],
    ['role', command.role],
  ];
}

function commandRow(command: Command): readonly Cell[] {
  return [strong(`  ${signatureOf(command)}`), command.summary];
}

function optionRow([name, option]: readonly [string, Command['options'][string]]): readonly Cell[] {
  return [strong(`  --${name}${option.value === undefined ? '' : ` ${option.value}`}`), helpOf(option)];
}

function firstWord(command: Command): string {
  return command.words.split(' ')[0]!;
}

function strong(text: string): Cell {
  return { text, tone: 'strong' };
}
