/**
 * A process that listens for syslog over TCP in one of the ways in which receivers are alive or dead:
 * `node log-receiver.ts reads|hangs|hangs-up`. Prints its port, and on `SIGTERM` how many connections and bytes came.
 */
import { type AddressInfo, createServer } from 'node:net';

const mode = process.argv[2] ?? 'reads';
let connections = 0;
let bytes = 0;
const server = createServer((socket) => {
  connections++;
  socket.on('error', () => undefined);
  if (mode === 'hangs') socket.pause();
  else if (mode === 'hangs-up') socket.destroy();
  else socket.on('data', (chunk: Buffer) => void (bytes += chunk.length));
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
process.once('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify({ connections, bytes })}\n`, () => process.exit());
});
