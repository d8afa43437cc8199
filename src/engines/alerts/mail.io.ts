import type { Duplex } from 'node:stream';
import { messageOf } from '../../kernel/index.ts';
import {
  smtpDialogue,
  type SmtpLetter,
  type SmtpOptions,
  type SmtpOutcome,
  SmtpReplies,
  type SmtpReply,
} from '../../protocols/smtp/index.ts';
import type { Egress } from '../egress/index.ts';
import type { SendFailure } from './deliveries.ts';
import { dialPlain, type Place, startTls } from './dial.io.ts';

export interface MailServer extends Place, SmtpOptions {
  /** The whole conversation. */
  readonly timeoutMs: number;
}

/** Hands one letter to the mail server of the operator. */
export async function sendMail(
  egress: Pick<Egress, 'tunnel'>,
  server: MailServer,
  letter: SmtpLetter,
): Promise<SendFailure> {
  const open: { stream: Duplex | undefined } = { stream: undefined };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`${server.host} took longer than ${server.timeoutMs} ms`));
  }, server.timeoutMs);
  try {
    const outcome = await Promise.race([converse(egress, server, letter, open), late.promise]);
    if (!outcome.sent) return outcome;
    return outcome.refused.length === 0
      ? undefined
      : { permanent: true, reason: `the server refused ${outcome.refused.join(', ')}` };
  } catch (error) {
    return { permanent: false, reason: messageOf(error) };
  } finally {
    clearTimeout(timer);
    open.stream?.destroy();
  }
}

async function converse(
  egress: Pick<Egress, 'tunnel'>,
  server: MailServer,
  letter: SmtpLetter,
  open: { stream: Duplex | undefined },
): Promise<SmtpOutcome> {
  open.stream = await dialPlain(egress, server);
  if (server.security === 'tls') open.stream = await startTls(open.stream, server, []);
  let reader = new ReplyReader(open.stream);
  const dialogue = smtpDialogue(server, letter);
  for (let step = dialogue.next(); ;) {
    if (step.done === true) return step.value;
    if (step.value.do === 'start-tls') {
      // RFC 3207 §6: what came behind the answer to STARTTLS was not said in TLS.
      if (reader.hasMore) throw new Error(`${server.host} spoke before TLS began`);
      reader.release();
      open.stream = await startTls(open.stream, server, []);
      reader = new ReplyReader(open.stream);
      step = dialogue.next({ code: 0, lines: [] });
      continue;
    }
    if (step.value.do === 'send') open.stream.write(step.value.text);
    step = dialogue.next(await reader.next());
  }
}

/** Replies out of a stream, one after the other. */
class ReplyReader {
  readonly #stream: Duplex;
  readonly #replies = new SmtpReplies();
  #wake: (() => void) | undefined;
  #ended: Error | undefined;
  readonly #onData = (chunk: Buffer): void => {
    this.#replies.receive(chunk);
    this.#wake?.();
  };
  readonly #onEnd = (): void => this.#end(new Error('the mail server closed the connection'));
  readonly #onError = (error: Error): void => this.#end(error);

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onEnd);
    stream.on('error', this.#onError);
  }

  get hasMore(): boolean {
    return this.#replies.hasMore;
  }

  async next(): Promise<SmtpReply> {
    for (;;) {
      const reply = this.#replies.next();
      if (reply !== undefined && 'code' in reply) return reply;
      if (reply !== undefined) throw new Error(`the mail server does not speak SMTP (${reply.violation})`);
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Lets go of the stream: TLS takes it over. Errors still have a listener. */
  release(): void {
    this.#stream.pause();
    this.#stream.removeListener('data', this.#onData);
    this.#stream.removeListener('end', this.#onEnd);
    this.#stream.removeListener('close', this.#onEnd);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#wake?.();
  }
}
