import { z } from 'zod';
import { CHECKS, choice, count, duration, flag, optionalText, size, texts } from './keys.ts';

/** Sections of the file for file reputation and for upstreams that are asked when this gateway knows nothing. */

export const LOOK_ASIDE_TYPES = ['gateway', 'hashlookup', 'virustotal'] as const;
export const LOOK_ASIDE_KINDS = ['file', 'url', 'domain', 'ip'] as const;

/** Names that are resolved at home: RFC 6761, RFC 6762, RFC 8375, RFC 9476, and what ICANN keeps free for it. */
export const PRIVATE_SUFFIXES = [
  'localhost',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'in-addr.arpa',
  'ip6.arpa',
  'alt',
  'onion',
  'test',
];

const isOne = <const T extends string>(values: readonly T[], text: string): text is T =>
  values.some((each) => each === text);

const upstream = z.strictObject({
  name: z
    .string({ error: 'an upstream needs a name' })
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, {
      error: 'must have 1 to 64 lower-case letters, digits, dots, hyphens and underscores',
    })
    .refine((name) => name !== 'local', { error: 'local is the name of the own lists' })
    .meta({
      info: {
        type: 'name',
        default: '(required)',
        description: 'Shown as the feed of what it says',
        live: true,
      },
    }),
  type: choice(LOOK_ASIDE_TYPES, 'gateway', {
    about:
      'virustotal: API v3; hashlookup: file hashes only; gateway: /api/v1/lookup of another Sallyport gateway',
  }),
  url: z
    .string({ error: 'an upstream needs a URL' })
    .refine(isServiceUrl, {
      error:
        'must be an http or https URL without user, query and fragment, such as https://www.virustotal.com',
    })
    .meta({
      info: {
        type: 'URL',
        default: '(required)',
        description: 'Where it is; what comes behind its path is of the API',
        live: true,
      },
    }),
  tokenFile: optionalText('path of a file', {
    about:
      'File whose first line is the key (x-apikey for virustotal, else Bearer); only its owner may read it',
  }),
  caFile: optionalText('path of a PEM file', {
    about: 'Authorities that its certificate may be of',
    shown: 'those that Node.js trusts',
  }),
  kinds: texts(
    [],
    LOOK_ASIDE_KINDS.join(', '),
    (text) => (isOne(LOOK_ASIDE_KINDS, text) ? undefined : `must be one of ${LOOK_ASIDE_KINDS.join(', ')}`),
    { about: 'What it may be asked; nothing else leaves the house' },
  ),
  timeout: duration('2s', ['50ms', '1m'], { about: 'From the question to the end of the answer' }),
  perMinute: count(4, [0, 1_000_000], {
    about: "Questions a minute, of the whole gateway; 0: no bound. 4 is VirusTotal's public quota",
  }),
  perDay: count(500, [0, 1_000_000_000], {
    about: "Questions a day (UTC), of the whole gateway; 0: no bound. 500 is VirusTotal's public quota",
  }),
  detectionsMin: count(3, [1, 100], {
    about: 'virustotal: engines that must call a thing malicious; fewer make it suspicious',
  }),
});

export const lookAside = z.strictObject({
  upstreams: z
    .array(upstream, { error: 'expected a list of upstreams, each with name, url and kinds' })
    .max(16, { error: 'must not have more than 16 entries' })
    .prefault([])
    .meta({
      info: {
        type: 'list of upstreams',
        default: '[]',
        description:
          'Asked in order when this gateway knows nothing about a thing; the first that knows decides',
        live: true,
      },
    }),
  privateSuffixes: texts(PRIVATE_SUFFIXES, 'domain suffixes', CHECKS.host, {
    about:
      'Names under these are never sent, nor names of one label, nor addresses that are not public (RFC 6890)',
  }),
  urlQueries: flag(false, {
    about: 'Whether URLs with a query leave the house; what stands behind the ? can be a secret',
  }),
  cacheEntriesMax: count(20_000, [0, 1_000_000], { about: 'Answers kept, of one process' }),
  positiveTtl: duration('6h', ['0s', '30d'], { about: 'How long a finding is kept' }),
  negativeTtl: duration('15m', ['0s', '30d'], { about: 'How long it is kept that nobody knows a thing' }),
  waitingMax: count(64, [1, 10_000], {
    about: 'Questions under way at once, of one process; further ones are answered from what is known',
  }),
  answerBytesMax: size('4MiB', ['1KiB', '64MiB'], { about: 'Largest answer of an upstream' }),
  failuresMax: count(5, [1, 1000], { about: 'Failures in a row after which an upstream rests' }),
  failurePause: duration('1m', ['1s', '1d'], {
    about: 'How long it rests then, or after 429 without Retry-After',
  }),
});

export const fileReputation = z.strictObject({
  bulkHashesMax: count(10_000, [1, 150_000], { about: 'Hashes in one bulk query' }),
  pageMax: count(1000, [1, 100_000], { about: 'Parents or children in one answer' }),
  relationsMax: count(100_000, [0, 10_000_000], {
    about:
      'Hashes whose reports and packages are kept in memory for parents and children, once they are asked for',
  }),
  sessionsMax: count(100, [0, 10_000], { about: 'hashlookup sessions at once' }),
  sessionHashesMax: count(10_000, [1, 1_000_000], { about: 'Hashes that one session collects' }),
  sessionLife: duration('1d', ['1s', '30d'], {
    about: 'How long a session is kept after it was made; the default of hashlookup-server is one day too',
  }),
  textsPerSecondMax: count(1000, [0, 1_000_000], {
    about:
      'Remarks and references that are read from the lists for answers in a second, of one process; reading one takes 0.2 ms, so 1000 leave most of the time for look-ups',
  }),
  topValuesMax: count(2000, [0, 1_000_000], {
    about: 'Hashes counted for /stats/top, of one process; 0: none are counted',
  }),
  submittedMax: count(10_000, [0, 1_000_000], {
    about: 'URLs handed in at POST /urls of the VirusTotal shape that stay known by their identifier',
  }),
});

function isServiceUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text) || /[\p{Cc} ]/u.test(text)) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
