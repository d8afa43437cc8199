import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { cutOctets, frameLine, frameOctetCounted } from '../../protocols/syslog/index.ts';
import type { Sender, SenderLimits } from './sender.ts';
import type { LogTarget } from './target.ts';

/** Syslog over TLS (RFC 5425) or TCP (RFC 6587). Rejects when there is no connection in time. */
export async function openStream(target: LogTarget, limits: SenderLimits): Promise<Sender> {
  const socket =
    target.transport === 'syslog+tls' ? tlsSocket(target) : connect({ host: target.host, port: target.port });
  const ready = target.transport === 'syslog+tls' ? 'secureConnect' : 'connect';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error('no connection in time')), limits.connectMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once(ready, () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve();
    });
  });
  return new StreamSender(socket, target, limits);
}

function tlsSocket({ host, port, caFile, certificateFile, keyFile }: LogTarget): Socket {
  return connectTls({
    host,
    port,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certificateFile === undefined ? {} : { cert: readFileSync(certificateFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
  });
}

class StreamSender implements Sender {
  readonly acknowledges = false;
  readonly #socket: Socket;
  readonly #target: LogTarget;
  readonly #limits: SenderLimits;
  #broken: string | undefined;
  #listener: ((reason: string) => void) | undefined;

  constructor(socket: Socket, target: LogTarget, limits: SenderLimits) {
    this.#socket = socket;
    this.#target = target;
    this.#limits = limits;
    // A receiver sends nothing; what it sends is read, so that its end is seen.
    socket.resume();
    socket.setKeepAlive(true, 30_000);
    socket.on('error', (error) => this.#break(error.message));
    socket.on('end', () => this.#break('the receiver closed the connection'));
    socket.on('close', () => this.#break('the connection is gone'));
  }

  async send(messages: readonly string[]): Promise<void> {
    if (this.#broken !== undefined) throw new Error(this.#broken);
    const frame = this.#target.framing === 'line' ? frameLine : frameOctetCounted;
    const bytes = messages.map((message) => frame(cutOctets(message, this.#limits.messageBytesMax))).join('');
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#socket.destroy();
        reject(new Error('the receiver takes nothing'));
      }, this.#limits.idleMs);
      this.#socket.write(bytes, (error) => {
        clearTimeout(timer);
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  onBreak(listener: (reason: string) => void): void {
    this.#listener = listener;
  }

  close(): void {
    this.#listener = undefined;
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #break(reason: string): void {
    if (this.#broken !== undefined) return;
    this.#broken = reason;
    this.#socket.destroy();
    this.#listener?.(reason);
  }
}
