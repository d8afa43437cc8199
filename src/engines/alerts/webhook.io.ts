import { createHmac } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../kernel/index.ts';
import type { Egress } from '../egress/index.ts';
import type { SendFailure } from './deliveries.ts';
import { dialPlain, startTls } from './dial.io.ts';

export interface WebhookCall {
  readonly url: string;
  readonly id: string;
  /** JSON. */
  readonly body: string;
  /** `undefined`: the call is not signed. */
  readonly secret: string | undefined;
  readonly ca: string | undefined;
  readonly nowMs: number;
  readonly timeoutMs: number;
  readonly agentName: string;
}

/** What is read of an answer: its status decides, its body is for the log. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** Posts a document, signed as "Standard Webhooks" 1.0 says. Redirects are not followed. */
export async function callWebhook(egress: Pick<Egress, 'tunnel'>, call: WebhookCall): Promise<SendFailure> {
  const url = new URL(call.url);
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const place = { host, port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port), ca: call.ca };
  const open: { stream: Duplex | undefined } = { stream: undefined };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${host} took longer than ${call.timeoutMs} ms`)),
    call.timeoutMs,
  );
  const work = async (): Promise<number> => {
    open.stream = await dialPlain(egress, place);
    if (isTls) open.stream = await startTls(open.stream, place, ['http/1.1']);
    return post(open.stream, url, call);
  };
  try {
    const status = await Promise.race([work(), late.promise]);
    if (status >= 200 && status < 300) return undefined;
    // 408 and 429 ask to come again; other answers of 4xx and redirects stay what they are.
    const permanent = status < 500 && status !== 408 && status !== 429;
    return { permanent, reason: `${host} answered ${status}` };
  } catch (error) {
    return { permanent: false, reason: messageOf(error) };
  } finally {
    clearTimeout(timer);
    open.stream?.destroy();
  }
}

function post(stream: Duplex, url: URL, call: WebhookCall): Promise<number> {
  const timestamp = String(Math.floor(call.nowMs / 1000));
  return new Promise((resolve, reject) => {
    const request: ClientRequest = httpRequest({
      createConnection: () => stream,
      method: 'POST',
      host: url.hostname,
      path: `${url.pathname}${url.search}`,
      headers: {
        Host: url.host,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(call.body),
        'User-Agent': call.agentName,
        Connection: 'close',
        'webhook-id': call.id,
        'webhook-timestamp': timestamp,
        ...(call.secret === undefined
          ? {}
          : { 'webhook-signature': signatureOf(call.secret, `${call.id}.${timestamp}.${call.body}`) }),
      },
      maxHeaderSize: 32_768,
    });
    request.once('error', reject);
    request.once('response', (response: IncomingMessage) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) request.destroy();
      });
      response.on('error', reject);
      response.on('close', () => resolve(response.statusCode ?? 0));
    });
    request.end(call.body);
  });
}

/** `v1,` and HMAC-SHA-256 in base64. A secret that begins with `whsec_` is base64 behind that. */
export function signatureOf(secret: string, signed: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
