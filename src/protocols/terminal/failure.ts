import type { Cell, Column } from '../../kernel/index.ts';
import { EXIT, exitCodeOf, GatewayError, messageOf } from '../../kernel/index.ts';
import { viewText } from './render.ts';
import type { Style } from './style.ts';
import { printable } from './text.ts';

/** One thing that is wrong with a file: `details.problems` of an error holds all of them at once. */
interface Problem {
  readonly path: string;
  /** In the file, from 1; `undefined` where it is no line of one. */
  readonly line: number | undefined;
  readonly message: string;
  readonly hint: string;
}

export interface Failure {
  readonly text: string;
  readonly exit: number;
}

/** What the caller sees of an error, and the exit code that it ends the process with. */
export function failureOf(error: unknown, json: boolean, style: Style, showStack: boolean): Failure {
  const exit = exitCodeOf(error);
  return { exit, text: json ? failureJson(error) : failureText(error, style, showStack) };
}

function failureJson(error: unknown): string {
  const problems = problemsOf(error);
  const document = {
    code: codeOf(error),
    message: headline(error),
    hint: hintOf(error, false),
    ...(problems.length === 0 ? {} : { problems }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function failureText(error: unknown, style: Style, showStack: boolean): string {
  let text = `${style.paint('bad', 'error:')} ${printable(headline(error))}\n`;
  const problems = problemsOf(error);
  if (problems.length > 0) {
    const hasLines = problems.some((each) => each.line !== undefined);
    const columns: Column[] = [{ title: 'where' }, { title: 'problem' }, { title: 'hint' }];
    const rows = problems.map((each): Cell[] => {
      const cells = [{ text: each.path, tone: 'strong' as const }, each.message, each.hint];
      return hasLines ? [each.line ?? '', ...cells] : cells;
    });
    if (hasLines) columns.unshift({ title: 'line', align: 'right' });
    text += `\n${viewText([{ kind: 'table', columns, rows }], style)}\n`;
  }
  const hint = hintOf(error, showStack);
  if (hint !== undefined) text += `${style.paint('dim', 'hint:')} ${printable(hint)}\n`;
  if (showStack && exitCodeOf(error) === EXIT.bug && error instanceof Error) {
    text += `${printable(error.stack ?? '')}\n`;
  }
  return text;
}

function codeOf(error: unknown): string {
  return error instanceof GatewayError ? error.code : 'CLI_BUG';
}

function hintOf(error: unknown, showStack: boolean): string | undefined {
  if (error instanceof GatewayError) return error.hint;
  return showStack
    ? 'this is a bug in sallyport'
    : 'this is a bug in sallyport: SALLYPORT_DEBUG=1 shows where it happened';
}

/** Messages quote what was given, which may be a line of 64 KiB; several of ours together stay below. */
const MESSAGE_CHARS_MAX = 4000;

/** The message; of an error that lists problems only the first line, because they follow in a table. */
function headline(error: unknown): string {
  const whole = allMessages(error);
  const message =
    whole.length <= MESSAGE_CHARS_MAX
      ? whole
      : `${whole.slice(0, MESSAGE_CHARS_MAX)}… (${whole.length} characters)`;
  return problemsOf(error).length === 0 ? message : message.split('\n')[0]!.replace(/:$/, '');
}

/** Several failures at once are all named. */
function allMessages(error: unknown): string {
  if (!(error instanceof AggregateError)) return messageOf(error);
  return [error.message, ...error.errors.map((each: unknown) => messageOf(each))]
    .filter(Boolean)
    .join('\n  ');
}

function problemsOf(error: unknown): readonly Problem[] {
  const problems = error instanceof GatewayError ? error.details['problems'] : undefined;
  if (!Array.isArray(problems)) return [];
  return problems.map((each: unknown) => {
    const fields = typeof each === 'object' && each !== null ? each : { message: each };
    const text = (name: string): string => String(Reflect.get(fields, name) ?? '');
    const line: unknown = Reflect.get(fields, 'line');
    return {
      path: text('path'),
      line: typeof line === 'number' ? line : undefined,
      message: text('message'),
      hint: text('hint'),
    };
  });
}
