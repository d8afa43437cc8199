import type { Wire, WireEnd } from '../../src/kernel/index.ts';

export interface MemoryWireOptions {
  readonly peerAddress?: string;
  readonly encrypted?: boolean;
  /** Keeps the peer's side open after the chunks: reads wait until `closePeer`. */
  readonly open?: boolean;
}

/** A wire without a socket: it gives the chunks, then the peer's FIN, and keeps what is written. */
export class MemoryWire implements Wire {
  readonly peerAddress: string;
  readonly peerPort = 50_000;
  readonly localAddress = '10.0.0.1';
  readonly localPort = 443;
  readonly encrypted: boolean;
  ended: WireEnd | undefined = undefined;
  bytesRead = 0;
  bytesWritten = 0;
  readonly written: Buffer[] = [];
  /** How often something was written at once. */
  writes = 0;
  /** Every deadline and idle time that was set, in order. */
  readonly deadlines: number[] = [];
  readonly idles: number[] = [];
  readonly #chunks: Uint8Array[];
  #next = 0;
  #given: Uint8Array | undefined;
  readonly #open: boolean;
  #reader: ((chunk: Uint8Array | undefined) => void) | undefined;
  #onReading: (() => void) | undefined;

  constructor(
    chunks: readonly Uint8Array[],
    { peerAddress = '10.0.0.9', encrypted = true, open = false }: MemoryWireOptions = {},
  ) {
    this.#chunks = chunks.map((chunk) => Buffer.from(chunk));
    this.peerAddress = peerAddress;
    this.encrypted = encrypted;
    this.#open = open;
  }

  get text(): string {
    return Buffer.concat(this.written).toString('latin1');
  }

  /** Resolves when the session waits for bytes that are not there. */
  idle(): Promise<void> {
    if (this.#reader !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onReading = resolve;
    });
  }

  send(text: string): void {
    const reader = this.#reader;
    this.#reader = undefined;
    const chunk = Buffer.from(text, 'latin1');
    if (reader === undefined) this.#chunks.push(chunk);
    else {
      this.#given = chunk;
      this.bytesRead += chunk.length;
      reader(chunk);
    }
  }

  closePeer(): void {
    this.ended = 'clean';
    this.#reader?.(undefined);
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    // The bytes are valid until the next read: whoever kept them sees that they are gone.
    this.#given?.fill(0xee);
    const chunk = this.#chunks[this.#next];
    this.#given = chunk;
    if (chunk !== undefined) {
      this.#next++;
      this.bytesRead += chunk.length;
      return chunk;
    }
    if (!this.#open || this.ended !== undefined) {
      this.ended ??= 'clean';
      return undefined;
    }
    this.#onReading?.();
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  write(bytes: Uint8Array): void {
    this.writes++;
    this.#take(bytes);
  }

  writeAll(pieces: readonly Uint8Array[]): void {
    this.writes++;
    for (const piece of pieces) this.#take(piece);
  }

  setIdle(idleMs: number): void {
    this.idles.push(idleMs);
  }

  setDeadline(deadlineMs: number): void {
    this.deadlines.push(deadlineMs);
  }

  end(): void {}

  destroy(): void {
    this.ended = 'closed-here';
  }

  onFin(): void {}

  onClose(): void {}

  #take(bytes: Uint8Array): void {
    this.bytesWritten += bytes.length;
    this.written.push(Buffer.from(bytes));
  }
}

/** One byte a chunk: whatever is understood whole must be understood like that. */
export function dripped(text: string): readonly Uint8Array[] {
  return Array.from(Buffer.from(text, 'latin1'), (byte) => Uint8Array.of(byte));
}

export function whole(text: string): readonly Uint8Array[] {
  return [Buffer.from(text, 'latin1')];
}
