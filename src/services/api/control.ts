import { problemAnswer, type WebAnswer } from '../../engines/web/index.ts';
import { type ControlLink, type ErrorKind, GatewayError, type Input } from '../../kernel/index.ts';
import { PROMETHEUS_CONTENT_TYPE } from '../../engines/telemetry/index.ts';
import { apiErrors } from './errors.ts';
import type { Entity } from './entity.ts';

/** A scrape waits no longer; Prometheus gives up after ten seconds. */
const METRICS_MS = 5000;
/** Below what the bus takes in one frame. */
const CALL_BYTES_MAX = 15 * 1024 ** 2;
/** Commands of the API change rows or list them. */
const COMMAND_MS = 30_000;

/** `/metrics`: control has the sums. */
export async function metricsAnswer(link: ControlLink): Promise<WebAnswer> {
  try {
    const text = await link.call('metrics.read', {}, METRICS_MS);
    return { status: 200, type: PROMETHEUS_CONTENT_TYPE, body: String(text) };
  } catch (error) {
    return errorAnswer(error);
  }
}

/** Who asks, and on which conditions. */
export interface Caller {
  /** Account, or `token:<name>`. */
  readonly name: string;
  readonly source: string;
  /** The session of the console that it came in. */
  readonly session?: string;
  /** `Idempotency-Key`. */
  readonly once?: string;
  /** `If-Match`, and what it is about. */
  readonly match?: Entity & { readonly tags: string };
}

/** A file for a command that reads one. */
export interface HandedFile {
  /** The positional that names it. */
  readonly word: string;
  readonly name: string;
  readonly text: string;
}

export interface CommandInput extends Partial<Input> {
  readonly file?: HandedFile;
  /** The positional that names what the command writes: its document is then where that is, and how long. */
  readonly gives?: string;
  readonly timeoutMs?: number;
}

/** Runs a command of the one tree in control, and gives its document. Rejects with the command's own error. */
export async function runCommand(
  link: ControlLink,
  words: string,
  { file, gives, timeoutMs = COMMAND_MS, ...input }: CommandInput,
  { name: actor, ...caller }: Caller,
): Promise<unknown> {
  const whole = { words: {}, rest: [], options: {}, ...input };
  const handed = { ...(file === undefined ? {} : { file }), ...(gives === undefined ? {} : { gives }) };
  const call = { words, input: whole, actor, ...caller, ...handed };
  // A frame that is too long would cost the link: signs that JSON escapes make a text up to six times longer.
  const bytes = Buffer.byteLength(JSON.stringify(call));
  if (bytes > CALL_BYTES_MAX) throw apiErrors.API_REQUEST_TOO_LARGE({ bytes, max: CALL_BYTES_MAX });
  const result = await link.call('command.run', call, timeoutMs);
  return typeof result === 'object' && result !== null && 'document' in result ? result.document : undefined;
}

/** A bug is not a problem of the caller: it is thrown on, to be logged and answered with 500. */
export function errorAnswer(error: unknown): WebAnswer {
  if (!(error instanceof GatewayError) || error.kind === 'bug') throw error;
  const { code, message, hint } = error;
  const status = statusOf(code, error.kind);
  return problemAnswer(
    {
      status,
      code: code.startsWith('BUS_') ? 'control-away' : code.toLowerCase().replaceAll('_', '-'),
      title: TITLE[status] ?? 'The request was not carried out',
      detail: message,
      ...(hint === undefined ? {} : { hint }),
    },
    status === 503 ? { fields: [['Retry-After', '2']] } : {},
  );
}

function statusOf(code: string, kind: Exclude<ErrorKind, 'bug'>): number {
  if (code === 'CHANGED_MEANWHILE') return 412;
  if (code === 'API_REQUEST_TOO_LARGE') return 413;
  if (code === 'IDEMPOTENCY_KEY_USED') return 422;
  if (/_(MISSING|UNKNOWN)$/.test(code)) return 404;
  return STATUS[kind];
}

const STATUS: Readonly<Record<Exclude<ErrorKind, 'bug'>, number>> = {
  peer: 400,
  config: 400,
  refused: 409,
  limit: 429,
  unavailable: 503,
};

const TITLE: Readonly<Record<number, string>> = {
  400: 'The request cannot be carried out as it is',
  404: 'There is no such thing',
  409: 'The state of the gateway does not allow it',
  413: 'The request is too large',
  412: 'It is not what it was',
  422: 'The request is not the one that it says',
  429: 'A limit is reached',
  503: 'A part of the gateway is away',
};
