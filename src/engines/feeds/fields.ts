import { parseDuration, type Severity, TLPS } from '../../kernel/index.ts';
import { CSV_FIELDS, LIST_FORMATS } from '../../protocols/lists/index.ts';

/**
 * What a subscription is made of, as data: the stored document, the options of the commands and the body of the
 * API are checked and described from this table. Keys of the document are the names; options are the same in
 * kebab case.
 */
export interface Field {
  readonly kind: 'text' | 'number' | 'flag' | 'list';
  readonly help: string;
  /** Name of the value in the help of the command. */
  readonly value: string;
  readonly choices?: readonly string[];
  /** What is wrong with a value; numbers come as text. */
  check?(text: string): string | undefined;
}

export const FEED_TYPES = ['list', 'taxii', 'misp', 'ut1', 'yara', 'safe-browsing'] as const;
export const FEED_ACTIONS = ['block', 'allow', 'label', 'suppress'] as const;
export const FEED_SEVERITIES = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[];
/** Versions of the Safe Browsing API, the first one where nothing is said. */
export const API_VERSIONS = ['v5', 'v4'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];
export const ENCODINGS = ['proto', 'json'] as const;
export const AUTH_KINDS = ['none', 'basic', 'bearer', 'header', 'url'] as const;
/** Stands in a URL for the secret of `auth: url`. */
export const SECRET_MARK = '{secret}';

export const FIELDS = {
  type: {
    kind: 'text',
    help: 'What is at the URL: one list, a TAXII 2.1 server, a MISP feed, a UT1 archive or folder, a set of YARA rules (a rule file or a ZIP archive of them), or a Safe Browsing server, whose lists are of hash prefixes',
    value: 'TYPE',
    choices: FEED_TYPES,
  },
  url: {
    kind: 'text',
    help: 'Where it is: https://…, or for list, ut1 and yara the absolute path of a file or folder',
    value: 'URL',
    check: urlProblem,
  },
  format: {
    kind: 'text',
    help: 'Format of a list; auto tells it from content and name',
    value: 'FORMAT',
    choices: ['auto', ...LIST_FORMATS],
  },
  map: {
    kind: 'list',
    help: `CSV columns by name or number: FIELD=COLUMN with fields ${CSV_FIELDS.join(', ')}`,
    value: 'FIELD=COLUMN',
    check: mapProblem,
  },
  action: {
    kind: 'text',
    help: 'Whether entries are bad (block), known-good (allow), say only what a thing is (label, the default of ut1), or take entries out of other lists (suppress)',
    value: 'ACTION',
    choices: FEED_ACTIONS,
  },
  category: {
    kind: 'text',
    help: 'Category of entries that name none',
    value: 'CATEGORY',
    check: lineProblem,
  },
  severity: {
    kind: 'text',
    help: 'Severity of entries that name none',
    value: 'SEVERITY',
    choices: FEED_SEVERITIES,
  },
  confidence: {
    kind: 'number',
    help: 'How sure entries are that say nothing, 0 to 100',
    value: 'NUMBER',
    check: within(0, 100),
  },
  priority: {
    kind: 'number',
    help: 'Smaller comes first among matches that are otherwise equal',
    value: 'NUMBER',
    check: within(0, 999_999),
  },
  licence: {
    kind: 'text',
    help: 'Licence of the feed, SPDX identifier or text',
    value: 'LICENCE',
    check: lineProblem,
  },
  tlp: { kind: 'text', help: 'TLP of entries that name none', value: 'TLP', choices: TLPS },
  every: {
    kind: 'text',
    help: 'How often it is fetched, such as 15m or 1d',
    value: 'TIME',
    check: timeProblem,
  },
  staleAfter: {
    kind: 'text',
    help: 'Age of the last success from which the feed is stale; default: three intervals',
    value: 'TIME',
    check: timeProblem,
  },
  expiresAfter: {
    kind: 'text',
    help: 'Entries stop matching this long after they were last in the feed; default: never',
    value: 'TIME',
    check: timeProblem,
  },
  shrinkMax: {
    kind: 'number',
    help: 'Percentage of its entries that a feed may lose at once; more is refused and the last good one stays',
    value: 'PERCENT',
    check: within(0, 100),
  },
  auth: {
    kind: 'text',
    help: `How to sign in; url puts the secret in place of ${SECRET_MARK} in the URL`,
    value: 'KIND',
    choices: AUTH_KINDS,
  },
  user: { kind: 'text', help: 'User name for auth basic', value: 'NAME', check: userProblem },
  header: {
    kind: 'text',
    help: 'Name of the request field for auth header',
    value: 'NAME',
    check: tokenProblem,
  },
  certificateFile: {
    kind: 'text',
    help: 'PEM file of a client certificate (mutual TLS)',
    value: 'FILE',
    check: pathProblem,
  },
  keyFile: {
    kind: 'text',
    help: 'PEM file of the key of the client certificate',
    value: 'FILE',
    check: pathProblem,
  },
  caFile: {
    kind: 'text',
    help: 'PEM file with the authorities to trust for this feed, instead of the public ones',
    value: 'FILE',
    check: pathProblem,
  },
  parent: {
    kind: 'text',
    help: 'egress: through egress.parents; direct: without a proxy; http://host:port: through that proxy',
    value: 'PROXY',
    check: parentProblem,
  },
  parentUser: {
    kind: 'text',
    help: 'User name at a proxy of its own',
    value: 'NAME',
    check: userProblem,
  },
  checksumUrl: {
    kind: 'text',
    help: 'URL of a file with the SHA-256 of the list, alone or in the form of sha256sum',
    value: 'URL',
    check: webProblem,
  },
  signatureUrl: {
    kind: 'text',
    help: 'URL of a detached signature of the list, raw or Base64; needs public-key-file',
    value: 'URL',
    check: webProblem,
  },
  publicKeyFile: {
    kind: 'text',
    help: 'PEM file of the Ed25519 or RSA public key that signs the list',
    value: 'FILE',
    check: pathProblem,
  },
  allowPlainHttp: {
    kind: 'flag',
    help: 'Fetch over plain HTTP, where everybody on the way can change the list',
    value: '',
  },
  enabled: { kind: 'flag', help: 'Whether it is fetched by itself', value: '' },
  collection: {
    kind: 'text',
    help: 'TAXII: id or title of the collection; default: the one that can be read',
    value: 'NAME',
    check: lineProblem,
  },
  label: {
    kind: 'list',
    help: 'TAXII: take only objects with one of these labels or indicator types',
    value: 'LABEL',
    check: lineProblem,
  },
  allAttributes: {
    kind: 'flag',
    help: 'MISP: take attributes that are not marked to_ids, too',
    value: '',
  },
  only: {
    kind: 'list',
    help: 'UT1: take only these categories; Safe Browsing: only these lists, such as se-4b (v5) or MALWARE/WINDOWS (v4); default: all',
    value: 'NAME',
    check: lineProblem,
  },
  api: {
    kind: 'text',
    help: 'Safe Browsing: version of the API',
    value: 'VERSION',
    choices: API_VERSIONS,
  },
  encoding: {
    kind: 'text',
    help: 'Safe Browsing: how messages are written',
    value: 'ENCODING',
    choices: ENCODINGS,
  },
  lookupTimeout: {
    kind: 'text',
    help: 'Safe Browsing: how long a request waits for the full hashes of a prefix that fits; then it goes on as if none did',
    value: 'TIME',
    check: lookupTimeProblem,
  },
  perMinute: {
    kind: 'number',
    help: 'Safe Browsing: questions for full hashes a minute, of the whole gateway; 0: no bound',
    value: 'NUMBER',
    check: within(0, 1_000_000),
  },
  perDay: {
    kind: 'number',
    help: 'Safe Browsing: questions for full hashes a day (UTC), of the whole gateway; 0: no bound',
    value: 'NUMBER',
    check: within(0, 9_999_999),
  },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof FIELDS;
// `Object.keys` of the table gives its keys.
export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];

