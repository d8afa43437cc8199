import { jsonString } from '../../engines/telemetry/index.ts';
import { type AnswerStream, queryParameter, type WebRequest } from '../../engines/web/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { BulkAnswer, CountVerdict, WebReputationEngines } from './context.ts';
import { LineCutter } from './lines.ts';
import { verdictJson } from './verdict-json.ts';

/**
 * `POST /v1/urls`: one URL a line in, one answer a line out, in the same order and while the body still comes. A line is the
 * URL itself, a JSON string, or an object with `url`. Nothing here waits for a line: a piece of the body is answered as a
 * whole. Where others have to be asked about URLs of a piece, they are asked about all of them at once before. What models
 * say costs thirty times a look-up and is told with `?prediction=true` alone.
 */
export function bulkAnswer(engines: WebReputationEngines, count: CountVerdict) {
  const { lineBytesMax, urlBytesMax, answersBytesMax } = engines.config.reputation;
  const bounds = { lineBytesMax, urlBytesMax };
  // Where models decide, the verdicts have their opinion already.
  const listed = lineAnswers({ ...engines, opinion: undefined }, count, bounds);
  const predicted = lineAnswers(engines, count, bounds);

  return (request: WebRequest): BulkAnswer => {
    const answerOf = queryParameter(request.query, 'prediction') === 'true' ? predicted : listed;
    const taken = { bytes: 0 };
    const stream = async (out: AnswerStream): Promise<void> => {
      const cutter = new LineCutter(lineBytesMax);
      const queue = new AnswerQueue(out, answersBytesMax);
      const answer = async (texts: readonly (string | undefined)[]): Promise<void> => {
        if (engines.verdicts.asksOthers) await askOthers(engines, texts, bounds);
        for (const text of texts) queue.push(text === undefined ? TOO_LONG : answersTo(text, answerOf));
      };
      for await (const piece of piecesOf(request)) {
        if (out.gone) return;
        taken.bytes += piece.length;
        await answer(cutter.take(piece));
        if (queue.isFull) await queue.emptied();
      }
      await answer(cutter.end());
      await queue.emptied();
    };
    return { status: 200, type: 'application/x-ndjson', code: 'bulk', taken, stream };
  };
}

async function* piecesOf({ chunks, body }: WebRequest): AsyncGenerator<Uint8Array> {
  if (chunks === undefined) yield body;
  else yield* chunks;
}

/**
 * Answers on their way to the client. Many clients send everything before they read: so much is kept for them, then the
 * body is read no further until they do.
 */
class AnswerQueue {
  readonly #out: AnswerStream;
  readonly #bytesMax: number;
  #waiting: string[] = [];
  #bytes = 0;
  #sending: Promise<void> | undefined;

  constructor(out: AnswerStream, bytesMax: number) {
    this.#out = out;
    this.#bytesMax = bytesMax;
  }

  get isFull(): boolean {
    return this.#bytes > this.#bytesMax;
  }

  push(text: string): void {
    if (text === '') return;
    if (this.#sending === undefined) {
      const written = this.#out.write(text);
      if (written instanceof Promise) this.#sending = this.#send(written);
      return;
    }
    this.#waiting.push(text);
    this.#bytes += text.length;
  }

  async emptied(): Promise<void> {
    await this.#sending;
  }

  async #send(first: Promise<void>): Promise<void> {
    await first;
    while (this.#waiting.length > 0 && !this.#out.gone) {
      const text = this.#waiting.join('');
      this.#waiting = [];
      this.#bytes = 0;
      await this.#out.write(text);
    }
    this.#sending = undefined;
  }
}

/** Has others asked about all URLs of these lines; lines that are none say so when they are answered. */
async function askOthers(
  { verdicts }: WebReputationEngines,
  texts: readonly (string | undefined)[],
  { lineBytesMax, urlBytesMax }: LineBounds,
): Promise<void> {
  const asked: Promise<void>[] = [];
  for (const lines of texts) {
    for (const line of lines?.split('\n') ?? []) {
      const text = line.length > lineBytesMax ? undefined : textOf(line);
      const url = text === undefined || text === '' ? undefined : canonicalUrl(text, urlBytesMax);
      const waiting = url === undefined ? undefined : verdicts.prepare(url);
      if (waiting !== undefined) asked.push(waiting);
    }
  }
  await Promise.all(asked);
}

interface LineBounds {
  readonly lineBytesMax: number;
  readonly urlBytesMax: number;
}

/** The answers to lines that each end with a line feed. */
function answersTo(lines: string, answerOf: (line: string) => string): string {
  let answers = '';
  let start = 0;
  for (let end = lines.indexOf('\n'); end >= 0; end = lines.indexOf('\n', start)) {
    answers += answerOf(lines.slice(start, end));
    start = end + 1;
  }
  return answers;
}

const TOO_LONG = '{"url":null,"error":"line-too-long"}\n';
const QUOTE = 34;
const BRACE = 123;
const CR = 13;

/** `""` for an empty line. */
function lineAnswers(
  { verdicts, opinion }: WebReputationEngines,
  count: CountVerdict,
  { lineBytesMax, urlBytesMax }: LineBounds,
): (line: string) => string {
  return (line) => {
    // A character has at most three bytes; most lines need not be counted.
    if (line.length * 3 > lineBytesMax && Buffer.byteLength(line) > lineBytesMax) return TOO_LONG;
    const text = textOf(line);
    if (text === undefined) return NOT_JSON;
    if (text === '') return '';
    const url = canonicalUrl(text, urlBytesMax);
    if (url === undefined) return `{"url":${jsonString(text)},"error":"url-unreadable"}\n`;
    const listed = verdicts.evaluateUrl(url);
    const verdict = opinion === undefined ? listed : opinion.ofUrl(url, listed);
    count(verdict.verdict);
    return verdictJson(text, verdict);
  };
}

/** The URL of a line, in any of its forms; `undefined`: it is JSON without one. */
function textOf(line: string): string | undefined {
  const text = line.charCodeAt(line.length - 1) === CR ? line.slice(0, -1) : line;
  const first = text.charCodeAt(0);
  if (first !== QUOTE && first !== BRACE) return text;
  return (first === BRACE ? plainMember(text) : plainString(text)) ?? parsedLine(line);
}

const NOT_JSON = '{"url":null,"error":"line-unreadable"}\n';
const MEMBER_START = '{"url":"';

/** The common forms need no parser: `"…"` and `{"url":"…"}` without a backslash or a further quote. */
function plainString(line: string): string | undefined {
  const end = line.length - 1;
  return line.indexOf('"', 1) === end && !line.includes('\\') ? line.slice(1, end) : undefined;
}

function plainMember(line: string): string | undefined {
  if (!line.startsWith(MEMBER_START) || !line.endsWith('"}')) return undefined;
  const start = MEMBER_START.length;
  const end = line.indexOf('"', start);
  return end === line.length - 2 && !line.includes('\\') ? line.slice(start, end) : undefined;
}

function parsedLine(line: string): string | undefined {
  try {
    const document: unknown = JSON.parse(line);
    if (typeof document === 'string') return document;
    const hasUrl = typeof document === 'object' && document !== null && 'url' in document;
    return hasUrl && typeof document.url === 'string' ? document.url : undefined;
  } catch {
    // SyntaxError is the only thing that JSON.parse throws.
    return undefined;
  }
}
