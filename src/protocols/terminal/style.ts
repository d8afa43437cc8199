import { styleText } from 'node:util';
import type { Tone } from '../../kernel/index.ts';

/** What is known of the place that text goes to. */
export interface TextOutput {
  readonly isTerminal: boolean;
  /** Width of the terminal; `undefined` when there is none. */
  readonly columns: number | undefined;
}

/** How text looks on one output. */
export interface Style {
  /** Columns that lines may take; `undefined`: as long as they are (a pipe or a file). */
  readonly width: number | undefined;
  paint(tone: Tone | undefined, text: string): string;
}

const FORMATS = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', strong: 'bold' } as const;
const WIDTH_MIN = 20;
const WIDTH_DEFAULT = 80;

export const PLAIN: Style = { width: undefined, paint: (_, text) => text };

/** Colors only in a terminal that has them, and never where `NO_COLOR` is set (no-color.org). */
export function styleOf(output: TextOutput, env: Readonly<Record<string, string | undefined>>): Style {
  if (!output.isTerminal) return PLAIN;
  // A terminal that does not know its width says 0.
  const width = Math.max(WIDTH_MIN, output.columns === 0 ? WIDTH_DEFAULT : (output.columns ?? WIDTH_DEFAULT));
  const hasColor = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  if (!hasColor) return { ...PLAIN, width };
  return {
    width,
    // The output has been looked at above; `styleText` would look at `process.stdout`.
    paint: (tone, text) =>
      tone === undefined || text === '' ? text : styleText(FORMATS[tone], text, { validateStream: false }),
  };
}
