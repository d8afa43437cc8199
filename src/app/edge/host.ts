import type { SecureContext } from 'node:tls';
import type { Config } from '../../engines/config/index.ts';
import {
  NetworkSet,
  PORT_TABLE,
  type Host,
  type Log,
  type MetricDeclaration,
  type Metrics,
  type PortKey,
  type Wire,
} from '../../kernel/index.ts';
import { isErrno, type AcceptOptions, type Acceptor, type NativeHandle } from '../../platform/index.ts';
import { appErrors } from '../errors.ts';

export const HOST_METRICS: readonly MetricDeclaration[] = [
  {
    name: 'connections_total',
    type: 'counter',
    help: 'Connections accepted, by listener',
    labels: ['listener'],
  },
  {
    name: 'connections_refused_total',
    type: 'counter',
    help: 'Connections refused before a byte was read, by listener and reason: not-internal, sessions, sessions-per-source, tls-handshake',
    labels: ['listener', 'reason'],
  },
  {
    name: 'connections_open',
    type: 'gauge',
    help: 'Connections open now, by listener',
    labels: ['listener'],
  },
  {
    name: 'connections_cut_total',
    type: 'counter',
    help: 'Connections cut because their time to finish was over',
  },
];

export interface HostOptions {
  readonly config: Config;
  readonly handles: ReadonlyMap<PortKey, readonly NativeHandle[]>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** What the server shows on a TLS port right now. */
  secureContext(): SecureContext;
  /** Certificates of clients on that port; `undefined`: they are not asked for. */
  clientCertificates?(key: PortKey): { readonly required: boolean; context(): SecureContext } | undefined;
  acceptOn(options: AcceptOptions): Promise<Acceptor>;
  /** The port that really listens. */
  portOf(key: PortKey): number | undefined;
}

export interface EdgeHost extends Host {
  readonly open: number;
  /** Existing connections go on, new ones are another process's. */
  stopAccepting(): void;
  closeIf(idle: (wire: Wire) => boolean): void;
  /** Cuts what is open. */
  destroy(): void;
}

/** Lends sockets to the services of one edge, and keeps count of what they have open. */
export function createHost(options: HostOptions): EdgeHost {
  const { config, handles, log, metrics } = options;
  const acceptors: Acceptor[] = [];
  const internal = new NetworkSet(config.networks.internal);
  const open = (): number => acceptors.reduce((sum, acceptor) => sum + acceptor.open, 0);
  // Limits are of the whole gateway; the kernel spreads connections evenly enough over its edges.
  const share = (count: number): number => Math.ceil(count / Math.max(1, config.edges));
  return {
    log,
    metrics,
    get open() {
      return open();
    },
    listen: async (key, serve) => {
      const own = handles.get(key);
      // The listener is disabled: the door lives on its other ports.
      if (own === undefined) return;
      const { sessionsMax, sessionsPerSourceMax, idleMs, headMs } = config.listeners[key];
      const accepted = metrics.counter('connections_total', key);
      const gauge = metrics.gauge('connections_open', key);
      const acceptor = await acceptOr(key, options, {
        handles: own,
        ...(isTls(key) ? { tls: tlsOf(key, options) } : {}),
        limits: {
          sessionsMax: share(sessionsMax),
          sessionsPerSourceMax: share(sessionsPerSourceMax),
          idleMs,
          headMs,
        },
        internal,
        onRefused: (reason) => metrics.counter('connections_refused_total', key, reason).add(),
        onError: (error) => log.error('session.bug', { listener: key, error }),
        onOpened: () => {
          accepted.add();
          gauge.add(1);
        },
        onClosed: () => gauge.add(-1),
        serve,
      });
      acceptors.push(acceptor);
    },
    stopAccepting: () => {
      for (const acceptor of acceptors) acceptor.stopAccepting();
    },
    closeIf: (idle) => {
      for (const acceptor of acceptors) acceptor.closeIf(idle);
    },
    destroy: () => {
      const count = open();
      if (count > 0) log.warn('connections.cut', { count });
      metrics.counter('connections_cut_total').add(count);
      for (const acceptor of acceptors) acceptor.destroy();
    },
  };
}

/** Two gateways that start at the same time both bind a port; the second one fails here. */
async function acceptOr(key: PortKey, options: HostOptions, accept: AcceptOptions): Promise<Acceptor> {
  try {
    return await options.acceptOn(accept);
  } catch (error) {
    if (!isErrno(error, 'EADDRINUSE')) throw error;
    throw appErrors.PORT_TAKEN({
      port: options.portOf(key),
      key: `listeners.${key}.port`,
      holder: ' by a program that has opened it at the same moment',
    });
  }
}

function tlsOf(key: PortKey, options: HostOptions): NonNullable<AcceptOptions['tls']> {
  const clients = options.clientCertificates?.(key);
  return clients === undefined
    ? { context: () => options.secureContext() }
    : { context: () => clients.context(), clients: clients.required ? 'require' : 'request' };
}

function isTls(key: PortKey): boolean {
  return PORT_TABLE.some((row) => row.key === key && row.tls);
}
