import type { EdgeLinks, EdgeName, Log, MaybePromise } from '../../kernel/index.ts';
import type { Channel, ChannelEvents } from '../../platform/index.ts';
import { appErrors, toErrorFrame } from '../errors.ts';
import { isEdgeFrame, type ControlFrame, type EdgeFrame } from './frames.ts';

/** Calls of one edge that control works on at once; more are refused with BUS_AWAY. */
const CALLS_MAX = 256;

interface Edge {
  readonly channel: Channel;
  name: EdgeName | undefined;
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
export function createEdgeLinks(log: Log): EdgeLinksServer {
  const edges = new Set<Edge>();
  const methods = new Map<string, (params: unknown, edge: EdgeName) => MaybePromise<unknown>>();
  const posts = new Map<string, (data: unknown, edge: EdgeName) => void>();
  const gone: ((edge: EdgeName) => void)[] = [];
  const retained = new Map<string, unknown>();
  let lastId = 0;

  const send = (edge: Edge, frame: ControlFrame): void => {
    // An edge that does not read is cut; it connects again and gets the retained topics anew.
    if (!edge.channel.send(frame)) edge.channel.destroy();
  };

  const set = (edge: Edge, topic: string, data: unknown): Promise<void> =>
    new Promise((resolve) => {
      const id = ++lastId;
      edge.acks.set(id, resolve);
      send(edge, { t: 'set', id, topic, data });
    });

  const call = async (edge: Edge, name: EdgeName, frame: EdgeFrame & { t: 'call' }): Promise<void> => {
    edge.calls++;
    try {
      const method = methods.get(frame.method);
      if (method === undefined) throw appErrors.BUS_METHOD({ method: frame.method });
      if (edge.calls > CALLS_MAX) throw appErrors.BUS_AWAY();
      send(edge, { t: 'result', id: frame.id, data: await method(frame.params, name) });
    } catch (error) {
      const failure = toErrorFrame(error);
      if (failure.kind === 'bug') log.error('bus.call', { method: frame.method, error });
      send(edge, { t: 'fail', id: frame.id, error: failure });
    } finally {
      edge.calls--;
    }
  };

  const receive = (edge: Edge, frame: EdgeFrame): void => {
    if (frame.t === 'hello') {
      edge.name = { pid: frame.pid, generation: frame.generation };
      for (const [topic, data] of retained) void set(edge, topic, data);
      return;
    }
    if (edge.name === undefined) return;
    if (frame.t === 'call') void call(edge, edge.name, frame);
    else if (frame.t === 'post') posts.get(frame.topic)?.(frame.data, edge.name);
    else if (frame.t === 'ack') edge.acks.get(frame.id)?.();
    else edge.answers.get(frame.id)?.(frame.data);
    if (frame.t === 'ack') edge.acks.delete(frame.id);
  };

  const live = (): readonly Edge[] => [...edges].filter((edge) => edge.name !== undefined);

  return {
    get edges() {
      return live().flatMap((edge) => edge.name ?? []);
    },
    accept: (channel) => {
      const edge: Edge = { channel, name: undefined, calls: 0, acks: new Map(), answers: new Map() };
      edges.add(edge);
      return {
        onFrame: (frame) => {
          if (isEdgeFrame(frame)) receive(edge, frame);
          else channel.destroy();
        },
        onClose: () => {
          edges.delete(edge);
          for (const done of edge.acks.values()) done();
          for (const done of edge.answers.values()) done(undefined);
          if (edge.name !== undefined) for (const handler of gone) handler(edge.name);
        },
      };
    },
    handle: (method, handler) => void methods.set(method, handler),
    onPost: (topic, handler) => void posts.set(topic, handler),
    onGone: (handler) => void gone.push(handler),
    publish: async (topic, data) => {
      retained.set(topic, data);
      await Promise.all(live().map((edge) => set(edge, topic, data)));
    },
    collect: async (topic, timeoutMs) => {
      const found = new Map<number, unknown>();
      await Promise.all(
        live().map(async (edge) => {
          const data = await ask(edge, topic, timeoutMs);
          if (data !== undefined && edge.name !== undefined) found.set(edge.name.pid, data);
        }),
      );
      return found;
    },
  };

  function ask(edge: Edge, topic: string, timeoutMs: number): Promise<unknown> {
    const id = ++lastId;
    return new Promise((resolve) => {
      const finish = (data: unknown): void => {
        clearTimeout(timer);
        edge.answers.delete(id);
        resolve(data);
      };
      const timer = setTimeout(() => finish(undefined), timeoutMs);
      edge.answers.set(id, finish);
      send(edge, { t: 'ask', id, topic });
    });
  }
}
