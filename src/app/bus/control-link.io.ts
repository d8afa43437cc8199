import type { ControlLink, Log, MaybePromise } from '../../kernel/index.ts';
import type { Channel, ChannelEvents } from '../../platform/index.ts';
import { appErrors, fromErrorFrame } from '../errors.ts';
import { isControlFrame, type ControlFrame, type EdgeFrame } from './frames.ts';

const CALL_MS = 10_000;
const CALLS_MAX = 1024;
/** While control is away or slow; the sender keeps what it cannot afford to lose in a queue of its own. */
const POSTS_MAX = 1000;
/** The first tries come fast, for the start of all processes at once; then control is being restarted. */
const RETRY_MS_MIN = 15;
const RETRY_MS_MAX = 1000;

export interface ControlLinkOptions {
  readonly pid: number;
  readonly generation: number;
  readonly log: Log;
  /** Retained topics to be told of; absent: all. What a process is not told, nobody can take from it. */
  readonly topics?: readonly string[];
  /** Rejects while control does not listen. */
  connect(events: (channel: Channel) => ChannelEvents): Promise<Channel>;
  /** 0 to 1, for the jitter: edges must not come back all at once. */
  random(): number;
}

export interface EdgeControlLink extends ControlLink {
  /** Called for every post that was not taken. */
  onDropped(listener: () => void): void;
  /** Connects and stays connected. Call it when every topic has its handler. */
  open(): void;
  close(): void;
}

interface Waiting {
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** An edge's end of the bus. */
export function createControlLink(options: ControlLinkOptions): EdgeControlLink {
  return new ControlEnd(options);
}

class ControlEnd implements EdgeControlLink {
  readonly #options: ControlLinkOptions;
  readonly #topics = new Map<string, (data: unknown) => MaybePromise<void>>();
  readonly #questions = new Map<string, () => unknown>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #posts: EdgeFrame[] = [];
  #channel: Channel | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS_MIN;
  #closed = false;
  #lastId = 0;
  #dropped = (): void => undefined;

  constructor(options: ControlLinkOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#channel !== undefined;
  }

  onDropped(listener: () => void): void {
    this.#dropped = listener;
  }

  open(): void {
    void this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#channel?.close();
  }

  call(method: string, params: unknown, timeoutMs = CALL_MS): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      if (this.#waiting.size >= CALLS_MAX || !this.#send({ t: 'call', id, method, params })) {
        return void reject(appErrors.BUS_AWAY());
      }
      const late = (): void => void this.#take(id)?.reject(appErrors.BUS_TIMEOUT({ method, timeoutMs }));
      this.#waiting.set(id, { resolve, reject, timer: setTimeout(late, timeoutMs) });
    });
  }

  post(topic: string, data: unknown): boolean {
    const frame: EdgeFrame = { t: 'post', topic, data };
    this.#flush();
    if (this.#posts.length === 0 && this.#send(frame)) return true;
    if (this.#posts.length < POSTS_MAX) return this.#posts.push(frame) > 0;
    this.#dropped();
    return false;
  }

  subscribe(topic: string, handler: (data: unknown) => MaybePromise<void>): void {
    this.#topics.set(topic, handler);
  }

  answer(topic: string, handler: () => unknown): void {
    this.#questions.set(topic, handler);
  }

  #send(frame: EdgeFrame): boolean {
    return this.#channel?.send(frame) ?? false;
  }

  #flush(): void {
    while (this.#posts.length > 0 && this.#send(this.#posts[0]!)) this.#posts.shift();
  }

  #take(id: number): Waiting | undefined {
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(call?.timer);
    return call;
  }

  #receive(channel: Channel, frame: ControlFrame): void {
    if (frame.t === 'result') this.#take(frame.id)?.resolve(frame.data);
    else if (frame.t === 'fail') this.#take(frame.id)?.reject(fromErrorFrame(frame.error));
    else if (frame.t === 'set') void this.#apply(channel, frame);
    else channel.send({ t: 'answer', id: frame.id, data: this.#answerTo(frame.topic) } satisfies EdgeFrame);
  }

  async #apply(channel: Channel, frame: ControlFrame & { t: 'set' }): Promise<void> {
    try {
      await this.#topics.get(frame.topic)?.(frame.data);
    } catch (error) {
      // The edge goes on with what it had; control must not wait for it.
      this.#options.log.error('bus.topic', { topic: frame.topic, error });
    }
    // To the control that asked, and to no later one: that one counts its own numbers from 1 again.
    channel.send({ t: 'ack', id: frame.id } satisfies EdgeFrame);
  }

  #answerTo(topic: string): unknown {
    try {
      return this.#questions.get(topic)?.() ?? null;
    } catch (error) {
      // Nothing that control asks may end an edge.
      this.#options.log.error('bus.question', { topic, error });
      return null;
    }
  }

  #lost(): void {
    this.#channel = undefined;
    for (const id of this.#waiting.keys()) this.#take(id)?.reject(appErrors.BUS_AWAY());
    if (this.#closed) return;
    this.#options.log.warn('bus.lost');
    this.#later();
  }

  #later(): void {
    this.#retry = setTimeout(() => void this.#connect(), this.#retryMs * (0.5 + this.#options.random()));
    this.#retryMs = Math.min(this.#retryMs * 1.5, RETRY_MS_MAX);
  }

  async #connect(): Promise<void> {
    const { pid, generation, topics } = this.#options;
    try {
      const opened = await this.#options.connect((own) => ({
        onFrame: (frame) => {
          if (isControlFrame(frame)) this.#receive(own, frame);
          else own.destroy();
        },
        onClose: () => this.#lost(),
      }));
      if (this.#closed) return void opened.destroy();
      this.#channel = opened;
      this.#retryMs = RETRY_MS_MIN;
      this.#send({ t: 'hello', pid, generation, ...(topics === undefined ? {} : { topics }) });
      this.#flush();
    } catch {
      // Nobody listens: control is starting, or being restarted.
      if (!this.#closed) this.#later();
    }
  }
}
