import type { WebAnswer } from '../../../engines/web/index.ts';
import { GatewayError } from '../../../kernel/index.ts';
import type { HashType } from './hash-types.ts';

/** Enough to recognize what was asked. */
const QUERY_CHARS_MAX = 128;

/** The errors of the API are a message, and where it is about a value, that value. */
export function messageAnswer(status: number, message: string, query?: string): WebAnswer {
  const shown = query === undefined ? {} : { query: query.slice(0, QUERY_CHARS_MAX) };
  return json(`${JSON.stringify({ message, ...shown })}\n`, status);
}

export function json(body: string, status = 200): WebAnswer {
  return { status, type: 'application/json', body };
}

/** Such a hash is not known. Only for checked ones: they need no escapes. */
export function unknownAnswer({ field }: HashType, query: string): WebAnswer {
  return json(`{"message":"Non existing ${field}","query":"${query}"}\n`, 404);
}

const EXPECTED = { md5: 'MD5', sha1: 'SHA1', sha256: 'SHA-256' } as const;

export function malformedAnswer({ name }: HashType, query: string): WebAnswer {
  const what = EXPECTED[name];
  return messageAnswer(400, `${what} value incorrect, expecting a ${what} value in hex format`, query);
}

/** Sessions, relations and statistics are of control. */
export function controlAwayAnswer(error: unknown): WebAnswer {
  if (!(error instanceof GatewayError) || error.kind === 'bug') throw error;
  const answer = messageAnswer(503, 'The control process of the gateway is away; try again in a moment');
  return { ...answer, fields: [['Retry-After', '2']], code: 'control-away' };
}
