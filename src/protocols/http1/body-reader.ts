import { FieldScanner, hasLineFeed } from '../fields/index.ts';
import { type ReadExtensions, strictExtensions } from './chunk-extensions.ts';
import { type BodyEvent, END, type EndEvent } from './events.ts';
import type { ResponseFraming } from './head.ts';
import type { Intake } from './intake.ts';
import type { Http1Limits } from './limits.ts';
import type { Http1Violation } from './violations.ts';

type State = 'none' | 'length' | 'until-close' | 'chunk-line' | 'chunk-data' | 'chunk-end' | 'trailer';

const CR = 0x0d;
const LF = 0x0a;
/** 13 hexadecimal digits are 52 bits, which a number holds exactly. */
const CHUNK_DIGITS_MAX = 13;

/** Fields that RFC 9110 §6.5.1 keeps out of trailers, besides those in `FIELD`: they say what to do with the message. */
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'content-encoding',
  'content-range',
  'content-type',
  'cookie',
  'max-forwards',
  'range',
  'set-cookie',
  'via',
]);

/**
 * Reads one body after another (RFC 9112 §6, §7). `next` gives a piece, the end, `'more'` when bytes are missing,
 * or the code of a violation, which is final.
 */
export class BodyReader {
  readonly #intake: Intake;
  readonly #limits: Http1Limits;
  readonly #trailer: FieldScanner;
  readonly #extensions: ReadExtensions;
  #state: State = 'none';
  #left = 0;
  /** Bytes of the unfinished line or trailer section known to hold no LF. */
  #searched = 0;

  /** `extensions` reads chunk extensions where they mean something (ICAP); here they do not. */
  constructor(intake: Intake, limits: Http1Limits, extensions: ReadExtensions = strictExtensions) {
    this.#intake = intake;
    this.#limits = limits;
    this.#extensions = extensions;
    this.#trailer = new FieldScanner(limits.fieldsMax);
  }

  begin(framing: ResponseFraming): void {
    this.#searched = 0;
    if (framing.kind === 'chunked') this.#state = 'chunk-line';
    else if (framing.kind === 'length' && framing.length > 0) {
      this.#state = 'length';
      this.#left = framing.length;
    } else this.#state = framing.kind === 'until-close' ? 'until-close' : 'none';
  }

  /** `ended`: the peer sent its last byte. */
  next(ended: boolean): BodyEvent | EndEvent | 'more' | Http1Violation {
    const intake = this.#intake;
    for (;;) {
      intake.settle();
      switch (this.#state) {
        case 'none':
          return END;
        case 'length':
          if (intake.start === intake.end) return this.#missing(ended, 'HTTP1_CUT_BODY');
          return this.#piece('none');
        case 'chunk-data':
          if (intake.start === intake.end) return this.#missing(ended, 'HTTP1_CUT_BODY');
          return this.#piece('chunk-end');
        case 'until-close':
          if (intake.start === intake.end) return ended ? END : 'more';
          this.#left = intake.end - intake.start;
          return this.#piece('until-close');
        case 'chunk-end': {
          const result = this.#chunkEnd();
          if (result === 'done') break;
          return result === 'more' ? this.#missing(ended, 'HTTP1_CUT_BODY') : result;
        }
        case 'chunk-line': {
          const result = this.#chunkLine();
          if (result === 'done') break;
          if (result !== 'more') return result;
          if (intake.more()) break;
          return this.#missing(ended, 'HTTP1_CUT_BODY');
        }
        case 'trailer': {
          const result = this.#trailers();
          if (typeof result === 'object') return result;
          if (result !== 'more') return result;
          if (intake.more()) break;
          return this.#missing(ended, 'HTTP1_CUT_BODY');
        }
      }
    }
  }

