import { parseDuration, type Severity, type Tlp } from '../../kernel/index.ts';
import type { Json, JsonObject, SectionDocument, StateSection } from '../state/index.ts';
import { documentSection } from '../state/index.ts';
import { isFeedName } from './names.ts';
import { listNameProblem } from './safe-browsing/lists.ts';
import {
  API_VERSIONS,
  type ApiVersion,
  AUTH_KINDS,
  ENCODINGS,
  FEED_ACTIONS,
  FEED_TYPES,
  type Field,
  FIELD_NAMES,
  FIELDS,
  SECRET_MARK,
  textProblem,
} from './fields.ts';

/** One feed that is fetched, as the scheduler sees it: defaults filled in, times in milliseconds. No secrets. */
export interface Subscription {
  readonly name: string;
  readonly type: (typeof FEED_TYPES)[number];
  readonly url: string;
  readonly format: string;
  readonly mapping: Readonly<Record<string, string>>;
  /** `undefined`: what lists of the format are for. */
  readonly action: (typeof FEED_ACTIONS)[number] | undefined;
  readonly category: string | undefined;
  readonly severity: Severity | undefined;
  readonly confidence: number | undefined;
  readonly priority: number;
  readonly licence: string;
  readonly tlp: Tlp | undefined;
  readonly everyMs: number;
  readonly staleAfterMs: number;
  readonly expiresAfterMs: number | undefined;
  readonly shrinkMaxPercent: number;
  readonly auth: (typeof AUTH_KINDS)[number];
  readonly user: string;
  readonly header: string;
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly caFile: string | undefined;
  readonly parent: string;
  readonly parentUser: string | undefined;
  readonly checksumUrl: string | undefined;
  readonly signatureUrl: string | undefined;
  readonly publicKeyFile: string | undefined;
  readonly allowPlainHttp: boolean;
  readonly enabled: boolean;
  readonly collection: string | undefined;
  readonly labels: readonly string[];
  readonly allAttributes: boolean;
  readonly only: readonly string[];
  readonly api: ApiVersion;
  readonly encoding: (typeof ENCODINGS)[number];
  readonly lookupTimeoutMs: number;
  /** Questions for full hashes; 0: no bound. */
  readonly perMinute: number;
  readonly perDay: number;
}

export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export const SUBSCRIPTIONS = 'feeds';
const HOUR_MS = 3_600_000;
/** Somebody waits for a page meanwhile. */
const LOOKUP_MS = 1000;
const LOOKUPS_PER_MINUTE = 600;
/** What Google gives every key of version 4 by default. */
const LOOKUPS_PER_DAY = 10_000;

/** What operators have written of each feed; versions, export and rollback are made of it. */
export const feedsSection: StateSection = documentSection(SUBSCRIPTIONS, (document: SectionDocument) =>
  Object.entries(document).flatMap(([name, body]) =>
    problemsOf(name, body).map(({ path, message }) => ({
      path: path === '' ? name : `${name}.${path}`,
      message,
    })),
  ),
);

/** Everything that is wrong with an entry; an empty path means its name. */
export function problemsOf(name: string, body: JsonObject): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!isFeedName(name)) {
    problems.push({
      path: '',
      message: 'use a-z, 0-9, dot, hyphen and underscore, at most 64 characters; "local" is taken',
    });
  }
  for (const [key, value] of Object.entries(body)) {
    const field: Field | undefined = Object.hasOwn(FIELDS, key)
      ? FIELDS[key as keyof typeof FIELDS]
      : undefined;
    const message =
      field === undefined ? `unknown key; known are ${FIELD_NAMES.join(', ')}` : valueProblem(field, value);
    if (message !== undefined) problems.push({ path: key, message });
  }
  if (problems.length > 0) return problems;
  return together(subscriptionOf(name, body));
}

