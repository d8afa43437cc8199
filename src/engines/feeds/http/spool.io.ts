import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { GatewayError, messageOf } from '../../../kernel/index.ts';
import { feedErrors } from '../errors.ts';
import type { Answer } from './client.io.ts';

export interface BodyLimits {
  /** Bytes over the network, and after unpacking. */
  readonly downloadBytesMax: number;
  readonly expandedBytesMax: number;
  readonly expansionMax: number;
  readonly idleMs: number;
}

export interface Spooled {
  readonly bytes: number;
  /** Over the network; fewer than `bytes` when the server packed the answer. */
  readonly wireBytes: number;
  readonly sha256: string;
}

/** What the answers may be packed with; `x-gzip` is an old name (RFC 9110 §8.4.1.3). */
export const ENCODINGS = 'gzip, br, deflate';
/** Below it a ratio says nothing: a short list of equal lines packs well. */
const RATIO_FROM_BYTES = 1024 ** 2;
const SNIFF_BYTES = 512;

/** The body into a file, bounded in every way, and whole or an error. */
export async function spoolBody(
  answer: Answer,
  file: string,
  limits: BodyLimits,
  onBytes: (wireBytes: number) => void = () => {},
): Promise<Spooled> {
  const hash = createHash('sha256');
  const counts: Counts = { wire: 0, bytes: 0, onWire: onBytes };
  await read(
    answer,
    limits,
    counts,
    async function* toFile(source) {
      for await (const chunk of source) {
        hash.update(chunk);
        yield chunk;
      }
    },
    () => createWriteStream(file, { mode: 0o600 }),
  );
  return { bytes: counts.bytes, wireBytes: counts.wire, sha256: hash.digest('hex') };
}

/** A short body into memory. */
export async function readBody(answer: Answer, limits: BodyLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const counts: Counts = { wire: 0, bytes: 0, onWire: () => {} };
  await read(answer, limits, counts, async function* toMemory(source) {
    for await (const chunk of source) {
      chunks.push(chunk);
      yield chunk;
    }
  });
  return Buffer.concat(chunks, counts.bytes);
}

interface Counts {
  wire: number;
  bytes: number;
  readonly onWire: (bytes: number) => void;
}

type Sink = (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;

async function read(
  answer: Answer,
  limits: BodyLimits,
  counts: Counts,
  sink: Sink,
  target?: () => NodeJS.WritableStream,
): Promise<void> {
  const { response, shown: url } = answer;
  const { downloadBytesMax, expandedBytesMax, expansionMax, idleMs } = limits;
  const unpack = decoderOf(response, url);
  const slow = (): Error => feedErrors.FEEDS_TIMEOUT({ host: url, phase: 'silence', setting: 'feeds.idle' });
  const idle = setTimeout(() => response.destroy(slow()), idleMs);

  async function* counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      idle.refresh();
      counts.wire += chunk.length;
      if (counts.wire > downloadBytesMax) {
        throw feedErrors.FEEDS_TOO_LARGE({ url, max: downloadBytesMax, setting: 'feeds.downloadBytesMax' });
      }
      counts.onWire(counts.wire);
      yield chunk;
    }
  }

  async function* checked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let start: Buffer | undefined = Buffer.alloc(0);
    for await (const chunk of source) {
      idle.refresh();
      counts.bytes += chunk.length;
      if (counts.bytes > expandedBytesMax) {
        throw feedErrors.FEEDS_TOO_LARGE({ url, max: expandedBytesMax, setting: 'feeds.expandedBytesMax' });
      }
      if (counts.bytes > RATIO_FROM_BYTES && counts.bytes > counts.wire * expansionMax) {
        throw feedErrors.FEEDS_EXPANSION({ url, max: expansionMax });
      }
      if (start !== undefined) {
        start = Buffer.concat([start, chunk.subarray(0, SNIFF_BYTES)]);
        if (isPage(start)) throw feedErrors.FEEDS_HTML({ url });
        if (start.length >= SNIFF_BYTES) start = undefined;
      }
      yield chunk;
    }
  }

  try {
    const steps = [response, counted, ...(unpack === undefined ? [] : [unpack]), checked, sink];
    // `pipeline` is typed for fixed numbers of steps; these fit each other.
    if (target === undefined) await drained(steps);
    else await pipeline([...steps, target()] as never);
  } catch (error) {
    throw bodyFailure(error, url);
  } finally {
    clearTimeout(idle);
  }
}

async function drained(steps: readonly unknown[]): Promise<void> {
  await pipeline([
    ...steps,
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) void chunk;
    },
  ] as never);
}

function decoderOf(response: IncomingMessage, url: string): Duplex | undefined {
  const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  switch (coding) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      response.destroy();
      throw feedErrors.FEEDS_ENCODING({
        url,
        reason: `Content-Encoding "${coding.slice(0, 40)}" is unknown`,
      });
  }
}

/** By content: many servers call their lists text/html. */
function isPage(start: Buffer): boolean {
  return /^\uFEFF?\s*(?:<!--[^]*?-->\s*)?<(?:!doctype\s+html|html|head|body)[\s>]/i.test(
    start.toString('utf8'),
  );
}

function bodyFailure(error: unknown, url: string): unknown {
  if (error instanceof GatewayError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // `Z_BUF_ERROR`: the packed data ended before their end.
  if (['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'Z_BUF_ERROR'].includes(code)) {
    return feedErrors.FEEDS_CUT({ url }, { cause: error });
  }
  if (code.startsWith('HPE_'))
    return feedErrors.FEEDS_HTTP({ host: url, reason: code, url }, { cause: error });
  // Node's names of brotli errors begin with `ERR_BROTLI` or `ERR__`.
  if (/^(?:Z_|ERR_BROTLI|ERR__)/.test(code)) {
    return feedErrors.FEEDS_ENCODING({ url, reason: messageOf(error) }, { cause: error });
  }
  return error;
}
