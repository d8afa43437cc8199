/** Messages that are mostly well-formed, so that what lies behind the head is reached too. */

type Random = () => number;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

const FIELDS: readonly string[] = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
  'Accept: */*',
  'accept-language:de',
  'X-Empty:',
  'X-Latin: \xe4\xf6\xfc',
  'X-Padded: \t a \t b \t ',
  'Cookie: a=b; c="d"',
  'Connection: keep-alive',
  'Connection: close',
  'Connection: x-padded, TE',
  'Proxy-Connection: keep-alive',
  'Keep-Alive: timeout=5',
  'TE: trailers',
  'Proxy-Authorization: Basic eDp5',
  'Expect: 100-continue',
  'Trailer: X-Sum',
  'Upgrade: websocket',
  'Via: 1.0 old',
];

const TARGETS: readonly string[] = [
  '/',
  '/a/b?c=d',
  '/%41%00;x=|"{}\\^`<>',
  'http://a.test/',
  'http://a.test/x?http://b.test/',
  'http://A.test:8080/x',
  'http://a.test',
  'http://a.test?q=1',
  'http://[2001:db8::1]:81/x',
  'https://a.test:443/',
];

/** One to three requests in a row. */
export function generateRequests(random: Random): Buffer {
  let text = '';
  const count = 1 + Math.floor(random() * 3);
  for (let at = 0; at < count; at++) text += generateRequest(random);
  return Buffer.from(text, 'latin1');
}

/** One to three responses in a row. */
export function generateResponses(random: Random): Buffer {
  let text = '';
  const count = 1 + Math.floor(random() * 3);
  for (let at = 0; at < count; at++) {
    const status = pick(random, [
      '200 OK',
      '200 OK',
      '404 Not Found',
      '204 No Content',
      '304 ',
      '100 Continue',
      '301',
      '101 X',
    ]);
    text += `HTTP/1.${random() < 0.8 ? 1 : 0} ${status}\r\n${fields(random)}`;
    text += body(random, random() < 0.9);
  }
  return Buffer.from(text, 'latin1');
}

function generateRequest(random: Random): string {
  const method = pick(random, [
    'GET',
    'GET',
    'POST',
    'PUT',
    'HEAD',
    'DELETE',
    'OPTIONS',
    'PATCH',
    'FOO',
    'PROPFIND',
  ]);
  const target = method === 'OPTIONS' && random() < 0.3 ? '*' : pick(random, TARGETS);
  const minor = random() < 0.9 ? 1 : 0;
  const host =
    random() < 0.9
      ? `${pick(random, ['Host', 'host', 'HOST'])}: ${pick(random, ['a.test', 'A.test:8080', 'b.test', '[::1]'])}\r\n`
      : '';
  const before = random() < 0.1 ? '\r\n' : '';
  const [first, second] = random() < 0.8 ? [host, fields(random)] : [fields(random), host];
  return `${before}${method} ${target} HTTP/1.${minor}\r\n${first}${second}${body(random, method !== 'GET' || random() < 0.2)}`;
}

function fields(random: Random): string {
  let text = '';
  const count = Math.floor(random() * 6);
  for (let at = 0; at < count; at++) text += `${pick(random, FIELDS)}\r\n`;
  return text;
}

/** The framing field, the blank line and the body. */
function body(random: Random, wanted: boolean): string {
  if (!wanted) return '\r\n';
  const size = Math.floor(random() * 40);
  const text = 'GET /evil HTTP/1.1\r\n\r\n0\r\n\r\nabcdefghijkl'.slice(0, size);
  if (random() < 0.5)
    return `${pick(random, ['Content-Length', 'content-length'])}: ${pick(random, ['', '0'])}${text.length}\r\n\r\n${text}`;
  let chunks = '';
  for (let from = 0; from < text.length;) {
    const length = Math.min(text.length - from, 1 + Math.floor(random() * 15));
    const extension = random() < 0.2 ? pick(random, [';a', ';a=b', ';a="b;\\""']) : '';
    chunks += `${length.toString(16)}${extension}\r\n${text.slice(from, from + length)}\r\n`;
    from += length;
  }
  const trailers = random() < 0.3 ? 'X-Sum: 1\r\nX-More:\r\n' : '';
  return `Transfer-Encoding: ${pick(random, ['chunked', 'Chunked'])}\r\n\r\n${chunks}0\r\n${trailers}\r\n`;
}
