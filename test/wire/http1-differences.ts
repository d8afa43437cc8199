const MEANT_FOR_CLOSE = 'llhttp reads a body until the end of the connection, which hides a chunked body';

/** Where we differ from llhttp's strict mode on its own vectors: vector → what we do, and why. */
export const DIFFERENCES: Readonly<Record<string, readonly [outcome: string, reason: string]>> = {
  'request/connection: CRLF between requests, implicit `keep-alive`': [
    'HTTP1_EMPTY_LINES',
    'two empty lines; RFC 9112 §2.2 asks for at least one to be skipped, and old clients send one',
  ],
  'request/invalid: Invalid method': [
    'accepted MKCOLA /',
    'a proxy passes methods on that it does not know (RFC 9110 §9.1); llhttp has a fixed list',
  ],
  'request/method: ANNOUNCE request with RTSP': ['HTTP1_BAD_REQUEST_LINE', 'RTSP is not HTTP'],
  'request/method: CONNECT with body': [
    'HTTP1_UNEXPECTED_BODY',
    'RFC 9110 §9.3.6: CONNECT has no content; a length there leaves it open who reads the bytes',
  ],
  'request/method: M-SEARCH request': [
    'HTTP1_BAD_TARGET',
    'RFC 9112 §3.2.4: the asterisk is for OPTIONS only; SSDP is multicast and passes no proxy',
  ],
  'request/method: OPTIONS request with RTSP': ['HTTP1_BAD_REQUEST_LINE', 'RTSP is not HTTP'],
  'request/sample: Firefox GET': [
    'HTTP1_BAD_HOST',
    '`0.0.0.0=5000` is no host and port (RFC 9110 §7.2); llhttp leaves Host to its caller',
  ],
  'request/sample: No HTTP version': ['HTTP1_BAD_REQUEST_LINE', 'HTTP/0.9 is not spoken'],
  'request/transfer-encoding: POST with `chunked` as last transfer-encoding': [
    'HTTP1_BAD_TARGET',
    'a fragment in the target (RFC 9112 §3.2), before the coding `deflate` is even looked at',
  ],
  'request/uri: `host:port` and basic auth': [
    'HTTP1_USERINFO',
    'RFC 9110 §4.2.4: a user name in an http address is an error, it hides the host from people',
  ],
  'response/connection: HTTP 100 first, then 400': [
    'HTTP1_BAD_STATUS_LINE',
    'an empty line before a status line; RFC 9112 §2.2 allows skipping it before requests only',
  ],
  'response/pipelining: Should parse multiple events': [
    'HTTP1_BAD_STATUS_LINE',
    'the same: bytes that belong to no response must not start one',
  ],
  'response/sample: HTTP version 0.9': ['HTTP1_BAD_VERSION', 'HTTP/0.9 has no status line'],
  'response/sample: ICE response': [
    'HTTP1_BAD_STATUS_LINE',
    'the protocol of an old stream server is not HTTP',
  ],
  'response/transfer-encoding: `chunked` before other transfer-encoding': [
    'HTTP1_BAD_TRANSFER_ENCODING',
    MEANT_FOR_CLOSE,
  ],
  'response/transfer-encoding: `chunkedchunked` transfer-encoding does not enable chunked enconding': [
    'HTTP1_BAD_TRANSFER_ENCODING',
    MEANT_FOR_CLOSE,
  ],
};
