/** One line of the application log. */
export interface Line {
  /** Of this page alone. */
  readonly id: number;
  readonly time: string | undefined;
  readonly level: Level;
  readonly process: string;
  readonly event: string;
  /** What else it says: `name=value`. */
  readonly rest: string;
  /** As it came. */
  readonly text: string;
}

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

let last = 0;

export function lineOf(given: unknown): Line {
  const members = typeof given === 'object' && given !== null ? { ...given } : { line: given };
  // The fields are looked at one by one.
  const { time, level, process, pid, event, ...rest } = members as Readonly<Record<string, unknown>>;
  return {
    id: ++last,
    time: typeof time === 'string' ? time : undefined,
    level: LEVELS.find((each) => each === level) ?? 'info',
    process: [process, pid].filter((part) => typeof part === 'string' || typeof part === 'number').join(' '),
    event: typeof event === 'string' ? event : '',
    rest: Object.entries(rest)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join('  '),
    text: JSON.stringify(given),
  };
}

/** What was asked for, and what came meanwhile: a line that is in both stands once. Newest first. */
export function joined(older: readonly Line[], newer: readonly Line[], max: number): readonly Line[] {
  const known = new Set(older.map(({ text }) => text));
  return [...newer.filter(({ text }) => !known.has(text)), ...older].slice(0, max);
}
