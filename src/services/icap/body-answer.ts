import type { FileVerdict, MaybePromise } from '../../kernel/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';
import type { Scan } from '../../engines/scan/index.ts';
import { encodeChunk, LAST_CHUNK } from '../../protocols/http1/index.ts';
import { encodeOriginalBody } from '../../protocols/icap/index.ts';
import { answer, refusal, REFUSALS, unmodified, verdictFields } from './answers.ts';
import type { Result } from './context.ts';
import { HeldBody } from '../../engines/exchange/index.ts';
import type { MessageHeads } from './message-heads.ts';
import { type After, next } from './turn.ts';
import type { Transaction } from './transaction.ts';

export interface BodyAnswerOptions {
  /** Kept: they outlive reads of the wire. */
  readonly heads: MessageHeads;
  readonly edited: Uint8Array | undefined;
  readonly scan: Scan | undefined;
  readonly allows204: boolean;
  readonly allows206: boolean;
}

/**
 * Squid 5 that allows 206 keeps 64 KiB of a body for it, sends no more, and waits for the head of the answer. So the
 * answer begins before: less than that is held.
 */
const STALL_BYTES_MIN = 32_768;
/** What Squid keeps of a body, one byte short of its buffer. */
const SQUID_BYTES = 65_535;

/**
 * The way back of a body that may pass. Where the client keeps it itself (204, 206) nothing of it is held. Else it is
 * held until the verdict; of a long one only its end is, and what is before goes out (`icap.largeBodies`).
 */
export class BodyAnswer {
  readonly #tx: Transaction;
  readonly #options: BodyAnswerOptions;
  readonly #held: HeldBody;
  /** The body has to be sent unless a preview ends it: the client does not keep it. */
  #sends: boolean;
  /** It is held here; else whoever scans keeps it. */
  #streams: boolean;
  #edited: Uint8Array | undefined;
  #hasBegun = false;

  constructor(tx: Transaction, options: BodyAnswerOptions) {
    this.#tx = tx;
    this.#options = options;
    this.#held = new HeldBody(tx.context.held);
    this.#edited = options.edited;
    this.#sends = options.edited === undefined ? !options.allows204 : !options.allows206;
    // Without a scan nobody else keeps the body.
    this.#streams = options.scan === undefined || tx.context.config.icap.largeBodies === 'stream';
  }

  /** A byte of the answer is out: it can only be cut now. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The client can take its own body, now. */
  canSpare(inPreview: boolean): boolean {
    return !this.#sends || (inPreview && this.#edited === undefined);
  }

