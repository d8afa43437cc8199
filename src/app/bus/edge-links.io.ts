import type { EdgeLinks, EdgeName, Log, MaybePromise } from '../../kernel/index.ts';
import type { Channel, ChannelEvents } from '../../platform/index.ts';
import { appErrors, toErrorFrame } from '../errors.ts';
import { isEdgeFrame, type ControlFrame, type EdgeFrame } from './frames.ts';

/** Calls of one edge that control works on at once; more are refused with BUS_AWAY. */
const CALLS_MAX = 256;
/** An edge that has not taken a topic over by then hangs: whoever publishes must not hang with it. */
const ACK_MS = 30_000;

interface Edge {
  readonly channel: Channel;
  name: EdgeName | undefined;
  /** Retained topics that it wants; `undefined`: all. */
  topics: readonly string[] | undefined;
  calls: number;
  readonly acks: Map<number, () => void>;
  readonly answers: Map<number, (data: unknown) => void>;
}

export interface EdgeLinksServer extends EdgeLinks {
  /** Takes a connection of an edge, whatever carries it. */
  accept(channel: Channel): ChannelEvents;
  readonly edges: readonly EdgeName[];
}

/** Control's end of the bus. */
export function createEdgeLinks(log: Log, ackMs = ACK_MS): EdgeLinksServer {
  return new EdgesEnd(log, ackMs);
}

class EdgesEnd implements EdgeLinksServer {
  readonly #log: Log;
  readonly #ackMs: number;
  readonly #edges = new Set<Edge>();
  readonly #methods = new Map<string, (params: unknown, edge: EdgeName) => MaybePromise<unknown>>();
  readonly #posts = new Map<string, (data: unknown, edge: EdgeName) => void>();
  readonly #gone: ((edge: EdgeName) => void)[] = [];
  readonly #retained = new Map<string, unknown>();
  #lastId = 0;

  constructor(log: Log, ackMs: number) {
    this.#log = log;
    this.#ackMs = ackMs;
  }

  get edges(): readonly EdgeName[] {
    return this.#live().flatMap((edge) => edge.name ?? []);
  }

  accept(channel: Channel): ChannelEvents {
    const edge: Edge = {
      channel,
      name: undefined,
      topics: undefined,
      calls: 0,
      acks: new Map(),
      answers: new Map(),
    };
    this.#edges.add(edge);
    return {
      onFrame: (frame) => {
        if (isEdgeFrame(frame)) this.#receive(edge, frame);
        else channel.destroy();
      },
      onClose: () => this.#closed(edge),
    };
  }

  handle(method: string, handler: (params: unknown, edge: EdgeName) => MaybePromise<unknown>): void {
    this.#methods.set(method, handler);
  }

  onPost(topic: string, handler: (data: unknown, edge: EdgeName) => void): void {
    this.#posts.set(topic, handler);
  }

  onGone(handler: (edge: EdgeName) => void): void {
    this.#gone.push(handler);
  }

  async publish(topic: string, data: unknown): Promise<void> {
    this.#retained.set(topic, data);
    const wanting = this.#live().filter((edge) => wants(edge, topic));
    await Promise.all(wanting.map((edge) => this.#set(edge, topic, data)));
  }

  async collect(topic: string, timeoutMs: number): Promise<ReadonlyMap<number, unknown>> {
    const found = new Map<number, unknown>();
    await Promise.all(
      this.#live().map(async (edge) => {
        const data = await this.#ask(edge, topic, timeoutMs);
        if (data !== undefined && edge.name !== undefined) found.set(edge.name.pid, data);
      }),
    );
    return found;
  }

  #live(): readonly Edge[] {
    return [...this.#edges].filter((edge) => edge.name !== undefined);
  }

  #send(edge: Edge, frame: ControlFrame): void {
    // An edge that does not read is cut; it connects again and gets the retained topics anew.
    if (!edge.channel.send(frame)) edge.channel.destroy();
  }

  /** Resolves when the edge has taken it over or is gone. */
  #set(edge: Edge, topic: string, data: unknown): Promise<void> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#log.warn('bus.edge-late', { topic, edge: edge.name?.pid, ackMs: this.#ackMs });
        // Cut, it gets every topic anew when it is back.
        edge.channel.destroy();
      }, this.#ackMs);
      edge.acks.set(id, () => {
        clearTimeout(timer);
        edge.acks.delete(id);
        resolve();
      });
      this.#send(edge, { t: 'set', id, topic, data });
    });
  }

  #ask(edge: Edge, topic: string, timeoutMs: number): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const finish = (data: unknown): void => {
        clearTimeout(timer);
        edge.answers.delete(id);
        resolve(data);
      };
      const timer = setTimeout(() => finish(undefined), timeoutMs);
      edge.answers.set(id, finish);
      this.#send(edge, { t: 'ask', id, topic });
    });
  }

  #receive(edge: Edge, frame: EdgeFrame): void {
    if (frame.t === 'hello') {
      edge.name = { pid: frame.pid, generation: frame.generation };
      edge.topics = frame.topics;
      for (const [topic, data] of this.#retained) if (wants(edge, topic)) void this.#set(edge, topic, data);
      return;
    }
    if (edge.name === undefined) return;
    if (frame.t === 'call') void this.#call(edge, edge.name, frame);
    else if (frame.t === 'post') this.#post(edge.name, frame);
    else if (frame.t === 'ack') edge.acks.get(frame.id)?.();
    else edge.answers.get(frame.id)?.(frame.data);
  }

  #post(name: EdgeName, { topic, data }: EdgeFrame & { t: 'post' }): void {
    try {
      this.#posts.get(topic)?.(data, name);
    } catch (error) {
      // Nobody waits for an answer, and no message of an edge may end control.
      this.#log.error('bus.post', { topic, edge: name.pid, error });
    }
  }

  async #call(edge: Edge, name: EdgeName, frame: EdgeFrame & { t: 'call' }): Promise<void> {
    edge.calls++;
    try {
      const method = this.#methods.get(frame.method);
      if (method === undefined) throw appErrors.BUS_METHOD({ method: frame.method });
      if (edge.calls > CALLS_MAX) throw appErrors.BUS_AWAY();
      this.#send(edge, { t: 'result', id: frame.id, data: await method(frame.params, name) });
    } catch (error) {
      const failure = toErrorFrame(error);
      if (failure.kind === 'bug') this.#log.error('bus.call', { method: frame.method, error });
      this.#send(edge, { t: 'fail', id: frame.id, error: failure });
    } finally {
      edge.calls--;
    }
  }

  #closed(edge: Edge): void {
    this.#edges.delete(edge);
    for (const done of edge.acks.values()) done();
    for (const done of edge.answers.values()) done(undefined);
    if (edge.name !== undefined) for (const handler of this.#gone) handler(edge.name);
  }
}

function wants({ topics }: Edge, topic: string): boolean {
  return topics === undefined || topics.includes(topic);
}
