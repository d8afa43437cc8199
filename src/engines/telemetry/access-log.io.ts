import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type Counter,
  type Log,
  type MetricDeclaration,
  type Metrics,
  messageOf,
} from '../../kernel/index.ts';
import type { UrlRedactor } from '../../protocols/url/index.ts';
import type { AccessEntry } from './access-entry.ts';
import { jsonAccessFormatter, squidAccessFormatter } from './access-line.ts';

export interface AccessLogOptions {
  readonly path: string;
  readonly format: 'json' | 'squid';
  /** Bytes that may wait for the disk. */
  readonly bufferBytesMax: number;
  /** What URLs pass before they are written. */
  readonly redactor: UrlRedactor;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long a line may wait, and how often the file is looked at; for tests. */
  readonly flushMs?: number;
  readonly checkMs?: number;
}

export interface AccessLog {
  /** Never waits and never throws: a line that finds no room is dropped and counted. */
  write(entry: AccessEntry): void;
  /** Resolves when everything written before is in the file or lost. */
  flush(): Promise<void>;
  /** Flushes and lets the file go. Lines written later are dropped. */
  close(): Promise<void>;
}

export const ACCESS_LOG_METRICS: readonly MetricDeclaration[] = [
  {
    name: 'access_log_lines_total',
    type: 'counter',
    help: 'Lines given to the access log, dropped ones too',
  },
  {
    name: 'access_log_dropped_total',
    type: 'counter',
    help: 'Lines that are not in the access log: buffer (the disk is too slow), disk (a write failed)',
    labels: ['reason'],
  },
];

const BATCH_BYTES = 64 * 1024;
const FLUSH_MS = 100;
const CHECK_MS = 5000;

/**
 * Appends lines to one file that several processes write. `O_APPEND` makes each write land whole at the
 * end, so lines of different edges never mix. A disk that is full or away costs lines, never an exchange.
 */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  return new FileAccessLog(options);
}

/** For `accessLog.enabled: false`. */
export function noAccessLog(): AccessLog {
  return { write: () => undefined, flush: () => Promise.resolve(), close: () => Promise.resolve() };
}

interface Batch {
  readonly bytes: Buffer;
  readonly lines: number;
}

class FileAccessLog implements AccessLog {
  readonly #options: AccessLogOptions;
  readonly #format: (entry: AccessEntry) => string;
  readonly #lines: Counter;
  readonly #droppedFull: Counter;
  readonly #droppedDisk: Counter;
  #pending = '';
  #pendingLines = 0;
  /** Full batches that wait for the disk, as bytes: a long string of small pieces would be slow to take apart. */
  #sealed: Batch[] = [];
  /** Bytes in `#sealed` and on their way to the disk. */
  #sealedBytes = 0;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #file: FileHandle | undefined;
  #checkedAt = 0;
  #failing = false;
  /** The last write stopped inside a line: the next one begins with a line end. */
  #torn = false;
  #closed = false;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#format =
      options.format === 'json'
        ? jsonAccessFormatter(options.redactor)
        : squidAccessFormatter(options.redactor);
    this.#lines = options.metrics.counter('access_log_lines_total');
    this.#droppedFull = options.metrics.counter('access_log_dropped_total', 'buffer');
    this.#droppedDisk = options.metrics.counter('access_log_dropped_total', 'disk');
  }

  write(entry: AccessEntry): void {
    const line = this.#format(entry);
    this.#lines.add();
    const waiting = this.#pending.length + this.#sealedBytes;
    if (this.#closed || waiting + line.length > this.#options.bufferBytesMax) {
      this.#droppedFull.add();
      return;
    }
    this.#pending += line;
    this.#pendingLines++;
    if (this.#pending.length >= BATCH_BYTES) {
      this.#seal();
      void this.#drain();
    } else this.#timer ??= setTimeout(() => this.#due(), this.#options.flushMs ?? FLUSH_MS);
  }

  async flush(): Promise<void> {
    this.#seal();
    while (this.#sealed.length > 0 || this.#writing !== undefined) await this.#drain();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.#release();
  }

  #due(): void {
    this.#timer = undefined;
    this.#seal();
    void this.#drain();
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending === '') return;
    const bytes = Buffer.from(this.#pending, 'latin1');
    this.#sealed.push({ bytes, lines: this.#pendingLines });
    this.#sealedBytes += bytes.length;
    this.#pending = '';
    this.#pendingLines = 0;
  }

  /** One write at a time. Never rejects. */
  #drain(): Promise<void> {
    this.#writing ??= this.#writeSealed().finally(() => {
      this.#writing = undefined;
      // Sealed after the last look and before this: nobody else would come for it.
      if (this.#sealed.length > 0) void this.#drain();
    });
    return this.#writing;
  }

  async #writeSealed(): Promise<void> {
    for (let batch = this.#sealed.shift(); batch !== undefined; batch = this.#sealed.shift()) {
      if (!(await this.#append(batch.bytes))) this.#droppedDisk.add(batch.lines);
      this.#sealedBytes -= batch.bytes.length;
    }
  }

  async #append(batch: Buffer): Promise<boolean> {
    const bytes = this.#torn ? Buffer.concat([Buffer.from('\n'), batch]) : batch;
    let written = 0;
    try {
      const file = await this.#current();
      while (written < bytes.length) {
        written += (await file.write(bytes, written, bytes.length - written, null)).bytesWritten;
      }
      this.#torn = false;
      this.#report(undefined);
      return true;
    } catch (error) {
      if (written > 0) this.#torn = bytes[written - 1] !== 0x0a;
      this.#report(error);
      await this.#release();
      return false;
    }
  }

  /** The open file; opened again when someone renamed or removed it. */
  async #current(): Promise<FileHandle> {
    const now = performance.now();
    if (this.#file !== undefined && now - this.#checkedAt < (this.#options.checkMs ?? CHECK_MS))
      return this.#file;
    this.#checkedAt = now;
    if (this.#file !== undefined) {
      const [mine, there] = await Promise.all([
        this.#file.stat(),
        stat(this.#options.path).catch(() => undefined),
      ]);
      if (there !== undefined && there.ino === mine.ino && there.dev === mine.dev) return this.#file;
      await this.#release();
    }
    await mkdir(dirname(this.#options.path), { recursive: true, mode: 0o750 });
    this.#file = await open(this.#options.path, 'a', 0o640);
    return this.#file;
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // The descriptor is gone either way, and a failed write was reported already.
    await file?.close().catch(() => undefined);
  }

  #report(error: unknown): void {
    if (error === undefined) {
      if (this.#failing) this.#options.log.info('access-log.recovered', { path: this.#options.path });
      this.#failing = false;
    } else if (!this.#failing) {
      this.#failing = true;
      this.#options.log.warn('access-log.failed', {
        path: this.#options.path,
        message: messageOf(error),
        hint: 'Lines are lost until the file can be written again; see access_log_dropped_total.',
      });
    }
  }
}
