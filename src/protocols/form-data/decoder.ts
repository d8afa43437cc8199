import { dispositionFileName, parseParameters } from './parameters.ts';

/** A part begins. `fileName` as the sender wrote it; `undefined`: a plain field of the form. */
export interface PartHead {
  readonly kind: 'part';
  readonly name: string;
  readonly fileName: string | undefined;
  readonly mediaType: string | undefined;
}

export type FormEvent =
  | PartHead
  /** Bytes of the part: a view, valid until the next `receive`. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'part-end' }
  /** The closing delimiter has come. What follows it is no part of the form. */
  | { readonly kind: 'end' };

export type FormStop =
  | { readonly kind: 'need-data' }
  | { readonly kind: 'violation'; readonly code: FormViolation };

/** What breaks RFC 2046 §5.1 or RFC 7578, or a bound. */
export const FORM_VIOLATIONS = {
  FORM_PREAMBLE: 'the body does not begin with the boundary of its Content-Type',
  FORM_DELIMITER: 'behind a boundary stands neither the end of the line nor --',
  FORM_HEAD_TOO_LARGE: 'the head of a part is too long',
  FORM_HEAD: 'the head of a part is malformed',
  FORM_ENCODING: 'a part has a Content-Transfer-Encoding, which forms do not use (RFC 7578 section 4.7)',
  FORM_TOO_MANY_PARTS: 'the form has too many parts',
  FORM_CUT: 'the body ends before the closing boundary',
} as const;
export type FormViolation = keyof typeof FORM_VIOLATIONS;

export interface FormLimits {
  /** Bytes of the head of one part. */
  readonly headBytesMax: number;
  readonly partsMax: number;
}

/** Browsers send a head of about 200 bytes; file names are the rest. */
export const FORM_LIMITS: FormLimits = { headBytesMax: 8 * 1024, partsMax: 1000 };

/** RFC 2046 §5.1.1. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;
/** Text before the first boundary and padding behind one: nobody sends any; allowed, and bounded. */
const PREAMBLE_BYTES_MAX = 1024;
const PADDING_BYTES_MAX = 64;

/** The boundary in a Content-Type of multipart/form-data; `undefined`: it is another type, or has none. */
export function formBoundary(contentType: string | undefined): string | undefined {
  const type = contentType === undefined ? undefined : parseParameters(contentType);
  const boundary = type?.value === 'multipart/form-data' ? type.parameters.get('boundary') : undefined;
  return boundary !== undefined && BOUNDARY.test(boundary) ? boundary : undefined;
}

type State = 'preamble' | 'data' | 'delimiter' | 'head' | 'end';

const NOTHING = Buffer.alloc(0);
const CR = 13;
const LF = 10;
const DASH = 45;

/**
 * multipart/form-data, streamed: what is kept between pieces is at most a head or a boundary. Cost is linear in
 * the input, and the events do not depend on how it was cut, except for where data is cut.
 */
export class FormDecoder {
  readonly #delimiter: Buffer;
  readonly #limits: FormLimits;
  #state: State = 'preamble';
  /** The line end that the first boundary need not have. */
  #rest: Buffer = Buffer.from('\r\n', 'latin1');
  #ended = false;
  #preambleBytes = -2;
  #parts = 0;
  #violation: FormStop | undefined;

