/** Lines of the application log that control keeps: about an hour of a busy gateway, below 1 MiB. */
const LINES_MAX = 2000;
const LINE_CHARS_MAX = 2000;

/** The newest lines of all processes, for `show log`. The log itself is standard error. */
export interface LogRing {
  add(line: unknown): void;
  /** Oldest first. */
  newest(count: number): readonly string[];
}

export function createLogRing(): LogRing {
  let lines: string[] = [];
  return {
    add: (line) => {
      if (typeof line !== 'string') return;
      lines.push(line.trimEnd().slice(0, LINE_CHARS_MAX));
      // Cut seldom and much: a shift for each line would copy the array each time.
      if (lines.length >= 2 * LINES_MAX) lines = lines.slice(-LINES_MAX);
    },
    newest: (count) => lines.slice(-Math.min(count, LINES_MAX)),
  };
}
