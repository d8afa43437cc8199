/** A plain reader of HTTP/1 messages for tests: the other end of what is tested, so it shares no code with it. */
export interface Message {
  readonly startLine: string;
  readonly fields: Fields;
  /** The head as it was, with its last empty line. */
  readonly head: string;
}

export type Framing =
  | { readonly kind: 'none' | 'chunked' | 'close' }
  | { readonly kind: 'length'; readonly bytes: number };

/** Field values by lower-case name, in the order of the message. */
export class Fields {
  readonly #lines: readonly (readonly [string, string])[];

  constructor(lines: readonly (readonly [string, string])[]) {
    this.#lines = lines;
  }

  all(name: string): readonly string[] {
    return this.#lines.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value);
  }

  get(name: string): string | undefined {
    return this.all(name)[0];
  }

  has(name: string): boolean {
    return this.all(name).length > 0;
  }

  get names(): readonly string[] {
    return this.#lines.map(([name]) => name);
  }
}

/** Feeds on chunks; gives the head, then the body piece by piece, then says that it is over. */
export class MessageReader {
  #buffer: Buffer = Buffer.alloc(0);
  #left = 0;
  #state: 'head' | 'body' | 'size' | 'data' | 'data-end' | 'trailers' | 'until-close' | 'over' = 'head';
  readonly #framing: (message: Message) => Framing;
  readonly #onHead: (message: Message) => void;
  readonly #onBody: (bytes: Buffer) => void;
  trailers: Fields = new Fields([]);

  constructor(handlers: {
    readonly framing: (message: Message) => Framing;
    readonly onHead: (message: Message) => void;
    readonly onBody: (bytes: Buffer) => void;
  }) {
    this.#framing = handlers.framing;
    this.#onHead = handlers.onHead;
    this.#onBody = handlers.onBody;
  }

  /** The message is over, and what came behind it. */
  get over(): boolean {
    return this.#state === 'over';
  }

  get rest(): Buffer {
    return this.#buffer;
  }

  take(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    while (this.#step());
  }

  /** The stream has ended: true when the message was complete. */
  end(): boolean {
    if (this.#state === 'until-close') this.#state = 'over';
    return this.#state === 'over';
  }

  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'body':
      case 'data':
        return this.#readBody();
      case 'until-close': {
        const bytes = this.#cut(this.#buffer.length);
        if (bytes.length > 0) this.#onBody(bytes);
        return false;
      }
      case 'size': {
        const line = this.#line('\r\n');
        if (line === undefined) return false;
        if (!/^[0-9a-f]+/i.test(line)) throw new Error(`no chunk size: ${JSON.stringify(line)}`);
        this.#left = Number.parseInt(line, 16);
        this.#state = this.#left === 0 ? 'trailers' : 'data';
        return true;
      }
      case 'data-end':
        if (this.#line('\r\n') === undefined) return false;
        this.#state = 'size';
        return true;
      case 'trailers':
        return this.#readTrailers();
      case 'over':
        return false;
    }
  }

  #readHead(): boolean {
    const text = this.#line('\r\n\r\n');
    if (text === undefined) return false;
    const [startLine = '', ...lines] = text.split('\r\n');
    const message = { startLine, fields: fieldsOf(lines), head: `${text}\r\n\r\n` };
    this.#onHead(message);
    const framing = this.#framing(message);
    if (framing.kind === 'length') {
      this.#left = framing.bytes;
      this.#state = framing.bytes === 0 ? 'over' : 'body';
    } else this.#state = ({ none: 'over', chunked: 'size', close: 'until-close' } as const)[framing.kind];
    return true;
  }

  #readBody(): boolean {
    const bytes = this.#cut(Math.min(this.#left, this.#buffer.length));
    if (bytes.length === 0) return false;
    this.#left -= bytes.length;
    this.#onBody(bytes);
    if (this.#left === 0) this.#state = this.#state === 'data' ? 'data-end' : 'over';
    return true;
  }

  #readTrailers(): boolean {
    if (this.#buffer.subarray(0, 2).toString('latin1') === '\r\n') {
      this.#cut(2);
      this.#state = 'over';
      return true;
    }
    const text = this.#line('\r\n\r\n');
    if (text === undefined) return false;
    this.trailers = fieldsOf(text.split('\r\n'));
    this.#state = 'over';
    return true;
  }

  #line(mark: string): string | undefined {
    const at = this.#buffer.indexOf(mark);
    if (at < 0) return undefined;
    return this.#cut(at + mark.length).toString('latin1', 0, at);
  }

  #cut(length: number): Buffer {
    const bytes = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return bytes;
  }
}

/** RFC 9112 §6.3 for a request. */
export function requestFraming({ fields }: Message): Framing {
  if (/(^|,)\s*chunked\s*$/i.test(fields.all('transfer-encoding').join(','))) return { kind: 'chunked' };
  const length = fields.get('content-length');
  return length === undefined ? { kind: 'none' } : { kind: 'length', bytes: Number(length) };
}

/** RFC 9112 §6.3 for the answer to a request with this method. */
export function responseFraming(message: Message, method: string): Framing {
  const status = Number(message.startLine.slice(9, 12));
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' };
  if (method === 'CONNECT' && status >= 200 && status < 300) return { kind: 'none' };
  const framing = requestFraming(message);
  return framing.kind === 'none' ? { kind: 'close' } : framing;
}

function fieldsOf(lines: readonly string[]): Fields {
  return new Fields(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
}
