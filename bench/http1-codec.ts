/**
 * How long does the HTTP/1 codec take for one head, in and out? Baseline: the same work the plain way, a string
 * split at CRLF, a map of fields and the head joined again, measured in turn in the same process.
 * Run: `node bench/http1-codec.ts [rounds]`.
 */
import {
  encodeRequestHead,
  encodeResponseHead,
  RequestDecoder,
  ResponseDecoder,
} from '../src/protocols/http1/index.ts';

const LIMITS = {
  headBytesMax: 65_536,
  targetBytesMax: 8192,
  fieldsMax: 100,
  chunkLineBytesMax: 4096,
  trailerBytesMax: 8192,
};

/** As Chromium sends it to a proxy. */
const REQUEST = Buffer.from(
  [
    'GET http://www.example.com/assets/site/app.3f9c21.js?v=20240611 HTTP/1.1',
    'Host: www.example.com',
    'Proxy-Connection: keep-alive',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
    'Accept: */*',
    'Referer: http://www.example.com/start/index.html',
    'Accept-Encoding: gzip, deflate',
    'Accept-Language: en-US,en;q=0.9',
    'Cookie: session=8f14e45fceea167a5a36dedd4bea2543',
    '',
    '',
  ].join('\r\n'),
);
const RESPONSE = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'Date: Tue, 11 Jun 2024 09:12:44 GMT',
    'Server: Apache/2.4.59 (Debian)',
    'Last-Modified: Mon, 03 Jun 2024 17:02:10 GMT',
    'ETag: "1a2b3c-61a4f0c2"',
    'Accept-Ranges: bytes',
    'Content-Length: 1024',
    'Keep-Alive: timeout=5, max=100',
    'Connection: Keep-Alive',
    'Content-Type: application/javascript',
    '',
    '',
  ].join('\r\n'),
);
const BODY = Buffer.alloc(1024, 'x');
const NONE: ReadonlySet<string> = new Set();

function requestCodec(): () => number {
  const decoder = new RequestDecoder(LIMITS);
  const options = { form: 'origin', via: 'sallyport', drop: NONE, add: '', keepAlive: true } as const;
  return () => {
    decoder.receive(REQUEST);
    let size = 0;
    for (;;) {
      const event = decoder.next();
      if (event.kind === 'head') size += encodeRequestHead(event.head, options).length;
      else if (event.kind === 'need-data') return size;
      else if (event.kind === 'violation') throw new Error(event.code);
    }
  };
}

function requestDecodeOnly(): () => number {
  const decoder = new RequestDecoder(LIMITS);
  return () => {
    decoder.receive(REQUEST);
    let size = 0;
    for (;;) {
      const event = decoder.next();
      if (event.kind === 'head') size += event.head.port;
      else if (event.kind === 'need-data') return size;
    }
  };
}

function responseCodec(): () => number {
  const decoder = new ResponseDecoder(LIMITS);
  const options = { via: 'sallyport', drop: NONE, add: '', keepAlive: true, minorOfClient: 1 } as const;
  const message = Buffer.concat([RESPONSE, BODY]);
  return () => {
    decoder.begin('GET');
    decoder.receive(message);
    let size = 0;
    for (;;) {
      const event = decoder.next();
      if (event.kind === 'head') size += encodeResponseHead(event.head, options).length;
      else if (event.kind === 'body') size += event.bytes.length;
      else if (event.kind === 'need-data') return size;
      else if (event.kind === 'violation') throw new Error(event.code);
    }
  };
}

/** The plain way, without any check. */
function plainStrings(message: Buffer, firstLine: (line: string) => string): () => number {
  return () => {
    const text = message.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    const [line = '', ...rest] = text.slice(0, end).split('\r\n');
    const fields = new Map<string, string>();
    for (const entry of rest) {
      const colon = entry.indexOf(':');
      fields.set(entry.slice(0, colon).toLowerCase(), entry.slice(colon + 1).trim());
    }
    fields.delete('proxy-connection');
    fields.delete('keep-alive');
    fields.delete('connection');
    fields.set('via', '1.1 sallyport');
    let head = `${firstLine(line)}\r\n`;
    for (const [name, value] of fields) head += `${name}: ${value}\r\n`;
    return Buffer.from(`${head}\r\n`, 'latin1').length;
  };
}

function nsPerCall(call: () => number, calls: number): number {
  const before = process.hrtime.bigint();
  let sum = 0;
  for (let at = 0; at < calls; at++) sum += call();
  if (sum === 0) throw new Error('nothing was encoded');
  return Number(process.hrtime.bigint() - before) / calls;
}

const rounds = Number(process.argv[2] ?? 9);
const cases: readonly (readonly [name: string, call: () => number])[] = [
  [`request ${REQUEST.length} B, decode`, requestDecodeOnly()],
  [`request ${REQUEST.length} B, decode and encode`, requestCodec()],
  [
    `request ${REQUEST.length} B, plain strings`,
    plainStrings(REQUEST, (line) => line.replace('http://www.example.com', '')),
  ],
  [`response ${RESPONSE.length} B + 1 KiB body, decode and encode`, responseCodec()],
  [`response ${RESPONSE.length} B, plain strings`, plainStrings(RESPONSE, (line) => line)],
];
for (const [, call] of cases) nsPerCall(call, 20_000);
const results = cases.map(() => [] as number[]);
for (let round = 0; round < rounds; round++) {
  cases.forEach(([, call], at) => results[at]!.push(nsPerCall(call, 20_000)));
}
cases.forEach(([name], at) => {
  const sorted = results[at]!.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  console.log(`${name.padEnd(52)} min ${sorted[0]!.toFixed(0)} ns  median ${median.toFixed(0)} ns`);
});
