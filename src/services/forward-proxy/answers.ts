import { answerBody } from '../../protocols/answer-page/index.ts';
import { simpleResponse } from '../../protocols/http1/index.ts';
import type { MaybePromise } from '../../kernel/index.ts';
import { subjectOf, type PolicyDecision } from '../../engines/policy/index.ts';
import { STATUS_OF, type Failure } from '../../engines/egress/index.ts';
import type { ProxyContext } from './context.ts';
import type { Exchange } from './exchange.ts';

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly facts: readonly (readonly [string, string])[];
  /** Field lines besides those of every answer. */
  readonly fields?: readonly (readonly [string, string])[];
  readonly link?: { readonly href: string; readonly text: string } | undefined;
  readonly keepAlive: boolean;
}

/** Policy said no. */
export function answerBlocked(
  context: ProxyContext,
  exchange: Exchange,
  decision: PolicyDecision,
  keepAlive: boolean,
): MaybePromise<void> {
  const { match, page, retryAfterS } = decision;
  const isWarning = decision.action === 'warn';
  const isTunnel = exchange.method === 'CONNECT';
  const listed: readonly (readonly [string, string])[] =
    match === undefined
      ? []
      : [
          ['list', match.feed],
          ['entry', match.entry],
          ['category', match.category],
          ['severity', match.severity],
          ['listed since', match.addedAt],
        ];
  const { file } = exchange;
  const found: readonly (readonly [string, string])[] =
    file === undefined || file.sha256 === ''
      ? []
      : [
          ['file type', file.type.name],
          ['sha256', file.sha256],
        ];
  const prohibited = decision.rule === 'destination-address';
  exchange.error ??= prohibited ? 'destination_ip_prohibited' : 'http_request_denied';
  return answer(context, exchange, {
    status: page?.status ?? 403,
    code: isWarning ? 'DESTINATION_WARNED' : file === undefined ? 'DESTINATION_BLOCKED' : 'BODY_BLOCKED',
    title: page?.title ?? titleOf(decision, file !== undefined),
    detail: `${sentenceOf(decision)}${isWarning && isTunnel ? TUNNEL_WARNED : ''}`,
    facts: [['rule', decision.rule], ...listed, ...found],
    fields: [
      ['Proxy-Status', proxyStatus(context, exchange.error, `rule ${decision.rule}`)],
      ...(retryAfterS === undefined ? [] : [['Retry-After', String(retryAfterS)] as const]),
    ],
    link: isWarning && !isTunnel ? linkPast(context, exchange, decision) : undefined,
    keepAlive,
  });
}

function titleOf({ action, match }: PolicyDecision, isBody: boolean): string {
  if (action === 'warn') return 'Think before you go on';
  if (isBody) return 'This file is blocked';
  return match === undefined ? 'This request is not allowed' : 'This site is blocked';
}

const TUNNEL_WARNED =
  ' The gateway cannot ask you inside an encrypted connection, so it is refused until you have gone on past this warning over plain HTTP.';

function sentenceOf({ page, reasons, rule }: PolicyDecision): string {
  if (page?.text !== undefined) return page.text;
  return `${reasons[1] ?? rule}.`;
}

/** A GET of the page itself; what was sent with another method is not sent again. */
function linkPast(context: ProxyContext, exchange: Exchange, { rule }: PolicyDecision) {
  const subject = subjectOf({ user: exchange.user, source: exchange.wire.peerAddress });
  const href = context.access.warnings.link({ rule, subject, url: exchange.url }, exchange.timeMs);
  return href === undefined ? undefined : { href, text: 'Go on; this is remembered for 24 hours' };
}

/** Back to where the person wanted to go. */
export function answerGoOn(context: ProxyContext, exchange: Exchange, url: string): MaybePromise<void> {
  return answer(context, exchange, {
    status: 303,
    code: 'WARNING_READ',
    title: 'Go on',
    detail: 'The gateway remembers for 24 hours that you have read the warning.',
    facts: [],
    fields: [['Location', url]],
    keepAlive: false,
  });
}

