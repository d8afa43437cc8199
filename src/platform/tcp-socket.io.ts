import { getSystemErrorName } from 'node:util';
import type { AcceptedHandle } from './listening-handle.io.ts';
import type { ReadBuffers } from './read-buffers.io.ts';
import {
  adopt,
  awaitWrite,
  newShutdownRequest,
  newWriteRequest,
  wasAsync,
  type HandleOwner,
  type TcpHandle,
  type WriteRequest,
} from './tcp-handle.io.ts';

/** The one who hears what a socket has to say; nothing comes before `listen` and after `closed`. */
export interface SocketListener {
  /** The block that the next read goes to. */
  nextBlock(): Buffer;
  /** `bytes` of `block` are filled. */
  receiveBlock(bytes: number, block: Buffer): void;
  /** The peer has sent FIN. */
  receiveEnd(): void;
  failed(error: { readonly code?: string | undefined }): void;
  closed(): void;
}

/**
 * A TCP connection straight on Node's handle, for the data path: `net.Socket` is a stream with an emitter, a state
 * machine for each direction and a chain of `destroy`, which together cost more than all that a proxy does with a
 * connection. Reads go to blocks of the listener, writes are tried at once, both directions end apart.
 *
 * What holds: nothing of the listener is called inside of a call to the socket, so no caller is entered again; a socket
 * closes by itself once both directions have ended.
 */
export class TcpSocket implements HandleOwner {
  readonly remoteAddress: string;
  readonly remotePort: number;
  bytesRead = 0;
  /** What was handed in, whether it has left already or not. */
  bytesWritten = 0;
  destroyed = false;
  writableEnded = false;
  readonly #handle: TcpHandle;
  readonly #shared: TcpSockets;
  #listener: SocketListener | undefined;
  #block: Buffer | undefined;
  #reading = false;
  #readEnded = false;
  #shutDown = false;
  /** Writes that the kernel has not taken whole. */
  #pending = 0;
  #onFlushed: (() => void)[] | undefined;
  #corked: Uint8Array[] | undefined;
  #failure: string | undefined;

  constructor(handle: AcceptedHandle, shared: TcpSockets, remoteAddress: string, remotePort: number) {
    // What is accepted and what is connected is a handle of one class; only its use differs.
    this.#handle = handle as TcpHandle;
    this.#shared = shared;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  get localAddress(): string {
    return this.#local().address ?? '';
  }

  get localPort(): number {
    return this.#local().port ?? 0;
  }

  /** 0: the kernel has everything. */
  get writableLength(): number {
    return this.#pending;
  }

