import { z } from 'zod';
import { CHECKS, choice, count, duration, flag, line, optionalText, ports, size, texts } from './keys.ts';

/** Sections of the file that shape messages, the way out and the doors. */

export const http = z.strictObject({
  headBytesMax: size('64KiB', ['1KiB', '1MiB'], {
    about: "Request or response head; Squid's request_header_max_size has the same default",
  }),
  targetBytesMax: size('8KiB', ['256B', '1MiB'], {
    about: 'Request target; RFC 9112 §3 recommends at least 8000 octets',
  }),
  fieldsMax: count(200, [10, 10_000], {
    about: "Header fields of one message; twice Apache's LimitRequestFields of 100",
  }),
  chunkLineBytesMax: size('256B', ['16B', '16KiB'], {
    about: 'Chunk size with its extensions (RFC 9112 §7.1.1 asks for a bound)',
  }),
  trailerBytesMax: size('8KiB', ['256B', '1MiB'], { about: 'Trailer section of a chunked message' }),
});

const dns = z
  .strictObject({
    timeout: duration('5s', ['100ms', '1m'], { about: 'One name; the default of resolv.conf(5) is 5 s too' }),
    entriesMax: count(20_000, [100, 1_000_000], { about: 'Names kept in the cache of one process' }),
    ttlMin: duration('5s', ['0s', '1h'], { about: 'An answer is kept at least so long' }),
    ttlMax: duration('1h', ['1s', '7d'], { about: 'An answer is kept at most so long' }),
    failureTtl: duration('5s', ['0s', '5m'], {
      about: 'A failure is kept so long; RFC 2308 §7.1 allows up to 5 minutes',
    }),
  })
  .prefault({});

const pool = z
  .strictObject({
    idlePerHostMax: count(256, [0, 10_000], {
      about:
        'Idle connections kept for one host and port, of one process; with fewer than clients use at once the others connect anew each time',
    }),
    idleMax: count(4096, [0, 100_000], { about: 'Idle connections kept in all, of one process' }),
    idle: duration('60s', ['1s', '1h'], {
      about: 'How long an idle connection is kept; below the 75 s that nginx, as server, keeps one',
    }),
  })
  .prefault({});

const parent = z.strictObject({
  host: z
    .string({ error: 'a parent needs its host name or address' })
    .superRefine((text, context) => {
      const message = CHECKS.host(text);
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: text });
    })
    .meta({
      info: {
        type: 'host name or address',
        default: '(required)',
        description: 'The parent proxy',
        live: true,
      },
    }),
  port: count(3128, [1, 65_535], { about: "Its port; 3128 is Squid's" }),
  user: optionalText('text', {
    about: 'User name for Basic authentication to the parent; needs passwordFile',
    check: (text) =>
      /^[^:\p{Cc}]{1,200}$/u.test(text)
        ? undefined
        : 'must have 1 to 200 characters, without colon and control characters',
  }),
  passwordFile: optionalText('path of a file', { about: 'File whose first line is the password' }),
  only: texts([], 'hosts', CHECKS.hostPattern, {
    about: 'Hosts that go through it, *.suffix or host; empty: all',
  }),
});

