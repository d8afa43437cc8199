import type { BodyEvent, EndEvent } from '../http1/index.ts';
import type { IcapRequestHead, IcapResponseHead } from './head.ts';
import type { IcapViolation, IcapViolationStatus } from './violations.ts';

export interface IcapRequestHeadEvent {
  readonly kind: 'head';
  readonly head: IcapRequestHead;
}

export interface IcapResponseHeadEvent {
  readonly kind: 'head';
  readonly head: IcapResponseHead;
}

/**
 * The preview is over. `ieof`: the body is over with it, and `end` follows. Otherwise the decoder is `paused` until
 * `continue` (100 was sent, the rest of the body follows) or `answered` (the final answer was, the rest never comes).
 */
export interface PreviewEndEvent {
  readonly kind: 'preview-end';
  readonly ieof: boolean;
}

export interface IcapResponseEndEvent extends EndEvent {
  /** Of a 206: from this offset on the original body follows what was received. */
  readonly originalBodyFrom: number | undefined;
}

export type IcapRequestEvent = IcapRequestHeadEvent | BodyEvent | PreviewEndEvent | EndEvent;
export type IcapResponseEvent = IcapResponseHeadEvent | BodyEvent | IcapResponseEndEvent;

/** Why there is no event now. `closed` and `violation` are final. */
export type IcapStop =
  | { readonly kind: 'need-data' }
  /** A preview waits for `continue` or `answered`. */
  | { readonly kind: 'paused' }
  /** The peer ended the stream between messages. */
  | { readonly kind: 'closed' }
  | IcapViolationStop;

export interface IcapViolationStop {
  readonly kind: 'violation';
  readonly code: IcapViolation;
  /** What to answer: from `VIOLATIONS` for requests, 502 for responses. */
  readonly status: IcapViolationStatus;
}

export const NEED_DATA: IcapStop = { kind: 'need-data' };
export const PAUSED: IcapStop = { kind: 'paused' };
export const CLOSED: IcapStop = { kind: 'closed' };
