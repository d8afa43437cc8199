import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { plainAddress, type MaybePromise, type Wire, type WireEnd } from '../kernel/index.ts';
import type { IdleWatch, Watched } from './idle-watch.io.ts';
import { BULK_BYTES, type ReadBuffers } from './read-buffers.io.ts';
import { type SocketListener, TcpSocket } from './tcp-socket.io.ts';

const WIRE = Symbol('wire');
const EMPTY = Buffer.alloc(0);
/** Up to here pieces are joined by a copy: cheaper than a gathered write. */
const JOIN_BYTES_MAX = 16_384;
/** After our FIN we read and discard this long, so that a peer still sending is not reset before it has read our answer. */
const LINGER_MS = 2_000;

type WiredSocket = (Socket | TLSSocket) & { [WIRE]?: SocketWire };

/** Whoever made the wire and wants to know when it is gone. */
export interface WireOwner {
  readonly watch: IdleWatch;
  released(wire: SocketWire): void;
}

/**
 * A socket as a `Wire`. Listeners are shared functions that find their wire on the socket, and there are
 * no timers: ten thousands of idle tunnels must not carry a closure for each event.
 */
export class SocketWire implements Wire, Watched, SocketListener {
  readonly socket: Socket | TcpSocket;
  readonly peerAddress: string;
  ended: WireEnd | undefined;
  idleMs = 0;
  active = true;
  quietSince = 0;
  #closed = false;
  #unread: Uint8Array | undefined;
  #reader: ((chunk: Uint8Array | undefined) => void) | undefined;
  #writer: (() => void) | undefined;
  #sink: ((chunk: Uint8Array | undefined) => void) | undefined;
  #closeListener: ((end: WireEnd) => void) | undefined;
  #finListener: (() => void) | undefined;
  #deadline: NodeJS.Timeout | undefined;
  readonly #owner: WireOwner;
  /** Set for those that read through `ReadBuffers`: TCP without TLS. */
  readonly #buffers: ReadBuffers | undefined;
  #bulk = false;
  /** Block of the chunk that the reader has now, and of the one that waits for it. */
  #loan: Buffer | undefined;
  #unreadLoan: Buffer | undefined;
  /** Bytes that the kernel did not take yet, when last looked at. */
  #queued = 0;

  constructor(socket: Socket | TcpSocket, owner: WireOwner, buffers?: ReadBuffers) {
    this.socket = socket;
    this.#owner = owner;
    this.#buffers = buffers;
    owner.watch.add(this);
    if (socket instanceof TcpSocket) {
      this.peerAddress = socket.remoteAddress;
      if (buffers !== undefined) socket.listen(this, buffers.shared);
      return;
    }
    this.peerAddress = plainAddress(socket.remoteAddress ?? '');
    (socket as WiredSocket)[WIRE] = this;
    socket.on('data', onData);
    socket.on('end', onEnd);
    socket.on('close', onClosed);
    socket.on('error', onError);
    if (socket.destroyed) this.#finish('reset');
  }

  get peerPort(): number {
    return this.socket.remotePort ?? 0;
  }

  get localPort(): number {
    return this.socket.localPort ?? 0;
  }

  get localAddress(): string {
    return plainAddress(this.socket.localAddress ?? '');
  }

  get encrypted(): boolean {
    return 'encrypted' in this.socket;
  }

  get bytesRead(): number {
    return this.socket.bytesRead;
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten;
  }

