/**
 * Makes CONNECT tunnels. `rate`: connect, ask for the tunnel, echo some bytes, close, again. `bulk`: keeps tunnels and
 * moves bytes through them. Without a proxy it does the same with the origin itself. Prints one line of JSON.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { byteAt, sendBytes } from './body.ts';
import { Histogram } from './histogram.ts';

export interface TunnelSettings {
  readonly mode: 'rate' | 'download' | 'upload';
  /** 0: no proxy. */
  readonly proxyPort: number;
  readonly originHost: string;
  readonly originPort: number;
  readonly concurrency: number;
  readonly seconds: number;
  /** Of one transfer. */
  readonly bytes: number;
}

export interface TunnelResult {
  /** Tunnels, or transfers. */
  readonly count: number;
  readonly bytes: number;
  readonly errors: number;
  readonly seconds: number;
  /** Microseconds of a tunnel or a transfer. */
  readonly p50: number;
  readonly p99: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as TunnelSettings;
const { originHost, originPort, proxyPort } = settings;
const CONNECT = Buffer.from(
  `CONNECT ${originHost}:${originPort} HTTP/1.1\r\nHost: ${originHost}:${originPort}\r\n` +
    'Proxy-Connection: keep-alive\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n\r\n',
);
const PING = Buffer.from('E\nthirty-two bytes to be echoed ....');
const PONG = PING.toString('latin1', 2);
const HUNG_MS = 10_000;
const READ_BUFFER = Buffer.alloc(256 * 1024);
const histogram = new Histogram();
const start = performance.now();
const end = start + settings.seconds * 1000;
let errors = 0;
let moved = 0;
let running = settings.concurrency;
let lastAt = start;

setTimeout(
  () => {
    errors += running;
    running = 1;
    done();
    process.exit();
  },
  settings.seconds * 1000 + HUNG_MS,
).unref();
for (let i = 0; i < settings.concurrency; i++) {
  if (settings.mode === 'rate') oneTunnel();
  else bulk();
}

function oneTunnel(): void {
  if (performance.now() >= end) return done();
  const startedAt = performance.now();
  let finished = false;
  let echoed = '';
  const socket = open((bytes) => {
    echoed += READ_BUFFER.toString('latin1', 0, bytes);
    if (echoed.length < PONG.length) return;
    finished = echoed === PONG;
    if (!finished) return void socket.destroy();
    histogram.add((performance.now() - startedAt) * 1000);
    socket.destroy();
  });
  socket.once('tunnel', () => socket.write(PING));
  socket.on('close', () => {
    if (!finished) errors++;
    oneTunnel();
  });
}

function bulk(): void {
  const uploads = settings.mode === 'upload';
  const socket = open((bytes) => {
    if (uploads) moved += settings.bytes;
    else {
      // One byte of each read is compared: all of them would cost more than moving them.
      if (READ_BUFFER[0] !== byteAt(settings.bytes - left)) errors++;
      moved += bytes;
      left -= bytes;
    }
    lastAt = performance.now();
    if (uploads || left <= 0) next();
  });
  let left = 0;
  let startedAt = 0;
  const next = (): void => {
    if (startedAt > 0) histogram.add((performance.now() - startedAt) * 1000);
    if (performance.now() >= end) return void socket.destroy();
    startedAt = performance.now();
    left = settings.bytes;
    socket.write(`${uploads ? 'U' : 'D'}${settings.bytes}\n`);
    if (uploads) sendBytes(socket, settings.bytes);
  };
  socket.once('tunnel', next);
  socket.on('close', () => {
    if (performance.now() < end) errors++;
    done();
  });
}

/** Opens a connection and, through the proxy, a tunnel: then `tunnel` is emitted and bytes go to `take`. */
function open(take: (bytes: number) => void): Socket {
  let head: string | undefined = proxyPort === 0 ? undefined : '';
  const socket = connect({
    host: proxyPort === 0 ? originHost : '127.0.0.1',
    port: proxyPort === 0 ? originPort : proxyPort,
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback: (bytes, buffer) => {
        if (head === undefined) take(bytes);
        else {
          head += Buffer.from(buffer.buffer, buffer.byteOffset, bytes).toString('latin1');
          if (!head.includes('\r\n\r\n')) return true;
          const tunnelOpen = /^HTTP\/1\.[01] 200/.test(head);
          head = undefined;
          if (tunnelOpen) socket.emit('tunnel');
          else socket.destroy();
        }
        return true;
      },
    },
  });
  socket.on('error', () => socket.destroy());
  socket.on('connect', () => (head === undefined ? socket.emit('tunnel') : socket.write(CONNECT)));
  return socket;
}

function done(): void {
  running--;
  if (running > 0) return;
  const result: TunnelResult = {
    count: histogram.count,
    bytes: moved,
    errors,
    seconds: ((settings.mode === 'rate' ? performance.now() : lastAt) - start) / 1000,
    p50: histogram.percentile(0.5),
    p99: histogram.percentile(0.99),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
