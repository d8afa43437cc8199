import { CHAR_CLASS, FieldScanner, FieldTable, hasLineFeed, TOKEN_CHAR } from '../fields/index.ts';
import {
  FIELD_FAULTS,
  HeadCursor,
  type Intake,
  type RequestBlock,
  RequestBlockReader,
  type RequestLineScanner,
  type ResponseBlock,
  ResponseBlockReader,
  type StatusLineScanner,
} from '../http1/index.ts';
import { type Layout, NOTHING } from './encapsulated.ts';
import type { IcapLimits } from './limits.ts';
import { type IcapViolation, sharedViolation } from './violations.ts';

type Step = 'lines' | 'done' | 'more' | IcapViolation;

/**
 * Reads an ICAP head and the heads encapsulated behind it, as they come in. `step` says `lines` when the ICAP head is
 * whole: the caller reads its fields and tells the layout to `expect`; then `done` when all is here in one piece.
 */
export class HeadReader<L extends RequestLineScanner | StatusLineScanner> {
  readonly line: L;
  readonly fields: FieldScanner;
  /** Of the ICAP head, once its lines are read. */
  headBytes = 0;
  readonly #intake: Intake;
  readonly #limits: IcapLimits;
  readonly #skipsEmptyLine: boolean;
  readonly #cursor = new HeadCursor();
  readonly #request: RequestBlockReader;
  readonly #response: ResponseBlockReader;
  #stage: 'lines' | 'request' | 'response' = 'lines';
  #layout: Layout = NOTHING;
  #emptyLineSeen = false;

  /** `isServer`: heads of requests; one empty line before them is skipped. Servers fold fields of answers: those are taken. */
  constructor(line: L, intake: Intake, limits: IcapLimits, isServer: boolean) {
    this.line = line;
    this.#intake = intake;
    this.#limits = limits;
    this.#skipsEmptyLine = isServer;
    this.fields = new FieldScanner(limits.fieldsMax, !isServer);
    this.#request = new RequestBlockReader(limits.fieldsMax);
    this.#response = new ResponseBlockReader(limits.fieldsMax);
  }

  step(): Step {
    this.#intake.settle();
    for (;;) {
      const result = this.#stage === 'lines' ? this.#lines() : this.#sections();
      if (result !== 'more' || !this.#intake.more()) return result;
    }
  }

  /** The fields of the ICAP head; good until the next `step`. */
  table(): FieldTable {
    const { fields } = this;
    return new FieldTable(this.#intake.bytes, this.#intake.start, fields.offsets.slice(0, fields.used));
  }

  expect(layout: Layout): IcapViolation | undefined {
    const { requestBytes, responseBytes } = layout;
    if (requestBytes + responseBytes > this.#limits.encapsulatedBytesMax)
      return 'ICAP_ENCAPSULATED_TOO_LARGE';
    this.#layout = layout;
    this.#stage = 'request';
    if (requestBytes > 0) this.#request.begin(requestBytes);
    if (responseBytes > 0) this.#response.begin(responseBytes);
    return undefined;
  }

  /** The heads that `step` found done; goes on behind them with the next message. */
  take(): { readonly request: RequestBlock | undefined; readonly response: ResponseBlock | undefined } {
    const { bytes, start } = this.#intake;
    const { requestBytes, responseBytes } = this.#layout;
    const from = start + this.headBytes;
    const request = requestBytes > 0 ? this.#request.take(bytes, from) : undefined;
    const response = responseBytes > 0 ? this.#response.take(bytes, from + requestBytes) : undefined;
    this.#intake.start = from + requestBytes + responseBytes;
    this.#stage = 'lines';
    this.#emptyLineSeen = false;
    this.#cursor.begin();
    return { request, response };
  }

  #lines(): Step {
    const intake = this.#intake;
    const cursor = this.#cursor;
    const base = intake.start;
    const { headBytesMax } = this.#limits;
    const to = Math.min(intake.end, base + headBytesMax);
    if (cursor.lineIsHere(intake.bytes, base, to)) {
      const result = this.#scanLines(intake.bytes, base, to);
      if (result === 'again') return this.#lines();
      if (result !== 'more') return result;
    }
    if (to - base === headBytesMax) {
      return cursor.inStartLine && this.#skipsEmptyLine ? 'ICAP_TARGET_TOO_LONG' : 'ICAP_HEAD_TOO_LARGE';
    }
    cursor.searched = to - base;
    return 'more';
  }

  #scanLines(bytes: Buffer, base: number, to: number): Step | 'again' {
    const cursor = this.#cursor;
    if (cursor.inStartLine) {
      if (base === to) return 'more';
      if (this.#skipsEmptyLine && (CHAR_CLASS[bytes[base]!]! & TOKEN_CHAR) === 0) {
        return this.#emptyLine(bytes, base, to);
      }
      const result = this.line.scan(bytes, base, to);
      if (result === 'more') return result;
      if (result !== 'done') return sharedViolation(result);
      // There is no ICAP/1.1.
      if (this.line.minor !== 0) return 'ICAP_BAD_VERSION';
      cursor.inStartLine = false;
      this.fields.begin(this.line.lineEnd);
    }
    const result = this.fields.scan(bytes, base, to);
    if (result === 'more') return result;
    if (result !== 'done') return sharedViolation(FIELD_FAULTS[result]);
    this.headBytes = this.fields.position;
    return 'lines';
  }

  /** RFC 9112 §2.2, as in HTTP: one empty line before a request is skipped (old clients send it behind a body). */
  #emptyLine(bytes: Buffer, base: number, to: number): Step | 'again' {
    if (bytes[base] !== 0x0d) return bytes[base] === 0x0a ? 'ICAP_BARE_LF' : 'ICAP_BAD_REQUEST_LINE';
    if (base + 1 >= to) return 'more';
    if (bytes[base + 1] !== 0x0a) return hasLineFeed(bytes, base + 1, to) ? 'ICAP_BARE_CR' : 'more';
    if (this.#emptyLineSeen) return 'ICAP_EMPTY_LINES';
    this.#emptyLineSeen = true;
    this.#intake.start += 2;
    this.#cursor.searched = 0;
    return 'again';
  }

  #sections(): Step {
    const { bytes, start, end } = this.#intake;
    const { requestBytes, responseBytes } = this.#layout;
    const from = start + this.headBytes;
    if (this.#stage === 'request') {
      const result = requestBytes === 0 ? 'done' : this.#request.scan(bytes, from, end);
      if (result !== 'done') return result === 'misfit' ? 'ICAP_BAD_SECTION' : result;
      this.#stage = 'response';
    }
    const result = responseBytes === 0 ? 'done' : this.#response.scan(bytes, from + requestBytes, end);
    return result === 'misfit' ? 'ICAP_BAD_SECTION' : result;
  }
}
