/** A value that is usually ready now. Callers await only when they are handed a promise. */
export type MaybePromise<T> = T | Promise<T>;

/** Why a wire stopped. `clean` is a FIN from the peer; the others are failures. */
export type WireEnd = 'clean' | 'reset' | 'timeout' | 'closed-here' | 'error';

/**
 * One byte stream with one peer, seen from a session.
 *
 * Sessions pull: at most one chunk waits unread, then the socket is paused and TCP itself tells the
 * peer to slow down. So a session that waits for a verdict stops its own peer, and no queue grows.
 */
export interface Wire {
  /** Address of the peer without port, IPv4-mapped IPv6 written as IPv4. */
  readonly peerAddress: string;
  readonly peerPort: number;
  /** Address and port of this end. */
  readonly localAddress: string;
  readonly localPort: number;
  /** True when the bytes travel inside TLS. */
  readonly encrypted: boolean;
  /** `undefined` until the wire has ended; `clean` means that the peer sent FIN. */
  readonly ended: WireEnd | undefined;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /**
   * The next chunk, or `undefined` at the end of the stream. The bytes are valid until the next call
   * of `read`: whoever keeps them longer copies them.
   */
  read(): MaybePromise<Uint8Array | undefined>;
  /**
   * Takes the bytes; await the result: a slow reader then slows us down instead of filling memory.
   * After the result the caller may reuse the bytes. Writing to an ended wire does nothing.
   */
  write(bytes: Uint8Array): MaybePromise<void>;
  /** The same for several pieces that belong together: one system call where possible. */
  writeAll(pieces: readonly Uint8Array[]): MaybePromise<void>;
  /** Silence after which the wire ends with `timeout`; replaces the value before. 0 means none. */
  setIdle(idleMs: number): void;
  /** Ends the wire with `timeout` after this time, whatever happens on it; 0 takes the deadline away. */
  setDeadline(deadlineMs: number): void;
  /** Sends FIN after what was written. The other direction stays open. */
  end(): void;
  /** Cuts the stream at once; `reset` sends RST, so that the peer sees a failure and not an end. */
  destroy(how?: 'reset'): void;
  /** Called when the peer sends FIN: it will say no more, but may still listen. At most one listener. */
  onFin(listener: (() => void) | undefined): void;
  /** Called once, when the wire has ended in a way other than `clean`, or has closed. At most one listener. */
  onClose(listener: ((end: WireEnd) => void) | undefined): void;
}
