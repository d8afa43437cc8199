import type { EdgeLinks } from '../../kernel/index.ts';
import { Waiters } from '../../platform/index.ts';

/** Lines of the application log that control keeps: about an hour of a busy gateway, below 1 MiB. */
const LINES_MAX = 2000;
const LINE_CHARS_MAX = 2000;
const WAIT_MS_MAX = 20_000;
const LEVELS = ['debug', 'info', 'warn', 'error'];

/** The newest lines of all processes, for `show log`. The log itself is standard error. */
export interface LogRing {
  add(line: unknown): void;
  /** Oldest first. */
  newest(count: number): readonly string[];
  /** What came after the line with this number; waits when there is nothing yet. Absent: from now on. */
  tail(
    after: number | undefined,
    waitMs: number,
  ): Promise<{ readonly lines: readonly string[]; readonly after: number }>;
}

export function createLogRing(): LogRing {
  let lines: string[] = [];
  let last = 0;
  const waiters = new Waiters();
  const since = (after: number): readonly string[] => lines.slice(Math.max(0, lines.length - (last - after)));
  return {
    add: (line) => {
      if (typeof line !== 'string') return;
      lines.push(line.trimEnd().slice(0, LINE_CHARS_MAX));
      last++;
      // Cut seldom and much: a shift for each line would copy the array each time.
      if (lines.length >= 2 * LINES_MAX) lines = lines.slice(-LINES_MAX);
      waiters.wake();
    },
    newest: (count) => lines.slice(-Math.min(count, LINES_MAX)),
    async tail(after, waitMs) {
      const from = Math.min(after ?? last, last);
      if (from === last && waitMs > 0) await waiters.wait(waitMs);
      return { lines: from === last ? [] : since(from), after: last };
    },
  };
}

/** Answers doors that show the log as it comes: `log.tail`. */
export function serveLogTail(links: EdgeLinks, ring: LogRing): void {
  links.handle('log.tail', async (params) => {
    const { after, waitMs, level } = paramsIn(params);
    const answer = await ring.tail(after, waitMs);
    const items = answer.lines.map(parsed).filter((item) => rank(item) >= level);
    return { items, after: answer.after };
  });
}

function paramsIn(params: unknown) {
  const given =
    typeof params === 'object' && params !== null ? (params as Readonly<Record<string, unknown>>) : {};
  const { after, waitMs, level } = given;
  return {
    after: typeof after === 'number' && Number.isSafeInteger(after) && after >= 0 ? after : undefined,
    waitMs: typeof waitMs === 'number' ? Math.max(0, Math.min(WAIT_MS_MAX, waitMs)) : 0,
    level: Math.max(0, LEVELS.indexOf(String(level))),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // A line that was cut.
    return { line };
  }
}

function rank(item: unknown): number {
  const level = typeof item === 'object' && item !== null && 'level' in item ? String(item.level) : 'info';
  return LEVELS.indexOf(level);
}
