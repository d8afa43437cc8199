import { FIELD, type FieldScanner, parseTokenList } from '../fields/index.ts';
import { ConnectionFields } from './connection.ts';
import { FramingFields } from './framing.ts';
import { CHUNKED, type RequestRecord } from './head.ts';
import { readTarget } from './target.ts';
import type { Http1Violation } from './violations.ts';

const HOST = 1 << FIELD.HOST;
const EXPECT = 1 << FIELD.EXPECT;

/** What the fields of a request say, once its lines are read; one object per decoder, reused. */
export class RequestMeaning {
  readonly #membersMax: number;
  readonly #framing: FramingFields;
  readonly #connection: ConnectionFields;

  /** `membersMax` bounds the lists in fields. */
  constructor(membersMax: number) {
    this.#membersMax = membersMax;
    this.#framing = new FramingFields(membersMax);
    this.#connection = new ConnectionFields(membersMax);
  }

  /**
   * Fills the record in and names the first rule that it breaks: target and Host first, then framing, Connection,
   * Expect. What comes before the broken rule is filled in.
   */
  read(record: RequestRecord, fields: FieldScanner): Http1Violation | undefined {
    const table = record.fields;
    // RFC 9112 §3.2: more than one Host is 400.
    if ((fields.twice & HOST) !== 0) return 'HTTP1_DUPLICATE_HOST';
    const hostIndex = (fields.seen & HOST) === 0 ? -1 : table.indexOfKnown(FIELD.HOST);
    const fault =
      readTarget(record, hostIndex) ??
      this.#framing.read(table, fields, record.minor) ??
      this.#connection.read(table, fields, record.minor) ??
      this.#readFraming(record);
    if (fault !== undefined) return fault;
    record.keepAlive = this.#connection.keepAlive;
    record.upgrade = this.#connection.upgrade;
    record.connectionNames = this.#connection.names;
    return (fields.seen & EXPECT) === 0 ? undefined : readExpect(record, this.#membersMax);
  }

  #readFraming(record: RequestRecord): Http1Violation | undefined {
    const { length, chunked } = this.#framing;
    const { method } = record;
    if (!chunked && length < 0) return undefined;
    if (method === 'CONNECT' || method === 'TRACE') {
      // RFC 9110 §9.3.6, §9.3.8: no content. Internet Explorer's library sends `Content-Length: 0` with CONNECT.
      return chunked || length > 0 ? 'HTTP1_UNEXPECTED_BODY' : undefined;
    }
    record.framing = chunked ? CHUNKED : { kind: 'length', length };
    return undefined;
  }
}

/** RFC 9110 §10.1.1: other expectations are 417; in HTTP/1.0 the field is ignored; without a body there is nothing to wait for. */
function readExpect(record: RequestRecord, membersMax: number): Http1Violation | undefined {
  const expectations = parseTokenList(record.fields.all('expect').join(','), membersMax);
  if (expectations === undefined || expectations.length === 0) return 'HTTP1_BAD_EXPECT';
  if (expectations.some((expectation) => expectation !== '100-continue')) return 'HTTP1_BAD_EXPECT';
  const { framing } = record;
  const hasBody = framing.kind === 'chunked' || (framing.kind === 'length' && framing.length > 0);
  record.expectContinue = hasBody && record.minor === 1;
  return undefined;
}
