/**
 * The origin of the benchmarks, a process of its own. Answers are prepared, so it costs as little as Node can:
 * it must not be what is measured. Prints its ports as one line of JSON.
 *
 * `http`: every read of a request head is answered with a prepared response. `tunnel`: a line `E` echoes what
 * follows, `D<bytes>` sends bytes, `U<bytes>` reads bytes and answers one byte.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { fileBody, sendBytes } from './body.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as { bodyBytes?: number; tunnels?: number };

const http = await listen(createServer({ noDelay: true }, serveHttp));
const tunnels = await Promise.all(
  Array.from({ length: settings.tunnels ?? 1 }, () => listen(tunnelServer())),
);
process.stdout.write(`${JSON.stringify({ http, tunnels })}\n`);
process.on('disconnect', () => process.exit(0));

function serveHttp(socket: Socket): void {
  const body = fileBody(settings.bodyBytes ?? 1024);
  const head =
    'HTTP/1.1 200 OK\r\nDate: Mon, 06 Jan 2025 10:00:00 GMT\r\nServer: origin\r\nLast-Modified: Sun, 05 Jan 2025 10:00:00 GMT\r\n' +
    'ETag: "5f3c-62a5"\r\nCache-Control: no-store\r\nContent-Type: text/html; charset=utf-8\r\nVary: Accept-Encoding\r\n' +
    `Content-Length: ${body.length}\r\n\r\n`;
  const answer = Buffer.concat([Buffer.from(head), body]);
  let open = 0;
  socket.on('data', (chunk: Buffer) => {
    // Heads arrive whole as a rule; a split one is counted by its end alone.
    open += chunk.length;
    if (chunk.readUInt32BE(chunk.length - 4) === 0x0d0a0d0a || open > 65_536) {
      open = 0;
      socket.write(answer);
    }
  });
  socket.on('error', () => socket.destroy());
}

function tunnelServer(): Server {
  return createServer({ noDelay: true }, (socket) => {
    let left = 0;
    let echoes = false;
    const take = (chunk: Buffer): void => {
      if (echoes) socket.write(chunk);
      else if (left === 0) begin(chunk);
      else if ((left -= chunk.length) <= 0) socket.write('k');
    };
    const begin = (chunk: Buffer): void => {
      const end = chunk.indexOf('\n');
      const count = Number(chunk.toString('latin1', 1, end));
      const command = String.fromCharCode(chunk[0] ?? 0);
      if (command === 'D') sendBytes(socket, count);
      else if (command === 'U') left = count;
      else echoes = true;
      if (chunk.length > end + 1) take(chunk.subarray(end + 1));
    };
    socket.on('data', take);
    socket.on('error', () => socket.destroy());
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
  // A server that listens on an IP address has an address with a port.
  return (server.address() as AddressInfo).port;
}
