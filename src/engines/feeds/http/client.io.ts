import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, GatewayError, messageOf } from '../../../kernel/index.ts';
import type { Egress } from '../../egress/index.ts';
import { feedErrors } from '../errors.ts';
import { shownUrl } from '../names.ts';
import { retryAfterOf } from '../schedule.ts';
import { connect, type TlsFiles } from './connect.io.ts';

export interface ClientLimits {
  readonly connectMs: number;
  readonly responseHeadMs: number;
  readonly idleMs: number;
  readonly redirectsMax: number;
}

export interface Credentials {
  /** Request fields that sign us in, for the origin of the subscription alone. */
  readonly fields: Readonly<Record<string, string>>;
  /** Texts that no error may show. */
  readonly secrets: readonly string[];
}

export interface ClientOptions {
  readonly egress: Egress;
  readonly tls: TlsFiles;
  readonly credentials: Credentials;
  /** The origin that they are for. */
  readonly origin: string;
  readonly allowPlainHttp: boolean;
  readonly limits: ClientLimits;
  readonly clock: Clock;
  /** Connections at once. */
  readonly connectionsMax: number;
  readonly agentName: string;
  readonly signal: AbortSignal;
}

export interface Ask {
  readonly url: string;
  readonly accept?: string;
  /** Encodings that the caller undoes; `identity` where the bytes themselves are signed. */
  readonly encodings?: string;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** Sent with POST; such a request is not redirected. */
  readonly body?: { readonly type: string; readonly bytes: Uint8Array };
}

export interface Answer {
  readonly status: 200 | 304;
  readonly response: IncomingMessage;
  /** Where it came from in the end. */
  readonly url: string;
  /** The same, fit for people. */
  readonly shown: string;
}

const HEAD_BYTES_MAX = 64 * 1024;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** A server may close a kept connection at the moment we use it. */
const STALE = new Set(['ECONNRESET', 'EPIPE']);

/**
 * GET over HTTP/1.1 for one fetch of one feed. The framing is Node's: it refuses a body that is shorter than
 * announced. What differs from a browser: credentials go to one origin alone, redirects are bounded and never
 * leave TLS, and connections are made by the egress engine.
 */