  /** Bytes that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.destroyed ? 0 : this.#handle.writeQueueSize;
  }

  /** Starts to read. */
  listen(listener: SocketListener, block: Buffer): void {
    this.#listener = listener;
    this.#block = block;
    adopt(this.#handle, this, block);
    this.resume();
  }

  isPaused(): boolean {
    return !this.#reading;
  }

  pause(): void {
    if (!this.#reading) return;
    this.#reading = false;
    if (!this.destroyed && !this.#readEnded) this.#handle.readStop();
  }

  resume(): void {
    if (this.#reading) return;
    this.#reading = true;
    if (this.destroyed || this.#readEnded) return;
    const error = this.#handle.readStart();
    if (error !== 0) this.#fail(error);
  }

  /** `onFlushed` follows once the kernel has everything up to here; never when the socket is gone before. */
  write(bytes: Uint8Array, onFlushed?: () => void): void {
    if (this.destroyed || this.writableEnded) return;
    if (this.#corked !== undefined) this.#corked.push(bytes);
    else if (bytes.length > 0) this.#send(bytes);
    if (onFlushed === undefined) return;
    if (this.#pending === 0) queueMicrotask(onFlushed);
    else (this.#onFlushed ??= []).push(onFlushed);
  }

  cork(): void {
    this.#corked ??= [];
  }

  uncork(): void {
    const pieces = this.#corked;
    this.#corked = undefined;
    if (pieces === undefined || pieces.length === 0 || this.destroyed) return;
    this.#send(pieces);
  }

  /** Sends FIN behind what was written. */
  end(): void {
    if (this.writableEnded || this.destroyed) return;
    this.writableEnded = true;
    if (this.#pending === 0) this.#finishWriting();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.#gone();
    this.#handle.close();
  }

  resetAndDestroy(): void {
    if (this.destroyed) return;
    this.#gone();
    // libuv refuses a reset while it shuts down, and Node then never closes the handle; it is done when `gone` is told.
    if (!this.#shutDown) this.#handle.reset();
  }

  received(count: number): Buffer | undefined {
    const listener = this.#listener;
    const block = this.#block;
    if (this.destroyed || count === 0 || listener === undefined || block === undefined) return undefined;
    if (count < 0) {
      this.#readFailed(count, listener);
      return undefined;
    }
    this.bytesRead += count;
    listener.receiveBlock(count, block);
    if (this.destroyed) return undefined;
    const next = listener.nextBlock();
    if (next === block) return undefined;
    this.#block = next;
    return next;
  }

  written(status: number): void {
    if (this.destroyed) return;
    if (status < 0) {
      this.#fail(status);
      return;
    }
    if (--this.#pending > 0) return;
    const waiting = this.#onFlushed;
    this.#onFlushed = undefined;
    if (waiting !== undefined) for (const flushed of waiting) flushed();
    if (this.writableEnded && !this.destroyed && this.#pending === 0) this.#finishWriting();
  }

  /** Tells the listener that it is over. */
  tellGone(): void {
    // The shutdown that was in the way of a reset is over by now; does nothing to a handle that is closed.
    if (this.#shutDown) this.#handle.reset();
    if (this.#failure !== undefined) this.#listener?.failed({ code: this.#failure });
    this.#listener?.closed();
    this.#listener = undefined;
    this.#block = undefined;
  }

  #send(bytes: Uint8Array | readonly Uint8Array[]): void {
    const request = this.#shared.takeRequest();
    let error: number;
    if (bytes instanceof Uint8Array) {
      this.bytesWritten += bytes.length;
      error = this.#handle.writeBuffer(request, bytes);
    } else {
      for (const piece of bytes) this.bytesWritten += piece.length;
      error = this.#handle.writev(request, bytes, true);
    }
    if (error !== 0) {
      this.#fail(error);
    } else if (wasAsync()) {
      awaitWrite(request, bytes);
      this.#pending++;
    } else {
      this.#shared.giveRequest(request);
    }
  }

  #finishWriting(): void {
    // Both directions are over: closing sends FIN as well, in one call.
    if (this.#readEnded) {
      this.destroy();
      return;
    }
    this.#shutDown = true;
    const error = this.#handle.shutdown(newShutdownRequest());
    if (error !== 0) this.#fail(error);
  }

  #readFailed(count: number, listener: SocketListener): void {
    if (getSystemErrorName(count) !== 'EOF') {
      this.#fail(count);
      return;
    }
    this.#readEnded = true;
    listener.receiveEnd();
    if (this.writableEnded && this.#pending === 0) this.destroy();
  }

  #fail(error: number): void {
    if (this.destroyed) return;
    this.#failure = getSystemErrorName(error);
    this.destroy();
  }

  #gone(): void {
    this.destroyed = true;
    this.#pending = 0;
    this.#onFlushed = undefined;
    this.#shared.gone(this);
  }

  #local(): { address?: string; port?: number } {
    const out = {};
    if (!this.destroyed) this.#handle.getsockname(out);
    return out;
  }
}

/** What the sockets of one owner share. */
export class TcpSockets {
  readonly buffers: ReadBuffers;
  #gone: TcpSocket[] = [];
  #request: WriteRequest | undefined;

  constructor(buffers: ReadBuffers) {
    this.buffers = buffers;
  }

  /** A request object is used again as long as its writes were done at once. */
  takeRequest(): WriteRequest {
    const request = this.#request ?? newWriteRequest();
    this.#request = undefined;
    return request;
  }

  giveRequest(request: WriteRequest): void {
    this.#request = request;
  }

  /** Its listener is told in this turn of the loop, with all others that are gone: one callback for all. */
  gone(socket: TcpSocket): void {
    if (this.#gone.push(socket) === 1) setImmediate(tellGone, this);
  }

  tellGone(): void {
    const gone = this.#gone;
    this.#gone = [];
    for (const socket of gone) socket.tellGone();
  }
}

function tellGone(sockets: TcpSockets): void {
  sockets.tellGone();
}
