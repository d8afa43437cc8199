import { jsonAnswer, queryParameter, type WebAnswer, type WebRequest } from '../../engines/web/index.ts';
import {
  type Draft,
  encodeMessage,
  jsonOfMessage,
  type MessageType,
} from '../../protocols/safe-browsing/index.ts';

/** How the APIs of Google talk: forms of bodies, and errors. */
export const PROTOBUF = 'application/x-protobuf';

export type Form = 'json' | 'protobuf';

/** `$ct` and `alt` may come with or without a dollar sign. */
export function formOf(request: WebRequest, otherwise: Form): Form {
  const { query } = request;
  const alt = queryParameter(query, 'alt') ?? queryParameter(query, '$alt');
  if (alt === 'proto') return 'protobuf';
  if (alt === 'json') return 'json';
  const type = contentTypeOf(request);
  if (type?.includes('protobuf')) return 'protobuf';
  return type?.includes('json') ? 'json' : otherwise;
}

/** What the body is; browsers that send it in the query say so there. */
export function contentTypeOf(request: WebRequest): string | undefined {
  const { query } = request;
  return queryParameter(query, '$ct') ?? queryParameter(query, 'ct') ?? request.field('content-type');
}

export function messageAnswer<T>(type: MessageType<T>, message: Draft<T>, form: Form): WebAnswer {
  if (form === 'json') return jsonAnswer(jsonOfMessage(type, message));
  return { status: 200, type: PROTOBUF, body: encodeMessage(type, message) };
}

export type GoogleStatus =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'UNAVAILABLE';

const CODES: Readonly<Record<GoogleStatus, number>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  UNAVAILABLE: 503,
};

/** `{error: {code, message, status}}`. */
export function googleError(
  status: GoogleStatus,
  message: string,
  fields: WebAnswer['fields'] = [],
): WebAnswer {
  const code = CODES[status];
  const reason = status.toLowerCase().replaceAll('_', '-');
  return { ...jsonAnswer({ error: { code, message, status } }, code), code: reason, fields };
}

export function tooMany(what: string, max: number): WebAnswer {
  return googleError('INVALID_ARGUMENT', `At most ${max} ${what} are taken in one request.`);
}

/** A refusal of ours in the words of Google. */
export function googleRefusal(answer: WebAnswer): WebAnswer {
  const { status, fields = [] } = answer;
  if (status === 401) return googleError('UNAUTHENTICATED', 'The request needs a valid token.', fields);
  if (status === 403)
    return googleError('PERMISSION_DENIED', 'The token lacks the scope reputation.', fields);
  return googleError('UNAVAILABLE', 'Credentials cannot be checked now.', fields);
}
