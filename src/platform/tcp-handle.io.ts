import { getSystemErrorName } from 'node:util';
import type { AcceptedHandle } from './listening-handle.io.ts';

/** Whose handle it is. */
export interface HandleOwner {
  /** A read: its number of bytes, or below 0 why there are none. The result is the block for the next one, if it is another. */
  received(count: number): Buffer | undefined;
  /** A write that had to wait is over. */
  written(status: number): void;
}

/** The handle reads into `block`, for its owner. Nothing is read before `readStart`. */
export function adopt(handle: TcpHandle, owner: HandleOwner, block: Buffer): void {
  handle[OWNER] = owner;
  handle.onread = onRead;
  handle.useUserBuffer(block);
}

/** Of the write that was handed in last: the kernel did not take it whole, and reads from its bytes later. */
export function wasAsync(): boolean {
  return streamBaseState[kLastWriteWasAsync] !== 0;
}

/** Tells the owner when it is over; the bytes stay until then. */
export function awaitWrite(request: WriteRequest, bytes: Uint8Array | readonly Uint8Array[]): void {
  request.bytes = bytes;
  request.oncomplete = onWritten;
}

export function newWriteRequest(): WriteRequest {
  return new WriteWrap();
}

export function newShutdownRequest(): object {
  return new ShutdownWrap();
}

/** Who waits for a connection: one of the two is called, once and later. */
export interface ConnectListener {
  /** Nothing is read from it yet. */
  connected(handle: AcceptedHandle): void;
  /** `code`: name of the error, `ECONNREFUSED`. */
  refused(code: string): void;
}

/** Connects to an IP address. Closing the result gives up: the listener then hears `ECANCELED`. */
export function connectTcp(
  address: string,
  port: number,
  listener: ConnectListener,
): Pick<AcceptedHandle, 'close'> {
  const handle = new TCP(SOCKET_KIND);
  const request = new TCPConnectWrap();
  request.listener = listener;
  request.oncomplete = onConnected;
  const error = address.includes(':')
    ? handle.connect6(request, address, port)
    : handle.connect(request, address, port);
  if (error !== 0) queueMicrotask(() => onConnected.call(request, error, handle));
  return handle;
}

function onConnected(this: ConnectRequest, status: number, handle: TcpHandle): void {
  if (status === 0) {
    this.listener?.connected(handle);
    return;
  }
  handle.close();
  this.listener?.refused(getSystemErrorName(status));
}

const OWNER = Symbol('owner');

function onRead(this: TcpHandle): Buffer | undefined {
  return this[OWNER]?.received(streamBaseState[kReadBytesOrError] ?? 0);
}

function onWritten(status: number, handle: TcpHandle): void {
  handle[OWNER]?.written(status);
}

/** What `net.Socket` itself does with its handle; not in the types. Numbers are 0 or an error of libuv. */
export interface TcpHandle extends AcceptedHandle {
  [OWNER]?: HandleOwner;
  onread: (this: TcpHandle) => Buffer | undefined;
  readonly writeQueueSize: number;
  useUserBuffer(block: Buffer): void;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writev(request: WriteRequest, pieces: readonly Uint8Array[], allBuffers: true): number;
  shutdown(request: object): number;
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  getsockname(out: { address?: string; port?: number }): number;
}

export interface WriteRequest {
  /** Kept alive until it is over. */
  bytes?: Uint8Array | readonly Uint8Array[];
  oncomplete?: (status: number, handle: TcpHandle) => void;
}

interface ConnectRequest {
  listener?: ConnectListener;
  oncomplete?: (this: ConnectRequest, status: number, handle: TcpHandle) => void;
}

interface TcpBinding {
  readonly TCP: new (kind: number) => TcpHandle;
  readonly TCPConnectWrap: new () => ConnectRequest;
  readonly constants: { readonly SOCKET: number };
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => object;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

// Node's own modules have no other way to their handles either; it is not in the types.
const { binding } = process as unknown as { binding(name: 'tcp_wrap' | 'stream_wrap'): unknown };
const {
  TCP,
  TCPConnectWrap,
  constants: { SOCKET: SOCKET_KIND },
} = binding('tcp_wrap') as TcpBinding;
const { WriteWrap, ShutdownWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = binding(
  'stream_wrap',
) as StreamBinding;
