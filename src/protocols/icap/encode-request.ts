import { isToken, safeValue } from '../fields/index.ts';
import { encodeChunk, LAST_CHUNK } from '../http1/index.ts';
import type { IcapMethod } from './encapsulated.ts';
import {
  type Encapsulation,
  encapsulatedLine,
  type FieldLines,
  fieldLines,
  headPieces,
  NOTHING_ENCAPSULATED,
} from './head-text.ts';
import { readServiceAddress } from './target.ts';

export interface IcapRequest {
  readonly method: IcapMethod;
  /** `icap://host[:port]/service[?query]` */
  readonly target: string;
  /** For the Host field. */
  readonly host: string;
  /** What may come back besides a whole message: `204`, `206`, `trailers`. */
  readonly allow: readonly string[];
  readonly fields: FieldLines;
  /** False: `Connection: close`. */
  readonly keepAlive: boolean;
  /** At most so many bytes of the body come first; then the server is asked. */
  readonly preview?: number;
  /** Absent: nothing, as in OPTIONS. */
  readonly encapsulated?: Encapsulation;
}

/** The head of a request with the heads it encapsulates, as pieces to write together. */
export function encodeRequest(request: IcapRequest): Uint8Array[] {
  const { method, target, host, preview, encapsulated = NOTHING_ENCAPSULATED } = request;
  const address = readServiceAddress(target);
  if (typeof address === 'string' || !/^[\x21-\x7e]+$/.test(target) || target.includes('#')) {
    throw new RangeError(`not the address of a service: ${JSON.stringify(target)}`);
  }
  if (preview !== undefined && (!Number.isSafeInteger(preview) || preview < 0)) {
    throw new RangeError(`not a preview: ${preview}`);
  }
  if (!request.allow.every(isToken)) throw new RangeError('Allow is a list of tokens');
  const text =
    `${method} ${target} ICAP/1.0\r\nHost: ${safeValue(host)}\r\n` +
    (request.allow.length === 0 ? '' : `Allow: ${request.allow.join(', ')}\r\n`) +
    (preview === undefined ? '' : `Preview: ${preview}\r\n`) +
    encapsulatedLine(encapsulated) +
    fieldLines(request.fields, ['allow', 'host', 'preview']) +
    (request.keepAlive ? '\r\n' : 'Connection: close\r\n\r\n');
  return headPieces(text, encapsulated);
}

/** Ends a preview that holds the whole body (RFC 3507 §4.5). */
const IEOF_CHUNK: Uint8Array = Buffer.from('0; ieof\r\n\r\n');

/** The chunks of a preview, ready to write; the payload is not copied. */
export interface EncodedPreview {
  readonly pieces: readonly Uint8Array[];
  /** What to send as chunks once the server said 100; empty: the server was told that nothing follows. */
  readonly rest: Uint8Array;
  readonly ieof: boolean;
}

/** `start` is the body as far as it is there, at least `preview` bytes of it unless it `isWhole`. */
export function encodePreview(start: Uint8Array, preview: number, isWhole: boolean): EncodedPreview {
  if (!isWhole && start.length < preview) throw new RangeError('the preview is not filled');
  const shown = start.subarray(0, preview);
  const rest = start.subarray(shown.length);
  const ieof = isWhole && rest.length === 0;
  const end = ieof ? IEOF_CHUNK : LAST_CHUNK;
  return { pieces: shown.length === 0 ? [end] : [...encodeChunk(shown), end], rest, ieof };
}
