import { language } from './language.ts';

/** Numbers and times as people of the chosen language write them. */

const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  key: string,
  make: (tag: string) => T,
): T {
  // English as it is written outside of the United States: days before months, 24 hours.
  const tag = language.value === 'en' ? 'en-GB' : language.value;
  const full = `${tag} ${key}`;
  const found = made.get(full) ?? make(tag);
  made.set(full, found);
  // A key stands for one kind of formatter.
  return found as T;
}

export function formatCount(value: number): string {
  return kept('count', (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 0 })).format(value);
}

export function formatDecimal(value: number, digits = 1): string {
  return kept(
    `decimal ${digits}`,
    (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: digits }),
  ).format(value);
}

/** With so many digits, also where they are zeros: for columns. */
export function formatFixed(value: number, digits: number): string {
  return kept(
    `fixed ${digits}`,
    (tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  ).format(value);
}

/** `12.4k`, `3.1m`: for axes and tiles. */
export function formatCompact(value: number): string {
  return kept(
    'compact',
    (tag) => new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 }),
  ).format(value);
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${formatDecimal(bytes / 1024 ** step)} ${BYTE_UNITS[step]}`;
}

export function formatMs(ms: number): string {
  if (ms >= 1000) return `${formatDecimal(ms / 1000)} s`;
  return `${formatDecimal(ms, ms >= 10 ? 0 : ms >= 1 ? 1 : 2)} ms`;
}

export type Moment = string | number | null | undefined;

export function formatTime(moment: Moment): string {
  const date = dateOf(moment);
  return date === undefined
    ? '–'
    : kept(
        'time',
        (tag) =>
          new Intl.DateTimeFormat(tag, {
            hour: '2-digit',
            minute: '2-digit',
            second: '2-digit',
            hour12: false,
          }),
      ).format(date);
}

export function formatDate(moment: Moment): string {
  const date = dateOf(moment);
  return date === undefined
    ? '–'
    : kept(
        'date',
        (tag) => new Intl.DateTimeFormat(tag, { year: 'numeric', month: 'short', day: 'numeric' }),
      ).format(date);
}

export function formatDateTime(moment: Moment): string {
  const date = dateOf(moment);
  return date === undefined
    ? '–'
    : kept(
        'datetime',
        (tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium', hour12: false }),
      ).format(date);
}

/** A sentence of the gateway, with the times in it as people write them. */
export function withTimes(sentence: string): string {
  return sentence.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (time) => formatDateTime(time));
}

const STEPS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `5 minutes ago`, `in 3 days`. */
export function formatRelative(moment: Moment): string {
  const date = dateOf(moment);
  if (date === undefined) return '–';
  const seconds = (date.getTime() - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? (['second', 1] as const);
  return kept('relative', (tag) => new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })).format(
    Math.round(seconds / size),
    unit,
  );
}

/** `2 d 4 h`: an age or a life. */
export function formatSpan(seconds: number): string {
  const found = STEPS.findIndex(([, size]) => seconds >= size);
  if (found === -1) return '0 s';
  return STEPS.slice(found, found + 2)
    .map(([unit, size], at) => {
      const rest = at === 0 ? seconds : seconds % (STEPS[found]?.[1] ?? 1);
      const value = Math.floor(rest / size);
      return value === 0 ? '' : `${value} ${unit === 'minute' ? 'min' : unit[0]}`;
    })
    .filter((part) => part !== '')
    .join(' ');
}

function dateOf(moment: Moment): Date | undefined {
  if (moment === null || moment === undefined || moment === '') return undefined;
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
