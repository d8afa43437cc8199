import { PORT_TABLE, type PortKey } from '../../kernel/index.ts';
import { z } from 'zod';
import { CHECKS, choice, count, duration, flag, integer, line, optionalText, size, texts } from './keys.ts';
import { SECRET_PARAMETERS } from './secret-parameters.ts';

/** Sections of the file that shape processes, sockets and logs. */

/**
 * Where the gateway may be reached from when the operator says nothing: loopback (RFC 1122 §3.2.1.3, RFC 4291
 * §2.5.3), private (RFC 1918), unique local (RFC 4193), link-local (RFC 3927, RFC 4291 §2.5.6).
 */
export const INTERNAL_NETWORKS = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  '169.254.0.0/16',
  'fe80::/10',
];

export const root = {
  dataDir: optionalText('path of a folder', {
    about:
      'State, keys and logs. --data-dir and SALLYPORT_DATA_DIR go before it; relative to the folder of this file',
    shown: './data in a checkout, else /var/lib/sallyport',
    live: false,
  }),
  edges: integer(undefined, [0, 256], {
    about: 'Processes that serve connections; 0 runs everything in one process, for tests and debugging',
    shown: 'number of cores',
    live: false,
  }),
  portOffset: count(0, [0, 65_534], { about: 'Added to every port of the table', live: false }),
  bind: texts([], 'IP addresses', CHECKS.address, {
    about: 'Addresses to listen on; empty: all of the machine, where networks.internal decides who is served',
    live: false,
  }),
};

/** Idle times that differ from the 60 s of the rest: proxies keep Squid's client_idle_pconn_timeout of 2 minutes. */
const IDLE: Partial<Record<PortKey, string>> = { ssh: '10m', forwardProxy: '120s', accessGateway: '120s' };

/** People at a prompt and scripts; a flood of connections must not cost memory. */
const SESSIONS: Partial<Record<PortKey, readonly [all: number, source: number]>> = { ssh: [200, 50] };

function listener(key: PortKey, port: number) {
  const [sessionsMax, sessionsPerSourceMax] = SESSIONS[key] ?? [50_000, 10_000];
  return z
    .strictObject({
      enabled: flag(true, { about: 'Whether the port is opened', live: false }),
      port: count(port, [0, 65_535], { about: 'Port before portOffset; 0 picks a free one', live: false }),
      sessionsMax: count(sessionsMax, [1, 1_000_000], {
        about:
          'Connections at once; 50,000 is over the 40,000 idle tunnels that one gateway is measured with',
      }),
      sessionsPerSourceMax: count(sessionsPerSourceMax, [1, 1_000_000], {
        about:
          'Connections at once from one source address; 10,000 leaves room for a proxy or NAT in front, and a fifth of all at most to one host',
      }),
      idle: duration(IDLE[key] ?? '60s', ['1s', '1d'], {
        about: 'Silence between requests after which a connection is closed',
      }),
      head: duration('15s', ['1s', '10m'], {
        about:
          'From the first byte of a request head, or the start of a TLS handshake, to its end; stops slow-header attacks',
      }),
    })
    .prefault({});
}

export const listeners = z.strictObject({
  ssh: listener('ssh', portOf('ssh')),
  http: listener('http', portOf('http')),
  https: listener('https', portOf('https')),
  webReputation: listener('webReputation', portOf('webReputation')),
  webReputationTls: listener('webReputationTls', portOf('webReputationTls')),
  forwardProxy: listener('forwardProxy', portOf('forwardProxy')),
  accessGateway: listener('accessGateway', portOf('accessGateway')),
  authPortal: listener('authPortal', portOf('authPortal')),
  icap: listener('icap', portOf('icap')),
  icaps: listener('icaps', portOf('icaps')),
} satisfies Record<PortKey, unknown>);

export const networks = z.strictObject({
  internal: texts(INTERNAL_NETWORKS, 'networks', CHECKS.network, {
    about:
      'Sources that are served; all others are refused at accept, before a byte is read. RFC 1918, RFC 4193, loopback, link-local',
  }),
});

export const tls = z.strictObject({
  certificateFile: optionalText('path of a PEM file', {
    about: 'Own server certificate with its chain; needs tls.keyFile',
    shown: "one signed by the gateway's own authority",
  }),
  keyFile: optionalText('path of a PEM file', {
    about: 'Private key of tls.certificateFile, without passphrase',
  }),
  names: texts([], 'host names or addresses', CHECKS.host, {
    about: "Names and addresses in the gateway's own certificate, besides the machine's own",
  }),
});

