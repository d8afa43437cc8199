import { connect, type Socket } from 'node:net';
import { chunkHead } from './clamd-wire.ts';
import { drained } from './drained.io.ts';

export interface ClamdTarget {
  /** Goes before host and port. */
  readonly socket: string | undefined;
  readonly host: string | undefined;
  readonly port: number;
}

/** An answer of clamd is one line; names of signatures are short. */
const ANSWER_MAX = 4096;
/** clamd reads a chunk into memory as a whole. */
const CHUNK_BYTES = 64 * 1024;

/** The connection broke before an answer. `answered`: of this connection there was one before. */
export class ClamdGone extends Error {
  override readonly name = 'ClamdGone';
}

/** A session with clamd (IDSESSION): one command after the other over one connection. */
export class ClamdConnection {
  readonly #socket: Socket;
  #received = '';
  #waiting: { resolve(line: string): void; reject(error: Error): void } | undefined;
  #gone: Error | undefined;
  /** Commands that were answered. */
  answers = 0;
  onGone: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new ClamdGone('clamd closed the connection')));
    socket.write('zIDSESSION\0');
  }

  static open(target: ClamdTarget, connectMs: number): Promise<ClamdConnection> {
    return new Promise((resolve, reject) => {
      const socket =
        target.socket === undefined
          ? connect({ host: target.host ?? 'localhost', port: target.port })
          : connect({ path: target.socket });
      const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), connectMs);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(new ClamdConnection(socket));
      });
    });
  }

  get usable(): boolean {
    return this.#gone === undefined && this.#waiting === undefined;
  }

  /** Idle connections do not keep a process alive. */
  idle(isIdle: boolean): void {
    if (isIdle) this.#socket.unref();
    else this.#socket.ref();
  }

  /** Sends a command and waits for its one line. */
  async ask(command: string): Promise<string> {
    const answer = this.#answer();
    this.#socket.write(`z${command}\0`);
    return answer;
  }

  /** Sends a stream; an answer that comes before its end (a limit) ends the sending. */
  async stream(body: AsyncIterable<Uint8Array>): Promise<string> {
    const answer = this.#answer();
    let isAnswered = false;
    answer.then(
      () => (isAnswered = true),
      () => (isAnswered = true),
    );
    this.#socket.write('zINSTREAM\0');
    for await (const bytes of body) {
      for (let at = 0; at < bytes.length && !isAnswered; at += CHUNK_BYTES) {
        const chunk = bytes.subarray(at, at + CHUNK_BYTES);
        this.#socket.write(chunkHead(chunk.length));
        if (!this.#socket.write(chunk)) await drained(this.#socket);
      }
      if (isAnswered) break;
    }
    if (!isAnswered) this.#socket.write(chunkHead(0));
    return answer;
  }

  #answer(): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== undefined) return void reject(this.#gone);
      this.#waiting = { resolve, reject };
    });
  }

  #receive(bytes: Buffer): void {
    this.#received += bytes.toString('latin1');
    const end = this.#received.indexOf('\0');
    if (end < 0) {
      if (this.#received.length > ANSWER_MAX) this.destroy(new ClamdGone('the answer of clamd is too long'));
      return;
    }
    const line = this.#received.slice(0, end);
    this.#received = this.#received.slice(end + 1);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.answers++;
    waiting?.resolve(line);
  }

  #end(error: Error): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
    this.onGone();
  }

  destroy(error?: Error): void {
    if (error !== undefined) this.#end(error);
    this.#socket.destroy();
  }
}