  constructor(boundary: string, limits: FormLimits = FORM_LIMITS) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#limits = limits;
  }

  /** The bytes must stay as they are until `next` says `need-data`. */
  receive(piece: Uint8Array): void {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
  }

  receiveEnd(): void {
    this.#ended = true;
  }

  next(): FormEvent | FormStop {
    for (;;) {
      if (this.#violation !== undefined) return this.#violation;
      const result = this.#step();
      if (result === undefined) continue;
      if (result.kind !== 'need-data') return result;
      if (this.#ended) return this.#fail('FORM_CUT');
      // A copy: the bytes of the piece are gone at the next one.
      this.#rest = Buffer.from(this.#rest);
      return result;
    }
  }

  /** `undefined`: the state has changed. */
  #step(): FormEvent | FormStop | undefined {
    switch (this.#state) {
      case 'preamble':
        return this.#skip();
      case 'data':
        return this.#data();
      case 'delimiter':
        return this.#behindDelimiter();
      case 'head':
        return this.#head();
      default:
        this.#rest = NOTHING;
        return { kind: 'end' };
    }
  }

  #skip(): FormStop | undefined {
    const at = this.#rest.indexOf(this.#delimiter);
    const passed = at < 0 ? Math.max(0, this.#rest.length - this.#delimiter.length + 1) : at;
    this.#preambleBytes += passed;
    if (this.#preambleBytes > PREAMBLE_BYTES_MAX) return this.#fail('FORM_PREAMBLE');
    if (at < 0) {
      this.#rest = this.#rest.subarray(passed);
      return this.#ended ? this.#fail('FORM_PREAMBLE') : { kind: 'need-data' };
    }
    this.#rest = this.#rest.subarray(at + this.#delimiter.length);
    this.#state = 'delimiter';
    return undefined;
  }

  #data(): FormEvent | FormStop | undefined {
    const rest = this.#rest;
    const at = rest.indexOf(this.#delimiter);
    if (at < 0) {
      // The end may be the beginning of a delimiter.
      const sure = rest.length - this.#delimiter.length + 1;
      if (sure <= 0) return { kind: 'need-data' };
      this.#rest = rest.subarray(sure);
      return { kind: 'data', bytes: rest.subarray(0, sure) };
    }
    this.#rest = rest.subarray(at);
    if (at > 0) return { kind: 'data', bytes: rest.subarray(0, at) };
    this.#rest = rest.subarray(this.#delimiter.length);
    this.#state = 'delimiter';
    return { kind: 'part-end' };
  }

  /** `--` ends the form; a line end, perhaps behind padding, begins the next head. It stays for the head. */
  #behindDelimiter(): FormStop | undefined {
    const rest = this.#rest;
    if (rest.length < 2) return { kind: 'need-data' };
    if (rest[0] === DASH && rest[1] === DASH) {
      this.#state = 'end';
      return undefined;
    }
    let at = 0;
    while (at < rest.length && (rest[at] === 32 || rest[at] === 9)) at++;
    if (at > PADDING_BYTES_MAX) return this.#fail('FORM_DELIMITER');
    if (rest.length < at + 2) return { kind: 'need-data' };
    if (rest[at] !== CR || rest[at + 1] !== LF) return this.#fail('FORM_DELIMITER');
    this.#rest = rest.subarray(at);
    this.#state = 'head';
    return undefined;
  }

  #head(): FormEvent | FormStop {
    const { headBytesMax, partsMax } = this.#limits;
    const at = this.#rest.subarray(0, headBytesMax + 4).indexOf('\r\n\r\n');
    if (at < 0) {
      return this.#rest.length >= headBytesMax + 4
        ? this.#fail('FORM_HEAD_TOO_LARGE')
        : { kind: 'need-data' };
    }
    if (++this.#parts > partsMax) return this.#fail('FORM_TOO_MANY_PARTS');
    const part = partHead(this.#rest.toString('latin1', Math.min(2, at), at));
    if (typeof part === 'string') return this.#fail(part);
    this.#rest = this.#rest.subarray(at + 4);
    this.#state = 'data';
    return part;
  }

  #fail(code: FormViolation): FormStop {
    this.#rest = NOTHING;
    return (this.#violation = { kind: 'violation', code });
  }
}

function partHead(text: string): PartHead | FormViolation {
  let disposition: string | undefined;
  let mediaType: string | undefined;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!/^[\w-]+$/.test(name)) return 'FORM_HEAD';
    const value = line.slice(colon + 1).trim();
    if (name === 'content-disposition') disposition ??= value;
    else if (name === 'content-type') mediaType ??= value;
    else if (name === 'content-transfer-encoding' && !/^(?:binary|8bit|7bit)$/i.test(value)) {
      return 'FORM_ENCODING';
    }
  }
  const parsed = disposition === undefined ? undefined : parseParameters(disposition);
  const name = parsed?.parameters.get('name');
  if (parsed?.value !== 'form-data' || name === undefined) return 'FORM_HEAD';
  return { kind: 'part', name, fileName: dispositionFileName(parsed), mediaType };
}
