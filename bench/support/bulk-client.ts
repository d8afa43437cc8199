/**
 * Sends URLs to `POST /v1/urls` on several connections for some seconds and counts the answers; prints one line of
 * JSON. A process of its own, so that its work is not the gateway's. Arguments: port, connections, seconds.
 */
import { connect } from 'node:net';

const [port = 0, connections = 2, seconds = 2] = process.argv.slice(2).map(Number);
const LF = 10;
const PIECE_LINES = 2000;

/** Some of them are listed: one host in a thousand. */
const pieces = Array.from({ length: 20 }, (_, piece) => {
  const lines = Array.from({ length: PIECE_LINES }, (_line, line) => {
    const at = piece * PIECE_LINES + line;
    const mixed = (Math.imul(at, 0x9e3779b1) >>> 0).toString(36);
    return at % 1000 === 0
      ? `http://www.listed-${(at / 1000) % 10}.bench.example/a/b.html`
      : `https://www.shop-${mixed}.example/products/${mixed}/index.html?item=${at}`;
  });
  return Buffer.from(`${lines.join('\n')}\n`);
});
const framed = pieces.map((piece) =>
  Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
);

let answers = 0;
let failures = 0;
const startMs = performance.now();
await Promise.all(Array.from({ length: connections }, client));
const tookS = (performance.now() - startMs) / 1000;
process.stdout.write(`${JSON.stringify({ rate: answers / tookS, answers, failures })}\n`);

async function client(): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  let sent = 0;
  let received = 0;
  let ends = false;
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.on('error', () => failures++);
  });
  socket.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      // Lines of framing end with CR LF, those of answers with `}` LF.
      if (at > 0 ? chunk[at - 1] === 125 : true) received++;
    }
    if (ends && received >= sent) socket.destroy();
  });
  socket.write(
    'POST /v1/urls HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-ndjson\r\n\r\n',
  );
  const untilMs = startMs + seconds * 1000;
  for (let turn = 0; performance.now() < untilMs && !socket.destroyed; turn++) {
    sent += PIECE_LINES;
    if (socket.write(framed[turn % framed.length]!)) await new Promise(setImmediate);
    else await new Promise<void>((resolve) => socket.once('drain', resolve));
  }
  ends = true;
  socket.write('0\r\n\r\n');
  setTimeout(() => socket.destroy(), 5000).unref();
  await ended;
  if (received < sent) failures++;
  answers += received;
}
