/**
 * A generator of ICAP load: RESPMOD over kept connections, one request at a time on each, with or without preview,
 * answered with 204 or 200. Every answer is followed to its end, and its body is compared with what was sent. A process
 * of its own; its one argument is `IcapLoad` as JSON, what it prints is `IcapLoadResult`.
 */
import { connect } from 'node:net';
import { fileBody } from './body.ts';
import { Histogram } from './histogram.ts';

export interface IcapLoad {
  readonly port: number;
  /** Without the slash. */
  readonly service: string;
  readonly bodyBytes: number;
  readonly allow204: boolean;
  /** `undefined`: none. */
  readonly preview?: number | undefined;
  readonly connections: number;
  readonly seconds: number;
  /** Distinct bodies: 1 is the same body all the time, 0 a new one for each request. */
  readonly bodies: number;
}

export interface IcapLoadResult {
  readonly count: number;
  readonly errors: number;
  readonly wrong: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly p50: number;
  readonly p99: number;
}

const load = JSON.parse(process.argv[2] ?? '{}') as IcapLoad;
const histogram = new Histogram();
const statuses: Record<string, number> = {};
const startMs = performance.now();
const endMs = startMs + load.seconds * 1000;
let errors = 0;
let wrong = 0;
let open = 0;
let made = 0;
let reported = false;

const LAST = Buffer.from('0\r\n\r\n');
const IEOF = Buffer.from('0; ieof\r\n\r\n');
const template = fileBody(load.bodyBytes);

/** The last bytes number the body, so that no cache knows it. */
function nextBody(): Buffer {
  if (load.bodies === 1) return template;
  const body = Buffer.from(template);
  body.write((load.bodies === 0 ? made++ : made++ % load.bodies).toString(36).padStart(12, '0'), 0, 'latin1');
  return body;
}

const HTTP_REQUEST =
  'GET http://www.example.com/images/page.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: bench\r\n\r\n';
const HTTP_RESPONSE = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${load.bodyBytes}\r\n\r\n`;
const HEAD = Buffer.from(
  `RESPMOD icap://127.0.0.1:${load.port}/${load.service} ICAP/1.0\r\nHost: 127.0.0.1:${load.port}\r\n` +
    (load.allow204 ? 'Allow: 204\r\n' : '') +
    (load.preview === undefined ? '' : `Preview: ${load.preview}\r\n`) +
    `Encapsulated: req-hdr=0, res-hdr=${HTTP_REQUEST.length}, res-body=${HTTP_REQUEST.length + HTTP_RESPONSE.length}\r\n\r\n` +
    HTTP_REQUEST +
    HTTP_RESPONSE,
  'latin1',
);

function chunked(body: Buffer): Buffer[] {
  if (body.length === 0) return [];
  return [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')];
}

/** Follows one answer. `take` says `undefined` as long as more of it is to come. */
class Answer {
  #text = Buffer.alloc(0);
  #state: 'head' | 'encapsulated' | 'size' | 'chunk' = 'head';
  #left = 0;
  #at = 0;
  #expected: Buffer;
  status = 0;

  constructor(expected: Buffer) {
    this.#expected = expected;
  }

  take(chunk: Buffer): 'end' | 'continue' | undefined {
    let bytes = this.#text.length === 0 ? chunk : Buffer.concat([this.#text, chunk]);
    this.#text = Buffer.alloc(0);
    for (;;) {
      if (this.#state === 'head') {
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) return this.#keep(bytes);
        const head = bytes.toString('latin1', 0, end);
        bytes = bytes.subarray(end + 4);
        const status = Number(head.slice(9, 12));
        if (status === 100) return 'continue';
        this.status = status;
        const body = /res-body=(\d+)/.exec(head)?.[1];
        if (body === undefined) return 'end';
        this.#left = Number(body);
        this.#state = 'encapsulated';
      } else if (this.#state === 'size') {
        const end = bytes.indexOf('\r\n');
        if (end < 0) return this.#keep(bytes);
        const size = Number.parseInt(bytes.toString('latin1', 0, end), 16);
        if (size === 0) {
          if (bytes.length < end + 4) return this.#keep(bytes);
          if (this.status === 200 && this.#at !== this.#expected.length) wrong++;
          return 'end';
        }
        bytes = bytes.subarray(end + 2);
        this.#left = size + 2;
        this.#state = 'chunk';
      } else {
        const size = Math.min(this.#left, bytes.length);
        if (this.#state === 'chunk')
          this.#compare(bytes.subarray(0, Math.max(0, Math.min(size, this.#left - 2))));
        this.#left -= size;
        bytes = bytes.subarray(size);
        if (this.#left > 0) return undefined;
        this.#state = 'size';
      }
    }
  }

  #compare(bytes: Buffer): void {
    if (bytes.compare(this.#expected, this.#at, this.#at + bytes.length) !== 0) wrong++;
    this.#at += bytes.length;
  }

  #keep(bytes: Buffer): undefined {
    this.#text = Buffer.from(bytes);
    return undefined;
  }
}

setTimeout(
  () => {
    errors += open;
    report();
  },
  load.seconds * 1000 + 5000,
).unref();

/** What does not change is made once: the generator must not be what is measured. */
const SAME = load.bodies === 1 ? requestOf(template) : undefined;

function requestOf(body: Buffer): Buffer {
  const { preview } = load;
  if (preview === undefined) return Buffer.concat([HEAD, ...chunked(body), LAST]);
  const end = body.length <= preview ? IEOF : LAST;
  return Buffer.concat([HEAD, ...chunked(body.subarray(0, preview)), end]);
}

for (let at = 0; at < load.connections; at++) {
  open++;
  run();
}

function run(): void {
  let answer = new Answer(template);
  let body = template;
  let sentMs = 0;
  const next = (): void => {
    if (performance.now() >= endMs) return void socket.destroy();
    body = nextBody();
    answer = new Answer(body);
    sentMs = performance.now();
    socket.write(SAME ?? requestOf(body));
  };
  const take = (chunk: Buffer): void => {
    const taken = answer.take(chunk);
    if (taken === undefined) return;
    if (taken === 'continue') {
      socket.write(Buffer.concat([...chunked(body.subarray(load.preview ?? 0)), LAST]));
      return;
    }
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    histogram.add((performance.now() - sentMs) * 1000);
    next();
  };
  const block = Buffer.allocUnsafeSlow(65_536);
  const socket = connect({
    port: load.port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: block,
      callback: (bytes) => {
        take(block.subarray(0, bytes));
        return true;
      },
    },
  });
  socket.on('connect', next);
  socket.on('error', () => errors++);
  socket.on('close', () => {
    open--;
    if (performance.now() < endMs) errors++;
    if (open === 0) report();
  });
}

function report(): void {
  if (reported) return;
  reported = true;
  const result: IcapLoadResult = {
    count: histogram.count,
    errors,
    wrong,
    seconds: (performance.now() - startMs) / 1000,
    statuses,
    p50: histogram.percentile(0.5),
    p99: histogram.percentile(0.99),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
}