  /** Another head, before anything is out. False: it is too late, or nobody has kept the body that goes behind it. */
  change(edited: Uint8Array | undefined): boolean {
    if (edited === undefined) return true;
    if (this.#hasBegun) return false;
    const { allows206, scan } = this.#options;
    if (!this.#sends && !allows206) {
      if (scan?.replayable !== true) return false;
      this.#sends = true;
      this.#streams = false;
    }
    this.#edited = edited;
    return true;
  }

  take(bytes: Uint8Array): void {
    if (this.#sends && this.#streams) this.#held.add(bytes);
  }

  /**
   * Reads on, but not for ever. Squid 5.7 stops in the middle of a body, most often when 65,535 bytes of it are
   * out, until an answer begins. So it begins, with a byte of what is held.
   */
  async readOn(more: MaybePromise<boolean>): Promise<boolean> {
    if (!(more instanceof Promise) || !this.#sends || !this.#streams || this.#hasBegun) return more;
    const { later, config, stalling } = this.#tx.context;
    const { stallMs, keepAliveMs } = config.icap;
    const begin = (): void => {
      if (this.#held.bytes < STALL_BYTES_MIN) return;
      void this.#tx.wire.writeAll([...this.#begin(), ...encodeChunk(this.#held.take(1)[0]!)]);
    };
    const isSquid = this.#held.bytes === SQUID_BYTES;
    const timer = later(isSquid ? stallMs : keepAliveMs, () => {
      if (isSquid) stalling.add(this.#tx.wire.peerAddress);
      begin();
    });
    try {
      return await more;
    } finally {
      timer.cancel();
    }
  }

  /** Sends what need not be held any longer. `all`: the verdict is known. */
  release(all: boolean): MaybePromise<void> {
    const { allows204, allows206 } = this.#options;
    const stalls = (allows206 && !allows204) || this.#tx.context.stalling.has(this.#tx.wire.peerAddress);
    const window = all ? 0 : Math.min(this.#held.window, stalls ? STALL_BYTES_MIN : Infinity);
    if (this.#held.bytes <= window) return undefined;
    const pieces = this.#hasBegun ? [] : this.#begin();
    for (const piece of this.#held.take(this.#held.bytes - window)) pieces.push(...encodeChunk(piece));
    const done = this.#tx.wire.writeAll(pieces);
    if (done instanceof Promise) return done.then(() => this.#held.recycle());
    return this.#held.recycle();
  }

  /** Waits for the verdict; a client whose answer has begun gets a byte of it now and then, so that it waits too. */
  async awaken(verdict: Promise<FileVerdict>): Promise<FileVerdict> {
    if (!this.#hasBegun) return verdict;
    const { later, config } = this.#tx.context;
    let timer = later(config.icap.keepAliveMs, tick);
    const held = this.#held;
    const { wire } = this.#tx;
    function tick(): void {
      if (held.bytes > 1) void wire.writeAll(encodeChunk(held.take(1)[0]!));
      timer = later(config.icap.keepAliveMs, tick);
    }
    try {
      return await verdict;
    } finally {
      timer.cancel();
    }
  }

  /** The body may pass. `monitored`: what would have been done otherwise. */
  async pass(inPreview: boolean, monitored: PolicyDecision | undefined): Promise<After> {
    const tx = this.#tx;
    const { heads, allows206 } = this.#options;
    const edited = this.#edited;
    const fields = monitored === undefined ? [] : verdictFields(tx, monitored, true);
    if (this.#hasBegun || (this.#sends && !this.canSpare(inPreview))) {
      return this.#send(monitored);
    }
    if (edited === undefined) {
      await tx.wire.writeAll(unmodified(tx, fields));
      return this.#finish('unmodified', monitored);
    }
    tx.status = allows206 ? 206 : 200;
    const pieces = answer(tx, { status: 206, fields, encapsulated: heads.encapsulation(edited) });
    pieces.push(encodeOriginalBody(0));
    await tx.wire.writeAll(pieces);
    return this.#finish('modified', monitored);
  }

  close(): void {
    this.#held.clear();
  }

  async #send(monitored: PolicyDecision | undefined): Promise<After> {
    const { scan } = this.#options;
    const edited = this.#edited;
    const { wire } = this.#tx;
    const result = edited === undefined ? 'passed' : 'modified';
    if (!this.#streams) {
      if (scan?.replayable === false) return this.#tooLong();
      for await (const bytes of scan?.replay() ?? []) {
        if (bytes.length === 0) continue;
        const pieces = this.#hasBegun ? [] : this.#begin(monitored);
        pieces.push(...encodeChunk(bytes));
        await wire.writeAll(pieces);
        if (wire.ended !== undefined && wire.ended !== 'clean') break;
      }
    }
    const pieces = this.#hasBegun ? [] : this.#begin(monitored);
    for (const piece of this.#held.take()) pieces.push(...encodeChunk(piece));
    pieces.push(LAST_CHUNK);
    await wire.writeAll(pieces);
    return this.#finish(result, monitored);
  }

  async #tooLong(): Promise<After> {
    const tx = this.#tx;
    const [status, sentence] = REFUSALS.ICAP_BODY_NOT_KEPT;
    await tx.wire.writeAll(refusal(tx, status, 'ICAP_BODY_NOT_KEPT', sentence));
    tx.finish('rejected');
    return next(tx);
  }

  #begin(monitored?: PolicyDecision): Uint8Array[] {
    const tx = this.#tx;
    const { heads } = this.#options;
    const edited = this.#edited;
    this.#hasBegun = true;
    tx.status = 200;
    return answer(tx, {
      status: 200,
      fields: monitored === undefined ? [] : verdictFields(tx, monitored, true),
      encapsulated: heads.encapsulation(edited),
    });
  }

  #finish(result: Result, monitored: PolicyDecision | undefined): After {
    this.#tx.finish(monitored === undefined ? result : 'monitored');
    return next(this.#tx);
  }
}
