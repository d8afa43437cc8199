import { trimOws } from '../fields/index.ts';
import { parseLength } from '../http1/index.ts';
import type { IcapViolation } from './violations.ts';

export type IcapMethod = 'OPTIONS' | 'REQMOD' | 'RESPMOD';
export type BodySection = 'req-body' | 'res-body' | 'opt-body' | 'null-body';

/** What the Encapsulated field says: lengths of the heads, 0 where there is none, and what follows them. */
export interface Layout {
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly body: BodySection;
}

export const NOTHING: Layout = { requestBytes: 0, responseBytes: 0, body: 'null-body' };

/** RFC 3507 §4.4.1: what each message may hold, in this order. A head may always be missing, one body section never. */
const REQUEST_FORMS: Readonly<Record<IcapMethod, readonly string[]>> = {
  OPTIONS: ['null-body', 'opt-body'],
  REQMOD: ['req-hdr null-body', 'req-hdr req-body', 'null-body', 'req-body'],
  RESPMOD: [
    'req-hdr res-hdr res-body',
    'req-hdr res-hdr null-body',
    'res-hdr res-body',
    'res-hdr null-body',
    // c-icap-client -noreshdr: a body whose head the client does not give.
    'req-hdr res-body',
    'req-hdr null-body',
    'res-body',
    'null-body',
  ],
};
const RESPONSE_FORMS: Readonly<Record<IcapMethod, readonly string[]>> = {
  OPTIONS: ['null-body', 'opt-body'],
  REQMOD: [
    'req-hdr null-body',
    'req-hdr req-body',
    'res-hdr res-body',
    'res-hdr null-body',
    'null-body',
    'req-body',
    'res-body',
  ],
  RESPMOD: ['res-hdr res-body', 'res-hdr null-body', 'null-body', 'res-body'],
};

const SECTIONS_MAX = 3;
const BODIES: readonly string[] = ['req-body', 'res-body', 'opt-body', 'null-body'] satisfies BodySection[];

/**
 * Reads the value of an Encapsulated field. Two readers who take different offsets see different messages, so: offsets
 * start at 0 and rise, no head is empty, sections are those of the table in its order. Names in any case; white space
 * around a comma may be missing or doubled (RFC 2616 §2.1 allows both).
 */
export function readEncapsulated(
  value: string,
  role: 'request' | 'response',
  method: IcapMethod,
): Layout | IcapViolation {
  let names = '';
  let known = true;
  let last = '';
  let lastOffset = -1;
  let requestBytes = 0;
  let responseBytes = 0;
  let rises = true;
  let count = 0;
  for (let from = 0; from <= value.length; count++) {
    if (count === SECTIONS_MAX) return 'ICAP_WRONG_SECTION';
    const comma = value.indexOf(',', from);
    const to = comma < 0 ? value.length : comma;
    const member = trimOws(value, from, to);
    from = to + 1;
    const equals = member.indexOf('=');
    const offset = equals < 1 ? -1 : parseLength(member.slice(equals + 1));
    if (offset < 0) return 'ICAP_BAD_ENCAPSULATED';
    if (count === 0) rises = offset === 0;
    else if (offset <= lastOffset) rises = false;
    if (last === 'req-hdr') requestBytes = offset - lastOffset;
    else if (last === 'res-hdr') responseBytes = offset - lastOffset;
    last = member.slice(0, equals).toLowerCase();
    lastOffset = offset;
    known &&= isSection(last);
    names += count === 0 ? last : ` ${last}`;
  }
  if (!known) return 'ICAP_BAD_ENCAPSULATED';
  const forms = role === 'request' ? REQUEST_FORMS[method] : RESPONSE_FORMS[method];
  if (!forms.includes(names)) return 'ICAP_WRONG_SECTION';
  // The last of a legal form is a body.
  return rises ? { requestBytes, responseBytes, body: last as BodySection } : 'ICAP_BAD_OFFSET';
}

function isSection(name: string): boolean {
  return name === 'req-hdr' || name === 'res-hdr' || BODIES.includes(name);
}
