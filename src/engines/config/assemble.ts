import { PORT_KEYS } from '../../kernel/index.ts';
import type { FileTree } from './schema.ts';
import { SECRET_PARAMETERS } from './secret-parameters.ts';
import type {
  Config,
  EgressConfig,
  FeedsConfig,
  FileReputationConfig,
  ListenerConfig,
  LookAsideConfig,
  LookAsideKind,
  SafeBrowsingConfig,
} from './tree.ts';
import { icapAddress } from './icap-address.ts';
import type { ScanStage } from './tree-scan.ts';

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
    log: logOf(tree.log),
    accessLog: tree.accessLog,
    events: eventsOf(tree),
    logTargets: logTargetsOf(tree),
    alerts: alertsOf(tree, path),
    health: healthOf(tree),
    http: tree.http,
    egress: egressOf(tree, path),
    forwardProxy: tree.forwardProxy,
    policy: tree.policy,
    indicators: tree.indicators,
    reputation: tree.reputation,
    safeBrowsing: safeBrowsingOf(tree),
    fileReputation: fileReputationOf(tree),
    lookAside: lookAsideOf(tree, path),
    ssh: sshOf(tree.ssh),
    scan: scanOf(tree.scan, path),
    prediction: tree.prediction,
    inspection: inspectionOf(tree.inspection),
    icap: icapOf(tree.icap, path),
    files: filesOf(tree.files),
    quarantine: quarantineOf(tree.quarantine),
    feeds: feedsOf(tree),
    api: apiOf(tree),
    exports: exportsOf(tree.exports),
    taxii: tree.taxii,
    login: { failuresMax: login.failuresMax, banMs: login.ban },
    sessions: sessionsOf(tree),
    blockPage: tree.blockPage,
    pac: { proxy: tree.pac.proxy, direct: tree.pac.direct },
  };
}

function inspectionOf({ timeout, ...rest }: FileTree['inspection']): Config['inspection'] {
  return { ...rest, timeoutMs: timeout };
}

function listenersOf({ listeners }: FileTree): Config['listeners'] {
  const entries = PORT_KEYS.map((key): [string, ListenerConfig] => {
    const { idle, head, ...rest } = listeners[key];
    return [key, { ...rest, idleMs: idle, headMs: head }];
  });
  // One entry for each key of PORT_KEYS was made above.
  return Object.fromEntries(entries) as Config['listeners'];
}

function sessionsOf({ sessions: { idle, life, ...rest } }: FileTree): Config['sessions'] {
  return { ...rest, idleMs: idle, lifeMs: life };
}

function apiOf({ api: { heartbeat, repeatsFor, ...rest } }: FileTree): Config['api'] {
  return { ...rest, heartbeatMs: heartbeat, repeatsForMs: repeatsFor };
}

function sshOf({ loginGrace, idle, life, commandTime, ...rest }: FileTree['ssh']): Config['ssh'] {
  return { ...rest, loginGraceMs: loginGrace, idleMs: idle, lifeMs: life, commandTimeMs: commandTime };
}

function safeBrowsingOf({ safeBrowsing }: FileTree): SafeBrowsingConfig {
  const { minimumWait, cacheTtl, negativeCacheTtl, ...rest } = safeBrowsing;
  return { ...rest, minimumWaitMs: minimumWait, cacheMs: cacheTtl, negativeCacheMs: negativeCacheTtl };
}

function fileReputationOf({ fileReputation }: FileTree): FileReputationConfig {
  const { sessionLife, ...rest } = fileReputation;
  return { ...rest, sessionLifeMs: sessionLife };
}

function lookAsideOf(
  { lookAside }: FileTree,
  path: (text: string | undefined) => string | undefined,
): LookAsideConfig {
  const { upstreams, positiveTtl, negativeTtl, failurePause, ...rest } = lookAside;
  return {
    ...rest,
    positiveTtlMs: positiveTtl,
    negativeTtlMs: negativeTtl,
    failurePauseMs: failurePause,
    upstreams: upstreams.map(({ url, tokenFile, caFile, kinds, timeout, ...each }) => ({
      ...each,
      url: url.replace(/\/+$/, ''),
      tokenFile: path(tokenFile),
      caFile: path(caFile),
      // The schema has checked each of them.
      kinds: kinds as readonly LookAsideKind[],
      timeoutMs: timeout,
    })),
  };
}

