import type { TaxiiRefusal } from './resources.ts';
import { timestampKey } from './timestamp.ts';

/** What a client asks of a collection (TAXII 2.1 §3.4 and §3.5). */
export interface TaxiiQuery {
  /** Objects that came later than this; the form of `timestampKey`. */
  readonly addedAfter: string | undefined;
  readonly limit: number;
  /** The last record of the page before. */
  readonly next: TaxiiCursor | undefined;
  readonly ids: ReadonlySet<string> | undefined;
  readonly types: ReadonlySet<string> | undefined;
  readonly versions: VersionMatch;
  /** `undefined`: of every object the newest version of the specification. */
  readonly specVersions: ReadonlySet<string> | undefined;
}

export interface VersionMatch {
  readonly first: boolean;
  readonly last: boolean;
  readonly all: boolean;
  /** In the form of `timestampKey`. */
  readonly exact: ReadonlySet<string>;
}

export interface TaxiiCursor {
  readonly dateAdded: string;
  readonly id: string;
  readonly version: string;
  /** Without it the cursor is behind all of them. */
  readonly specVersion?: string | undefined;
}

export type TaxiiMatch = 'id' | 'type' | 'version' | 'spec_version';

export interface TaxiiQueryLimits {
  /** Objects on a page, whatever the client asks for. */
  readonly pageObjectsMax: number;
  /** Values of one `match[…]`. */
  readonly matchValuesMax: number;
}

/** Which matches an endpoint knows (§5.4 to §5.8). */
export const TAXII_MATCHES = {
  objects: ['id', 'type', 'version', 'spec_version'],
  object: ['version', 'spec_version'],
  manifest: ['id', 'type', 'version', 'spec_version'],
  versions: ['spec_version'],
} as const satisfies Record<string, readonly TaxiiMatch[]>;

/** Reads the parameters of a request to an endpoint that filters. Unknown ones but `match[…]` are ignored. */
export function readTaxiiQuery(
  parameters: URLSearchParams,
  matches: readonly TaxiiMatch[],
  limits: TaxiiQueryLimits,
): TaxiiQuery | TaxiiRefusal {
  for (const name of parameters.keys()) {
    const field = /^match\[(.*)\]$/.exec(name)?.[1];
    if (field !== undefined && !matches.some((match) => match === field))
      return badQuery(`match[${field.slice(0, 40)}] is not known here`);
  }
  const added = parameters.get('added_after');
  const addedAfter = added === null ? undefined : timestampKey(added);
  if (added !== null && addedAfter === undefined)
    return badQuery('added_after is no timestamp like 2016-02-01T00:00:01.000Z');

  const limit = parameters.get('limit');
  if (limit !== null && !/^[1-9]\d{0,14}$/.test(limit)) return badQuery('limit is no number above 0');

  const next = parameters.get('next');
  const cursor = next === null ? undefined : decodeCursor(next);
  if (next !== null && cursor === undefined) return badQuery('next is not from an answer of this server');

  const values = (match: TaxiiMatch): readonly string[] | undefined => {
    const all = parameters.getAll(`match[${match}]`);
    return all.length === 0 ? undefined : all.flatMap((text) => text.split(',')).map((text) => text.trim());
  };
  for (const match of matches) {
    if ((values(match)?.length ?? 0) > limits.matchValuesMax)
      return badQuery(`match[${match}] has more than ${limits.matchValuesMax} values`);
  }
  const versions = versionMatch(values('version') ?? ['last']);
  if (versions === undefined) return badQuery('match[version] is none of first, last, all and timestamps');
  return {
    addedAfter,
    limit: Math.min(limit === null ? limits.pageObjectsMax : Number(limit), limits.pageObjectsMax),
    next: cursor,
    ids: setOf(values('id')),
    types: setOf(values('type')),
    versions,
    specVersions: setOf(values('spec_version')),
  };
}

/** The query as parameters: what a client sends, and the inverse of `readTaxiiQuery`. */
export interface TaxiiRequest {
  readonly addedAfter?: string | undefined;
  readonly limit?: number | undefined;
  /** `next` of the answer before, unchanged. */
  readonly next?: string | undefined;
  readonly match?: Readonly<Partial<Record<TaxiiMatch, readonly string[]>>> | undefined;
}

export function taxiiParameters(request: TaxiiRequest): URLSearchParams {
  const parameters = new URLSearchParams();
  if (request.addedAfter !== undefined) parameters.set('added_after', request.addedAfter);
  if (request.limit !== undefined) parameters.set('limit', String(request.limit));
  if (request.next !== undefined) parameters.set('next', request.next);
  for (const [match, values] of Object.entries(request.match ?? {}))
    parameters.set(`match[${match}]`, values.join(','));
  return parameters;
}

/** Opaque to clients, and stays good while records are added behind it. */
export function encodeCursor({ dateAdded, id, version, specVersion }: TaxiiCursor): string {
  return Buffer.from(
    JSON.stringify([dateAdded, id, version, ...(specVersion === undefined ? [] : [specVersion])]),
    'utf8',
  ).toString('base64url');
}

export function decodeCursor(text: string): TaxiiCursor | undefined {
  // Ids have at most 250 characters and a UUID; anything longer was not ours.
  if (text.length > 1_000 || !/^[\w-]+$/.test(text)) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined;
  const [dateAdded = '', id, version, specVersion, ...rest] = parts as readonly string[];
  if (id === undefined || version === undefined || rest.length > 0) return undefined;
  return timestampKey(dateAdded) === undefined ? undefined : { dateAdded, id, version, specVersion };
}

export function badQuery(description: string): TaxiiRefusal {
  return { status: 400, code: 'TAXII_BAD_QUERY', title: 'Bad query', description };
}

function versionMatch(values: readonly string[]): VersionMatch | undefined {
  const exact = new Set<string>();
  for (const value of values) {
    if (value === 'first' || value === 'last' || value === 'all') continue;
    const key = timestampKey(value);
    if (key === undefined) return undefined;
    exact.add(key);
  }
  const has = (word: string): boolean => values.includes(word);
  return { first: has('first'), last: has('last'), all: has('all'), exact };
}

function setOf(values: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return values === undefined ? undefined : new Set(values);
}
