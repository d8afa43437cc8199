import { queryParameter, type WebAnswer, type WebRequest } from '../../../engines/web/index.ts';
import type { Clock } from '../../../kernel/index.ts';
import {
  dispositionFileName,
  fileNameOf,
  formBoundary,
  FormDecoder,
  parseParameters,
  type PartHead,
} from '../../../protocols/form-data/index.ts';
import {
  CODED,
  fileTooLarge,
  formMalformed,
  NO_BOUNDARY,
  NO_FILE,
  TOO_SLOW,
  tooManyFiles,
} from './problems.ts';

/** Where the bytes of the files of one request go, one file after the other. */
export interface FileSink {
  /** A file begins. `bytes`: its length where it is known. */
  begin(file: FileHead): void;
  write(bytes: Uint8Array): void | Promise<void>;
  end(): Promise<void>;
}

export interface FileHead {
  readonly name: string | undefined;
  readonly mediaType: string | undefined;
  readonly bytes: number | undefined;
}

export interface UploadLimits {
  readonly bytesMax: number;
  readonly filesMax: number;
  readonly uploadTimeoutMs: number;
}

/**
 * Reads the files of a request as they come: the body itself, or the file parts of a form. An answer says why it
 * stopped; `undefined`: everything was read. Nothing is kept but a boundary or the head of a part.
 */
export async function readUpload(
  request: WebRequest,
  sink: FileSink,
  limits: UploadLimits,
  clock: Clock,
): Promise<WebAnswer | undefined> {
  const refused = refusalOf(request, limits.bytesMax);
  if (refused !== undefined) return refused;
  const type = request.field('content-type');
  const isForm = type !== undefined && /^multipart\/form-data\s*(?:;|$)/i.test(type.trim());
  if (!isForm) return readBody(request, sink, limits, clock);
  const boundary = formBoundary(type);
  return boundary === undefined ? NO_BOUNDARY : new FormReader(boundary, sink, limits).read(request, clock);
}

function refusalOf(request: WebRequest, bytesMax: number): WebAnswer | undefined {
  const coding = request.field('content-encoding')?.trim().toLowerCase() ?? '';
  if (coding !== '' && coding !== 'identity') return CODED;
  const length = Number(request.field('content-length') ?? 0);
  return length > bytesMax ? fileTooLarge(bytesMax) : undefined;
}

async function readBody(
  request: WebRequest,
  sink: FileSink,
  limits: UploadLimits,
  clock: Clock,
): Promise<WebAnswer | undefined> {
  const length = request.field('content-length');
  sink.begin({
    name: nameOf(request),
    mediaType: request.field('content-type'),
    bytes: length === undefined ? undefined : Number(length),
  });
  const stopped = await eachPiece(request, limits, clock, async (piece) => {
    const written = sink.write(piece);
    if (written instanceof Promise) await written;
    return undefined;
  });
  if (stopped === undefined) await sink.end();
  return stopped;
}

/** `?name=` goes before the field: it is the easier one to get right. */
function nameOf(request: WebRequest): string | undefined {
  const named = fileNameOf(queryParameter(request.query, 'name'));
  if (named !== undefined) return named;
  const disposition = parseParameters(request.field('content-disposition') ?? '');
  return disposition === undefined ? undefined : fileNameOf(dispositionFileName(disposition));
}

/** Gives the body piece by piece within its bounds of size and time. */
async function eachPiece(
  request: WebRequest,
  { bytesMax, uploadTimeoutMs }: UploadLimits,
  clock: Clock,
  take: (piece: Uint8Array) => Promise<WebAnswer | undefined>,
): Promise<WebAnswer | undefined> {
  const startedMs = clock.monotonic();
  let bytes = 0;
  for await (const piece of request.chunks ?? []) {
    bytes += piece.length;
    if (bytes > bytesMax) return fileTooLarge(bytesMax);
    // Silence ends the connection by itself; this is for those that dribble.
    if (clock.monotonic() - startedMs > uploadTimeoutMs) return TOO_SLOW;
    const stopped = await take(piece);
    if (stopped !== undefined) return stopped;
  }
  return undefined;
}

class FormReader {
  readonly #decoder: FormDecoder;
  readonly #sink: FileSink;
  readonly #limits: UploadLimits;
  #files = 0;
  #inFile = false;
  #ended = false;

  constructor(boundary: string, sink: FileSink, limits: UploadLimits) {
    this.#decoder = new FormDecoder(boundary);
    this.#sink = sink;
    this.#limits = limits;
  }

  async read(request: WebRequest, clock: Clock): Promise<WebAnswer | undefined> {
    const stopped = await eachPiece(request, this.#limits, clock, (piece) => {
      // What follows the form is none of it, and is read all the same: the connection goes on behind it.
      if (this.#ended) return Promise.resolve(undefined);
      this.#decoder.receive(piece);
      return this.#take();
    });
    if (stopped !== undefined) return stopped;
    if (!this.#ended) {
      this.#decoder.receiveEnd();
      const cut = await this.#take();
      if (cut !== undefined) return cut;
    }
    return this.#files === 0 ? NO_FILE : undefined;
  }

  /** Everything that is in the decoder. */
  async #take(): Promise<WebAnswer | undefined> {
    for (;;) {
      const event = this.#decoder.next();
      switch (event.kind) {
        case 'part':
          if (isFile(event)) {
            if (++this.#files > this.#limits.filesMax) return tooManyFiles(this.#limits.filesMax);
            const { fileName, mediaType } = event;
            this.#inFile = true;
            this.#sink.begin({ name: fileNameOf(fileName), mediaType, bytes: undefined });
          }
          break;
        case 'data': {
          const written = this.#inFile ? this.#sink.write(event.bytes) : undefined;
          if (written instanceof Promise) await written;
          break;
        }
        case 'part-end':
          if (this.#inFile) await this.#sink.end();
          this.#inFile = false;
          break;
        case 'end':
          this.#ended = true;
          return undefined;
        case 'need-data':
          return undefined;
        default:
          return formMalformed(event.code);
      }
    }
  }
}

/** Other parts are fields of the form, which say nothing that is needed here. */
function isFile({ name, fileName }: PartHead): boolean {
  return fileName !== undefined || name === 'file';
}
