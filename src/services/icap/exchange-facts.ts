import type { Verdict } from '../../kernel/index.ts';
import { ExchangeFacts } from '../../engines/exchange/index.ts';
import { FACT } from '../../engines/policy/index.ts';
import type { IcapRequestHead } from '../../protocols/icap/index.ts';
import type { RequestHead } from '../../protocols/http1/index.ts';
import { type CanonicalUrl, canonicalUrl, canonicalUrlOf } from '../../protocols/url/index.ts';
import type { Transaction } from './transaction.ts';

/** What a file server or a health check sends has no URL, or one that is none of the web's. */
const NO_URL: CanonicalUrl = {
  scheme: '',
  host: '',
  port: 0,
  path: '/',
  query: '',
  key: '',
  expressions: () => [],
};
const UNKNOWN: Verdict = { verdict: 'unknown', score: 50, matches: [] };
const NOTHING_LISTED = { evaluateUrl: () => UNKNOWN };

/** What is still to come when there is a body: it is looked at in this very transaction. */
const OF_BODY = FACT['file-type'] | FACT['file-verdict'];

/**
 * The facts of the encapsulated heads, and the texts of the log line. `unreadable`: a URL of the web that our lists
 * cannot read; what they cannot read must not pass by them.
 */
export function readFacts(tx: Transaction, head: IcapRequestHead): ExchangeFacts | 'unreadable' {
  const { context, subject } = tx;
  const request = head.request?.head;
  const response = head.response?.head;
  let url: CanonicalUrl | undefined;
  if (request !== undefined) {
    tx.method = request.method;
    tx.accept = request.fields.get('accept');
    const text = urlText(request);
    if (text !== '') tx.url = text;
    url = urlOf(request);
    if (url === undefined && /^https?:/i.test(request.target)) return 'unreadable';
  }
  const hasBody = head.body !== 'null-body';
  const facts = new ExchangeFacts({
    door: 'icap',
    source: subject.source,
    user: subject.user,
    groups: subject.groups,
    nowMs: tx.timeMs,
    method: tx.method,
    url: url ?? { ...NO_URL, path: request === undefined ? '/' : pathOf(request) },
    fields: request?.fields,
    verdicts: url === undefined ? NOTHING_LISTED : context.verdicts,
    bytes: hasBody && request?.framing.kind === 'length' ? request.framing.length : undefined,
    later: hasBody ? OF_BODY | FACT.size : 0,
  });
  facts.passIncomplete = context.config.icap.incomplete === 'allow';
  if (head.method === 'RESPMOD') {
    facts.bytes = undefined;
    if (response !== undefined) facts.answered(response.status, response.fields, response.contentLength);
  }
  if (facts.bytes !== undefined) facts.later &= ~FACT.size;
  return facts;
}

function urlOf(request: RequestHead): CanonicalUrl | undefined {
  const { method, host, port, path, scheme, target } = request;
  if (host === '') return target.includes('://') ? canonicalUrl(target) : undefined;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const isTunnel = method === 'CONNECT';
  const name = isTunnel ? 'https' : (scheme ?? 'http');
  return canonicalUrlOf(
    name,
    bracketed,
    port === 0 ? (name === 'https' ? 443 : 80) : port,
    isTunnel ? '/' : path,
  );
}

function urlText({ method, target, form, authority }: RequestHead): string {
  if (method === 'CONNECT' || form === 'absolute' || target.includes('://')) return target;
  return authority === '' ? target : `http://${authority}${target}`;
}

function pathOf({ target }: RequestHead): string {
  const path = target.split('?', 1)[0] ?? '/';
  return path.startsWith('/') ? path : `/${path.slice(path.lastIndexOf('/') + 1)}`;
}
