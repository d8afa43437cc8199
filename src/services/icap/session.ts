import type { MaybePromise, Served, Wire } from '../../kernel/index.ts';
import {
  ICAP_VIOLATIONS,
  IcapRequestDecoder,
  type IcapRequestEvent,
  type IcapRequestHead,
  type IcapStop,
  type IcapViolationStop,
} from '../../protocols/icap/index.ts';
import { adapt } from './adapt.ts';
import { optionsAnswer, refusal, REFUSALS, type RefusalCode } from './answers.ts';
import type { IcapContext } from './context.ts';
import { Patience } from './patience.ts';
import { Transaction } from './transaction.ts';
import { type After, afterWrite, type Turn } from './turn.ts';

/** Our last words reach a client that still sends only if it gets the time to read them. */
const LAST_WORDS_MS = 2000;

/** One connection of an ICAP client, from its first request to its last. */
export function serveIcap(wire: Wire, context: IcapContext): Promise<Served> {
  return new Session(wire, context).serve();
}

class Session implements Turn {
  readonly wire: Wire;
  readonly context: IcapContext;
  readonly decoder: IcapRequestDecoder;
  waiting = true;
  #transaction: Transaction | undefined;
  /** The client has sent the whole of the message that is being answered. */
  #isOver = false;
  #readBefore = 0;
  /** When the transaction must be over, on the clock; `undefined`: it has not had to wait for its client. */
  #dueMs: number | undefined = undefined;
  /** The client has got our last words: what still comes from it is nobody's. */
  #isGone = false;
  readonly #patience: Patience;
  readonly #idleMs: number;
  readonly #headMs: number;

  constructor(wire: Wire, context: IcapContext) {
    this.wire = wire;
    this.context = context;
    this.decoder = new IcapRequestDecoder(context.limits);
    this.#patience = new Patience(context.clock, context.later, () => this.#tooLate());
    const { idleMs, headMs } = context.config.listeners[wire.encrypted ? 'icaps' : 'icap'];
    this.#idleMs = idleMs;
    this.#headMs = headMs;
  }

  async serve(): Promise<Served> {
    const { context, wire } = this;
    context.sessions.set(wire, this);
    context.counters.connections.add(1);
    try {
      await this.#serve();
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.#patience.end();
      this.#transaction?.finish('cut');
      context.counters.connections.add(-1);
    }
  }

  async #serve(): Promise<void> {
    for (;;) {
      const event = this.next();
      switch (event.kind) {
        case 'need-data': {
          const more = this.more();
          if (!(more instanceof Promise ? await more : more)) return;
          continue;
        }
        case 'head': {
          const handled = this.#handle(event.head);
          const after = handled instanceof Promise ? await handled : handled;
          if (after === 'close') return;
          if (this.#isOver) this.#over();
          continue;
        }
        case 'body':
        case 'preview-end':
          // Of a request that has been answered.
          continue;
        case 'end':
          // `next` has seen it.
          this.#over();
          continue;
        case 'paused':
          this.decoder.answered();
          this.#over();
          continue;
        case 'violation':
          await this.#reject(event);
          return;
        case 'closed':
          return;
      }
    }
  }