export const drain = z.strictObject({
  idle: duration('5s', ['0s', '10m'], {
    about: 'After a reload: how long an idle connection stays open in the old process',
  }),
  max: duration('10m', ['1s', '1d'], {
    about: 'After a reload: how long a tunnel may stay in the old process',
  }),
  generations: count(3, [1, 20], {
    about: 'Old processes of earlier reloads alive at once; the oldest is cut',
  }),
});

const parameter = (text: string) =>
  /^[\w.-]{1,64}$/.test(text) ? undefined : 'is no name of a parameter, such as access_token';

export const log = z.strictObject({
  level: choice(['debug', 'info', 'warn', 'error'], 'info', {
    about: 'Least severity that the application log keeps',
  }),
  format: choice(['auto', 'json', 'pretty'], 'auto', {
    about: 'auto: pretty on a terminal, else JSON lines',
  }),
  redactQuery: texts(['default'], 'parameter names', parameter, {
    about: `Parameters of URLs whose values no log, event, log target or block page shows, in any case and with or without _ and - between words. The word default stands for: ${SECRET_PARAMETERS.join(', ')}`,
  }),
});

export const accessLog = z.strictObject({
  enabled: flag(true, { about: 'Writes a line for each exchange to DATA_DIR/log/access.log' }),
  format: choice(['json', 'squid'], 'json', {
    about: "json: one object a line; squid: Squid's native format",
  }),
  fileBytesMax: size('100MiB', ['1MiB', '10GiB'], { about: 'The file is rotated when it is larger' }),
  filesMax: count(5, [1, 1000], { about: 'Files that are kept, the current one included' }),
  bufferBytesMax: size('4MiB', ['64KiB', '256MiB'], {
    about:
      'Lines of one process that wait for the disk; more are dropped and counted, so a slow disk never stops traffic',
  }),
});

export const events = z.strictObject({
  queueMax: count(10_000, [100, 1_000_000], {
    about: 'Events of one process that wait for control; more are dropped and counted',
  }),
  waitingMax: count(100_000, [1000, 10_000_000], {
    about: 'Events in control that wait for the disk; more are dropped and counted',
  }),
  keepDays: count(30, [1, 3650], { about: 'Whole days that are kept' }),
  keepBytes: size('10GiB', ['16MiB', '100TiB'], {
    about: 'Of the files of all days together; the oldest are removed',
  }),
  partBytes: size('4GiB', ['1MiB', '64GiB'], {
    about: 'A file of a day that is larger is followed by another of the same day',
  }),
  search: duration('250ms', ['10ms', '10s'], {
    about: 'Time for one page of a search; what was found by then is answered, with a cursor to go on',
  }),
  allows: choice(['aggregate', 'full'], 'aggregate', {
    about: 'What is kept of plain allows: a count a minute and door, or each of them',
  }),
});

const folder = (text: string) =>
  /^\/[^\0]*$/.test(text) ? undefined : 'is no absolute path such as /var/log/sallyport';

export const logTargets = z.strictObject({
  targetsMax: count(16, [1, 64], { about: 'Log targets at once' }),
  queueBytesMax: size('256MiB', ['1MiB', '1TiB'], {
    about:
      'Events of one target that wait on the disk while its receiver is away; then the oldest are lost and counted',
  }),
  messageBytesMax: size('64KiB', ['1KiB', '1MiB'], { about: 'A longer message is cut' }),
  folders: texts([], 'absolute paths of folders', folder, {
    about:
      'Where targets that are files may write besides DATA_DIR/log: whoever may add a target writes as the user that runs the gateway',
  }),
  fileBytesMax: size('1GiB', ['1MiB', '1TiB'], {
    about: 'Of a target that is a file; a larger one is kept as .1 and begun anew',
  }),
  connect: duration('10s', ['1s', '5m'], { about: 'For a connection to a receiver' }),
  idle: duration('30s', ['1s', '10m'], { about: 'A receiver that takes nothing for so long is given up' }),
  settle: duration('5s', ['0s', '5m'], {
    about:
      'Syslog has no acknowledgment: what was sent so shortly before a connection broke is sent again, so a receiver may see it twice',
  }),
  retryMax: duration('1m', ['1s', '1h'], { about: 'Longest pause between two tries to connect' }),
});

export const blockPage = z.strictObject({
  organization: line('', { about: 'Name on block pages' }),
  contact: line('', { about: 'Whom a blocked user asks: a mail address, a number, a sentence' }),
});

function portOf(key: PortKey): number {
  const row = PORT_TABLE.find((candidate) => candidate.key === key);
  if (row === undefined) throw new RangeError(`no such listener: ${key}`);
  return row.port;
}
