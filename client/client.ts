import type { Operations, Problem } from './api.ts';

/** An operation by its method and path: `GET /api/v1/status`. */
export type OperationName = keyof Operations;
type Plain<T> = { [Name in keyof T]: Name extends 'answer' | 'event' ? never : Name }[keyof T];

/** What an operation takes: `params` of the path, `query`, `body`. */
export type InputOf<Name extends OperationName> = Pick<Operations[Name], Plain<Operations[Name]>>;
/** The document that it answers. */
export type AnswerOf<Name extends OperationName> = Operations[Name] extends { readonly answer: infer Answer }
  ? Answer
  : never;
/** Operations that answer with a stream of events. */
export type StreamName = {
  [Name in OperationName]: Operations[Name] extends { readonly event: unknown } ? Name : never;
}[OperationName];
export type EventOf<Name extends StreamName> = Operations[Name] extends { readonly event: infer Event }
  ? Event
  : never;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** ETag of what was read: somebody else's change meanwhile is an ApiProblem `changed-meanwhile`. */
  readonly ifMatch?: string | undefined;
  /** For a POST that may have to be sent again: the same key gets the same answer. */
  readonly idempotencyKey?: string | undefined;
}

type Given<Name extends OperationName> =
  object extends InputOf<Name> ? [input?: InputOf<Name> & CallOptions] : [input: InputOf<Name> & CallOptions];

export interface Client {
  call<Name extends OperationName>(operation: Name, ...given: Given<Name>): Promise<AnswerOf<Name>>;
  /** The same, with the ETag of the answer. */
  read<Name extends OperationName>(
    operation: Name,
    ...given: Given<Name>
  ): Promise<{ readonly document: AnswerOf<Name>; readonly etag: string | undefined }>;
  /**
   * Follows a stream until `signal` ends it. When the connection breaks, it connects again and goes on behind the
   * last event that came. Throws ApiProblem when the gateway refuses.
   */
  follow<Name extends StreamName>(
    operation: Name,
    ...given: Given<Name>
  ): AsyncGenerator<{ readonly id: string | undefined; readonly data: EventOf<Name> }, void, undefined>;
}

export interface ClientOptions {
  /** `https://gateway`; absent: where the page came from. */
  readonly base?: string;
  /** A token of the gateway, for programs. Pages have the cookie of their session. */
  readonly token?: string;
  /** Token of the session, for its changes (`csrf` of `GET /api/v1/session`). */
  readonly csrf?: () => string | undefined;
  readonly fetch?: typeof globalThis.fetch;
}

/** What the gateway says is wrong (RFC 9457). Branch on `code`. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.status = problem.status;
    this.code = problem.code;
    this.hint = problem.hint;
    this.problem = problem;
  }
}

interface Parts extends CallOptions {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
}

export function createClient(options: ClientOptions = {}): Client {
  const send = async (
    operation: string,
    parts: Parts,
    more: Record<string, string> = {},
  ): Promise<Response> => {
    const [method = 'GET', path = '/'] = operation.split(' ');
    const isJson = parts.body !== undefined && !isBinary(parts.body);
    const headers: Record<string, string> = { Accept: 'application/json', ...more };
    if (isJson) headers['Content-Type'] = 'application/json';
    if (options.token !== undefined) headers['Authorization'] = `Bearer ${options.token}`;
    const csrf = method === 'GET' ? undefined : options.csrf?.();
    if (csrf !== undefined) headers['X-CSRF-Token'] = csrf;
    if (parts.ifMatch !== undefined) headers['If-Match'] = parts.ifMatch;
    if (parts.idempotencyKey !== undefined) headers['Idempotency-Key'] = parts.idempotencyKey;
    const response = await (options.fetch ?? globalThis.fetch)(
      `${options.base ?? ''}${target(path, parts)}`,
      {
        method,
        headers,
        credentials: 'same-origin',
        ...(parts.body === undefined
          ? {}
          : { body: isJson ? JSON.stringify(parts.body) : (parts.body as NonNullable<RequestInit['body']>) }),
        ...(parts.signal === undefined ? {} : { signal: parts.signal }),
      },
    );
    if (!response.ok) throw new ApiProblem(await problemOf(response));
    return response;
  };
  const read: Client['read'] = async (operation, ...[input]) => {
    const response = await send(operation, input ?? {});
    const etag = response.headers.get('etag') ?? undefined;
    // The shape is what the OpenAPI document says of this operation.
    return { document: (await documentOf(response)) as never, etag };
  };
  return {
    read,
    call: async (operation, ...given) => (await read(operation, ...given)).document,
    follow: (operation, ...[input]) => {
      const parts = (input ?? {}) as Parts;
      return follow((more) => send(operation, parts, more), parts.signal) as never;
    },
  };
}

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;

type Open = (headers: Record<string, string>) => Promise<Response>;

async function* follow(open: Open, signal: AbortSignal | undefined) {
  let lastId: string | undefined;
  let waitMs = RETRY_MS_MIN;
  const isOver = (): boolean => signal?.aborted === true;
  while (!isOver()) {
    try {
      const known = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
      const response = await open({ Accept: 'text/event-stream', ...known });
      for await (const event of eventsIn(response)) {
        waitMs = RETRY_MS_MIN;
        lastId = event.id ?? lastId;
        yield { id: event.id, data: JSON.parse(event.data) as unknown };
      }
    } catch (error) {
      if (isOver()) return;
      // A gateway that is busy or restarting is asked again; one that says no is not.
      if (error instanceof ApiProblem && error.status !== 503 && error.status !== 429) throw error;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      signal?.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true });
    });
    waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
  }
}

/** The events of a stream as HTML §9.2.6 writes them: fields a line, an empty line behind each event. */
async function* eventsIn(response: Response) {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = eventOf(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(block: string): { readonly id: string | undefined; readonly data: string } | undefined {
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
    else if (line.startsWith('id:')) id = line.slice(3).trim();
  }
  return data.length === 0 ? undefined : { id, data: data.join('\n') };
}

function target(path: string, { params = {}, query = {} }: Parts): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
  return pairs.length === 0 ? filled : `${filled}?${search.toString()}`;
}

async function documentOf(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) return response.json();
  return type.startsWith('text/') ? response.text() : response.blob();
}

async function problemOf(response: Response): Promise<Problem> {
  const known: unknown = await response.json().catch(() => undefined);
  if (typeof known === 'object' && known !== null && 'code' in known) return known as Problem;
  // Something between us and the gateway has answered.
  const title = response.statusText === '' ? `Status ${response.status}` : response.statusText;
  return { type: 'about:blank', title, status: response.status, code: 'no-problem-document' };
}

function isBinary(body: unknown): boolean {
  return body instanceof Blob || body instanceof Uint8Array || body instanceof FormData;
}