export class FeedClient {
  readonly #options: ClientOptions;
  readonly #agents: readonly [plain: Agent, secure: Agent];

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#agents = [new FeedAgent(options, false), new FeedAgent(options, true)];
  }

  /** The answer's head, to GET or to POST of a body; whoever gets it reads or destroys the response. Throws for everything but 200 and 304. */
  async get(ask: Ask): Promise<Answer> {
    let url = ask.url;
    for (let turn = 0; turn <= this.#options.limits.redirectsMax; turn++) {
      const response = await this.#once(url, ask);
      const status = response.statusCode ?? 0;
      if (status === 200 || status === 304) return { status, response, url, shown: this.shown(url) };
      response.destroy();
      if (![301, 302, 303, 307, 308].includes(status)) throw this.#refusal(url, response);
      if (ask.body !== undefined) {
        throw feedErrors.FEEDS_REDIRECT({ url: this.shown(url), reason: 'what is posted is not sent on' });
      }
      url = this.#followed(url, response.headers.location);
    }
    throw feedErrors.FEEDS_REDIRECT({
      url: this.shown(ask.url),
      reason: `more than ${this.#options.limits.redirectsMax} redirects (feeds.redirectsMax)`,
    });
  }

  /** Without query, and without secrets that stand in the path. */
  shown(url: string): string {
    return this.#options.credentials.secrets.reduce(
      (text, secret) =>
        text.replaceAll(secret, '[secret]').replaceAll(encodeURIComponent(secret), '[secret]'),
      shownUrl(url),
    );
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #once(url: string, ask: Ask, isRetry = false): Promise<IncomingMessage> {
    const target = new URL(url);
    const secure = target.protocol === 'https:';
    if (!secure && !this.#options.allowPlainHttp && !LOOPBACK.test(target.hostname)) {
      throw feedErrors.FEEDS_PLAIN_HTTP({ url: this.shown(url) });
    }
    const own = target.origin === this.#options.origin;
    const { body } = ask;
    const sent = request({
      method: body === undefined ? 'GET' : 'POST',
      agent: this.#agents[secure ? 1 : 0],
      host: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port === '' ? (secure ? 443 : 80) : Number(target.port),
      path: `${target.pathname}${target.search}`,
      maxHeaderSize: HEAD_BYTES_MAX,
      setDefaultHeaders: false,
      signal: this.#options.signal,
      headers: {
        Host: target.host,
        'User-Agent': this.#options.agentName,
        Accept: ask.accept ?? '*/*',
        'Accept-Encoding': ask.encodings ?? 'identity',
        ...(ask.etag === undefined ? {} : { 'If-None-Match': ask.etag }),
        ...(ask.lastModified === undefined ? {} : { 'If-Modified-Since': ask.lastModified }),
        ...(body === undefined ? {} : { 'Content-Type': body.type, 'Content-Length': body.bytes.length }),
        ...(own ? this.#options.credentials.fields : {}),
      },
    });
    try {
      const response = await this.#head(sent, target.hostname, body?.bytes);
      response.setTimeout(0);
      return response;
    } catch (error) {
      if (!isRetry && sent.reusedSocket && STALE.has(codeOf(error))) return this.#once(url, ask, true);
      if (error instanceof GatewayError) throw error;
      if (this.#options.signal.aborted) throw this.#options.signal.reason;
      const reason = codeOf(error).startsWith('HPE_') ? codeOf(error) : messageOf(error);
      throw feedErrors.FEEDS_HTTP({ host: target.hostname, reason, url: this.shown(url) }, { cause: error });
    }
  }

  #head(sent: ClientRequest, host: string, body: Uint8Array | undefined): Promise<IncomingMessage> {
    const { responseHeadMs } = this.#options.limits;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        sent.destroy(feedErrors.FEEDS_TIMEOUT({ host, phase: 'no answer', setting: 'feeds.responseHead' }));
      }, responseHeadMs);
      const settle = (act: () => void) => (): void => {
        clearTimeout(timer);
        act();
      };
      sent.once('response', (response) => settle(() => resolve(response))());
      sent.on('error', (error) => settle(() => reject(error))());
      sent.end(body);
    });
  }

  #followed(from: string, location: string | undefined): string {
    const url = this.shown(from);
    const next = location === undefined ? null : URL.parse(location, from);
    if (next === null) throw feedErrors.FEEDS_REDIRECT({ url, reason: 'it names no place' });
    if (!/^https?:$/.test(next.protocol) || (next.protocol === 'http:' && from.startsWith('https:'))) {
      throw feedErrors.FEEDS_REDIRECT({ url, reason: `it leaves TLS (${next.protocol.slice(0, -1)})` });
    }
    if (next.username !== '' || next.password !== '') {
      throw feedErrors.FEEDS_REDIRECT({ url, reason: 'it names a user' });
    }
    return next.href;
  }

  #refusal(from: string, response: IncomingMessage): GatewayError {
    const status = response.statusCode ?? 0;
    const url = this.shown(from);
    const retryAfterMs = retryAfterOf(response.headers['retry-after'], this.#options.clock.now());
    if (status === 401 || status === 403) {
      const advice =
        status === 401 ? 'The server wants other credentials' : 'They are known, and may not read this';
      return feedErrors.FEEDS_CREDENTIALS({ url, status, advice });
    }
    if (status === 407) {
      return feedErrors.FEEDS_CREDENTIALS({ url, status, advice: 'It is the proxy that asks' });
    }
    if (status === 406 || status === 415) return feedErrors.FEEDS_NOT_ACCEPTABLE({ url, status });
    if (status === 429 || status === 503) return feedErrors.FEEDS_SLOW_DOWN({ url, status, retryAfterMs });
    const advice =
      status === 404 || status === 410
        ? 'Nothing is there: check the URL'
        : status >= 500
          ? 'The server is in trouble; it is tried again by itself'
          : 'Open the URL by hand to see what the server says';
    return feedErrors.FEEDS_STATUS({ url, status, advice, retryAfterMs });
  }
}

/** Connections through the egress engine, kept while one fetch lasts. */
class FeedAgent extends Agent {
  readonly #options: ClientOptions;
  readonly #secure: boolean;

  constructor(options: ClientOptions, secure: boolean) {
    super({ keepAlive: true, maxSockets: options.connectionsMax, maxFreeSockets: options.connectionsMax });
    this.#options = options;
    this.#secure = secure;
  }

  override createConnection(
    where: { readonly host?: string | null; readonly port?: string | number | null },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const { egress, tls, origin, limits } = this.#options;
    const host = where.host ?? '';
    const port = Number(where.port);
    const shown = host.includes(':') ? `[${host}]` : host;
    const isOwn = new URL(`https://${shown}:${port}`).origin === origin;
    // A client certificate is a credential, too: for its origin alone.
    const files = isOwn ? tls : { ...tls, cert: undefined, key: undefined };
    connect({ egress, host, port, tls: this.#secure ? files : undefined, connectMs: limits.connectMs }).then(
      (stream) => callback?.(null, stream),
      // Node's type wants a stream beside an error; its code does not look at it.
      (error: unknown) => callback?.(error as Error, undefined as never),
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
