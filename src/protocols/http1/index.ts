export { type Authority, formatAuthority, parseAuthority } from './authority.ts';
export { encodeChunk, encodeLastChunk, LAST_CHUNK } from './encode-body.ts';
export {
  encodeRequestHead,
  encodeResponseHead,
  type RequestHeadOptions,
  type ResponseHeadOptions,
} from './encode-head.ts';
export type {
  BodyEvent,
  EndEvent,
  RequestEvent,
  RequestHeadEvent,
  ResponseEvent,
  ResponseHeadEvent,
  Stop,
  ViolationStop,
} from './events.ts';
export type {
  Head,
  RequestForm,
  RequestFraming,
  RequestHead,
  ResponseFraming,
  ResponseHead,
} from './head.ts';
export type { Http1Limits } from './limits.ts';
export { RequestDecoder } from './request-decoder.ts';
export { ResponseDecoder } from './response-decoder.ts';
export { type SimpleResponse, simpleResponse } from './simple-response.ts';
export { type Http1Violation, type ViolationRow, VIOLATIONS, type ViolationStatus } from './violations.ts';
