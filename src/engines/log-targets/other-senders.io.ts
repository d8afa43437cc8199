import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { otlpLogs, otlpRejected } from '../../protocols/otlp/index.ts';
import { cutOctets } from '../../protocols/syslog/index.ts';
import type { EventItem } from '../events/index.ts';
import type { Sender, SenderLimits } from './sender.ts';
import type { LogTarget } from './target.ts';
import { otlpRecord, type Speaker } from './wording.ts';

/** RFC 5426 §3.2: receivers take 480 octets at least and should take 2048; a larger one may be fragmented or lost. */
const DATAGRAM_BYTES_MAX = 2048;
const ANSWER_BYTES_MAX = 64 * 1024;

/** Syslog over UDP (RFC 5426): nothing says whether it arrived. */
export async function openDatagrams({ host, port }: LogTarget): Promise<Sender> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  // An answer of the network that nobody listens comes as an error, and changes nothing.
  socket.on('error', () => undefined);
  socket.unref();
  return {
    acknowledges: true,
    async send(messages) {
      for (const message of messages) {
        const bytes = Buffer.from(cutOctets(message, DATAGRAM_BYTES_MAX));
        await new Promise<void>((resolve) => socket.send(bytes, port, address, () => resolve()));
      }
    },
    onBreak: () => undefined,
    close: () => socket.close(),
  };
}

/** OTLP over HTTP in the JSON encoding. The messages are events as JSON. */
export function openOtlp(target: LogTarget, limits: SenderLimits, speaker: Speaker): Sender {
  const { caFile, certificateFile, keyFile } = target;
  const url = new URL(target.url);
  const tls = {
    minVersion: 'TLSv1.2' as const,
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certificateFile === undefined ? {} : { cert: readFileSync(certificateFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
  };
  return {
    acknowledges: true,
    async send(messages) {
      // Only `otlpLine` writes them.
      const records = messages.map((line) => otlpRecord(JSON.parse(line) as EventItem));
      const resource = {
        'service.name': 'sallyport',
        'service.version': speaker.version,
        'host.name': speaker.hostname,
      };
      const body = JSON.stringify(
        otlpLogs(resource, { name: 'sallyport.events', version: speaker.version }, records),
      );
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      const options = {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
        timeout: limits.idleMs,
      };
      const sent =
        url.protocol === 'https:'
          ? requestTls(url, { ...options, ...tls }, resolve)
          : request(url, options, resolve);
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.on('error', reject);
      sent.end(body);
      const response = await promise;
      const answer = await textOf(response);
      if (response.statusCode !== 200) throw new Error(`the receiver answered ${response.statusCode}`);
      const rejected = otlpRejected(parsed(answer));
      if (rejected === messages.length) throw new Error(`the receiver rejected all ${rejected} records`);
    },
    onBreak: () => undefined,
    close: () => undefined,
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response as AsyncIterable<Buffer>) {
    text += piece.toString('utf8');
    if (text.length > ANSWER_BYTES_MAX) {
      response.destroy();
      break;
    }
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An empty answer says that all is well.
    return undefined;
  }
}

/** Lines in a file of this machine; a file that grows too large is kept as `.1` until the next. */
export function openFile(target: LogTarget, fileBytesMax: number): Sender {
  let fd = openSync(target.url, 'a', 0o640);
  return {
    acknowledges: true,
    send(messages) {
      writeSync(fd, messages.map((message) => `${message}\n`).join(''));
      if (statSync(target.url).size > fileBytesMax) {
        fsyncSync(fd);
        closeSync(fd);
        rmSync(`${target.url}.1`, { force: true });
        renameSync(target.url, `${target.url}.1`);
        fd = openSync(target.url, 'a', 0o640);
      }
      return Promise.resolve();
    },
    onBreak: () => undefined,
    close: () => closeSync(fd),
  };
}
