import { type Input, parseDuration, textOption } from '../../kernel/index.ts';
import { CSV_FIELDS, type CsvMapping } from '../../protocols/lists/index.ts';
import { indicatorErrors } from './errors.ts';

/** `value=entry,category=2` of all `--map` options. */
export function mappingOf(input: Input): CsvMapping {
  const given = input.options['map'];
  // The kernel types a repeated option as an array of texts.
  const texts =
    typeof given === 'string' ? [given] : Array.isArray(given) ? (given as readonly string[]) : [];
  const mapping: { -readonly [K in keyof CsvMapping]: CsvMapping[K] } = {};
  for (const pair of texts.flatMap((text) => text.split(','))) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals)).trim();
    const field = CSV_FIELDS.find((each) => each === name);
    const column = pair.slice(equals + 1).trim();
    if (field === undefined || column === '') {
      const reason = `"${pair}" is not FIELD=COLUMN with a field of ${CSV_FIELDS.join(', ')}`;
      throw optionError('map', reason, 'Example: --map value=entry,category=category');
    }
    mapping[field] = column;
  }
  return mapping;
}

/** A whole number between bounds; `undefined` when the option was not given. */
export function numberOption(
  input: Input,
  option: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = textOption(input, option);
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw optionError(option, `"${text}" is no number from ${least} to ${most}`, `Use ${least} to ${most}`);
  return number;
}

/** A duration in milliseconds; `undefined` when the option was not given. */
export function durationOption(input: Input, option: string): number | undefined {
  const text = textOption(input, option);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0)
    throw optionError(option, `"${text}" is no duration`, 'Examples: 12h, 30d, 365d');
  return ms;
}

export function choiceOption<T extends string>(
  input: Input,
  option: string,
  choices: readonly T[],
): T | undefined {
  const text = textOption(input, option);
  if (text === undefined) return undefined;
  const chosen = choices.find((each) => each === text);
  if (chosen === undefined)
    throw optionError(option, `"${text}" is not possible`, `Use one of: ${choices.join(', ')}`);
  return chosen;
}

function optionError(option: string, reason: string, help: string): Error {
  return indicatorErrors.INDICATORS_OPTION({ option, reason, help });
}
