import { PORT_KEYS } from '../../kernel/index.ts';
import type { FileTree } from './schema.ts';
import type { Config, EgressConfig, ListenerConfig } from './tree.ts';

/** What the caller has resolved: paths, cores, options of the command line. */
export interface Resolved {
  readonly dataDir: string;
  readonly file: string | undefined;
  readonly cores: number;
  /** Makes a path of the file absolute. */
  path(text: string): string;
}

/** The checked file as the tree that the processes read: units in the names, paths absolute. */
export function assemble(tree: FileTree, resolved: Resolved): Config {
  const { drain, login, tls } = tree;
  const path = (text: string | undefined) => (text === undefined ? undefined : resolved.path(text));
  return {
    dataDir: resolved.dataDir,
    file: resolved.file,
    edges: tree.edges ?? resolved.cores,
    portOffset: tree.portOffset,
    bind: tree.bind,
    listeners: listenersOf(tree),
    networks: tree.networks,
    tls: { certificateFile: path(tls.certificateFile), keyFile: path(tls.keyFile), names: tls.names },
    drain: { idleMs: drain.idle, maxMs: drain.max, generations: drain.generations },
    log: tree.log,
    accessLog: tree.accessLog,
    events: tree.events,
    http: tree.http,
    egress: egressOf(tree, path),
    forwardProxy: tree.forwardProxy,
    indicators: tree.indicators,
    reputation: tree.reputation,
    api: tree.api,
    login: { failuresMax: login.failuresMax, banMs: login.ban },
    blockPage: tree.blockPage,
    pac: { proxy: tree.pac.proxy, direct: tree.pac.direct },
  };
}

function listenersOf({ listeners }: FileTree): Config['listeners'] {
  const entries = PORT_KEYS.map((key): [string, ListenerConfig] => {
    const { idle, head, ...rest } = listeners[key];
    return [key, { ...rest, idleMs: idle, headMs: head }];
  });
  // One entry for each key of PORT_KEYS was made above.
  return Object.fromEntries(entries) as Config['listeners'];
}

function egressOf(
  { egress }: FileTree,
  path: (text: string | undefined) => string | undefined,
): EgressConfig {
  const { dns, pool } = egress;
  return {
    allowDestinations: egress.allowDestinations,
    resolvers: egress.resolvers,
    dns: {
      timeoutMs: dns.timeout,
      entriesMax: dns.entriesMax,
      ttlMinMs: dns.ttlMin,
      ttlMaxMs: dns.ttlMax,
      failureTtlMs: dns.failureTtl,
    },
    connectMs: egress.connect,
    connectTotalMs: egress.connectTotal,
    attemptDelayMs: egress.attemptDelay,
    responseHeadMs: egress.responseHead,
    bodyIdleMs: egress.bodyIdle,
    tunnelIdleMs: egress.tunnelIdle,
    halfClosedMs: egress.halfClosed,
    totalMs: egress.total,
    pool: { idlePerHostMax: pool.idlePerHostMax, idleMax: pool.idleMax, idleMs: pool.idle },
    parents: egress.parents.map(({ host, port, user, passwordFile, only }) => ({
      host,
      port,
      user,
      passwordFile: path(passwordFile),
      only,
    })),
    parentRetryMs: egress.parentRetry,
  };
}
