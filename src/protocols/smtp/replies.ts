/** One answer of a server (RFC 5321 §4.2), its lines without code and line end. */
export interface SmtpReply {
  readonly code: number;
  readonly lines: readonly string[];
}

export interface SmtpViolation {
  readonly violation: 'line-too-long' | 'too-many-lines' | 'no-reply';
}

/** RFC 5321 §4.5.3.1.5: 512 bytes; extensions may make lines longer. */
const LINE_BYTES_MAX = 2048;
const LINES_MAX = 100;

/** Bytes of a server in, replies out. */
export class SmtpReplies {
  #text = '';
  #lines: string[] = [];
  #broken: SmtpViolation | undefined;

  receive(chunk: Uint8Array): void {
    // Latin 1 keeps bytes and characters the same; texts of servers are only shown.
    this.#text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
  }

  /** Bytes of a server that came before TLS began must not count as said in TLS (RFC 3207 §6). */
  get hasMore(): boolean {
    return this.#text !== '' || this.#lines.length > 0;
  }

  /** `undefined`: needs more bytes. A violation is final. */
  next(): SmtpReply | SmtpViolation | undefined {
    while (this.#broken === undefined) {
      const end = this.#text.indexOf('\n');
      if (end < 0 && this.#text.length <= LINE_BYTES_MAX) return undefined;
      if (end < 0 || end > LINE_BYTES_MAX) return this.#fail('line-too-long');
      const line = this.#text.slice(0, end).replace(/\r$/, '');
      this.#text = this.#text.slice(end + 1);
      const match = /^([2-5]\d\d)(?:([ -])(.*))?$/.exec(line);
      if (match === null) return this.#fail('no-reply');
      this.#lines.push(match[3] ?? '');
      if (this.#lines.length > LINES_MAX) return this.#fail('too-many-lines');
      if (match[2] === '-') continue;
      const reply = { code: Number(match[1]), lines: this.#lines };
      this.#lines = [];
      return reply;
    }
    return this.#broken;
  }

  #fail(violation: SmtpViolation['violation']): SmtpViolation {
    this.#text = '';
    return (this.#broken = { violation });
  }
}