function scanOf(
  { timeout, cacheFor, unpack, yara, clamd, icap, profiles, ...rest }: FileTree['scan'],
  path: (text: string | undefined) => string | undefined,
): Config['scan'] {
  const { timeout: unpackMs, ...unpackRest } = unpack;
  const { timeout: yaraMs, ...yaraRest } = yara;
  const { connect, timeout: clamdMs, check, socket, host, ...clamdRest } = clamd;
  return {
    ...rest,
    timeoutMs: timeout,
    cacheForMs: cacheFor,
    unpack: { ...unpackRest, timeoutMs: unpackMs },
    yara: { ...yaraRest, timeoutMs: yaraMs },
    clamd: {
      ...clamdRest,
      socket: path(socket),
      host,
      connectMs: connect,
      timeoutMs: clamdMs,
      checkMs: check,
    },
    icap: icapScannerOf(icap, path),
    profiles: profiles.map(({ name, stages }) => ({
      name,
      // The schema has checked each of them.
      stages: stages as readonly ScanStage[],
    })),
  };
}

/** `undefined`: nobody is asked. The schema has checked the address. */
function icapScannerOf(
  { url, caFile, connect, timeout, check, ...rest }: FileTree['scan']['icap'],
  path: (text: string | undefined) => string | undefined,
): Config['scan']['icap'] {
  const address = url === undefined ? undefined : icapAddress(url);
  if (url === undefined || address === undefined) return undefined;
  return {
    ...rest,
    ...address,
    url,
    caFile: path(caFile),
    connectMs: connect,
    timeoutMs: timeout,
    checkMs: check,
  };
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

function exportsOf({ renderTimeout, answerTimeout, ...rest }: FileTree['exports']): Config['exports'] {
  return { ...rest, renderTimeoutMs: renderTimeout, answerTimeoutMs: answerTimeout };
}

function feedsOf({ feeds }: FileTree): FeedsConfig {
  const { backoffMin, backoffMax, retryAfterMax, connect, responseHead, idle, total, ...rest } = feeds;
  return {
    ...rest,
    backoffMinMs: backoffMin,
    backoffMaxMs: backoffMax,
    retryAfterMaxMs: retryAfterMax,
    connectMs: connect,
    responseHeadMs: responseHead,
    idleMs: idle,
    totalMs: total,
  };
}

function filesOf({ uploadTimeout, ...rest }: FileTree['files']): Config['files'] {
  return { ...rest, uploadTimeoutMs: uploadTimeout };
}

function icapOf(
  { clientCaFile, services, optionsTtl, bodyIdle, transaction, keepAlive, stall, ...rest }: FileTree['icap'],
  path: (text: string | undefined) => string | undefined,
): Config['icap'] {
  return {
    ...rest,
    clientCaFile: path(clientCaFile),
    services: services.map(({ scan, ...each }) => ({ ...each, scan })),
    optionsTtlMs: optionsTtl,
    bodyIdleMs: bodyIdle,
    transactionMs: transaction,
    keepAliveMs: keepAlive,
    stallMs: stall,
  };
}

function quarantineOf({ keep, writeTimeout, ...rest }: FileTree['quarantine']): Config['quarantine'] {
  return { ...rest, keepMs: keep, writeTimeoutMs: writeTimeout };
}

function eventsOf({ events: { search, ...rest } }: FileTree): Config['events'] {
  return { ...rest, searchMs: search };
}

function alertsOf(
  { alerts: { smtp, caFile, check, timeout, giveUp, ...rest } }: FileTree,
  path: (text: string | undefined) => string | undefined,
): Config['alerts'] {
  return {
    ...rest,
    smtp: {
      host: smtp.host,
      port: smtp.port,
      security: smtp.security,
      user: smtp.user,
      passwordFile: path(smtp.passwordFile),
      from: smtp.from,
    },
    caFile: path(caFile),
    checkMs: check,
    timeoutMs: timeout,
    giveUpMs: giveUp,
  };
}

function healthOf({ health: { check, settle, flapWindow, silent, ...rest } }: FileTree): Config['health'] {
  return { ...rest, checkMs: check, settleMs: settle, flapWindowMs: flapWindow, silentMs: silent };
}

function logTargetsOf({
  logTargets: { connect, idle, settle, retryMax, ...rest },
}: FileTree): Config['logTargets'] {
  return { ...rest, connectMs: connect, idleMs: idle, settleMs: settle, retryMaxMs: retryMax };
}

function logOf(log: FileTree['log']): Config['log'] {
  const named = log.redactQuery.flatMap((name) => (name === 'default' ? SECRET_PARAMETERS : [name]));
  // Whatever is listed: clients of Safe Browsing send tokens of this gateway as `key`.
  return { ...log, redactQuery: [...new Set(['key', ...named])] };
}
