import type { Command } from '../kernel/index.ts';
import { EXIT } from '../kernel/index.ts';
import { CLI_MOUTH, groupsOf, helpOf, positionalUsage, signatureOf } from '../protocols/terminal/index.ts';

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'Done.',
  bug: 'A bug of the gateway.',
  usage: 'The command line or the configuration is wrong.',
  portTaken: 'A port is taken.',
  state: 'The state cannot be opened, or the gateway is already running.',
  notRunning: 'The gateway is not running.',
  refused: 'Refused: the caller may not do this, or the state forbids it.',
  failed: 'The command failed.',
  found: 'A check found something.',
  incomplete: 'The answer is incomplete.',
};

/** The manual page in man(7) macros, section 8 (system administration). */
export function manPage(commands: readonly Command[]): string {
  const lines = [
    '.TH SALLYPORT 8 "" Sallyport "System administration"',
    '.SH NAME',
    'sallyport \\- the open on\\-premises service gateway',
    '.SH SYNOPSIS',
    '.B sallyport',
    '.I command',
    '[\\fIarguments\\fR] [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    'Starts, stops, inspects and configures the gateway. Commands reach the running gateway over a socket in its data directory.',
    '.SH OPTIONS',
    'Every command takes:',
    ...Object.entries(CLI_MOUTH.globals).flatMap(([name, option]) => optionLines(name, option)),
    '.SH COMMANDS',
    ...groupsOf(commands).flatMap((group) => [
      `.SS ${quoted(group.title)}`,
      ...group.commands.flatMap(commandLines),
    ]),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT).flatMap(([name, code]) => [
      '.TP',
      `.B ${code}`,
      // The names are the keys of EXIT, for which the table above is complete.
      escaped(EXIT_MEANINGS[name as keyof typeof EXIT]),
    ]),
    '.SH ENVIRONMENT',
    '.TP',
    '.B SALLYPORT_DATA_DIR',
    'Data directory, where \\-\\-data\\-dir is not given.',
    '.TP',
    '.B SALLYPORT_ADMIN_PASSWORD',
    'Password of the account admin at the first start.',
    '.TP',
    '.B NO_COLOR',
    'No color, in a terminal too.',
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(command: Command): readonly string[] {
  const options = Object.entries(command.options);
  return [
    '.TP',
    `.B ${escaped(signatureOf(command))}`,
    `${escaped(command.summary)}.`,
    ...command.positionals.flatMap((each) => [
      '.RS',
      '.TP',
      `.I ${escaped(positionalUsage(each))}`,
      escaped(helpOf(each)),
      '.RE',
    ]),
    ...(options.length === 0
      ? []
      : ['.RS', ...options.flatMap(([name, option]) => optionLines(name, option)), '.RE']),
    ...(command.examples ?? []).flatMap((example) => [
      '.RS',
      '.PP',
      `Example: \\fBsallyport ${escaped(example)}\\fR`,
      '.RE',
    ]),
  ];
}

function optionLines(name: string, option: Command['options'][string]): readonly string[] {
  const value = option.value === undefined ? '' : ` \\fI${escaped(option.value)}\\fR`;
  return ['.TP', `\\fB${escaped(`--${name}`)}\\fR${value}`, escaped(helpOf(option))];
}

/** Plain text in roff: no escapes, no hyphens that become dashes, no request at the start of a line. */
function escaped(text: string): string {
  const safe = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('\n', ' ');
  return /^[.']/.test(safe) ? `\\&${safe}` : safe;
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}
