import type { Wire } from '../../kernel/index.ts';
import type { RequestHead } from '../../protocols/http1/index.ts';

/** One request to a server of ours: the checked head, and the body when it has arrived. */
export interface WebRequest {
  readonly method: string;
  /** As sent, without the query: `/api/v1/lookup`. */
  readonly path: string;
  /** As sent, without `?`; empty when there is none. */
  readonly query: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Name or address that the client used, lower case, IPv6 without brackets; empty: HTTP/1.0 without Host. */
  readonly host: string;
  /** Address of the client. */
  readonly source: string;
  readonly localAddress: string;
  /** It came inside TLS. */
  readonly encrypted: boolean;
  /** Empty until the whole body is here, when there is none, and when it comes in `chunks`. */
  readonly body: Uint8Array;
  /** The body piece by piece, for sites that say so (`WebSite.streams`). A piece is valid until the next is asked for. */
  readonly chunks?: AsyncIterable<Uint8Array>;
  /** The field's value; several are joined with a comma. Valid while the request is answered. */
  field(lowerName: string): string | undefined;
  /** All fields, names in lower case. */
  fields(): readonly (readonly [name: string, value: string])[];
}

const NOTHING = new Uint8Array(0);

export function webRequest(head: RequestHead, wire: Wire): WebRequest {
  const { path: target } = head;
  const mark = target.indexOf('?');
  return {
    method: head.method,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    target,
    host: head.host,
    source: wire.peerAddress,
    localAddress: wire.localAddress,
    encrypted: wire.encrypted,
    body: NOTHING,
    field(lowerName) {
      const at = head.fields.indexOf(lowerName, 0);
      if (at < 0) return undefined;
      if (head.fields.indexOf(lowerName, at + 1) < 0) return head.fields.value(at);
      return head.fields.all(lowerName).join(', ');
    },
    fields() {
      return Array.from(
        { length: head.fields.count },
        (_, at) => [head.fields.name(at), head.fields.value(at)] as const,
      );
    },
  };
}

/** The same with fields of its own: those of the head are gone when the wire is read for the body. */
export function keptRequest(request: WebRequest): WebRequest {
  const fields = request.fields();
  return {
    ...request,
    field(lowerName) {
      const values = fields.filter(([name]) => name === lowerName).map(([, value]) => value);
      return values.length === 0 ? undefined : values.join(', ');
    },
    fields: () => fields,
  };
}

/** The value of a parameter in a query, decoded as forms are; `undefined` when it is not there or malformed. */
export function queryParameter(query: string, name: string): string | undefined {
  let at = 0;
  while (at <= query.length) {
    let end = query.indexOf('&', at);
    if (end < 0) end = query.length;
    const equals = query.indexOf('=', at);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    if (query.slice(at, nameEnd) === name) return formDecoded(query.slice(Math.min(nameEnd + 1, end), end));
    at = end + 1;
  }
  return undefined;
}

function formDecoded(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // A lone `%` or bytes that are no UTF-8: URIError is the only thing that decodeURIComponent throws.
    return undefined;
  }
}
