import { credentialsOf, problemAnswer, type WebAnswer, type WebRequest } from '../../engines/web/index.ts';
import { parseAddress, NetworkSet } from '../../kernel/index.ts';
import { formatAuthority } from '../../protocols/http1/index.ts';
import { SESSION_COOKIE } from './session-access.ts';

/** What may be asked without TLS: queries whose answers are no secret, and what a client needs before it has TLS. */
const QUERIES: readonly string[] = [
  '/proxy.pac',
  '/wpad.dat',
  '/ca.crt',
  '/lookup',
  '/bulk',
  '/info',
  '/vt',
  '/mirror',
  '/api/v1/predict',
  '/api/v1/files',
];

/** A load balancer asks these, whatever else is open. */
const HEALTH: readonly string[] = ['/healthz', '/readyz'];

const LOOPBACK = new NetworkSet(['127.0.0.0/8', '::1']);

export interface PlainHttpOptions {
  readonly mode: 'queries' | 'redirect' | 'off';
  /** Port of the same service over TLS; `undefined`: there is none. */
  httpsPort(): number | undefined;
  /** Anybody may have this answer: a list that the operator has made public. */
  isPublic(path: string): boolean;
  /** A secret came over an open line. */
  exposed(request: WebRequest): void;
}

/** What is done with a request that came without TLS: `undefined` lets it pass. */
export function plainHttpRule({ mode, httpsPort, isPublic, exposed }: PlainHttpOptions) {
  return (request: WebRequest): WebAnswer | undefined => {
    if (showsSecret(request) && !isLoopback(request.source)) {
      exposed(request);
      return EXPOSED;
    }
    const { path, method } = request;
    if (isUnder(HEALTH, path) || (mode === 'queries' && (isUnder(QUERIES, path) || isPublic(path))))
      return undefined;
    const port = httpsPort();
    if (mode === 'off' || port === undefined || (method !== 'GET' && method !== 'HEAD'))
      return HTTPS_REQUIRED;
    const host = request.host === '' ? request.localAddress : request.host;
    const authority = formatAuthority(host, port === 443 ? 0 : port);
    return { status: 308, fields: [['Location', `https://${authority}${request.target}`]] };
  };
}

/** A token, a password, or a session: the form of the console sends its password in the body. */
function showsSecret(request: WebRequest): boolean {
  if (credentialsOf(request) !== undefined) return true;
  if (request.method === 'POST' && request.path === '/api/v1/session') return true;
  return request.field('cookie')?.includes(`${SESSION_COOKIE}=`) === true;
}

/** The path itself or something below it; `/lookupx` is neither. */
function isUnder(paths: readonly string[], path: string): boolean {
  return paths.some((each) => path === each || (path.startsWith(each) && path[each.length] === '/'));
}

export function isLoopback(source: string): boolean {
  const address = parseAddress(source);
  return address !== undefined && LOOPBACK.has(address);
}

const EXPOSED = problemAnswer(
  {
    status: 403,
    code: 'credentials-over-plain-http',
    title: 'A token or password may not be sent without TLS',
    detail: 'It has crossed the network in the open. The request was not carried out.',
    hint: 'Use https, and replace the token or password.',
  },
  { close: true },
);

const HTTPS_REQUIRED = problemAnswer({
  status: 403,
  code: 'https-required',
  title: 'This takes https',
  detail: 'Without TLS only queries are answered, see api.plainHttp.',
  hint: 'Send the same request to the https port.',
});
