/**
 * Our own generator of proxied GET requests: keep-alive connections, one request at a time on each, every answer
 * compared with the body that the origin serves. wrk costs less and makes the load; this one checks, and stands in for wrk.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { fileBody } from './body.ts';
import { Histogram } from './histogram.ts';

interface Settings {
  readonly host: string;
  readonly port: number;
  readonly heads: readonly string[];
  readonly bodyBytes: number;
  readonly connections: number;
  readonly seconds: number;
  /** Pause between the requests of a connection: 0 for load, more for a check beside other load. */
  readonly pauseMs: number;
}

export interface GetResult {
  readonly count: number;
  readonly errors: number;
  readonly wrong: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as Settings;
const expected = fileBody(settings.bodyBytes);
const heads = settings.heads.map((head) => Buffer.from(head, 'latin1'));
const histogram = new Histogram();
const start = performance.now();
const end = start + settings.seconds * 1000;
let errors = 0;
let wrong = 0;
let open = 0;

const HUNG_MS = 5000;
setTimeout(
  () => {
    errors += open;
    report();
    process.exit();
  },
  settings.seconds * 1000 + HUNG_MS,
).unref();
for (let i = 0; i < settings.connections; i++) {
  open++;
  run(connect({ host: settings.host, port: settings.port, noDelay: true }), i);
}

function run(socket: Socket, first: number): void {
  let turn = first;
  let sentAt = 0;
  let parts: Buffer[] = [];
  let bytes = 0;
  const next = (): void => {
    if (performance.now() >= end) return void socket.destroy();
    parts = [];
    bytes = 0;
    sentAt = performance.now();
    socket.write(heads[turn++ % heads.length]!);
  };
  socket.on('connect', next);
  socket.on('data', (chunk: Buffer) => {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes < expected.length) return;
    const all = parts.length === 1 ? chunk : Buffer.concat(parts);
    const bodyAt = all.indexOf('\r\n\r\n') + 4;
    if (bodyAt < 4 || bytes < bodyAt + expected.length) return;
    histogram.add((performance.now() - sentAt) * 1000);
    if (!all.subarray(bodyAt).equals(expected) || all.toString('latin1', 9, 12) !== '200') wrong++;
    if (settings.pauseMs > 0) setTimeout(next, settings.pauseMs);
    else next();
  });
  socket.on('error', () => void errors++);
  socket.on('close', () => {
    open--;
    if (open === 0) report();
    else if (performance.now() < end) errors++;
  });
}

function report(): void {
  const result: GetResult = {
    count: histogram.count,
    errors,
    wrong,
    seconds: (performance.now() - start) / 1000,
    p50: histogram.percentile(0.5),
    p99: histogram.percentile(0.99),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
