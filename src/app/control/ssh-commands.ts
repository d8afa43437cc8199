import type { Command, Input } from '../../kernel/index.ts';
import { appErrors } from '../errors.ts';

/** Whether a command is offered to somebody who is not on this machine: files are not theirs to name. */
export function overSsh({ where, remote, positionals }: Command): boolean {
  const isHere = where === 'running' || where === 'either' || (where === 'here' && remote === true);
  return isHere && !positionals.some((each) => each.file === true && each.optional !== true);
}

/** Throws when the input names a file: it would be one of the gateway, read with the gateway's rights. */
export function refuseFiles({ positionals, options }: Command, { words, rest, options: given }: Input): void {
  for (const place of positionals) {
    const isGiven = place.rest === true ? rest.length > 0 : words[place.name] !== undefined;
    if (place.file === true && isGiven) throw appErrors.SSH_FILE({ name: place.name.toUpperCase() });
  }
  for (const [name, option] of Object.entries(options)) {
    const value = given[name];
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== option.default;
    if (option.file === true && isGiven) throw appErrors.SSH_FILE({ name: `--${name}` });
  }
}

/** The command as a line for the audit: without what is secret. */
export function lineOf({ words, positionals, options }: Command, input: Input): string {
  const parts = [words];
  for (const { name, rest } of positionals)
    parts.push(...(rest === true ? input.rest : [input.words[name] ?? '']));
  for (const [name, option] of Object.entries(options)) {
    const value = input.options[name];
    if (value === undefined || value === false || value === option.default) continue;
    if (value === true) parts.push(`--${name}`);
    else for (const each of [value].flat()) parts.push(`--${name}`, option.secret === true ? '***' : each);
  }
  return parts
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, 1000);
}
