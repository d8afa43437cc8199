import type { Command, Positional } from '../../kernel/index.ts';

/** `sallyport feed import FILE --format FORMAT [options]` */
export function usageOf(command: Command, program = 'sallyport '): string {
  const options = Object.keys(command.options).length === 0 ? [] : ['[options]'];
  return `${program}${[signatureOf(command), ...options].join(' ')}`;
}

/** `feed import FILE`: the words and the positional arguments. */
export function signatureOf(command: Command): string {
  return [command.words, ...command.positionals.map(positionalUsage)].join(' ');
}

export function positionalUsage(positional: Positional): string {
  const name =
    positional.choices !== undefined && positional.choices.length <= 4
      ? positional.choices.join('|')
      : positional.name.toUpperCase();
  const many = positional.rest === true ? `${name}…` : name;
  return positional.optional === true ? `[${many}]` : many;
}
