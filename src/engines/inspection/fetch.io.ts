import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Egress, WireStream } from '../egress/index.ts';

export interface PageFetchLimits {
  /** Bytes of the page that are read; what follows is not looked at. */
  readonly pageBytesMax: number;
  readonly redirectsMax: number;
  /** For everything together. */
  readonly timeoutMs: number;
  /** The only ports that are connected to. */
  readonly ports: readonly number[];
}

export type PageFetch =
  | {
      readonly kind: 'page';
      /** Where it was found in the end. */
      readonly url: string;
      readonly status: number;
      readonly html: string;
      /** The page was longer than what was read. */
      readonly isCut: boolean;
      /** Places that led here, the first one asked for. */
      readonly hops: readonly string[];
      /** Why the certificate would not be trusted; `undefined`: it would, or there was none. */
      readonly distrust: string | undefined;
    }
  | { readonly kind: 'failed'; readonly reason: FetchFailure; readonly hops: readonly string[] };

export type FetchFailure =
  | 'port-not-allowed'
  | 'destination-refused'
  | 'unreachable'
  | 'timeout'
  | 'too-many-redirects'
  | 'not-a-page'
  | 'not-http'
  /** It was not tried. */
  | 'token-needed'
  | 'off';

const HEAD_BYTES_MAX = 32_768;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * GET of a page that may be hostile, as a browser would ask for it, through the way out of the gateway. Its guard judges every
 * hop, and lets nobody look into networks of the house that `egress.allowDestinations` does not name. No
 * script runs, no cookie is kept, nothing that the page names is loaded. A certificate that is not trusted is told, not
 * refused: the page is only looked at.
 */
export async function fetchPage(
  egress: Pick<Egress, 'tunnel'>,
  url: string,
  limits: PageFetchLimits,
): Promise<PageFetch> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limits.timeoutMs);
  const hops: string[] = [];
  try {
    let place = url;
    let distrust: string | undefined;
    for (let turn = 0; turn <= limits.redirectsMax; turn++) {
      hops.push(place);
      const answer = await ask(egress, place, limits, abort.signal);
      if (typeof answer === 'string') return { kind: 'failed', reason: answer, hops };
      distrust ??= answer.distrust;
      const { response } = answer;
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      if (REDIRECTS.includes(status) && location !== undefined) {
        response.destroy();
        const next = URL.parse(location, place)?.href;
        if (next === undefined) return { kind: 'failed', reason: 'not-http', hops };
        place = next;
        continue;
      }
      if (!isPage(response.headers['content-type'])) {
        response.destroy();
        return { kind: 'failed', reason: 'not-a-page', hops };
      }
      const { html, isCut } = await readPage(response, limits.pageBytesMax);
      return { kind: 'page', url: place, status, html, isCut, hops, distrust };
    }
    return { kind: 'failed', reason: 'too-many-redirects', hops };
  } catch {
    // What a peer or the network did wrong; the class of it is all that a client is told.
    return { kind: 'failed', reason: abort.signal.aborted ? 'timeout' : 'unreachable', hops };
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

interface Asked {
  readonly response: IncomingMessage;
  readonly distrust: string | undefined;
}

async function ask(
  egress: Pick<Egress, 'tunnel'>,
  place: string,
  { ports }: PageFetchLimits,
  signal: AbortSignal,
): Promise<Asked | FetchFailure> {
  const target = URL.parse(place);
  if (target === null || !/^https?:$/.test(target.protocol)) return 'not-http';
  const isTls = target.protocol === 'https:';
  const port = target.port === '' ? (isTls ? 443 : 80) : Number(target.port);
  if (!ports.includes(port)) return 'port-not-allowed';
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const upstream = await within(signal, Promise.resolve(egress.tunnel({ host, port, reach: 'public' })));
  if (upstream.kind === 'failure') {
    return upstream.error === 'destination_ip_prohibited' ? 'destination-refused' : 'unreachable';
  }
  const stream = new WireStream(upstream.wire, upstream.early);
  signal.addEventListener('abort', () => stream.destroy(), { once: true });
  const secure = isTls ? await secured(stream, host, signal) : undefined;
  const response = await headOf(secure ?? stream, target, isTls, signal);
  const isDistrusted = secure !== undefined && !secure.authorized;
  return { response, distrust: isDistrusted ? String(secure.authorizationError) : undefined };
}

function secured(stream: Duplex, host: string, signal: AbortSignal): Promise<TLSSocket> {
  const handshake = new Promise<TLSSocket>((resolve, reject) => {
    const tls = connectTls({
      socket: stream,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      // RFC 6066 section 3: no address in the server name.
      ...(isIP(host) === 0 ? { servername: host } : { host }),
    });
    tls.once('secureConnect', () => resolve(tls));
    tls.once('error', reject);
    stream.once('close', () => reject(new Error('closed')));
  });
  return within(signal, handshake);
}

function headOf(stream: Duplex, target: URL, isTls: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    const send = isTls ? httpsRequest : httpRequest;
    const sent = send({
      createConnection: () => stream,
      host: target.hostname,
      path: `${target.pathname}${target.search}`,
      maxHeaderSize: HEAD_BYTES_MAX,
      setDefaultHeaders: false,
      signal,
      headers: {
        Host: target.host,
        'User-Agent': 'Mozilla/5.0 (compatible; page inspection)',
        Accept: 'text/html,application/xhtml+xml;q=0.9',
        'Accept-Encoding': 'identity',
        Connection: 'close',
      },
    });
    sent.once('response', resolve);
    sent.on('error', reject);
    sent.end();
  });
  return within(signal, answer);
}

function isPage(type: string | undefined): boolean {
  return type === undefined || /^\s*(?:text\/html|application\/xhtml\+xml|text\/plain)/i.test(type);
}

async function readPage(response: IncomingMessage, bytesMax: number) {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    // A response without an encoding gives buffers.
    const buffer = piece as Buffer;
    pieces.push(buffer);
    bytes += buffer.length;
    if (bytes > bytesMax) break;
  }
  response.destroy();
  const whole = Buffer.concat(pieces).subarray(0, bytesMax);
  return { html: whole.toString('utf8'), isCut: bytes > bytesMax };
}

/** The promise, or an error when the time is over first. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('aborted'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
