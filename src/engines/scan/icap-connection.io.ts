import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodeChunk, LAST_CHUNK } from '../../protocols/http1/index.ts';
import {
  encodePreview,
  encodeRequest,
  type IcapOptions,
  IcapResponseDecoder,
  type IcapResponseHead,
  readOptions,
} from '../../protocols/icap/index.ts';
import { drained } from './drained.io.ts';
import { type IcapAnswer, readIcapAnswer } from './icap-answer.ts';

export interface IcapTarget {
  /** `icap://host:port/service`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** PEM, of the authorities that are trusted besides; `undefined`: those of the system. */
  readonly ca: string | undefined;
}

/** Heads of answers are short; bodies are block pages or what was sent. */
const LIMITS = {
  headBytesMax: 65_536,
  targetBytesMax: 8192,
  fieldsMax: 200,
  chunkLineBytesMax: 256,
  trailerBytesMax: 8192,
  encapsulatedBytesMax: 131_072,
};
const OPTIONS_MEMBERS_MAX = 100;
const CHUNK_BYTES = 64 * 1024;
/** A scanner cannot know where the file is from. */
const REQUEST = Buffer.from('GET http://scan.invalid/ HTTP/1.1\r\nHost: scan.invalid\r\n\r\n');

/** One connection to an ICAP service (RFC 3507), one request after the other. */
export class IcapConnection {
  readonly #socket: Socket;
  readonly #target: IcapTarget;
  readonly #decoder = new IcapResponseDecoder(LIMITS);
  readonly #chunks: Buffer[] = [];
  #wake: (() => void) | undefined;
  #gone: Error | undefined;
  #busy = false;
  /** Requests that were answered. */
  answers = 0;
  onGone: () => void = () => {};