  read(): MaybePromise<Uint8Array | undefined> {
    this.#returnLoan();
    const chunk = this.#unread;
    if (chunk !== undefined) {
      this.#unread = undefined;
      this.#loan = this.#unreadLoan;
      this.#unreadLoan = undefined;
      if (this.socket.isPaused()) this.socket.resume();
      return chunk;
    }
    if (this.ended !== undefined) return undefined;
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  write(bytes: Uint8Array): MaybePromise<void> {
    if (this.#closed || this.socket.writableEnded) return undefined;
    this.active = true;
    this.socket.write(bytes);
    return this.socket.writableLength === 0 ? undefined : this.#flushed();
  }

  writeAll(pieces: readonly Uint8Array[]): MaybePromise<void> {
    if (pieces.length === 1) return this.write(pieces[0]!);
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (length <= JOIN_BYTES_MAX) return this.write(joined(pieces, length));
    if (this.#closed || this.socket.writableEnded) return undefined;
    this.active = true;
    this.socket.cork();
    for (const piece of pieces) this.socket.write(piece);
    this.socket.uncork();
    return this.socket.writableLength === 0 ? undefined : this.#flushed();
  }

  setIdle(idleMs: number): void {
    if (idleMs === this.idleMs) return;
    this.idleMs = idleMs;
    // The time counts from now, not from the last byte.
    this.active = true;
    this.#owner.watch.limit(idleMs);
  }

  setDeadline(deadlineMs: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = deadlineMs > 0 ? setTimeout(expired, deadlineMs, this) : undefined;
  }

  end(): void {
    // A second `end` would cost an error object with its stack.
    if (!this.#closed && !this.socket.writableEnded && !this.socket.destroyed) this.socket.end();
  }

  destroy(how?: 'reset'): void {
    if (this.#closed) return;
    this.#finish('closed-here');
    if (how === 'reset') this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  /** Sends what is left, then FIN; discards what still comes, for a moment, and closes. */
  linger(): void {
    if (this.#closed) return;
    if (this.ended !== undefined && this.ended !== 'clean') {
      this.destroy();
      return;
    }
    this.#closeListener = undefined;
    this.#unread = undefined;
    this.#sink = discard;
    if (this.socket.isPaused()) this.socket.resume();
    this.end();
    if (this.ended !== 'clean') this.setDeadline(LINGER_MS);
  }

  onClose(listener: ((end: WireEnd) => void) | undefined): void {
    this.#closeListener = listener;
  }

  onFin(listener: (() => void) | undefined): void {
    this.#finListener = listener;
    if (this.ended === 'clean') listener?.();
  }

  /** Push instead of pull, for tunnels: every chunk goes to `sink`, `undefined` is the end. */
  setSink(sink: (chunk: Uint8Array | undefined) => void): void {
    this.#sink = sink;
    const chunk = this.#unread;
    this.#unread = undefined;
    if (chunk !== undefined) sink(chunk);
    if (this.ended === 'clean') sink(undefined);
    else if (this.socket.isPaused()) this.socket.resume();
  }

  clearSink(): void {
    this.#sink = undefined;
  }

  /** False when the peer has said or ended something that nobody asked for: not fit for another request. */
  get quiet(): boolean {
    return this.ended === undefined && this.#unread === undefined;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.#returnLoan();
    if (!this.#closed) this.socket.resume();
  }

  /** Silence counts only while somebody waits for the peer: for bytes, or for room to write. */
  get waits(): boolean {
    if (this.#writer !== undefined) return !this.#drains();
    return this.#reader !== undefined || this.#sink !== undefined;
  }

  silent(): void {
    this.tooLate();
  }

  tooLate(): void {
    this.#finish('timeout');
    this.socket.destroy();
  }

  /** The block that the next read goes to. */
  nextBlock(): Buffer {
    const buffers = this.#buffers!; // only sockets made with buffers ask
    return this.#bulk ? buffers.take() : buffers.shared;
  }

  /** `bytes` of `block` are filled. */
  receiveBlock(bytes: number, block: Buffer): void {
    const buffers = this.#buffers!; // as above
    const isWaited = this.#reader !== undefined || this.#sink !== undefined;
    if (block === buffers.shared) {
      this.#bulk = bytes >= BULK_BYTES.from;
      const lent = isWaited ? buffers.lend(bytes) : undefined;
      if (lent !== undefined) this.#loan = lent;
      this.receive(lent === undefined ? Buffer.from(block.subarray(0, bytes)) : lent.subarray(0, bytes));
    } else {
      this.#bulk = bytes >= BULK_BYTES.until;
      if (isWaited) this.#loan = block;
      else this.#unreadLoan = block;
      this.receive(block.subarray(0, bytes));
    }
    // A sink that has not paused has passed everything on to the kernel.
    if (this.#sink !== undefined && !this.socket.isPaused()) this.#returnLoan();
  }

  receive(chunk: Uint8Array): void {
    this.active = true;
    const sink = this.#sink;
    if (sink !== undefined) {
      sink(chunk);
      return;
    }
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader(chunk);
      return;
    }
    this.#unread = this.#unread === undefined ? chunk : Buffer.concat([this.#unread, chunk]);
    this.socket.pause();
  }

  receiveEnd(): void {
    if (this.ended === undefined) this.ended = 'clean';
    const sink = this.#sink;
    if (sink !== undefined) sink(undefined);
    this.#releaseReader();
    this.#finListener?.();
  }

  closed(): void {
    this.#closed = true;
    clearTimeout(this.#deadline);
    this.#owner.watch.delete(this);
    this.#finish('reset');
    this.#returnLoan();
    this.#owner.released(this);
  }

  failed(error: { readonly code?: string | undefined }): void {
    this.#finish(error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'error');
  }

  /** A slow reader is not a silent one: the kernel's queue moves. */
  #drains(): boolean {
    const queued = queuedIn(this.socket);
    const moved = queued !== this.#queued;
    this.#queued = queued;
    return moved;
  }

  #flushed(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#writer;
      this.#writer =
        before === undefined
          ? resolve
          : () => {
              before();
              resolve();
            };
      this.socket.write(EMPTY, () => this.#releaseWriter());
    });
  }

  #releaseWriter(): void {
    this.active = true;
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.();
  }

  #releaseReader(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(undefined);
  }

  #returnLoan(): void {
    const loan = this.#loan;
    if (loan === undefined) return;
    this.#loan = undefined;
    this.#buffers?.give(loan);
  }

  #finish(end: WireEnd): void {
    const first = this.ended === undefined || this.ended === 'clean';
    if (first) this.ended = end === 'reset' && this.ended === 'clean' ? 'clean' : end;
    this.#releaseWriter();
    this.#releaseReader();
    const listener = this.#closeListener;
    this.#closeListener = undefined;
    if (first || this.#closed) listener?.(this.ended ?? end);
  }
}

function queuedIn(socket: Socket | TcpSocket): number {
  if (socket instanceof TcpSocket) return socket.queuedBytes;
  // Not in the types; `undefined` once the socket is gone.
  const { _handle: handle } = socket as unknown as {
    readonly _handle?: { readonly writeQueueSize?: number };
  };
  return handle?.writeQueueSize ?? 0;
}

function wireOf(socket: unknown): SocketWire {
  return (socket as WiredSocket)[WIRE]!; // set in the constructor, before any listener
}

function onData(this: unknown, chunk: Buffer): void {
  wireOf(this).receive(chunk);
}

function onEnd(this: unknown): void {
  wireOf(this).receiveEnd();
}

function onClosed(this: unknown): void {
  wireOf(this).closed();
}

function onError(this: unknown, error: NodeJS.ErrnoException): void {
  wireOf(this).failed(error);
}

function expired(wire: SocketWire): void {
  wire.tooLate();
}

function discard(): void {
  // After our FIN nothing that the peer says matters.
}

function joined(pieces: readonly Uint8Array[], length: number): Buffer {
  const all = Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
