export { type Authority, formatAuthority, parseAuthority } from './authority.ts';
export { BodyReader } from './body-reader.ts';
export { type ReadExtensions, visitExtensions } from './chunk-extensions.ts';
export { ConnectionFields } from './connection.ts';
export { encodeChunk, encodeLastChunk, LAST_CHUNK } from './encode-body.ts';
export {
  editHead,
  encodeRequestHead,
  encodeResponseHead,
  type HeadEdit,
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
export { CHUNKED, NO_BODY } from './head.ts';
export {
  type HeadBlock,
  type RequestBlock,
  RequestBlockReader,
  type ResponseBlock,
  ResponseBlockReader,
} from './head-block.ts';
export { HeadCursor } from './head-cursor.ts';
export { FIELD_FAULTS, parseLength } from './framing.ts';
export { Intake } from './intake.ts';
export type { Http1Limits } from './limits.ts';
export { RequestDecoder } from './request-decoder.ts';
export { ResponseDecoder } from './response-decoder.ts';
export { type SimpleResponse, simpleResponse } from './simple-response.ts';
export { RequestLineScanner, StatusLineScanner } from './start-line.ts';
export { type Http1Violation, type ViolationRow, VIOLATIONS, type ViolationStatus } from './violations.ts';
