import type { WebAnswer } from '../../../engines/web/index.ts';

/** Codes of https://docs.virustotal.com/reference/errors that this gateway gives, with their status. */
export const VT_STATUS = {
  BadRequestError: 400,
  InvalidArgumentError: 400,
  AuthenticationRequiredError: 401,
  WrongCredentialsError: 401,
  ForbiddenError: 403,
  NotFoundError: 404,
  QuotaExceededError: 429,
  NotAvailableYet: 501,
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
export function vtRefusal(answer: WebAnswer): WebAnswer {
  const { status, code, fields } = answer;
  if (status === 401) {
    return code === 'credentials-missing'
      ? vtError('AuthenticationRequiredError', 'X-Apikey header is missing', fields)
      : vtError('WrongCredentialsError', 'Wrong API key', fields);
  }
  if (status === 403) {
    return vtError('ForbiddenError', 'The token does not allow this; it takes the scope reputation');
  }
  if (status === 429) return vtError('QuotaExceededError', 'Too many wrong passwords; wait a while', fields);
  return vtError('TransientError', 'The credentials cannot be checked now; try again in a moment', fields);
}
