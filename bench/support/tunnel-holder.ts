/**
 * Opens CONNECT tunnels and holds them. Prints `{"held":N,"failed":M}` when all are there; a line `check` on standard
 * input sends an echo through some of them and prints `{"alive":N,"dead":M}`; the end of standard input ends it.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface HolderSettings {
  readonly proxyPort: number;
  readonly originPort: number;
  readonly count: number;
  /** Source addresses, used in turn: one address has 28,000 ports towards one other. */
  readonly sources: readonly string[];
}

const settings = JSON.parse(process.argv[2] ?? '{}') as HolderSettings;
const AT_ONCE = 100;
const CHECKED = 200;
const HEAD = `CONNECT 127.0.0.1:${settings.originPort} HTTP/1.1\r\nHost: 127.0.0.1:${settings.originPort}\r\n\r\n`;
const held: Socket[] = [];
let failed = 0;
let started = 0;

for (let i = 0; i < AT_ONCE; i++) next();
process.stdin.on('data', (text) => {
  if (String(text).includes('check')) void check();
});
process.stdin.on('end', () => process.exit(0));

function next(): void {
  if (started === settings.count) return;
  const localAddress = settings.sources[started % settings.sources.length] ?? '127.0.0.1';
  started++;
  const socket = connect({ host: '127.0.0.1', port: settings.proxyPort, localAddress, noDelay: true });
  const lost = (): void => {
    failed++;
    socket.destroy();
    settle();
  };
  socket.once('error', lost);
  socket.once('connect', () => socket.write(HEAD));
  socket.once('data', (chunk: Buffer) => {
    socket.off('error', lost);
    socket.on('error', () => socket.destroy());
    if (!/^HTTP\/1\.[01] 200/.test(chunk.toString('latin1'))) return lost();
    held.push(socket);
    settle();
  });
}

function settle(): void {
  if (held.length + failed === settings.count) print({ held: held.length, failed });
  else next();
}

async function check(): Promise<void> {
  const step = Math.max(1, Math.floor(held.length / CHECKED));
  const checked = held.filter((_, at) => at % step === 0);
  const answers = await Promise.all(checked.map(echo));
  const alive = answers.filter((answer) => answer).length;
  print({ alive, dead: answers.length - alive });
}

async function echo(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 10_000);
    socket.once('data', (chunk: Buffer) => {
      clearTimeout(timer);
      resolve(chunk.toString('latin1') === 'are you there');
    });
    socket.write('E\nare you there');
  });
}

function print(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