export const egress = z.strictObject({
  allowDestinations: texts([], 'networks', CHECKS.network, {
    about:
      'Networks opened although the proxy doors refuse them: loopback, link-local, metadata, multicast. --allow-destination adds to it',
  }),
  resolvers: texts([], 'DNS servers', CHECKS.resolver, {
    about: "DNS servers, address or address:port; empty: the system's resolver and hosts file",
  }),
  dns,
  connect: duration('10s', ['100ms', '5m'], { about: 'One address: from SYN to connected' }),
  connectTotal: duration('30s', ['100ms', '10m'], { about: 'All addresses of a name together' }),
  attemptDelay: duration('250ms', ['10ms', '2s'], {
    about: 'Before the next address is tried beside the first; RFC 8305 §5 and §8: 250 ms, 10 ms to 2 s',
  }),
  responseHead: duration('60s', ['1s', '1h'], {
    about:
      "From the end of a request to the end of the response head; nginx's proxy_read_timeout is 60 s too",
  }),
  bodyIdle: duration('120s', ['1s', '1h'], { about: 'Silence in a body, either direction' }),
  tunnelIdle: duration('30m', ['10s', '1d'], {
    about:
      'Silence in a tunnel; above the 29 minutes after which an IMAP IDLE client speaks again (RFC 2177)',
  }),
  halfClosed: duration('30s', ['1s', '1h'], {
    about:
      'Silence allowed once one side has ended its half: a client that has gone looks the same as one that only listens',
  }),
  total: duration('0s', ['0s', '7d'], {
    about: 'Longest life of one exchange; 0s: no bound, for large downloads',
  }),
  pool,
  parents: z
    .array(parent, { error: 'expected a list of parent proxies, each with host and port' })
    .max(16, { error: 'must not have more than 16 entries' })
    .prefault([])
    .meta({
      info: {
        type: 'list of parents',
        default: '[]',
        description: 'Parent proxies, asked in order; empty: straight to the destination',
        live: true,
      },
    }),
  parentRetry: duration('30s', ['1s', '1h'], { about: 'How long a parent that failed is left out' }),
});

