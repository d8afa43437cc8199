import type { RequestHead, ResponseHead } from './head.ts';
import type { Http1Violation, ViolationStatus } from './violations.ts';

/** A piece of a body: a view of what was received, valid until the next `receive`. Never empty. */
export interface BodyEvent {
  readonly kind: 'body';
  readonly bytes: Uint8Array;
}

/** The message is over. */
export interface EndEvent {
  readonly kind: 'end';
  /** Checked trailer lines, each with its CRLF, without the blank line; valid until the next `receive`. */
  readonly trailers: Uint8Array | undefined;
}

export interface RequestHeadEvent {
  readonly kind: 'head';
  readonly head: RequestHead;
}

export interface ResponseHeadEvent {
  readonly kind: 'head';
  readonly head: ResponseHead;
}

export type RequestEvent = RequestHeadEvent | BodyEvent | EndEvent;
export type ResponseEvent = ResponseHeadEvent | BodyEvent | EndEvent;

/** Why there is no event now. `closed` and `violation` are final. */
export type Stop =
  | { readonly kind: 'need-data' }
  /** The peer ended the stream between messages. */
  | { readonly kind: 'closed' }
  | ViolationStop;

export interface ViolationStop {
  readonly kind: 'violation';
  readonly code: Http1Violation;
  /** What to answer: from `VIOLATIONS` for requests, 502 for responses. */
  readonly status: ViolationStatus;
}

export const NEED_DATA: Stop = { kind: 'need-data' };
export const CLOSED: Stop = { kind: 'closed' };
export const END: EndEvent = { kind: 'end', trailers: undefined };