/** `staleAfter` → `stale-after`. */
export function optionOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What is wrong with one text of a field; `undefined`: nothing. */
export function textProblem(field: Field, text: string): string | undefined {
  if (field.choices !== undefined && !field.choices.includes(text)) {
    return `expected one of: ${field.choices.join(', ')}`;
  }
  return field.check?.(text);
}

const TEXT_MAX = 2000;

function lineProblem(text: string): string | undefined {
  return text === '' || text.length > TEXT_MAX || /\p{Cc}/u.test(text)
    ? `must be one line of 1 to ${TEXT_MAX} characters`
    : undefined;
}

function userProblem(text: string): string | undefined {
  return text.includes(':') ? 'must not have a colon (RFC 7617 section 2)' : lineProblem(text);
}

/** RFC 9110 §5.6.2. */
function tokenProblem(text: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(text)) return 'is no name of a request field';
  return /^(?:host|connection|content-length|transfer-encoding|te|upgrade)$/i.test(text)
    ? 'belongs to the connection, not to whoever signs in'
    : undefined;
}

function pathProblem(text: string): string | undefined {
  return text.startsWith('/') ? lineProblem(text) : 'must be an absolute path';
}

function timeProblem(text: string): string | undefined {
  const ms = parseDuration(text);
  return ms === undefined || ms < 1000 ? 'expected a time of at least 1s, such as 15m or 1d' : undefined;
}

function lookupTimeProblem(text: string): string | undefined {
  const ms = parseDuration(text);
  return ms === undefined || ms < 50 || ms > 60_000 ? 'expected a time from 50ms to 1m' : undefined;
}

function within(min: number, max: number) {
  return (text: string): string | undefined =>
    /^\d{1,7}$/.test(text) && Number(text) >= min && Number(text) <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`;
}

function urlProblem(text: string): string | undefined {
  return text.startsWith('/') ? lineProblem(text) : webProblem(text);
}

function webProblem(text: string): string | undefined {
  const url = URL.parse(text.replaceAll(SECRET_MARK, 'secret'));
  if (url === null || !/^https?:$/.test(url.protocol) || text.length > TEXT_MAX || /[\s\p{Cc}]/u.test(text)) {
    return 'is no URL of http or https';
  }
  return url.username !== '' || url.password !== ''
    ? 'must not hold a user or password: use auth basic, which keeps the password secret'
    : undefined;
}

function parentProblem(text: string): string | undefined {
  if (text === 'egress' || text === 'direct') return undefined;
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:' || url.hostname === '') {
    return 'expected egress, direct or http://host:port';
  }
  return url.username !== '' || url.password !== '' || url.pathname !== '/'
    ? 'must be http://host:port; user and password have options of their own'
    : undefined;
}

function mapProblem(text: string): string | undefined {
  const equals = text.indexOf('=');
  const field = text.slice(0, Math.max(0, equals));
  return CSV_FIELDS.some((each) => each === field) && equals < text.length - 1
    ? undefined
    : `is not FIELD=COLUMN with a field of ${CSV_FIELDS.join(', ')}`;
}
