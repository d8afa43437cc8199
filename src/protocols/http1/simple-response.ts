import { isToken, safeValue } from '../fields/index.ts';

export interface SimpleResponse {
  readonly status: number;
  readonly reason: string;
  /** `Date` included. Content-Length and Connection are written here. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | string;
  readonly keepAlive: boolean;
  /** It answers HEAD: the length is said, the body is not sent. */
  readonly head: boolean;
}

/** An answer of our own as one buffer. Characters that no field value may hold become spaces, so no value adds a line. */
export function simpleResponse(response: SimpleResponse): Uint8Array {
  const { status, head } = response;
  const body = typeof response.body === 'string' ? Buffer.from(response.body, 'utf8') : response.body;
  // RFC 9110 §8.6, §6.4.1: no Content-Length in 1xx and 204, no content in 304.
  const hasLength = status >= 200 && status !== 204 && status !== 304;
  let text = `HTTP/1.1 ${status} ${safeValue(response.reason)}\r\n`;
  for (const [name, value] of response.fields) {
    if (!isToken(name)) throw new RangeError(`not a field name: ${JSON.stringify(name)}`);
    text += `${name}: ${safeValue(value)}\r\n`;
  }
  if (hasLength) text += `Content-Length: ${body.length}\r\n`;
  text += response.keepAlive ? 'Connection: keep-alive\r\n\r\n' : 'Connection: close\r\n\r\n';
  const sent = hasLength && !head ? body.length : 0;
  const bytes = Buffer.allocUnsafe(text.length + sent);
  bytes.write(text, 0, 'latin1');
  if (sent > 0) bytes.set(body, text.length);
  return bytes;
}
