export type { BodySection, IcapMethod } from './encapsulated.ts';
export { type EncodedPreview, encodePreview, encodeRequest, type IcapRequest } from './encode-request.ts';
export { encodeAnswer, encodeContinue, encodeOriginalBody, type IcapAnswer } from './encode-response.ts';
export type {
  IcapRequestEvent,
  IcapRequestHeadEvent,
  IcapResponseEndEvent,
  IcapResponseEvent,
  IcapResponseHeadEvent,
  IcapStop,
  IcapViolationStop,
  PreviewEndEvent,
} from './events.ts';
export type { IcapHead, IcapRequestHead, IcapResponseHead } from './head.ts';
export type { Encapsulation, FieldLines } from './head-text.ts';
export { quoteIstag } from './istag.ts';
export type { IcapLimits } from './limits.ts';
export { encodeOptionsAnswer, type IcapOptions, type OptionsAnswer, readOptions } from './options.ts';
export { IcapRequestDecoder } from './request-decoder.ts';
export { type Asked, IcapResponseDecoder } from './response-decoder.ts';
export type { ServiceAddress } from './target.ts';
export {
  VIOLATIONS as ICAP_VIOLATIONS,
  type IcapViolation,
  type IcapViolationRow,
  type IcapViolationStatus,
} from './violations.ts';