  #missing(ended: boolean, cut: Http1Violation): 'more' | Http1Violation {
    return ended ? cut : 'more';
  }

  #piece(after: State): BodyEvent {
    const intake = this.#intake;
    const size = Math.min(this.#left, intake.end - intake.start);
    const bytes = intake.bytes.subarray(intake.start, intake.start + size);
    intake.start += size;
    this.#left -= size;
    if (this.#left === 0) this.#state = after;
    return { kind: 'body', bytes };
  }

  /** RFC 9112 §7.1: chunk data ends with exactly CRLF; anything else means that the two sides count differently. */
  #chunkEnd(): 'done' | 'more' | Http1Violation {
    const intake = this.#intake;
    const { bytes, start } = intake;
    if (start === intake.end) return 'more';
    if (bytes[start] !== CR) return 'HTTP1_BAD_CHUNK';
    if (start + 1 === intake.end && !intake.more()) return 'more';
    if (intake.bytes[intake.start + 1] !== LF) return 'HTTP1_BAD_CHUNK';
    intake.start += 2;
    this.#state = 'chunk-line';
    this.#searched = 0;
    return 'done';
  }

  /** RFC 9112 §7.1: `chunk-size [ chunk-ext ] CRLF`. Judged when its LF is here, as all lines. */
  #chunkLine(): 'done' | 'more' | Http1Violation {
    const intake = this.#intake;
    const { bytes, start } = intake;
    const to = Math.min(intake.end, start + this.#limits.chunkLineBytesMax);
    if (this.#searched > 0 && !this.#lineIsHere(bytes, start, to)) return this.#chunkLineShort(to - start);
    let at = start;
    let size = 0;
    for (; at < to; at++) {
      const digit = hexDigit(bytes[at]!);
      if (digit < 0) break;
      // Exact up to 13 digits; a longer size is refused below.
      size = size * 16 + digit;
    }
    let end = -1;
    if (at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF) end = at;
    else {
      if (!this.#lineIsHere(bytes, start, to)) return this.#chunkLineShort(to - start);
      end = this.#extensions(bytes, at, to, size);
    }
    if (end < 0 || at === start || at - start > CHUNK_DIGITS_MAX) return 'HTTP1_BAD_CHUNK';
    intake.start = end + 2;
    this.#searched = 0;
    this.#left = size;
    if (size > 0) this.#state = 'chunk-data';
    else {
      this.#state = 'trailer';
      this.#trailer.begin(0);
    }
    return 'done';
  }

  #chunkLineShort(size: number): 'more' | Http1Violation {
    return size === this.#limits.chunkLineBytesMax ? 'HTTP1_CHUNK_LINE_TOO_LONG' : 'more';
  }

  /** Whether the line has its LF; looks at no byte twice over all calls. */
  #lineIsHere(bytes: Uint8Array, start: number, to: number): boolean {
    if (hasLineFeed(bytes, start + this.#searched, to)) return true;
    this.#searched = to - start;
    return false;
  }

  /** RFC 9112 §7.1.2. The section stays unread until it is whole, so that it is one view. */
  #trailers(): EndEvent | 'more' | Http1Violation {
    const intake = this.#intake;
    const { bytes, start } = intake;
    const to = Math.min(intake.end, start + this.#limits.trailerBytesMax);
    // A section that has just begun is mostly the blank line alone.
    if (this.#searched > 0 && !this.#lineIsHere(bytes, start, to)) return this.#trailerShort(to - start);
    const result = this.#trailer.scan(bytes, start, to);
    if (result === 'more') {
      this.#searched = to - start;
      return this.#trailerShort(to - start);
    }
    if (result === 'too-many') return 'HTTP1_TRAILER_TOO_LARGE';
    if (result !== 'done' || !trailersAllowed(this.#trailer, bytes, start)) return 'HTTP1_BAD_TRAILER';
    const size = this.#trailer.position;
    intake.start += size;
    this.#state = 'none';
    return size === 2 ? END : { kind: 'end', trailers: bytes.subarray(start, start + size - 2) };
  }

  #trailerShort(size: number): 'more' | Http1Violation {
    return size === this.#limits.trailerBytesMax ? 'HTTP1_TRAILER_TOO_LARGE' : 'more';
  }
}

function trailersAllowed(trailer: FieldScanner, bytes: Buffer, start: number): boolean {
  if (trailer.seen !== 0) return false;
  for (let at = 0; at < trailer.used; at += 5) {
    const name = bytes.toString('latin1', start + trailer.offsets[at]!, start + trailer.offsets[at + 1]!);
    if (NOT_IN_TRAILERS.has(name.toLowerCase())) return false;
  }
  return true;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
