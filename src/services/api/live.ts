import { problemAnswer, type WebAnswer, type WebRequest } from '../../engines/web/index.ts';
import { Reply } from './reply.ts';

/** What came since the poll before, and where to go on. */
export interface Polled {
  readonly items: readonly unknown[];
  readonly after: string;
}

export interface LiveOptions {
  readonly streamsMax: number;
}

export interface LiveRequest {
  readonly request: WebRequest;
  /** The session that it came in; its end ends the stream. */
  readonly session: string | undefined;
  /** Whether whoever asked still may. */
  still(): Promise<boolean>;
  /** Waits until something is there or it is time to say that we live. `after`: absent at first. */
  poll(after: string | undefined): Promise<Polled>;
}

/** Server-sent events (HTML §9.2): a bounded number of streams, which end at once when the edge drains. */
export class LiveStreams {
  readonly #options: LiveOptions;
  readonly #open = new Set<() => void>();
  readonly #ofSession = new Map<string, Set<() => void>>();
  readonly #sessions: { onClose(id: string, callback: () => void): void };
  #drained = false;

  constructor(options: LiveOptions, sessions: { onClose(id: string, callback: () => void): void }) {
    this.#options = options;
    this.#sessions = sessions;
  }

  drain(): void {
    this.#drained = true;
    for (const end of this.#open) end();
  }

  open(live: LiveRequest): Reply {
    if (this.#drained || this.#open.size >= this.#options.streamsMax)
      return new Reply(undefined, { answer: BUSY });
    const answer: WebAnswer = {
      status: 200,
      type: 'text/event-stream',
      // What stands between must hand every event on at once.
      fields: [
        ['Cache-Control', 'no-store'],
        ['X-Accel-Buffering', 'no'],
      ],
      close: true,
      stream: async (out) => {
        const ended = Promise.withResolvers<undefined>();
        const end = (): void => ended.resolve(undefined);
        this.#add(end, live.session);
        try {
          await out.write(': live\n\n');
          let after = live.request.field('last-event-id')?.slice(0, ID_CHARS_MAX);
          for (;;) {
            const polled = await Promise.race([this.#polled(live, after), ended.promise]);
            if (polled === undefined || out.gone) return;
            await out.write(textOf(polled));
            after = polled.after;
          }
        } finally {
          this.#remove(end, live.session);
        }
      },
    };
    return new Reply(undefined, { answer });
  }

  /** `undefined`: the stream is over. The client connects again, and goes on behind the last id. */
  async #polled(live: LiveRequest, after: string | undefined): Promise<Polled | undefined> {
    try {
      const polled = await live.poll(after);
      return (await live.still()) ? polled : undefined;
    } catch {
      // Control is away, or does not know the mark: both are over when the client comes again.
      return undefined;
    }
  }

  #add(end: () => void, session: string | undefined): void {
    this.#open.add(end);
    if (session === undefined) return;
    const known = this.#ofSession.get(session);
    if (known !== undefined) return void known.add(end);
    const ends = new Set([end]);
    this.#ofSession.set(session, ends);
    this.#sessions.onClose(session, () => {
      this.#ofSession.delete(session);
      for (const each of ends) each();
    });
  }

  #remove(end: () => void, session: string | undefined): void {
    this.#open.delete(end);
    if (session !== undefined) this.#ofSession.get(session)?.delete(end);
  }
}

const ID_CHARS_MAX = 256;

/** Only the last event of a batch has the id: what broke off in it comes again. */
function textOf({ items, after }: Polled): string {
  if (items.length === 0) return ': \n\n';
  const blocks = items.map((item, at) => {
    const id = at === items.length - 1 ? `id: ${after}\n` : '';
    return `${id}data: ${JSON.stringify(item)}\n\n`;
  });
  return blocks.join('');
}

const BUSY = problemAnswer(
  {
    status: 503,
    code: 'streams-busy',
    title: 'There are too many live streams',
    detail: 'Every stream that may be open is open.',
    hint: 'Close one, or raise api.streamsMax.',
  },
  { fields: [['Retry-After', '5']] },
);
