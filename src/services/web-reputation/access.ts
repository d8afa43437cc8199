import type { Config } from '../../engines/config/index.ts';
import type { Audience } from '../../engines/safe-browsing/index.ts';
import {
  type Authorizer,
  credentialsOf,
  queryParameter,
  type WebAnswer,
  type WebRequest,
} from '../../engines/web/index.ts';
import type { MaybePromise } from '../../kernel/index.ts';

/** Whoever asks may: as what. */
export type Admitted = { readonly audience: Audience } | { readonly answer: WebAnswer };

const SCOPES = ['reputation', 'read'];
const OPEN: Admitted = { audience: 'open' };
const TRUSTED: Admitted = { audience: 'trusted' };

export interface Admission {
  /** A token is asked for only where the operator wants that. */
  required(request: WebRequest): MaybePromise<Admitted>;
  /** The same, and a token that is shown all the same is looked at: it opens what is not for everybody. */
  offered(request: WebRequest): MaybePromise<Admitted>;
}

export function createAdmission(config: Config, authorize: Authorizer): Admission {
  const { requireToken } = config.reputation;
  const judged = (request: WebRequest): MaybePromise<Admitted> => {
    const authorized = authorize(request, SCOPES);
    return authorized instanceof Promise ? authorized.then(admittedOf) : admittedOf(authorized);
  };
  return {
    required: (request) => (requireToken ? judged(withKey(request)) : OPEN),
    offered(request) {
      if (requireToken) return judged(withKey(request));
      return credentialsOf(request) === undefined ? OPEN : judged(request);
    },
  };
}

function admittedOf(authorized: { readonly user: string } | { readonly answer: WebAnswer }): Admitted {
  return 'answer' in authorized ? authorized : TRUSTED;
}

/** Clients of Google's API send their key as a parameter; here it is a token. */
function withKey(request: WebRequest): WebRequest {
  if (credentialsOf(request) !== undefined) return request;
  const key = queryParameter(request.query, 'key');
  if (key === undefined || key === '') return request;
  return { ...request, field: (name) => (name === 'x-apikey' ? key : request.field(name)) };
}