/** The way to the destination failed. */
export function answerFailure(
  context: ProxyContext,
  exchange: Exchange,
  failed: Failure,
  keepAlive: boolean,
): MaybePromise<void> {
  exchange.error = failed.error;
  const status = STATUS_OF[failed.error];
  return answer(context, exchange, {
    status,
    code: failed.error.toUpperCase(),
    title:
      status === 403
        ? 'This address is not allowed'
        : status === 504
          ? 'The site did not answer in time'
          : 'The site cannot be reached',
    detail: `${capital(failed.detail)}.`,
    facts: [['error', failed.error]],
    fields: [['Proxy-Status', proxyStatus(context, failed.error, failed.detail)]],
    keepAlive,
  });
}

/** RFC 9110 §11.7.1: who may use the proxy must say who they are. */
export function answerUnauthenticated(
  context: ProxyContext,
  exchange: Exchange,
  reason: string,
  keepAlive: boolean,
): MaybePromise<void> {
  const { realm } = context.config.forwardProxy;
  const quoted = realm.replace(/["\\]/g, '\\$&');
  return answer(context, exchange, {
    status: 407,
    code: 'PROXY_AUTHENTICATION_REQUIRED',
    title: 'Sign in to use the proxy',
    detail: AUTH_SENTENCE[reason] ?? 'The proxy did not accept the credentials.',
    facts: [['reason', reason]],
    fields: [
      ['Proxy-Authenticate', `Basic realm="${quoted}", charset="UTF-8"`],
      ['Proxy-Authenticate', `Bearer realm="${quoted}"`],
      ['Proxy-Status', proxyStatus(context, 'http_request_denied', `authentication ${reason}`)],
    ],
    keepAlive,
  });
}

const AUTH_SENTENCE: Readonly<Record<string, string>> = {
  missing: 'The proxy wants a user name and password, or an access token.',
  malformed: 'The credentials have a form that the proxy does not read.',
  unknown: 'The user name, password or token is wrong.',
  expired: 'The access token has expired.',
  scope: 'The access token does not have the scope proxy.',
  banned: 'There were too many failed attempts from your address; try again later.',
  unavailable: 'The gateway cannot check passwords at the moment; try again in a minute.',
};

/** A message that cannot be understood in exactly one way, or a request that is none of a proxy's. */
export function answerRejected(
  context: ProxyContext,
  exchange: Exchange,
  { status, code, detail }: { readonly status: number; readonly code: string; readonly detail: string },
): MaybePromise<void> {
  exchange.error ??= 'http_request_error';
  return answer(context, exchange, {
    status,
    code,
    title: 'The proxy did not accept the request',
    detail,
    facts: [['code', code]],
    fields: [['Proxy-Status', proxyStatus(context, exchange.error, code)]],
    keepAlive: false,
  });
}

function answer(context: ProxyContext, exchange: Exchange, what: Answer): MaybePromise<void> {
  const { blockPage } = context.config;
  const { contentType, body } = answerBody(exchange.accept, {
    ...what,
    target: context.redactor.url(exchange.url),
    contact: blockPage.contact,
    organization: blockPage.organization,
    id: exchange.id,
  });
  exchange.answered(what.status);
  return exchange.wire.write(
    simpleResponse({
      status: what.status,
      reason: REASON[what.status] ?? 'Error',
      fields: [
        ['Date', new Date(context.clock.now()).toUTCString()],
        ['Via', context.via],
        ['Content-Type', contentType],
        ['Cache-Control', 'no-store'],
        ['X-Content-Type-Options', 'nosniff'],
        ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"],
        ...(what.fields ?? []),
      ],
      body,
      keepAlive: what.keepAlive,
      head: exchange.method === 'HEAD',
    }),
  );
}

/** RFC 9209 §2: a Structured Field; the details are our own words in printable ASCII. */
function proxyStatus(context: ProxyContext, error: string, details: string): string {
  const plain = details.replace(/[^ -~]/g, '?').replace(/["\\]/g, "'");
  return `${context.viaName}; error=${error}; details="${plain}"`;
}

function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

const REASON: Readonly<Record<number, string>> = {
  200: 'OK',
  303: 'See Other',
  400: 'Bad Request',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  508: 'Loop Detected',
};
