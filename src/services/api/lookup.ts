import {
  jsonAnswer,
  problemAnswer,
  queryParameter,
  type WebAnswer,
  type WebRequest,
} from '../../engines/web/index.ts';
import { lookupDocument } from '../../engines/verdict/index.ts';
import { isHostName, type MaybePromise, parseAddress, type Verdict } from '../../kernel/index.ts';
import { canonicalHost, canonicalUrl, isAddressHost } from '../../protocols/url/index.ts';
import type { ApiEngines } from './context.ts';
import { hashIn, hashTypeOf } from './hashlookup/index.ts';
import { type LookUp, mayAskOthers } from './look-up.ts';

export const LOOKUP_KINDS = ['url', 'domain', 'ip', 'file', 'email'] as const;
export type LookupKind = (typeof LOOKUP_KINDS)[number];

/** `GET /api/v1/lookup?kind=&value=` → `{query, verdict, score, matches}`, the shape of `sallyport lookup --json`. */
export function lookupAnswer(
  { config }: Pick<ApiEngines, 'config'>,
  lookUp: LookUp,
  request: WebRequest,
): MaybePromise<WebAnswer> {
  const { query } = request;
  const kind = queryParameter(query, 'kind');
  const value = queryParameter(query, 'value');
  if (kind === undefined || value === undefined || value === '') return INCOMPLETE;
  const known = LOOKUP_KINDS.find((each) => each === kind);
  if (known === undefined) return UNKNOWN_KIND;
  const mayAsk = mayAskOthers(request);
  const verdict = EVALUATE[known](lookUp, value, { mayAsk, urlBytesMax: config.reputation.urlBytesMax });
  if (verdict === undefined) return unreadable(known);
  return verdict instanceof Promise
    ? verdict.then((later) => jsonAnswer(lookupDocument(value, later)))
    : jsonAnswer(lookupDocument(value, verdict));
}

interface Circumstances {
  readonly mayAsk: boolean;
  readonly urlBytesMax: number;
}

type Evaluate = (
  lookUp: LookUp,
  value: string,
  circumstances: Circumstances,
) => MaybePromise<Verdict> | undefined;

/** `undefined`: the value is none of its kind. */
const EVALUATE: Readonly<Record<LookupKind, Evaluate>> = {
  url(lookUp, value, { mayAsk, urlBytesMax }) {
    const url = canonicalUrl(value, urlBytesMax);
    return url === undefined ? undefined : lookUp.url(url, mayAsk);
  },
  domain(lookUp, value, { mayAsk }) {
    const host = hostIn(value);
    return host === undefined ? undefined : lookUp.host(host, mayAsk);
  },
  ip: (lookUp, value, { mayAsk }) =>
    parseAddress(value) === undefined ? undefined : lookUp.address(value, mayAsk),
  file(lookUp, value, { mayAsk }) {
    const type = hashTypeOf(value.length);
    const hash = type === undefined ? undefined : hashIn(value, type);
    return hash === undefined ? undefined : lookUp.file(hash, mayAsk);
  },
  email(lookUp, value) {
    const address = emailIn(value);
    return address === undefined ? undefined : lookUp.email(address);
  },
};

/** A host as lists write it. */
export function hostIn(text: string): string | undefined {
  const host = canonicalHost(text);
  // The canonical form of a list keeps characters that no name has, as `%20`.
  return host !== undefined && (isHostName(host) || isAddressHost(host)) ? host : undefined;
}

/** RFC 5321 §4.5.3.1: 64 octets, `@`, a domain. Lists write addresses in lower case. */
function emailIn(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const host = hostIn(text.slice(at + 1));
  const user = text.slice(0, Math.max(at, 0)).toLowerCase();
  return host === undefined || !/^[^\s\p{Cc}@]{1,64}$/u.test(user) ? undefined : `${user}@${host}`;
}

const INCOMPLETE = problemAnswer({
  status: 400,
  code: 'parameter-missing',
  title: 'A parameter is missing',
  detail: 'A look-up takes kind and value.',
  hint: 'For example /api/v1/lookup?kind=domain&value=example.com',
});

const UNKNOWN_KIND = problemAnswer({
  status: 400,
  code: 'unknown-kind',
  title: 'There is no such kind of look-up',
  detail: `Kinds are ${LOOKUP_KINDS.join(', ')}.`,
  more: { kinds: LOOKUP_KINDS },
});

const WHAT: Readonly<Record<LookupKind, string>> = {
  url: 'It is no URL with a host, or it is too long.',
  domain: 'It is no host name.',
  ip: 'It is no IPv4 or IPv6 address.',
  file: 'It is no MD5, SHA-1 or SHA-256 in hexadecimal.',
  email: 'It is no mail address.',
};

function unreadable(kind: LookupKind): WebAnswer {
  return problemAnswer({
    status: 400,
    code: 'value-unreadable',
    title: 'The value cannot be looked up',
    detail: WHAT[kind],
  });
}
