import { type Clock, GatewayError, type Log, type LogFields, type LogLevel } from '../../kernel/index.ts';
import type { UrlRedactor } from '../../protocols/url/index.ts';
import { asciiOnly, jsonString } from './escape.ts';
import { Secret } from './secret.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  /** Who writes: `supervisor`, `control`, `edge`. */
  readonly name: string;
  readonly pid: number;
  readonly clock: Clock;
  /** What every text passes before it is written. */
  readonly redactor: UrlRedactor;
  /** Takes one line with its line end. */
  readonly write: (line: string) => void;
  /** Pretty lines only: terminal colors. */
  readonly color?: boolean;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const COLOR: Readonly<Record<LogLevel, string>> = { debug: '2', info: '36', warn: '33', error: '31' };

/** A field longer than this is cut: one line must not flood a terminal or a journal. */
const FIELD_CHARS_MAX = 4096;
/** A stack is for people who repair us; forty lines of it are enough. */
const STACK_CHARS_MAX = 4096;

/**
 * The application log of every process. One line an event; peers' text is escaped; `Secret` values and
 * what JSON cannot show are replaced, never thrown.
 */
export function createLog(options: LogOptions): Log {
  const lowest = RANK[options.level];
  const render = options.format === 'json' ? jsonLine : prettyLine;
  const at = (level: LogLevel) =>
    RANK[level] < lowest
      ? () => undefined
      : (event: string, fields: LogFields = {}) => options.write(render(options, level, event, fields));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function jsonLine(
  { name, pid, clock, redactor }: LogOptions,
  level: LogLevel,
  event: string,
  fields: LogFields,
): string {
  let line = `{"time":"${new Date(clock.now()).toISOString()}","level":"${level}","process":"${name}","pid":${pid},"event":${jsonString(event)}`;
  for (const [key, value] of Object.entries(fields)) {
    const text = fieldJson(value, redactor);
    if (text !== undefined) line += `,${jsonString(key)}:${text}`;
  }
  return `${line}}\n`;
}

function prettyLine(options: LogOptions, level: LogLevel, event: string, fields: LogFields): string {
  const paint = (code: string, text: string) =>
    options.color === true ? `\u001b[${code}m${text}\u001b[0m` : text;
  const time = new Date(options.clock.now()).toISOString().slice(11, 23);
  let line = `${paint('2', time)} ${paint(COLOR[level], level.padEnd(5))} ${options.name.padEnd(10)} ${asciiOnly(event)}`;
  for (const [key, value] of Object.entries(fields)) {
    const text = fieldJson(value, options.redactor);
    if (text !== undefined) line += ` ${paint('2', `${asciiOnly(key)}=`)}${bare(text)}`;
  }
  return `${line}\n`;
}

/** A JSON string that needs no quotes to be read. */
function bare(json: string): string {
  return /^"[\w.:/@%+-]+"$/.test(json) ? json.slice(1, -1) : json;
}

function fieldJson(value: unknown, redactor: UrlRedactor): string | undefined {
  if (typeof value === 'string') return jsonString(cut(redactor.text(value), FIELD_CHARS_MAX));
  if (value === undefined) return undefined;
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_key, member: unknown) => plain(member, redactor));
  } catch {
    // A cycle or a throwing `toJSON`: the line must still be written.
    text = undefined;
  }
  if (text === undefined) return `"[${typeof value}]"`;
  return text.length <= FIELD_CHARS_MAX ? asciiOnly(text) : jsonString(cut(text, FIELD_CHARS_MAX));
}

function plain(value: unknown, redactor: UrlRedactor): unknown {
  if (typeof value === 'string') return redactor.text(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Secret) return value.toString();
  if (value instanceof Error) return errorFields(value);
  return value;
}

/** Details of a `GatewayError` stay out: they may hold what a peer sent. */
function errorFields(error: Error): Record<string, unknown> {
  const cause = error.cause === undefined ? {} : { cause: error.cause };
  if (error instanceof GatewayError && error.kind !== 'bug') {
    return { code: error.code, message: error.message, hint: error.hint, ...cause };
  }
  const code = 'code' in error ? error.code : error.name;
  return { code, message: error.message, stack: cut(error.stack ?? '', STACK_CHARS_MAX), ...cause };
}

function cut(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}...`;
}
