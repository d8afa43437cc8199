import type { WebAnswer } from '../../../engines/web/index.ts';

/** Codes of https://docs.virustotal.com/reference/errors that this gateway gives, with their status. */
export const VT_STATUS = {
  BadRequestError: 400,
  InvalidArgumentError: 400,
  AuthenticationRequiredError: 401,
  WrongCredentialsError: 401,
  ForbiddenError: 403,
  NotFoundError: 404,
  PayloadTooLargeError: 413,
  QuotaExceededError: 429,
  TransientError: 503,
} as const;

export type VtErrorCode = keyof typeof VT_STATUS;

export function vtError(code: VtErrorCode, message: string, fields: WebAnswer['fields'] = []): WebAnswer {
  return {
    status: VT_STATUS[code],
    type: 'application/json',
    body: `${JSON.stringify({ error: { code, message } })}\n`,
    fields,
    code,
  };
}

/** What the authorizer of the gateway says, in the words of this API. */
export function vtRefusal(answer: WebAnswer, scope = 'reputation'): WebAnswer {
  const { status, code, fields } = answer;
  if (status === 401) {
    return code === 'credentials-missing'
      ? vtError('AuthenticationRequiredError', 'X-Apikey header is missing', fields)
      : vtError('WrongCredentialsError', 'Wrong API key', fields);
  }
  if (status === 403) {
    return vtError('ForbiddenError', `The token does not allow this; it takes the scope ${scope}`);
  }
  if (status === 429) return vtError('QuotaExceededError', 'Too many wrong passwords; wait a while', fields);
  return vtError('TransientError', 'The credentials cannot be checked now; try again in a moment', fields);
}

/** An answer of the way in for files; what is no problem stays as it is. */
export function vtProblem(answer: WebAnswer): WebAnswer {
  const { status, code, close } = answer;
  if (status < 400) return answer;
  const ended = close === undefined ? {} : { close };
  if (code === 'https-required' || code === 'cross-site') {
    return {
      ...vtError('ForbiddenError', 'Files are taken over https, and not from pages of other sites'),
      ...ended,
    };
  }
  if (status === 413)
    return { ...vtError('PayloadTooLargeError', 'The files are too large or too many'), ...ended };
  if (status === 401 || status === 403 || status === 429 || status === 503) {
    return { ...vtRefusal(answer, 'files'), ...ended };
  }
  return { ...vtError('BadRequestError', `The file cannot be taken: ${code ?? status}`), ...ended };
}