  #over(): void {
    this.#isOver = false;
    if (this.#dueMs !== undefined) this.wire.setDeadline(0);
    this.#dueMs = undefined;
    this.#transaction = undefined;
    this.#patience.rest();
    this.wire.setIdle(this.#idleMs);
  }

  /** The next event of the message under way. */
  next(): IcapRequestEvent | IcapStop {
    const event = this.decoder.next();
    if (event.kind === 'end') this.#isOver = true;
    return event;
  }

  /** Reads the wire. False: there is nothing more. */
  more(): MaybePromise<boolean> {
    const { context, wire } = this;
    const isInside = this.#transaction !== undefined;
    this.waiting = !isInside && !this.decoder.hasBuffered;
    if (isInside) {
      const { bodyIdleMs } = context.config.icap;
      const leftMs = this.#leftMs();
      if (leftMs <= 0) {
        this.#tooLate();
        return false;
      }
      this.#patience.wait(Math.min(bodyIdleMs, leftMs));
      // Patience answers; silence of the wire, which would not, comes after it.
      wire.setIdle(Math.max(this.#idleMs, 2 * bodyIdleMs));
    } else if (this.decoder.hasBuffered) this.#headBegins();
    const read = wire.read();
    return read instanceof Promise ? read.then((chunk) => this.#took(chunk)) : this.#took(read);
  }

  /** Of the time of the transaction. The wire ends it a little later, if the client does not even take an answer. */
  #leftMs(): number {
    const { clock, config } = this.context;
    const { transactionMs } = config.icap;
    const nowMs = clock.monotonic();
    if (this.#dueMs === undefined) {
      this.#dueMs = nowMs + transactionMs;
      this.wire.setDeadline(transactionMs + LAST_WORDS_MS);
    }
    return this.#dueMs - nowMs;
  }

  #headHasBegun = false;

  /** The rest of a head that has begun must come in time; a whole head never gets here. */
  #headBegins(): void {
    if (this.#headHasBegun) return;
    this.#headHasBegun = true;
    this.#patience.wait(this.#headMs);
  }

  #took(chunk: Uint8Array | undefined): boolean {
    if (this.#isGone) return false;
    if (this.#transaction !== undefined) this.#patience.rest();
    if (chunk !== undefined) this.decoder.receive(chunk);
    else if (this.wire.ended === 'clean' && this.decoder.hasBuffered) this.decoder.receiveEnd();
    else if (this.wire.ended === 'clean' && this.#transaction !== undefined) this.decoder.receiveEnd();
    else return false;
    return true;
  }

  #handle(head: IcapRequestHead): MaybePromise<After> {
    this.waiting = false;
    this.#headHasBegun = false;
    this.#patience.rest();
    const tx = this.#begin(head);
    const service = this.context.services.find(head.address);
    if (service === undefined) return this.#refuse(tx, 'ICAP_SERVICE_UNKNOWN', head);
    tx.service = service;
    if (head.method === 'OPTIONS') {
      const done = this.wire.writeAll(optionsAnswer(tx, service));
      tx.finish('options');
      return afterWrite(done, tx.keepAlive ? 'next' : 'close');
    }
    if (!service.methods.includes(head.method)) {
      return this.#refuse(tx, 'ICAP_METHOD_NOT_FOR_SERVICE', head);
    }
    return adapt(this, tx, service, head);
  }

  #begin(head: IcapRequestHead | undefined): Transaction {
    const tx = new Transaction(this.context, this.wire, head, this.#readBefore);
    this.#readBefore = this.wire.bytesRead;
    this.#transaction = tx;
    return tx;
  }

  /** A body that is still to come is not waited for: the connection ends with the answer. */
  #refuse(tx: Transaction, code: RefusalCode, head: IcapRequestHead): MaybePromise<After> {
    if (head.body !== 'null-body') tx.keepAlive = false;
    const [status, sentence] = REFUSALS[code];
    const done = this.wire.writeAll(refusal(tx, status, code, sentence));
    tx.finish('rejected');
    return afterWrite(done, tx.keepAlive ? 'next' : 'close');
  }

  /** The door answers by itself from here on: code and sentence of its own table. */
  refuse(tx: Transaction, code: RefusalCode): MaybePromise<After> {
    tx.keepAlive = false;
    const [status, sentence] = REFUSALS[code];
    const done = this.wire.writeAll(refusal(tx, status, code, sentence));
    tx.finish(status === 500 ? 'failed' : 'rejected');
    return afterWrite(done, 'close');
  }

  /** A message that cannot be understood in exactly one way. */
  async #reject({ code, status }: IcapViolationStop): Promise<void> {
    const tx = this.#transaction ?? this.#begin(undefined);
    await this.violated(tx, { kind: 'violation', code, status });
  }

  async violated(tx: Transaction, { code, status }: IcapViolationStop): Promise<After> {
    this.context.counters.violation(code);
    tx.keepAlive = false;
    tx.error = code;
    // Behind the head of an answer another one would be taken for its body.
    if (tx.hasAnswered) this.wire.destroy('reset');
    else await this.wire.writeAll(refusal(tx, status, code, ICAP_VIOLATIONS[code].reason));
    tx.finish('rejected');
    return 'close';
  }

  #tooLate(): void {
    const tx = this.#transaction ?? this.#begin(undefined);
    const [status, sentence] = REFUSALS.ICAP_TOO_SLOW;
    tx.error = 'ICAP_TOO_SLOW';
    if (tx.hasAnswered) {
      tx.finish('cut');
      this.wire.destroy('reset');
      return;
    }
    tx.keepAlive = false;
    this.#isGone = true;
    void this.wire.writeAll(refusal(tx, status, 'ICAP_TOO_SLOW', sentence));
    tx.finish('rejected');
    this.wire.end();
    this.wire.setDeadline(LAST_WORDS_MS);
  }

  async #failed(error: unknown): Promise<void> {
    const tx = this.#transaction;
    this.context.log.error('icap.bug', { error });
    if (tx === undefined || tx.hasAnswered) {
      this.wire.destroy('reset');
      return;
    }
    tx.error = 'ICAP_FAILED';
    await this.refuse(tx, 'ICAP_FAILED');
  }
}
