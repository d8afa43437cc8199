import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour } from './origin.ts';
import { patternBytes } from './pattern.ts';

const PIECE = 64 * 1024;

/** Pattern bytes with `Content-Length`. */
export function sized(bytes: number): Behaviour {
  return async (request, socket) => {
    socket.write(head('200 OK', [`Content-Length: ${bytes}`, 'Content-Type: application/octet-stream']));
    if (request.method !== 'HEAD') await writePattern(socket, 0, bytes);
  };
}

/** Pattern bytes in chunks, with trailers when there are some. */
export function chunked(bytes: number, trailers: readonly string[] = []): Behaviour {
  return async (_request, socket) => {
    const announced = trailers.map((line) => line.split(':')[0]).join(', ');
    socket.write(
      head('200 OK', ['Transfer-Encoding: chunked', ...(announced === '' ? [] : [`Trailer: ${announced}`])]),
    );
    for (let at = 0; at < bytes; at += PIECE) {
      const size = Math.min(PIECE, bytes - at);
      socket.write(`${size.toString(16)}\r\n`);
      await write(socket, patternBytes(at, size));
      socket.write('\r\n');
    }
    socket.write(`0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`);
  };
}

/** Pattern bytes until the connection closes. */
export function untilClose(bytes: number): Behaviour {
  return async (_request, socket) => {
    socket.write(head('200 OK', ['Content-Type: application/octet-stream', 'Connection: close']));
    await writePattern(socket, 0, bytes);
    socket.end();
  };
}

/** Bytes as they stand, then the end, a reset, or nothing more. */
export function raw(bytes: string, then: 'end' | 'reset' | 'keep' = 'keep'): Behaviour {
  return async (_request, socket) => {
    await write(socket, Buffer.from(bytes, 'latin1'));
    if (then === 'end') socket.end();
    // What was written goes out before the reset cuts the rest.
    else if (then === 'reset') setTimeout(() => socket.resetAndDestroy(), 50);
  };
}

export function text(body: string, fields: readonly string[] = [], status = '200 OK'): Behaviour {
  return (request, socket) => {
    const length = Buffer.byteLength(body);
    socket.write(
      head(status, [...fields, `Content-Length: ${length}`]) + (request.method === 'HEAD' ? '' : body),
    );
  };
}

export function page(html: string): Behaviour {
  return text(html, ['Content-Type: text/html; charset=utf-8']);
}

/** Says what it has got, as JSON. */
export const echo: Behaviour = (request, socket) => {
  const { method, target, bodyBytes, bodySha256, connection, turn } = request;
  const fields = request.fields.names.map((name) => name.toLowerCase());
  const body = JSON.stringify({ method, target, bodyBytes, bodySha256, connection, turn, fields });
  socket.write(head('200 OK', ['Content-Type: application/json', `Content-Length: ${body.length}`]) + body);
};

/** Waits before the head; later bytes come at once. */
export function slowHead(ms: number, then: Behaviour): Behaviour {
  return async (request, socket) => {
    await sleep(ms);
    await then(request, socket);
  };
}

/** Body in pieces with pauses. */
export function slowBody(pieces: number, pieceBytes: number, pauseMs: number): Behaviour {
  return async (_request, socket) => {
    socket.write(head('200 OK', [`Content-Length: ${pieces * pieceBytes}`]));
    for (let piece = 0; piece < pieces && !socket.destroyed; piece++) {
      await write(socket, patternBytes(piece * pieceBytes, pieceBytes));
      await sleep(pauseMs);
    }
  };
}

/** Interim answers before the final one. */
export function withInterim(interim: readonly string[], then: Behaviour): Behaviour {
  return async (request, socket) => {
    for (const status of interim) socket.write(head(status, ['Link: </style.css>; rel=preload']));
    await then(request, socket);
  };
}

/** RFC 9110 §14: one byte range, or the whole. */
export function ranges(bytes: number): Behaviour {
  return async (request, socket) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.fields.get('range') ?? '') ?? [];
    if (from === undefined) return sized(bytes)(request, socket);
    const first = Number(from);
    const last = to === undefined || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
    const range = [`Content-Range: bytes ${first}-${last}/${bytes}`, `Content-Length: ${last - first + 1}`];
    socket.write(head('206 Partial Content', range));
    await writePattern(socket, first, last - first + 1);
  };
}

/** RFC 6455 handshake, then every data frame comes back as it is, unmasked. */
export const webSocketEcho: Behaviour = (request, socket) => {
  const key = `${request.fields.get('sec-websocket-key')}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    head('101 Switching Protocols', [
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
    ]),
  );
  let buffer: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (let frame = readFrame(buffer); frame !== undefined; frame = readFrame(buffer)) {
      buffer = buffer.subarray(frame.bytes);
      socket.write(serverFrame(frame.opcode, frame.payload));
      if (frame.opcode === 8) socket.end();
    }
  });
};

/** Short frames only: fewer than 126 bytes, masked, as tests send them. */
function readFrame(
  buffer: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly bytes: number } | undefined {
  const length = (buffer[1] ?? 0) & 127;
  if (buffer.length < 6 + length) return undefined;
  const mask = buffer.subarray(2, 6);
  const payload = Buffer.from(buffer.subarray(6, 6 + length)).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return { opcode: (buffer[0] ?? 0) & 15, payload: Buffer.from(payload), bytes: 6 + length };
}

function serverFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
}

function head(status: string, fields: readonly string[]): string {
  return [`HTTP/1.1 ${status}`, ...fields, '', ''].join('\r\n');
}

async function writePattern(socket: Socket, from: number, bytes: number): Promise<void> {
  for (let at = 0; at < bytes && !socket.destroyed; at += PIECE) {
    await write(socket, patternBytes(from + at, Math.min(PIECE, bytes - at)));
  }
}

async function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (socket.destroyed || socket.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.once('drain', done);
    socket.once('close', done);
  });
}
