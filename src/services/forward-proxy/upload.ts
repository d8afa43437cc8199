import type { BodyGate } from '../../engines/exchange/index.ts';
import type { MaybePromise, Wire } from '../../kernel/index.ts';
import { encodeChunk, encodeLastChunk, type RequestDecoder } from '../../protocols/http1/index.ts';

/** How far the request body has got; changes while the answer is relayed. */
export interface Upload {
  readonly state: 'running' | 'complete' | 'cut';
  readonly violation: string | undefined;
  /** Why policy does not let the body on; `too-long`: nobody could keep it until its verdict. */
  readonly refused: 'by-policy' | 'too-long' | undefined;
}

export interface Uploaded {
  /** Of the request, encoded. */
  readonly head: Uint8Array;
  /** Rules may change the head once the body is known: it goes with the first byte of the body. */
  readonly headWaits: boolean;
  readonly decoder: RequestDecoder;
  readonly client: Wire;
  readonly upstream: Wire;
  readonly chunked: boolean;
  /** A rule wants the body looked at before it is whole on the other side. */
  readonly gate: BodyGate | undefined;
  /** The gate has nothing more to wait for. Gives the head as it is to go; `hasGone`: it is on its way already. */
  onJudged(hasGone: boolean): Uint8Array;
}

/**
 * Sends the request body on, beside the answer. A body that is cut or breaks the framing resets the
 * upstream connection, so that the server does not take it for a whole one.
 */
export function upload(given: Uploaded): Upload {
  const uploading = new Uploading(given);
  void uploading.run();
  return uploading;
}

class Uploading implements Upload {
  state: Upload['state'] = 'running';
  violation: string | undefined = undefined;
  refused: Upload['refused'] = undefined;
  readonly #given: Uploaded;
  #headHasGone = false;

  constructor(given: Uploaded) {
    this.#given = given;
    if (!given.headWaits) this.#sendHead(given.head);
  }

  async run(): Promise<void> {
    const { decoder } = this.#given;
    for (;;) {
      const event = decoder.next();
      switch (event.kind) {
        case 'need-data': {
          const read = this.#read();
          if (!(read instanceof Promise ? await read : read)) return this.#cut(undefined);
          continue;
        }
        case 'body': {
          const passed = this.#body(event.bytes);
          if (!(passed instanceof Promise ? await passed : passed)) return;
          continue;
        }
        case 'end':
          return this.#end(event.trailers);
        case 'violation':
          return this.#cut(event.code);
        case 'head':
        case 'closed':
          return this.#cut(undefined);
      }
    }
  }

  /** False: the client went away. */
  #read(): MaybePromise<boolean> {
    const read = this.#given.client.read();
    return read instanceof Promise ? read.then((chunk) => this.#took(chunk)) : this.#took(read);
  }

  #took(chunk: Uint8Array | undefined): boolean {
    const { client, decoder } = this.#given;
    if (chunk !== undefined) decoder.receive(chunk);
    else if (client.ended === 'clean') decoder.receiveEnd();
    else return false;
    return true;
  }

  /** False: nothing more of it goes on. */
  #body(bytes: Uint8Array): MaybePromise<boolean> {
    const { gate } = this.#given;
    if (gate !== undefined) return this.#guard(gate, bytes);
    const written = this.#send(bytes);
    return written instanceof Promise ? written.then(() => this.#goesOn()) : this.#goesOn();
  }

  async #guard(gate: BodyGate, bytes: Uint8Array): Promise<boolean> {
    const taken = gate.take(bytes);
    if (taken instanceof Promise) await taken;
    if (gate.isOver) {
      this.#refuse('by-policy');
      return false;
    }
    for (const piece of gate.released()) {
      this.#sendHead(this.#given.head);
      await this.#send(piece);
    }
    gate.recycle();
    return this.#goesOn();
  }

  #goesOn(): boolean {
    if (this.#given.upstream.ended === undefined) return true;
    this.#cut(undefined);
    return false;
  }

  async #end(trailers: Uint8Array | undefined): Promise<void> {
    const { gate, chunked, upstream } = this.#given;
    if (gate !== undefined && !(await this.#pass(gate))) return;
    if (chunked) void upstream.write(encodeLastChunk(trailers));
    this.state = 'complete';
  }

  async #pass(gate: BodyGate): Promise<boolean> {
    const result = await gate.finish();
    const head = this.#given.onJudged(this.#headHasGone);
    if (result !== 'pass') {
      this.#refuse(result === 'refused' ? 'by-policy' : result);
      return false;
    }
    this.#sendHead(head);
    for await (const piece of gate.rest()) if (piece.length > 0) await this.#send(piece);
    return this.#goesOn();
  }

  #sendHead(bytes: Uint8Array): void {
    if (this.#headHasGone) return;
    this.#headHasGone = true;
    void this.#given.upstream.write(bytes);
  }

  #send(bytes: Uint8Array): MaybePromise<void> {
    const { chunked, upstream } = this.#given;
    return chunked ? upstream.writeAll(encodeChunk(bytes)) : upstream.write(bytes);
  }

  #refuse(why: 'by-policy' | 'too-long'): void {
    this.refused = why;
    this.#cut(undefined);
  }

  #cut(violation: string | undefined): void {
    this.state = 'cut';
    this.violation = violation;
    this.#given.upstream.destroy('reset');
  }
}
