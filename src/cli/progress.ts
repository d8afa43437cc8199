import type { Clock } from '../kernel/index.ts';
import { formatDuration } from '../kernel/index.ts';
import type { Output } from './seam.ts';
import { printable, truncate, type Style } from '../protocols/terminal/index.ts';

const BAR_COLUMNS = 24;
/** Before that much time a rate is a guess. */
const RATE_AFTER_MS = 500;
const ERASE_LINE = '\r\u001B[K';

export interface Progress {
  readonly report: (step: string, done: number, total: number | undefined) => void;
  /** Takes the line away. Call it before anything else is written. */
  clear(): void;
}

/** One line that is written over: bar, count, rate and time left. Silent where nobody looks at it. */
export function openProgress(output: Output, style: Style, clock: Clock, silent: boolean): Progress {
  if (silent || !output.isTerminal) return { report: () => {}, clear: () => {} };
  let current: { readonly step: string; readonly since: number; readonly from: number } | undefined;
  return {
    report: (step, done, total) => {
      const now = clock.monotonic();
      if (current?.step !== step) current = { step, since: now, from: done };
      const elapsedMs = now - current.since;
      const rate = elapsedMs < RATE_AFTER_MS ? undefined : ((done - current.from) / elapsedMs) * 1000;
      const line = progressLine(step, done, total, rate);
      output.write(ERASE_LINE + truncate(line, (style.width ?? 80) - 1));
    },
    clear: () => {
      if (current !== undefined) output.write(ERASE_LINE);
      current = undefined;
    },
  };
}

/** `Importing  ━━━━━━━━━━━━────────────   50 %  1,000 of 2,000  210/s  5 s left` */
export function progressLine(
  step: string,
  done: number,
  total: number | undefined,
  perSecond: number | undefined,
): string {
  const parts = [printable(step)];
  if (total === undefined || total <= 0) parts.push(count(done));
  else {
    const share = Math.min(1, done / total);
    const filled = Math.round(share * BAR_COLUMNS);
    parts.push('━'.repeat(filled) + '─'.repeat(BAR_COLUMNS - filled));
    parts.push(`${String(Math.floor(share * 100)).padStart(3)} %`, `${count(done)} of ${count(total)}`);
  }
  if (perSecond !== undefined && perSecond > 0) {
    parts.push(`${count(perSecond)}/s`);
    const leftMs = total === undefined ? 0 : ((total - done) / perSecond) * 1000;
    if (leftMs >= 1000) parts.push(`${formatDuration(leftMs)} left`);
  }
  return parts.join('  ');
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
