/**
 * How long does the ICAP codec take for one message, in and out? Baseline: the same work the plain way, strings split at
 * CRLF, maps of fields and the answer joined, measured in turn in the same process.
 * Run: `node bench/icap-codec.ts [rounds]`.
 */
import { encodeChunk, encodeLastChunk } from '../src/protocols/http1/index.ts';
import {
  encodeAnswer,
  encodeRequest,
  IcapRequestDecoder,
  IcapResponseDecoder,
} from '../src/protocols/icap/index.ts';

const LIMITS = {
  headBytesMax: 65_536,
  targetBytesMax: 8192,
  fieldsMax: 100,
  chunkLineBytesMax: 4096,
  trailerBytesMax: 8192,
  encapsulatedBytesMax: 131_072,
};

const REQUEST_HEAD = Buffer.from(
  [
    'GET http://www.example.com/assets/site/app.3f9c21.js HTTP/1.1',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
    'Accept: */*',
    'Accept-Encoding: gzip, deflate',
    'Cookie: session=8f14e45fceea167a5a36dedd4bea2543',
    'Host: www.example.com',
    '',
    '',
  ].join('\r\n'),
);
const RESPONSE_HEAD = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'Date: Tue, 11 Jun 2024 09:12:44 GMT',
    'Server: Apache/2.4.59 (Debian)',
    'ETag: "1a2b3c-61a4f0c2"',
    'Content-Length: 17408',
    'Content-Type: application/javascript',
    '',
    '',
  ].join('\r\n'),
);
const BODY = Buffer.alloc(17_408, 'x');
const FIELDS: readonly (readonly [string, string])[] = [
  ['X-Client-IP', '10.0.0.7'],
  ['X-Client-Username', 'alice'],
];

/** As Squid sends it, without a preview. */
const MESSAGE = Buffer.concat([
  ...encodeRequest({
    method: 'RESPMOD',
    target: 'icap://127.0.0.1:1344/respmod',
    host: '127.0.0.1:1344',
    allow: ['204', 'trailers'],
    fields: FIELDS,
    keepAlive: true,
    encapsulated: { request: REQUEST_HEAD, response: RESPONSE_HEAD, body: 'res-body' },
  }),
  ...encodeChunk(BODY),
  encodeLastChunk(undefined),
]);
const ISTAG = 'SP-20240611-1';

function decodeAnd(answer: 'nothing' | '204' | '200'): () => number {
  const decoder = new IcapRequestDecoder(LIMITS);
  return () => {
    decoder.receive(MESSAGE);
    let size = 0;
    for (;;) {
      const event = decoder.next();
      if (event.kind === 'body') {
        size += event.bytes.length;
        if (answer === '200') for (const piece of encodeChunk(event.bytes)) size += piece.length;
      } else if (event.kind === 'head') {
        const { response } = event.head;
        if (answer === 'nothing' || response === undefined) continue;
        const common = { istag: ISTAG, fields: [], keepAlive: true };
        const pieces =
          answer === '204'
            ? encodeAnswer({ ...common, status: 204 })
            : encodeAnswer({
                ...common,
                status: 200,
                encapsulated: { response: response.bytes, body: 'res-body' },
              });
        for (const piece of pieces) size += piece.length;
      } else if (event.kind === 'need-data') return size;
      else if (event.kind === 'violation') throw new Error(event.code);
    }
  };
}

function clientSide(): () => number {
  const decoder = new IcapResponseDecoder(LIMITS);
  const pieces = encodeAnswer({
    status: 200,
    istag: ISTAG,
    fields: [],
    keepAlive: true,
    encapsulated: { response: RESPONSE_HEAD, body: 'res-body' },
  });
  const message = Buffer.concat([...pieces, ...encodeChunk(BODY), encodeLastChunk(undefined)]);
  return () => {
    decoder.begin({ method: 'RESPMOD', previewed: false });
    decoder.receive(message);
    let size = 0;
    for (;;) {
      const event = decoder.next();
      if (event.kind === 'body') size += event.bytes.length;
      else if (event.kind === 'need-data') return size;
      else if (event.kind === 'violation') throw new Error(event.code);
    }
  };
}

/** The plain way to a 204, without any check; the body is not even looked at. */
function plainStrings(): () => number {
  const read = (text: string): Map<string, string> => {
    const fields = new Map<string, string>();
    for (const line of text.split('\r\n').slice(1)) {
      const colon = line.indexOf(':');
      fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    return fields;
  };
  return () => {
    const headEnd = MESSAGE.indexOf('\r\n\r\n');
    const fields = read(MESSAGE.toString('latin1', 0, headEnd));
    const offsets = (fields.get('encapsulated') ?? '')
      .split(', ')
      .map((member) => Number(member.split('=')[1]));
    const start = headEnd + 4;
    const request = read(MESSAGE.toString('latin1', start, start + offsets[1]!));
    const response = read(MESSAGE.toString('latin1', start + offsets[1]!, start + offsets[2]!));
    const sizeEnd = MESSAGE.indexOf('\r\n', start + offsets[2]!);
    const size = parseInt(MESSAGE.toString('latin1', start + offsets[2]!, sizeEnd), 16);
    const body = MESSAGE.subarray(sizeEnd + 2, sizeEnd + 2 + size);
    const answer = Buffer.from(
      `ICAP/1.0 204 No Content\r\nISTag: "${ISTAG}"\r\nConnection: keep-alive\r\n\r\n`,
      'latin1',
    );
    return request.size + response.size + body.length + answer.length;
  };
}

function nsPerCall(call: () => number, calls: number): number {
  const before = process.hrtime.bigint();
  let sum = 0;
  for (let at = 0; at < calls; at++) sum += call();
  if (sum === 0) throw new Error('nothing was read');
  return Number(process.hrtime.bigint() - before) / calls;
}

const rounds = Number(process.argv[2] ?? 9);
const heads = `RESPMOD ${MESSAGE.length - BODY.length} B of heads + 17 KiB`;
const cases: readonly (readonly [name: string, call: () => number])[] = [
  [`${heads}, decode`, decodeAnd('nothing')],
  [`${heads}, decode and 204`, decodeAnd('204')],
  [`${heads}, decode and 200 echo`, decodeAnd('200')],
  [`${heads}, plain strings and 204`, plainStrings()],
  ['answer 200 + 17 KiB, decode', clientSide()],
];
for (const [, call] of cases) nsPerCall(call, 20_000);
const results = cases.map(() => [] as number[]);
for (let round = 0; round < rounds; round++) {
  cases.forEach(([, call], at) => results[at]!.push(nsPerCall(call, 20_000)));
}
cases.forEach(([name], at) => {
  const sorted = results[at]!.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  console.log(`${name.padEnd(60)} min ${sorted[0]!.toFixed(0)} ns  median ${median.toFixed(0)} ns`);
});
