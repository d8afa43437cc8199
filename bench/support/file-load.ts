/**
 * A generator of files: each connection hands one in after the other, to `POST /api/v1/files` or to clamd (INSTREAM in a
 * session), and takes the verdict. A process of its own; its one argument is `FileLoad` as JSON, what it prints is
 * `FileLoadResult`.
 */
import { connect } from 'node:net';
import { fileOf, type FileKind, KINDS } from './files.ts';
import { Histogram } from './histogram.ts';

export interface FileLoad {
  readonly target: { readonly port: number } | { readonly path: string };
  readonly protocol: 'http' | 'clamd';
  readonly kinds: readonly FileKind[];
  readonly bytes: number;
  readonly connections: number;
  readonly seconds: number;
  /** The same files all the time. */
  readonly same: boolean;
}

export interface FileLoadResult {
  readonly count: number;
  readonly errors: number;
  readonly seconds: number;
  /** By what was said: `clean`, `OK`. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly p50: number;
  readonly p99: number;
}

const load = JSON.parse(process.argv[2] ?? '{}') as FileLoad;
const kinds = load.kinds.length > 0 ? load.kinds : KINDS;
const histogram = new Histogram();
const verdicts: Record<string, number> = {};
let errors = 0;
let open = load.connections;
let made = 0;
const startMs = performance.now();
const endMs = startMs + load.seconds * 1000;
let lastMs = startMs;

function request(): Buffer {
  const number = load.same ? made++ % kinds.length : made++;
  const body = fileOf(kinds[number % kinds.length]!, load.bytes, number);
  if (load.protocol === 'http') {
    return Buffer.concat([
      Buffer.from(
        `POST /api/v1/files HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]);
  }
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([Buffer.from('zINSTREAM\0'), head, body, Buffer.alloc(4)]);
}

/** The verdict, when the answer is whole. */
function verdictIn(text: string): string | undefined {
  if (load.protocol === 'clamd')
    return text.endsWith('\0') ? (/(OK|FOUND|ERROR)\0$/.exec(text)?.[1] ?? '?') : undefined;
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
  if (text.length < end + 4 + length) return undefined;
  return text.startsWith('HTTP/1.1 200') ? (/"verdict":"(\w+)"/.exec(text)?.[1] ?? '?') : text.slice(9, 12);
}

for (let at = 0; at < load.connections; at++) run();

function run(): void {
  let text = '';
  let sentMs = 0;
  const socket = connect(
    'path' in load.target ? { path: load.target.path } : { ...load.target, host: '127.0.0.1' },
  );
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  const next = (): void => {
    if (performance.now() >= endMs) return void socket.destroy();
    text = '';
    sentMs = performance.now();
    socket.write(request());
  };
  socket.on('connect', () => {
    if (load.protocol === 'clamd') socket.write('zIDSESSION\0');
    next();
  });
  socket.on('data', (piece: string) => {
    text += piece;
    const verdict = verdictIn(text);
    if (verdict === undefined) return;
    lastMs = performance.now();
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    histogram.add((lastMs - sentMs) * 1000);
    next();
  });
  socket.on('error', () => errors++);
  socket.on('close', () => {
    if (--open === 0) report();
  });
}

function report(): void {
  const result: FileLoadResult = {
    count: Object.values(verdicts).reduce((sum, count) => sum + count, 0),
    errors,
    seconds: (lastMs - startMs) / 1000,
    verdicts,
    p50: histogram.percentile(0.5),
    p99: histogram.percentile(0.99),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
