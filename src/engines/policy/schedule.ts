import { DAYS, type TimeSpan } from './document.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/**
 * Whether a moment lies in one of the spans, by the clock on the wall of its time zone. Calendars are slow, and a
 * minute is what people write, so each answer is kept for its minute.
 */
export function compileSchedule(spans: readonly TimeSpan[]): (nowMs: number) => boolean {
  const walls = new Map(spans.map(({ zone }) => [zone, wallClock(zone)]));
  let lastMinute = Number.NaN;
  let last = false;
  return (nowMs) => {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== lastMinute) {
      lastMinute = minute;
      last = spans.some((span) => {
        const wall = walls.get(span.zone)?.(minute * MINUTE_MS);
        return wall !== undefined && isIn(span, wall);
      });
    }
    return last;
  };
}

interface Wall {
  /** 0 is Monday. */
  readonly day: number;
  readonly minute: number;
}

function isIn({ days, fromMinute, toMinute }: TimeSpan, { day, minute }: Wall): boolean {
  const today = days.includes(DAYS[day]!);
  if (fromMinute < toMinute) return today && minute >= fromMinute && minute < toMinute;
  // Over midnight: what is after it belongs to the day before.
  const yesterday = days.includes(DAYS[(day + 6) % 7]!);
  return (today && minute >= fromMinute) || (yesterday && minute < toMinute);
}

function wallClock(zone: string): (ms: number) => Wall {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const day = DAYS.findIndex((name) => name === parts['weekday']?.toLowerCase());
    return { day, minute: (Number(parts['hour']) * 60 + Number(parts['minute'])) % DAY_MINUTES };
  };
}

export function isZone(zone: string): boolean {
  try {
    // Offsets such as +01:00 know no summer time; names do.
    if (!/^[A-Z]/i.test(zone)) return false;
    new Intl.DateTimeFormat('en-US', { timeZone: zone }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** `08:30` → 510; `24:00` is the end of the day. */
export function minuteOf(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [hours, minutes] = [Number(match[1]), Number(match[2])];
  const minute = hours * 60 + minutes;
  return minutes < 60 && minute <= DAY_MINUTES ? minute : undefined;
}

/** `mon`, `mon-fri`, `sat-mon` → days; `undefined`: none of them. */
export function daysOf(text: string): readonly (typeof DAYS)[number][] | undefined {
  const [from = '', to = from, ...rest] = text.toLowerCase().split('-');
  const first = DAYS.findIndex((day) => day === from);
  const last = DAYS.findIndex((day) => day === to);
  if (first < 0 || last < 0 || rest.length > 0) return undefined;
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, step) => DAYS[(first + step) % 7]!);
}