/** Of a document that has passed `problemsOf`. */
export function subscriptionOf(name: string, body: JsonObject): Subscription {
  const text = (key: string): string | undefined => (typeof body[key] === 'string' ? body[key] : undefined);
  const number = (key: string): number | undefined => (typeof body[key] === 'number' ? body[key] : undefined);
  const list = (key: string): readonly string[] =>
    Array.isArray(body[key]) ? (body[key] as readonly string[]) : [];
  const time = (key: string): number | undefined => parseDuration(text(key) ?? '');
  const type = oneOf(FEED_TYPES, text('type')) ?? 'list';
  const everyMs = time('every') ?? HOUR_MS;
  return {
    name,
    type,
    url: text('url') ?? '',
    format: text('format') ?? 'auto',
    mapping: Object.fromEntries(list('map').map((pair) => pairOf(pair))),
    action: oneOf(FEED_ACTIONS, text('action')) ?? (type === 'ut1' ? 'label' : undefined),
    category: text('category'),
    // The choices of the table are the values of the types.
    severity: text('severity') as Severity | undefined,
    confidence: number('confidence'),
    priority: number('priority') ?? 100,
    licence: text('licence') ?? '',
    tlp: text('tlp') as Tlp | undefined,
    everyMs,
    staleAfterMs: time('staleAfter') ?? 3 * everyMs,
    expiresAfterMs: time('expiresAfter'),
    shrinkMaxPercent: number('shrinkMax') ?? 90,
    auth: oneOf(AUTH_KINDS, text('auth')) ?? 'none',
    user: text('user') ?? '',
    header: text('header') ?? '',
    certificateFile: text('certificateFile'),
    keyFile: text('keyFile'),
    caFile: text('caFile'),
    parent: text('parent') ?? 'egress',
    parentUser: text('parentUser'),
    checksumUrl: text('checksumUrl'),
    signatureUrl: text('signatureUrl'),
    publicKeyFile: text('publicKeyFile'),
    allowPlainHttp: body['allowPlainHttp'] === true,
    enabled: body['enabled'] !== false,
    collection: text('collection'),
    labels: list('label'),
    allAttributes: body['allAttributes'] === true,
    only: list('only'),
    api: oneOf(API_VERSIONS, text('api')) ?? 'v5',
    encoding: oneOf(ENCODINGS, text('encoding')) ?? 'proto',
    lookupTimeoutMs: time('lookupTimeout') ?? LOOKUP_MS,
    perMinute: number('perMinute') ?? LOOKUPS_PER_MINUTE,
    perDay: number('perDay') ?? LOOKUPS_PER_DAY,
  };
}

function valueProblem(field: Field, value: Json | undefined): string | undefined {
  switch (field.kind) {
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'expected true or false';
    case 'number':
      return typeof value === 'number' ? textProblem(field, String(value)) : 'expected a number';
    case 'text':
      return typeof value === 'string' ? textProblem(field, value) : 'expected a text';
    case 'list':
      if (!Array.isArray(value) || value.length > 1000) return 'expected a list of at most 1000 texts';
      return (value as readonly Json[])
        .map((item) => (typeof item === 'string' ? textProblem(field, item) : 'expected a text'))
        .find((message) => message !== undefined);
  }
}

/** Types that are one file, at a URL or on this machine. */
const IN_FILES: ReadonlySet<Subscription['type']> = new Set(['list', 'ut1', 'yara']);

/** What fits alone may not fit together. */
function together(feed: Subscription): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const wrong = (path: string, message: string): void => void problems.push({ path, message });
  const isLocal = feed.url.startsWith('/');
  if (feed.url === '') wrong('url', 'is needed');
  if (feed.type === 'yara' && feed.name === 'shipped') {
    wrong('', '"shipped" is the set of rules that comes with the gateway');
  }
  if (isLocal && !IN_FILES.has(feed.type)) wrong('url', `a ${feed.type} feed is a URL`);
  if (isLocal && (feed.checksumUrl ?? feed.signatureUrl) !== undefined) {
    wrong('url', 'checksum and signature are for lists that are fetched');
  }
  if ((feed.checksumUrl ?? feed.signatureUrl) !== undefined && !IN_FILES.has(feed.type)) {
    wrong('checksumUrl', 'checksum and signature are for types list, ut1 and yara');
  }
  if (feed.auth === 'basic' && feed.user === '') wrong('user', 'is needed for auth basic');
  if (feed.auth === 'header' && feed.header === '') wrong('header', 'is needed for auth header');
  if ((feed.auth === 'url') !== feed.url.includes(SECRET_MARK)) {
    wrong('url', `auth url and ${SECRET_MARK} in the URL belong together`);
  }
  if ((feed.certificateFile === undefined) !== (feed.keyFile === undefined)) {
    wrong('keyFile', 'certificateFile and keyFile belong together');
  }
  if ((feed.signatureUrl === undefined) !== (feed.publicKeyFile === undefined)) {
    wrong('publicKeyFile', 'signatureUrl and publicKeyFile belong together');
  }
  if (feed.type === 'safe-browsing') {
    for (const name of feed.only) {
      const problem = listNameProblem(feed.api, name);
      if (problem !== undefined) wrong('only', problem);
    }
    if (feed.action === 'allow' || feed.action === 'suppress') wrong('action', 'its lists are of threats');
    if (feed.expiresAfterMs !== undefined)
      wrong('expiresAfter', 'the server says how long its answers are kept');
  }
  if (feed.parentUser !== undefined && !feed.parent.startsWith('http:')) {
    wrong('parentUser', 'is for a proxy of its own: parent http://host:port');
  }
  return problems;
}

function pairOf(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, equals), pair.slice(equals + 1).trim()];
}

function oneOf<T extends string>(values: readonly T[], text: string | undefined): T | undefined {
  return values.find((value) => value === text);
}
