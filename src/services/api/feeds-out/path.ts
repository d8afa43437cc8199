import { EXPORT_FORMATS, EXPORT_GROUPS, type ExportGroup } from '../../../protocols/exports/index.ts';
import { queryParameter } from '../../../engines/web/index.ts';

/** What a path below `/feeds/` names. */
export interface FeedPath {
  readonly name: string;
  readonly format: string;
  /** A document of a MISP feed: `manifest.json`. */
  readonly part: string | undefined;
}

/** The longest first: `stix.json` before a format that ended like it. */
const SUFFIXES = EXPORT_FORMATS.map(({ name }) => name)
  .filter((name) => name !== 'misp')
  .toSorted((x, y) => y.length - x.length);

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** `/feeds/urlhaus.txt`, `/feeds/urlhaus/misp/manifest.json`; `undefined`: it names nothing. */
export function feedPath(path: string): FeedPath | undefined {
  const rest = path.slice('/feeds/'.length);
  const [name = '', misp, part, ...more] = rest.split('/');
  if (misp !== undefined) {
    if (misp !== 'misp' || part === undefined || more.length > 0 || !NAME.test(name)) return undefined;
    return { name, format: 'misp', part };
  }
  const suffix = SUFFIXES.find((each) => name.endsWith(`.${each}`));
  if (suffix === undefined) return undefined;
  const bare = name.slice(0, -suffix.length - 1);
  return NAME.test(bare) ? { name: bare, format: suffix, part: undefined } : undefined;
}

/** Where an export is in a format: the inverse of `feedPath`. */
export function feedUrlPath(name: string, format: string): string {
  return format === 'misp' ? `/feeds/${name}/misp/manifest.json` : `/feeds/${name}.${format}`;
}

/** What a query asks of an export. */
export interface FeedQuery {
  readonly group: ExportGroup | undefined;
  readonly page: { readonly first: number; readonly count: number } | undefined;
  readonly part: string | undefined;
}

/** The query, or what is wrong with it in a sentence. */
export function feedQuery(query: string, pageLinesMax: number): FeedQuery | string {
  const kind = queryParameter(query, 'kind');
  const groups = Object.keys(EXPORT_GROUPS) as ExportGroup[];
  const group = groups.find((each) => each === kind);
  if (kind !== undefined && group === undefined) return `kind is one of ${groups.join(', ')}.`;
  const part = queryParameter(query, 'part');
  if (part !== undefined && !/^[1-9]\d{0,6}$/.test(part)) return 'part is a number from 1.';
  const limit = queryParameter(query, 'limit');
  const offset = queryParameter(query, 'offset');
  if (limit === undefined && offset === undefined) return { group, page: undefined, part };
  if (part !== undefined) return 'part does not go together with limit and offset.';
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) return 'limit is a number of lines from 1.';
  if (offset !== undefined && !/^\d{1,9}$/.test(offset)) return 'offset is a number of lines.';
  const count = Math.min(limit === undefined ? pageLinesMax : Number(limit), pageLinesMax);
  return { group, page: { first: Number(offset ?? 0), count }, part };
}
