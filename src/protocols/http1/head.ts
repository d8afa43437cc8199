import { FieldTable } from '../fields/index.ts';

/** How a message body is delimited (RFC 9112 §6.3). */
export type RequestFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' };

export type ResponseFraming = RequestFraming | { readonly kind: 'until-close' };

export const NO_BODY: { readonly kind: 'none' } = { kind: 'none' };
export const CHUNKED: { readonly kind: 'chunked' } = { kind: 'chunked' };
export const UNTIL_CLOSE: { readonly kind: 'until-close' } = { kind: 'until-close' };

export type RequestForm = 'origin' | 'absolute' | 'authority' | 'asterisk';

/**
 * A checked head. Its texts may be kept; its bytes and fields may not be used after the next `receive` of the
 * decoder or the next read of the wire, whichever comes first.
 */
export interface Head {
  /** The whole head with its blank line. */
  readonly bytes: Uint8Array;
  readonly minor: 0 | 1;
  readonly fields: FieldTable;
  /** Whether the connection may carry another message after this one (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
  /**
   * The Upgrade field, only when Connection lists it in HTTP/1.1 (RFC 9110 §7.8). Never a way to another version of
   * HTTP: `h2c` past a proxy that does not speak it hides the requests in it, so such an offer is ignored.
   */
  readonly upgrade: string | undefined;
  /** Lower-case names that Connection lists, without those that never pass a hop anyway; `undefined` when there are none. */
  readonly connectionNames: ReadonlySet<string> | undefined;
}

export interface RequestHead extends Head {
  /** Case-sensitive. */
  readonly method: string;
  /** As received. */
  readonly target: string;
  readonly form: RequestForm;
  /** Of an absolute-form target. */
  readonly scheme: 'http' | 'https' | undefined;
  /** Lower case, IPv6 without brackets; from the target where it names one, else from Host. Empty: HTTP/1.0 without Host. */
  readonly host: string;
  /** From where `host` is. 80 or 443 by scheme when absolute-form names none; 0 when Host names none. */
  readonly port: number;
  /** Host and port as a Host field has them: brackets around IPv6, no default port. For CONNECT always with its port. */
  readonly authority: string;
  /** Origin-form for forwarding: path and query, `*` for OPTIONS on the server itself, empty for CONNECT. */
  readonly path: string;
  readonly framing: RequestFraming;
  /** The client waits for 100 before it sends the body. */
  readonly expectContinue: boolean;
}

export interface ResponseHead extends Head {
  /** 100–599. */
  readonly status: number;
  /** May be empty. */
  readonly reason: string;
  readonly framing: ResponseFraming;
  /** The Content-Length, also where no body follows it (an answer to HEAD, 304). */
  readonly contentLength: number | undefined;
  /** 1xx other than 101: the final response is still to come. */
  readonly informational: boolean;
}

/** What both roles share while a decoder fills it in. */
class HeadRecord implements Head {
  readonly source: Buffer;
  readonly base: number;
  readonly length: number;
  readonly fields: FieldTable;
  minor: 0 | 1 = 1;
  keepAlive = true;
  upgrade: string | undefined = undefined;
  connectionNames: ReadonlySet<string> | undefined = undefined;
  /** Offset of the first field line. */
  fieldsStart = 0;

  constructor(source: Buffer, base: number, length: number, offsets: readonly number[]) {
    this.source = source;
    this.base = base;
    this.length = length;
    this.fields = new FieldTable(source, base, offsets);
  }

  get bytes(): Uint8Array {
    return this.source.subarray(this.base, this.base + this.length);
  }
}

/** The decoder's and the encoder's view of a request head. Offsets count from the start of the head. */
export class RequestRecord extends HeadRecord implements RequestHead {
  method = '';
  target = '';
  form: RequestForm = 'origin';
  scheme: 'http' | 'https' | undefined = undefined;
  host = '';
  port = 0;
  authority = '';
  path = '';
  framing: RequestFraming = NO_BODY;
  expectContinue = false;
  targetStart = 0;
  targetEnd = 0;
  /** Where the path starts in the head; -1 when it does not stand there as it is to be written. */
  pathStart = -1;
  /** The Host field says exactly `authority`, so it can be passed on. */
  hostIsAuthority = false;
}

export class ResponseRecord extends HeadRecord implements ResponseHead {
  status = 0;
  reason = '';
  framing: ResponseFraming = NO_BODY;
  contentLength: number | undefined = undefined;
  informational = false;
  /** The connection becomes a tunnel behind it: a 2xx to CONNECT. */
  isSwitch = false;
  /** False: the SP behind the status is missing, so the line cannot be copied. */
  lineIsCanonical = true;
}
