import {
  jsonAnswer,
  problemAnswer,
  queryParameter,
  type WebAnswer,
  type WebRequest,
} from '../../engines/web/index.ts';
import { lookupDocument } from '../../engines/verdict/index.ts';
import { isHostName, parseAddress, type Verdict } from '../../kernel/index.ts';
import { canonicalHost, canonicalUrl, isAddressHost } from '../../protocols/url/index.ts';
import type { ApiEngines } from './context.ts';

export const LOOKUP_KINDS = ['url', 'domain', 'ip'] as const;
export type LookupKind = (typeof LOOKUP_KINDS)[number];

/** `GET /api/v1/lookup?kind=&value=` → `{query, verdict, score, matches}`, the shape of `sallyport lookup --json`. */
export function lookupAnswer(engines: ApiEngines, { query }: WebRequest): WebAnswer {
  const kind = queryParameter(query, 'kind');
  const value = queryParameter(query, 'value');
  if (kind === undefined || value === undefined || value === '') return INCOMPLETE;
  const known = LOOKUP_KINDS.find((each) => each === kind);
  if (known === undefined) return UNKNOWN_KIND;
  const verdict = evaluate(engines, known, value);
  if (verdict === undefined) return unreadable(known);
  return jsonAnswer(lookupDocument(value, verdict));
}

function evaluate({ verdicts, config }: ApiEngines, kind: LookupKind, value: string): Verdict | undefined {
  if (kind === 'ip') return parseAddress(value) === undefined ? undefined : verdicts.evaluateAddress(value);
  if (kind === 'domain') {
    const host = canonicalHost(value);
    // The canonical form of a list keeps characters that no name has, as `%20`.
    if (host === undefined || !(isHostName(host) || isAddressHost(host))) return undefined;
    return verdicts.evaluateHost(host);
  }
  const url = canonicalUrl(value, config.reputation.urlBytesMax);
  return url === undefined ? undefined : verdicts.evaluateUrl(url);
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
};

function unreadable(kind: LookupKind): WebAnswer {
  return problemAnswer({
    status: 400,
    code: 'value-unreadable',
    title: 'The value cannot be looked up',
    detail: WHAT[kind],
  });
}