  private constructor(socket: Socket, target: IcapTarget) {
    this.#socket = socket;
    this.#target = target;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      // What nobody waits for is read when somebody does.
      if (this.#chunks.length > 16) socket.pause();
      this.#wake?.();
    });
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the ICAP service closed the connection')));
  }

  static open(target: IcapTarget, connectMs: number): Promise<IcapConnection> {
    return new Promise((resolve, reject) => {
      const { host, port, ca } = target;
      const socket = target.isTls
        ? connectTls({
            host,
            port,
            servername: isIP(host) === 0 ? host : '',
            ...(ca === undefined ? {} : { ca }),
          })
        : connect({ host, port });
      const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), connectMs);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      socket.once(target.isTls ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(new IcapConnection(socket, target));
      });
    });
  }

  get usable(): boolean {
    return this.#gone === undefined && !this.#busy && this.#chunks.length === 0 && !this.#decoder.hasBuffered;
  }

  /** Idle connections do not keep a process alive. */
  idle(isIdle: boolean): void {
    if (isIdle) this.#socket.unref();
    else this.#socket.ref();
  }

  /** What the service says of itself. Throws when it does not answer with 200. */
  async options(): Promise<IcapOptions & { readonly istag: string | undefined }> {
    this.#begin('OPTIONS', false);
    this.#socket.write(Buffer.concat(this.#request('OPTIONS', undefined, undefined)));
    const head = await this.#head();
    if (head.status !== 200) throw new Error(`OPTIONS was answered with ${head.status} ${head.reason}`);
    const options = { ...readOptions(head, OPTIONS_MEMBERS_MAX), istag: head.istag };
    await this.#skipBody();
    this.#done(head);
    return options;
  }

  /** Sends a file as the body of a response, and reads what the service made of it. */
  async scan(file: {
    readonly body: AsyncIterable<Uint8Array>;
    readonly bytes: number;
    readonly sha256: string;
    /** As the service asked for in its OPTIONS; `undefined`: none. */
    readonly preview: number | undefined;
  }): Promise<IcapAnswer> {
    const { body, bytes, preview } = file;
    const pieces = body[Symbol.asyncIterator]();
    const isPreviewed = preview !== undefined;
    this.#begin('RESPMOD', isPreviewed);
    const response = Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes}\r\n\r\n`,
    );
    const head = this.#request('RESPMOD', response, preview);
    if (!isPreviewed) {
      this.#socket.write(Buffer.concat(head));
      return this.#final(pieces, [], file);
    }
    const start: Uint8Array[] = [];
    let length = 0;
    // One byte more tells whether there is more.
    while (length <= preview) {
      const { done, value } = await pieces.next();
      if (done === true) break;
      start.push(value);
      length += value.length;
    }
    const shown = encodePreview(Buffer.concat(start), preview, length <= preview);
    this.#socket.write(Buffer.concat([...head, ...shown.pieces]));
    if (shown.ieof) return this.#answer(await this.#head(), file.sha256);
    const first = await this.#head();
    return first.informational ? this.#final(pieces, [shown.rest], file) : this.#answer(first, file.sha256);
  }

  /** The rest of the body goes out while the answer is waited for: it may come before the end. */
  async #final(
    pieces: AsyncIterator<Uint8Array>,
    first: readonly Uint8Array[],
    { sha256 }: { readonly sha256: string },
  ): Promise<IcapAnswer> {
    let isAnswered = false;
    let isSent = false;
    const send = async (): Promise<void> => {
      for (const piece of first) await this.#send(piece);
      for (let next = await pieces.next(); next.done !== true && !isAnswered; next = await pieces.next()) {
        await this.#send(next.value);
      }
      if (isAnswered) return;
      this.#socket.write(LAST_CHUNK);
      isSent = true;
    };
    const sending = send();
    // Without a handler while the answer is read.
    sending.catch(() => undefined);
    const answer = await Promise.race([
      this.#head(),
      // A body that cannot be read ends it; one that was sent waits for the answer.
      sending.then(() => new Promise<never>(() => undefined)),
    ]);
    isAnswered = true;
    const result = await this.#answer(answer, sha256);
    // What was not sent is still expected: the connection ends with it.
    if (!isSent) this.destroy();
    return result;
  }

  async #send(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length && this.#gone === undefined; at += CHUNK_BYTES) {
      const chunk = Buffer.concat(encodeChunk(piece.subarray(at, at + CHUNK_BYTES)));
      if (!this.#socket.write(chunk)) await drained(this.#socket);
    }
  }

  async #answer(head: IcapResponseHead, sha256: string): Promise<IcapAnswer> {
    const answer = await readIcapAnswer(head, sha256, () => this.#body());
    this.#done(head);
    return answer;
  }

  #request(method: 'OPTIONS' | 'RESPMOD', response: Uint8Array | undefined, preview: number | undefined) {
    const { url, host } = this.#target;
    return encodeRequest({
      method,
      target: url,
      host,
      allow: ['204'],
      fields: [],
      keepAlive: true,
      ...(preview === undefined ? {} : { preview }),
      ...(response === undefined
        ? {}
        : { encapsulated: { request: REQUEST, response, body: 'res-body' as const } }),
    });
  }

  #begin(method: 'OPTIONS' | 'RESPMOD', previewed: boolean): void {
    if (this.#gone !== undefined) throw this.#gone;
    this.#busy = true;
    this.#decoder.begin({ method, previewed });
  }

  #done(head: IcapResponseHead): void {
    this.#busy = false;
    this.answers++;
    if (!head.keepAlive) this.destroy();
  }

  async #head(): Promise<IcapResponseHead> {
    for (;;) {
      const event = this.#decoder.next();
      if (event.kind === 'head') return event.head;
      if (event.kind === 'need-data') await this.#more();
      else throw unreadable(event);
    }
  }

  /** The next piece of the body; `undefined`: it is over. */
  async #body(): Promise<Uint8Array | undefined> {
    for (;;) {
      const event = this.#decoder.next();
      if (event.kind === 'body') return event.bytes;
      if (event.kind === 'end') return undefined;
      if (event.kind === 'need-data') await this.#more();
      else throw unreadable(event);
    }
  }

  async #skipBody(): Promise<void> {
    while ((await this.#body()) !== undefined);
  }

  async #more(): Promise<void> {
    while (this.#chunks.length === 0) {
      if (this.#gone !== undefined) throw this.#gone;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#decoder.receive(this.#chunks.shift()!);
    if (this.#chunks.length === 0) this.#socket.resume();
  }

  #end(error: Error): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    this.#wake?.();
    this.onGone();
  }

  destroy(error: Error = new Error('the connection was given up')): void {
    this.#end(error);
    this.#socket.destroy();
  }
}

function unreadable(event: { readonly kind: string; readonly code?: string }): Error {
  return new Error(`what the ICAP service answers cannot be read: ${event.code ?? event.kind}`);
}
