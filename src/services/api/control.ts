import { problemAnswer, type WebAnswer } from '../../engines/web/index.ts';
import { type ControlLink, type ErrorKind, GatewayError, type Input } from '../../kernel/index.ts';
import { PROMETHEUS_CONTENT_TYPE } from '../../engines/telemetry/index.ts';

/** A scrape waits no longer; Prometheus gives up after ten seconds. */
const METRICS_MS = 5000;
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

/** Runs a command of the one tree in control, and gives its document. Rejects with the command's own error. */
export async function runCommand(
  link: ControlLink,
  words: string,
  input: Partial<Input>,
  actor: string,
): Promise<unknown> {
  const result = await link.call(
    'command.run',
    { words, input: { words: {}, rest: [], options: {}, ...input }, actor },
    COMMAND_MS,
  );
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
  429: 'A limit is reached',
  503: 'A part of the gateway is away',
};
