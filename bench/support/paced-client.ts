/**
 * Requests at a fixed pace over kept connections. A latency counts from the moment at which its request was due, whether
 * a connection was free then or not: an answer that comes late delays none of the requests behind it (no coordinated
 * omission, as wrk has it). How late the generator itself was stands beside it. Prints one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { Histogram } from './histogram.ts';

export interface PacedSettings {
  readonly port: number;
  readonly heads: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second. */
  readonly rate: number;
}

export interface PacedResult {
  /** Answered requests a second. */
  readonly rate: number;
  readonly errors: number;
  /** Microseconds from due to answered. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Microseconds from due to sent where a connection was free: what is the generator's own. */
  readonly lateP99: number;
}

interface Line {
  readonly socket: Socket;
  dueAt: number;
  text: string;
}

const HUNG_MS = 5000;
// Of our own benchmark. In a file: so many requests are too long for a command line.
const settings = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as PacedSettings;
const heads = settings.heads.map((head) => Buffer.from(head, 'latin1'));
const total = Math.round(settings.rate * settings.seconds);
const latency = new Histogram();
const lateness = new Histogram();
const free: Line[] = [];
let good = 0;
let due = 0;
let sent = 0;

await Promise.all(Array.from({ length: settings.connections }, () => open()));
const start = performance.now();
// The first answers are of code that is not compiled yet, on both sides.
const countFrom = start + settings.seconds * 200;
turn();

/** Spins: a timer would be late by up to a millisecond. */
function turn(): void {
  const now = performance.now();
  due = Math.min(total, Math.floor(((now - start) / 1000) * settings.rate));
  while (sent < due && free.length > 0) send(free.pop()!, now);
  const isOver = sent === total && free.length === settings.connections;
  if (isOver || now - start > settings.seconds * 1000 + HUNG_MS) report();
  else setImmediate(turn);
}

function send(line: Line, now: number): void {
  line.dueAt = start + (sent / settings.rate) * 1000;
  if (line.dueAt >= countFrom && due - sent < settings.connections) lateness.add((now - line.dueAt) * 1000);
  line.socket.write(heads[sent % heads.length]!);
  sent++;
}

async function open(): Promise<void> {
  const socket = connect({ port: settings.port, host: '127.0.0.1', noDelay: true });
  const line: Line = { socket, dueAt: 0, text: '' };
  socket.on('data', (chunk: Buffer) => {
    line.text += chunk.toString('latin1');
    const bodyAt = line.text.indexOf('\r\n\r\n') + 4;
    if (bodyAt < 4) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(line.text)?.[1]);
    if (line.text.length < bodyAt + length) return;
    if (line.text.startsWith('HTTP/1.1 200')) good++;
    if (line.dueAt >= countFrom) latency.add((performance.now() - line.dueAt) * 1000);
    line.text = '';
    free.push(line);
  });
  socket.on('error', () => socket.destroy()); // its request is never answered
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  free.push(line);
}

function report(): void {
  const result: PacedResult = {
    rate: (good * 1000) / (performance.now() - start),
    errors: total - good,
    p50: latency.percentile(0.5),
    p99: latency.percentile(0.99),
    p999: latency.percentile(0.999),
    lateP99: lateness.percentile(0.99),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0);
}
