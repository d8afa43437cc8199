import { z } from 'zod';
import { CHECKS, choice, count, duration, flag, optionalText, size, texts } from './keys.ts';

/** Header fields of answers that carry a verdict; who reads which is told in `docs/operations/icap.md`. */
export const VERDICT_FIELDS = [
  'X-Infection-Found',
  'X-Virus-ID',
  'X-Violations-Found',
  'X-Response-Info',
  'X-Blocked-Reason',
] as const;

const field = (text: string) =>
  (VERDICT_FIELDS as readonly string[]).includes(text)
    ? undefined
    : `expected one of: ${VERDICT_FIELDS.join(', ')}`;

const extension = (text: string) =>
  /^[a-z0-9_-]{1,20}$/i.test(text) ? undefined : 'is no file extension; write it without the dot';

const SERVICE_PATH = /^\/[\w.~-]{1,100}$/;

function required(what: string, pattern: RegExp, about: string) {
  return z
    .string({ error: `expected ${what}` })
    .regex(pattern, { error: `expected ${what}` })
    .meta({ info: { type: what, default: '(required)', description: about, live: true } });
}

const service = z.strictObject({
  path: required(
    'path of one part, such as /dlp',
    SERVICE_PATH,
    'icap://gateway/path; one of the built-in paths changes that one',
  ),
  methods: choice(['both', 'reqmod', 'respmod'], 'both', { about: 'What it takes; the other is 405' }),
  profile: choice(['block', 'monitor', 'hashes', 'echo'], 'block', {
    about:
      'block: policy and scan decide; monitor: the same is only told, in header fields, log and events; hashes: as block, by hashes and type alone; echo: nothing is looked at',
  }),
  scan: optionalText('name of a scan profile', {
    about:
      'Profile of bodies that no rule of the policy gives one: full, hashes, off or one of scan.profiles',
    shown: 'full; hashes for the profile hashes',
    check: (text) => (/^[a-z0-9][a-z0-9-]{0,39}$/.test(text) ? undefined : 'is no name of a profile'),
  }),
});

/** ICAP and ICAPS. */
export const icap = z.strictObject({
  trustedClients: texts([], 'networks', CHECKS.network, {
    about:
      'ICAP clients whose X-Client-IP, X-Client-Username and X-Authenticated-* say who asks; for others it is the client itself',
  }),
  clientCertificates: choice(['none', 'request', 'require'], 'none', {
    about:
      'Certificates of clients on icaps: request refuses a wrong one and takes none; require refuses both. Needs icap.clientCaFile',
  }),
  clientCaFile: optionalText('path of a PEM file', {
    about: 'Authorities that sign certificates of ICAP clients',
  }),
  services: z
    .array(service, { error: 'expected a list of services, each with its path' })
    .max(100, { error: 'must not have more than 100 entries' })
    .prefault([])
    .meta({
      info: {
        type: 'list of services',
        default: '[]',
        description:
          'Paths besides /reqmod /respmod /request /response /avscan /srv_clamav /virus_scan /squidclamav /echo, or one of these with another profile',
        live: true,
      },
    }),
  profileQuery: flag(true, { about: 'Whether a client may name the profile in the query: ?profile=monitor' }),
  maxConnections: count(1000, [1, 1_000_000], {
    about: 'Told to clients as Max-Connections; the bound itself is listeners.icap.sessionsMax',
  }),
  optionsTtl: duration('1h', ['1s', '30d'], { about: 'How long a client may believe an answer to OPTIONS' }),
  preview: size('4KiB', ['0B', '1MiB'], {
    about: 'Start of a body that is asked for first; enough for the type of most files',
  }),
  transferIgnore: texts([], 'file extensions', extension, {
    about: 'Extensions that clients need not send: told as Transfer-Ignore',
  }),
  transferComplete: texts([], 'file extensions', extension, {
    about: 'Extensions that clients send without a preview: told as Transfer-Complete',
  }),
  headBytesMax: size('16KiB', ['1KiB', '1MiB'], { about: 'Head of an ICAP message' }),
  encapsulatedBytesMax: size('128KiB', ['1KiB', '2MiB'], {
    about: 'HTTP heads in one ICAP message, together; twice http.headBytesMax',
  }),
  bodyIdle: duration('60s', ['1s', '1h'], { about: 'Silence in a body after which the client gets 408' }),
  transaction: duration('1h', ['1s', '7d'], { about: 'Longest time of one request with its answer' }),
  transactionsMax: count(2000, [1, 1_000_000], {
    about: 'Bodies that one edge takes at the same time; further requests get 503',
  }),
  partialContent: flag(false, {
    about:
      'Whether OPTIONS offers 206, which is used where a rule changes a head alone. Squid 5 then keeps 64 KiB of each body and stops there until the answer begins, so that of a longer body only 32 KiB can be held back',
  }),
  largeBodies: choice(['stream', 'hold'], 'stream', {
    about:
      'Answers that carry a body longer than icap.heldBytes. stream: all but so many bytes goes out before the verdict, and a bad end is cut off; hold: nothing does',
  }),
  heldBytes: size('1MiB', ['4KiB', '64MiB'], {
    about: 'End of a body that is held back until the verdict; a shorter body is held whole',
  }),
  heldTotal: size('64MiB', ['64KiB', '16GiB'], {
    about: 'Of all bodies of one edge; beyond it 16 KiB of a body are held',
  }),
  keepAlive: duration('5s', ['100ms', '5m'], {
    about: 'While a streamed answer waits for its verdict, a byte of it is sent so often',
  }),
  stall: duration('300ms', ['10ms', '1m'], {
    about:
      'A client that stops for so long behind 65,535 bytes of a body, as Squid 5.7 does, gets the beginning of its answer, and from then on always after 32 KiB; one that stops elsewhere gets it after icap.keepAlive',
  }),
  incomplete: choice(['block', 'allow'], 'block', {
    about:
      'Bodies that could not be looked at as a whole (encrypted, damaged, limit, timeout, unavailable, unsupported), where no rule of the policy allows or blocks them',
  }),
  answerFields: texts(VERDICT_FIELDS, 'header fields', field, {
    about: 'Which fields carry a verdict; clients such as Nextcloud read X-Infection-Found alone',
  }),
});
