import type { MaybePromise, Wire } from '../../kernel/index.ts';
import type {
  IcapRequestDecoder,
  IcapRequestEvent,
  IcapStop,
  IcapViolationStop,
} from '../../protocols/icap/index.ts';
import type { RefusalCode } from './answers.ts';
import type { IcapContext } from './context.ts';
import type { Transaction } from './transaction.ts';

/** What a request leaves behind: the connection goes on, or is over. */
export type After = 'next' | 'close';

/** The connection as those see it who answer one request of it. */
export interface Turn {
  readonly wire: Wire;
  readonly context: IcapContext;
  readonly decoder: IcapRequestDecoder;
  /** The next event of the message under way. */
  next(): IcapRequestEvent | IcapStop;
  /** Reads the wire. False: there is nothing more. */
  more(): MaybePromise<boolean>;
  /** The door answers by itself from here on: code and sentence of its own table. */
  refuse(tx: Transaction, code: RefusalCode): MaybePromise<After>;
  violated(tx: Transaction, stop: IcapViolationStop): Promise<After>;
}

export function afterWrite(done: MaybePromise<void>, after: After): MaybePromise<After> {
  return done instanceof Promise ? done.then(() => after) : after;
}

export function next(tx: Transaction): After {
  return tx.keepAlive ? 'next' : 'close';
}

/** The client went away in the middle, or has had its last words. */
export function cut(tx: Transaction): After {
  if (tx.isFinished) return 'close';
  tx.error ??= 'connection_terminated';
  tx.wire.destroy('reset');
  tx.finish('cut');
  return 'close';
}
