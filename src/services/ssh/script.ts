import type { SshChannel } from './library.ts';
import { sshErrors } from './errors.ts';
import { failureOf, PLAIN } from '../../protocols/terminal/index.ts';

export interface ScriptOptions {
  readonly lineBytesMax: number;
  onTooLong(): void;
  /** Runs one line and gives its exit code. */
  run(line: string): Promise<number>;
}

/** Lines that wait while one runs; a script is not read faster than it runs. */
const WAITING_BYTES_MAX = 1024 * 1024;

/**
 * Commands from the standard input of `ssh -T gateway`, one a line, until its end or `exit`. Gives the exit code of
 * the last one.
 */
export async function runScript(
  channel: SshChannel,
  { lineBytesMax, onTooLong, run }: ScriptOptions,
): Promise<number> {
  const lines = new ScriptLines(lineBytesMax);
  channel.onData((bytes) => lines.add(bytes));
  channel.onEnd(() => lines.end());
  channel.onClose(() => lines.stop());
  let exit = 0;
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    if (line === 'too-long') {
      onTooLong();
      const failure = failureOf(sshErrors.SSH_LINE_TOO_LONG({ bytes: lineBytesMax }), false, PLAIN, false);
      await channel.writeError(failure.text);
      exit = failure.exit;
      continue;
    }
    const text = line.text.trim();
    if (text === '' || text.startsWith('#')) continue;
    if (text === 'exit') break;
    exit = await run(text);
  }
  return exit;
}

class ScriptLines {
  readonly #lineBytesMax: number;
  readonly #ready: ({ readonly text: string } | 'too-long')[] = [];
  #rest = Buffer.alloc(0);
  #skipping = false;
  #ended = false;
  #wake: (() => void) | undefined;
  #waiting = 0;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  add(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      this.#take(Buffer.concat([this.#rest, bytes.subarray(from, end)]));
      this.#rest = Buffer.alloc(0);
      from = end + 1;
    }
    const left = bytes.subarray(from);
    if (this.#rest.length + left.length > this.#lineBytesMax) {
      this.#skipping = true;
      this.#rest = Buffer.alloc(0);
    } else if (!this.#skipping) this.#rest = Buffer.concat([this.#rest, left]);
    this.#wake?.();
  }

  end(): void {
    if (this.#rest.length > 0 || this.#skipping) this.#take(this.#rest);
    this.#ended = true;
    this.#wake?.();
  }

  stop(): void {
    this.#ready.length = 0;
    this.#ended = true;
    this.#wake?.();
  }

  async next(): Promise<{ readonly text: string } | 'too-long' | undefined> {
    while (this.#ready.length === 0 && !this.#ended) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const line = this.#ready.shift();
    if (typeof line === 'object') this.#waiting -= line.text.length;
    return line;
  }

  #take(line: Buffer): void {
    const isLong = this.#skipping || line.length > this.#lineBytesMax;
    this.#skipping = false;
    // A client that sends more than this before anything has run is no script.
    if (this.#waiting + line.length > WAITING_BYTES_MAX) return this.stop();
    if (isLong) return void this.#ready.push('too-long');
    const text = line.toString('utf8');
    this.#waiting += text.length;
    this.#ready.push({ text });
  }
}