export const forwardProxy = z.strictObject({
  connectPorts: ports([443, 8443], {
    about:
      'Ports that CONNECT may reach; a proxy that tunnels to any port relays mail and shells (RFC 9110 §9.3.6)',
  }),
  sources: texts([], 'networks', CHECKS.network, {
    about: 'Sources that may use the proxy; empty: all of networks.internal',
  }),
  auth: choice(['none', 'required'], 'none', {
    about: 'required: a user or a token with scope proxy (Proxy-Authorization)',
  }),
  realm: line('Sallyport', {
    about: 'Shown by clients when they ask for a password',
    max: 100,
    pattern: /^[ !#-[\]-~]+$/,
    rule: 'must be printable ASCII without quotes and backslashes',
  }),
  mode: choice(['open', 'allow-list'], 'open', {
    about: 'open: every destination that nothing blocks; allow-list: only those of forwardProxy.allowList',
  }),
  allowList: texts([], 'destinations', CHECKS.destination, {
    about: '*.suffix, host or CIDR, each with an optional :port or :from-to',
  }),
  largeBodies: choice(['stream', 'hold'], 'stream', {
    about:
      'Bodies that a rule of the policy has scanned and that are longer than forwardProxy.heldBytes. stream: all but so many bytes goes on before the verdict, and a bad end is cut off; hold: nothing does',
  }),
  heldBytes: size('1MiB', ['4KiB', '64MiB'], {
    about: 'End of a scanned body that is held back until the verdict; a shorter body is held whole',
  }),
  heldTotal: size('64MiB', ['64KiB', '16GiB'], {
    about: 'Of all bodies of one edge; beyond it 16 KiB of a body are held',
  }),
  incomplete: choice(['block', 'allow'], 'block', {
    about:
      'Scanned bodies that could not be looked at as a whole (encrypted, damaged, limit, timeout, unavailable, unsupported), where no rule of the policy allows or blocks them',
  }),
});

export const policy = z.strictObject({
  bytesMax: size('4MiB', ['64KiB', '12MiB'], {
    about: 'Text of a policy; every version of the configuration keeps the whole of it',
  }),
  rulesMax: count(10_000, [1, 20_000], { about: 'Rules of a policy' }),
  listEntriesMax: count(100_000, [1, 1_000_000], { about: 'Entries of one named list; more are a feed' }),
  valuesMax: count(1000, [1, 100_000], {
    about: 'Entries of one criterion of a rule; more are a named list or a feed',
  }),
});

export const indicators = z.strictObject({
  importLineBytesMax: size('64KiB', ['1KiB', '16MiB'], {
    about: 'Longest line of a list; longer ones are counted as errors',
  }),
  importErrorsMax: count(1000, [0, 10_000_000], {
    about: 'Bad lines that the report of an import keeps with line number and reason; all are counted',
  }),
  importEntriesMax: count(20_000_000, [1000, 100_000_000], {
    about:
      'Entries of one feed; a larger list is refused. Twice the ten million that the store is measured with',
  }),
  importListBytesMax: size('4GiB', ['1MiB', '64GiB'], { about: 'Largest list, unpacked' }),
  importDocumentBytesMax: size('256MiB', ['64KiB', '1GiB'], {
    about: 'Largest list of a format that is read as a whole (JSON, XML); takes several times that in memory',
  }),
  importExpansionMax: count(100, [2, 10_000], {
    about: 'How many times its size a packed list may unpack to; lists reach 3 to 20',
  }),
  localEntriesMax: count(100_000, [1, 1_000_000], {
    about: 'Entries of the local lists, which are written as a whole with every change',
  }),
});

export const reputation = z.strictObject({
  requireToken: flag(false, { about: 'Whether reputation queries need a token with scope reputation' }),
  urlBytesMax: size('8KiB', ['256B', '64KiB'], { about: 'Longest URL that is looked up' }),
  lineBytesMax: size('16KiB', ['512B', '1MiB'], {
    about: 'Longest line of POST /v1/urls; longer ones are answered with an error each',
  }),
  answersBytesMax: size('8MiB', ['64KiB', '256MiB'], {
    about:
      'Answers of POST /v1/urls that wait for a client that sends on without reading; then it is read no further',
  }),
});

export const api = z.strictObject({
  plainHttp: choice(['queries', 'redirect', 'off'], 'queries', {
    about: 'What port 80 answers: queries without secrets, only redirects to 443, or nothing but health',
  }),
  bodyBytesMax: size('10MiB', ['1KiB', '1GiB'], { about: 'Largest body of an API request' }),
  streamsMax: count(32, [0, 10_000], {
    about: 'Live streams of events and log lines at once, of the whole gateway; further ones get 503',
  }),
  heartbeat: duration('15s', ['1s', '5m'], {
    about: 'Silence after which a live stream sends a comment, so that nothing between takes it for dead',
  }),
  repeatsFor: duration('10m', ['1s', '1d'], {
    about: 'How long a POST with the same Idempotency-Key gets the answer of the first one',
  }),
  repeatsMax: count(1000, [0, 100_000], {
    about: 'Answers that are kept for that; the oldest are forgotten',
  }),
});

export const login = z.strictObject({
  failuresMax: count(5, [1, 1000], {
    about:
      'Wrong passwords of one user from one source before that pair is banned; NIST SP 800-63B §5.2.2 asks for 100 or fewer',
  }),
  ban: duration('5m', ['1s', '1d'], { about: 'How long a ban lasts' }),
});

export const sessions = z.strictObject({
  idle: duration('30m', ['1m', '1d'], { about: 'Silence that ends a session of the console' }),
  life: duration('12h', ['1m', '30d'], {
    about: 'Longest life of a session of the console, whatever happens in it',
  }),
  sessionsMax: count(200, [1, 10_000], { about: 'Sessions of the console and of SSH at once' }),
  perUserMax: count(10, [1, 1000], {
    about: 'Sessions of one kind of one user; one more ends the one that was silent for longest',
  }),
});

export const pac = z.strictObject({
  proxy: optionalText('host:port', {
    about: 'Proxy that clients are told to use',
    shown: 'the name that the file was fetched from, with the port of forwardProxy',
    check: CHECKS.hostPort,
  }),
  direct: texts([], 'destinations', CHECKS.destination, {
    about: 'Destinations that clients reach without the proxy',
  }),
});
