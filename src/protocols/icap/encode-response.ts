import { safeValue } from '../fields/index.ts';
import {
  type Encapsulation,
  encapsulatedLine,
  type FieldLines,
  fieldLines,
  headPieces,
  NOTHING_ENCAPSULATED,
} from './head-text.ts';
import { quoteIstag } from './istag.ts';

export interface IcapAnswer {
  /** 200–599. */
  readonly status: number;
  /** The usual one of the status when absent. */
  readonly reason?: string;
  /** State of the service (RFC 3507 §4.7), without quotes. */
  readonly istag: string;
  /** Date, Server and what else is to be said. */
  readonly fields: FieldLines;
  /** False: `Connection: close`. */
  readonly keepAlive: boolean;
  /** Absent: nothing follows. */
  readonly encapsulated?: Encapsulation;
}

/** RFC 3507 §4.3.3, in its words. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  206: 'Partial Content',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'ICAP Service Not Found',
  405: 'Method Not Allowed For Service',
  408: 'Request Timeout',
  413: 'Request Entity Too Large',
  500: 'Server Error',
  501: 'Method Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Overloaded',
  505: 'ICAP Version Not Supported',
};

const CONTINUE: Uint8Array = Buffer.from('ICAP/1.0 100 Continue\r\n\r\n');

/** Asks for the rest of a body behind its preview (RFC 3507 §4.5). Not allowed behind `ieof`. */
export function encodeContinue(): Uint8Array {
  return CONTINUE;
}

/**
 * The head of an answer with the heads it encapsulates, as pieces to write together. A body follows as chunks
 * (`encodeChunk`, `encodeLastChunk` of `http1`; `encodeOriginalBody` ends that of a 206).
 */
export function encodeAnswer(answer: IcapAnswer): Uint8Array[] {
  const { status, encapsulated = NOTHING_ENCAPSULATED } = answer;
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new RangeError(`not a status: ${status}`);
  if (status === 204 && encapsulated !== NOTHING_ENCAPSULATED) throw new RangeError('204 has no content');
  const reason = answer.reason ?? REASONS[status] ?? '';
  const text =
    `ICAP/1.0 ${status} ${safeValue(reason)}\r\n` +
    `ISTag: ${quoteIstag(answer.istag)}\r\n` +
    encapsulatedLine(encapsulated) +
    fieldLines(answer.fields) +
    (answer.keepAlive ? 'Connection: keep-alive\r\n\r\n' : 'Connection: close\r\n\r\n');
  return headPieces(text, encapsulated);
}

/**
 * The last chunk of a 206: the client goes on with the original body from `offset` (Partial Content extension §5.2).
 * Only to a client whose Allow lists 206.
 */
export function encodeOriginalBody(offset: number): Uint8Array {
  if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError(`not an offset: ${offset}`);
  return Buffer.from(`0; use-original-body=${offset}\r\n\r\n`, 'latin1');
}
