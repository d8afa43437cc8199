import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { isIP } from 'node:net';
import { type Egress, WireStream } from '../egress/index.ts';
import type { FailureReason } from './answer.ts';

export interface JsonClientOptions {
  readonly egress: Pick<Egress, 'tunnel'>;
  /** Where the service is, without a slash at the end. */
  readonly url: string;
  /** PEM; `undefined`: the authorities that Node trusts. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  readonly connectionsMax: number;
}

export type JsonAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** What the body was as JSON; `undefined`: it was none. */
      readonly document: unknown;
      readonly retryAfter: string | undefined;
    }
  | { readonly kind: 'failed'; readonly reason: FailureReason };

/** Asks one service of HTTP for documents, over connections that egress makes: its guard and parents apply. */
export interface JsonClient {
  get(target: string, fields: Readonly<Record<string, string>>): Promise<JsonAnswer>;
  close(): void;
}

/** Connections wait no longer for a next question than servers usually wait for one. */
const IDLE_MS = 4000;
const HEAD_BYTES_MAX = 32_768;

export function createJsonClient(options: JsonClientOptions): JsonClient {
  const base = new URL(options.url);
  const isTls = base.protocol === 'https:';
  const host = base.hostname.replace(/^\[|\]$/g, '');
  const port = base.port === '' ? (isTls ? 443 : 80) : Number(base.port);

  const plain = async (): Promise<Duplex> => {
    const upstream = await options.egress.tunnel({ host, port });
    if (upstream.kind === 'failure') throw new Error(upstream.error);
    const stream = new WireStream(upstream.wire, upstream.early);
    // Behind the stream, which takes the time away: a kept connection that nobody uses must end.
    upstream.wire.setIdle(Math.max(options.timeoutMs, IDLE_MS) * 2);
    return stream;
  };
  const secured = async (): Promise<Duplex> => {
    const stream = await plain();
    return new Promise((resolve, reject) => {
      const tls = connectTls({
        socket: stream,
        minVersion: 'TLSv1.2',
        // RFC 6066 §3: an address is no server name; the certificate is checked for it all the same.
        ...(isIP(host) === 0 ? { servername: host } : { host }),
        ...(options.ca === undefined ? {} : { ca: options.ca }),
        ALPNProtocols: ['http/1.1'],
      });
      tls.once('secureConnect', () => resolve(tls));
      tls.once('error', (error) => {
        stream.destroy();
        reject(error);
      });
    });
  };
  const agent = agentOver(isTls ? secured : plain, isTls, options.connectionsMax);
  const send = isTls ? httpsRequest : httpRequest;

  return {
    get: (target, fields) =>
      new Promise((resolve) => {
        let timedOut = false;
        const request = send({
          agent,
          host,
          port,
          path: `${base.pathname.replace(/\/+$/, '')}${target}`,
          headers: { Accept: 'application/json', 'User-Agent': 'sallyport', ...fields },
          maxHeaderSize: HEAD_BYTES_MAX,
        });
        const timer = setTimeout(() => {
          timedOut = true;
          request.destroy(new Error('timeout'));
        }, options.timeoutMs);
        const settle = (answer: JsonAnswer): void => {
          clearTimeout(timer);
          resolve(answer);
        };
        const failed = (): void => {
          settle({ kind: 'failed', reason: timedOut ? 'timeout' : 'unreachable' });
        };
        request.once('error', failed);
        request.once('response', (response) => {
          collect(request, response, options.answerBytesMax).then(settle, failed);
        });
        request.end();
      }),
    close: () => agent.destroy(),
  };
}

function agentOver(open: () => Promise<Duplex>, isTls: boolean, connectionsMax: number): HttpAgent {
  const agent = new (isTls ? HttpsAgent : HttpAgent)({
    keepAlive: true,
    maxSockets: connectionsMax,
    maxFreeSockets: 4,
    timeout: IDLE_MS,
  });
  agent.createConnection = (_options, connected) => {
    open().then(
      (stream) => connected?.(null, stream),
      (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        // Node looks at no stream where there is an error; its types want one.
        connected?.(failure, undefined as never);
      },
    );
    return undefined;
  };
  return agent;
}

async function collect(
  request: ClientRequest,
  response: IncomingMessage,
  bytesMax: number,
): Promise<JsonAnswer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    // A response without an encoding gives buffers.
    const buffer = piece as Buffer;
    bytes += buffer.length;
    if (bytes > bytesMax) {
      request.destroy();
      return { kind: 'failed', reason: 'too-large' };
    }
    pieces.push(buffer);
  }
  if (!response.complete) return { kind: 'failed', reason: 'unreachable' };
  return {
    kind: 'answer',
    status: response.statusCode ?? 0,
    document: jsonOf(Buffer.concat(pieces).toString('utf8')),
    retryAfter: response.headers['retry-after'],
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
