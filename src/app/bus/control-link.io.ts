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
  const { log } = options;
  const topics = new Map<string, (data: unknown) => MaybePromise<void>>();
  const questions = new Map<string, () => unknown>();
  const waiting = new Map<number, Waiting>();
  const posts: EdgeFrame[] = [];
  let channel: Channel | undefined;
  let retry: NodeJS.Timeout | undefined;
  let retryMs = RETRY_MS_MIN;
  let closed = false;
  let lastId = 0;
  let dropped = (): void => undefined;

  const send = (frame: EdgeFrame): boolean => channel?.send(frame) ?? false;

  const flush = (): void => {
    while (posts.length > 0 && send(posts[0]!)) posts.shift();
  };

  const take = (id: number): Waiting | undefined => {
    const call = waiting.get(id);
    waiting.delete(id);
    clearTimeout(call?.timer);
    return call;
  };

  const apply = async (frame: ControlFrame & { t: 'set' }): Promise<void> => {
    try {
      await topics.get(frame.topic)?.(frame.data);
    } catch (error) {
      // The edge goes on with what it had; control must not wait for it.
      log.error('bus.topic', { topic: frame.topic, error });
    }
    send({ t: 'ack', id: frame.id });
  };

  const receive = (frame: ControlFrame): void => {
    if (frame.t === 'result') take(frame.id)?.resolve(frame.data);
    else if (frame.t === 'fail') take(frame.id)?.reject(fromErrorFrame(frame.error));
    else if (frame.t === 'set') void apply(frame);
    else send({ t: 'answer', id: frame.id, data: questions.get(frame.topic)?.() ?? null });
  };

  const lost = (): void => {
    channel = undefined;
    for (const id of [...waiting.keys()]) take(id)?.reject(appErrors.BUS_AWAY());
    if (closed) return;
    log.warn('bus.lost');
    later();
  };

  const later = (): void => {
    retry = setTimeout(() => void connect(), retryMs * (0.5 + options.random()));
    retryMs = Math.min(retryMs * 1.5, RETRY_MS_MAX);
  };

  const connect = async (): Promise<void> => {
    try {
      const opened = await options.connect((own) => ({
        onFrame: (frame) => {
          if (isControlFrame(frame)) receive(frame);
          else own.destroy();
        },
        onClose: () => lost(),
      }));
      if (closed) return void opened.destroy();
      channel = opened;
      retryMs = RETRY_MS_MIN;
      send({ t: 'hello', pid: options.pid, generation: options.generation });
      flush();
    } catch {
      // Nobody listens: control is starting, or being restarted.
      if (!closed) later();
    }
  };

  return {
    get connected() {
      return channel !== undefined;
    },
    onDropped: (listener) => {
      dropped = listener;
    },
    open: () => void connect(),
    close: () => {
      closed = true;
      clearTimeout(retry);
      channel?.close();
    },
    call: (method, params, timeoutMs = CALL_MS) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        if (waiting.size >= CALLS_MAX || !send({ t: 'call', id, method, params })) {
          return void reject(appErrors.BUS_AWAY());
        }
        const late = (): void => void take(id)?.reject(appErrors.BUS_TIMEOUT({ method, timeoutMs }));
        waiting.set(id, { resolve, reject, timer: setTimeout(late, timeoutMs) });
      }),
    post: (topic, data) => {
      const frame: EdgeFrame = { t: 'post', topic, data };
      flush();
      if (posts.length === 0 && send(frame)) return true;
      if (posts.length < POSTS_MAX) return posts.push(frame) > 0;
      dropped();
      return false;
    },
    subscribe: (topic, handler) => void topics.set(topic, handler),
    answer: (topic, handler) => void questions.set(topic, handler),
  };
}
