import type { Clock } from '../../kernel/index.ts';
import { type Problem, PROBLEM_TYPE, problemJson } from '../../protocols/problem/index.ts';
import type { AnswerStream, StreamFraming } from './stream.ts';

/** What we answer to one request. */
export interface WebAnswer {
  readonly status: number;
  /** Media type of the body. */
  readonly type?: string;
  readonly body?: string | Uint8Array;
  /** Makes the body piece by piece, instead of `body`. When it rejects, the connection is cut, so that nobody takes half for the whole. */
  readonly stream?: (out: AnswerStream) => Promise<void>;
  /** Bytes that `stream` will write, when they are known. */
  readonly length?: number;
  /** Further fields. Names and values are ours or were checked: no line ends. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** The connection ends behind this answer. */
  readonly close?: boolean;
  /** For logs and metrics: the code of a problem. */
  readonly code?: string;
}

export function problemAnswer(problem: Problem, rest: Pick<WebAnswer, 'fields' | 'close'> = {}): WebAnswer {
  return {
    ...rest,
    status: problem.status,
    type: PROBLEM_TYPE,
    body: problemJson(problem),
    code: problem.code,
  };
}

/** How a streamed answer is framed; `undefined`: the body is whole. */
export function framingOf(answer: WebAnswer, minor: 0 | 1): StreamFraming | undefined {
  if (answer.stream === undefined) return undefined;
  if (answer.length !== undefined) return 'length';
  return minor === 0 ? 'close' : 'chunked';
}

export function jsonAnswer(document: unknown, status = 200): WebAnswer {
  return { status, type: 'application/json', body: `${JSON.stringify(document)}\n` };
}

const REASON: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
};

export const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');

/** What every answer has: it is no page to be sniffed, framed or kept unless it says so. */
const BASE_FIELDS = 'X-Content-Type-Options: nosniff\r\n';
const NO_STORE = 'Cache-Control: no-store\r\n';
const NO_ACTIVE_CONTENT = "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

export interface EncodeOptions {
  readonly keepAlive: boolean;
  /** Answer to HEAD: the length of the body, not the body. */
  readonly headOnly: boolean;
  /** Of the request: HTTP/1.0 clients must be told that the connection stays. */
  readonly minor: 0 | 1;
}

/** Turns answers into bytes, head and body in one piece. Not for sharing between clocks. */
export function answerEncoder(clock: Clock): (answer: WebAnswer, options: EncodeOptions) => Buffer {
  const dateLine = dateLines(clock);
  return (answer, { keepAlive, headOnly, minor }) => {
    const { status, type, body = '' } = answer;
    const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    let head = `HTTP/1.1 ${status} ${REASON[status] ?? ''}\r\n${dateLine()}${BASE_FIELDS}`;
    if (type !== undefined) head += `Content-Type: ${type}\r\n`;
    const framing = framingOf(answer, minor);
    // RFC 9110 §8.6: 204 has no length, and that of 304 would be another answer's.
    if (framing === 'chunked') head += 'Transfer-Encoding: chunked\r\n';
    else if (framing !== 'close' && status !== 204 && status !== 304)
      head += `Content-Length: ${answer.length ?? bodyBytes}\r\n`;
    head += fieldLines(answer.fields);
    if (!keepAlive) head += 'Connection: close\r\n';
    else if (minor === 0) head += 'Connection: keep-alive\r\n';
    head += '\r\n';
    const sent = headOnly || status === 204 || status === 304 ? 0 : bodyBytes;
    const bytes = Buffer.allocUnsafe(head.length + sent);
    bytes.write(head, 0, 'latin1');
    if (sent === 0) return bytes;
    if (typeof body === 'string') bytes.write(body, head.length, 'utf8');
    else bytes.set(body, head.length);
    return bytes;
  };
}

function fieldLines(fields: WebAnswer['fields']): string {
  let lines = '';
  let cached = false;
  let policed = false;
  for (const [name, value] of fields ?? []) {
    lines += `${name}: ${value}\r\n`;
    cached ||= name === 'Cache-Control';
    policed ||= name === 'Content-Security-Policy';
  }
  return `${lines}${cached ? '' : NO_STORE}${policed ? '' : NO_ACTIVE_CONTENT}`;
}

/** RFC 9110 §6.6.1: an origin server with a clock sends Date. The line of a second is made once. */
function dateLines(clock: Clock): () => string {
  let second = Number.NaN;
  let line = '';
  return () => {
    const current = Math.floor(clock.now() / 1000);
    if (current !== second) {
      second = current;
      line = `Date: ${new Date(current * 1000).toUTCString()}\r\n`;
    }
    return line;
  };
}
