import { lineRange, type OpenExport, sendRanges, skippedText } from '../../../engines/exports/edge/index.ts';
import {
  type Authorizer,
  credentialsOf,
  type WebAnswer,
  type WebHandler,
  type WebRequest,
} from '../../../engines/web/index.ts';
import { exportFormat } from '../../../protocols/exports/index.ts';
import type { ApiEngines } from '../context.ts';
import { errorAnswer } from '../control.ts';
import { indexAnswer } from './index-page.ts';
import { type FeedPath, type FeedQuery, feedPath, feedQuery } from './path.ts';
import { isKnown, takesGzip } from './preconditions.ts';
import { badFeedQuery, NO_SUCH_FEED, NO_SUCH_PART, noForm, NOT_PAGED } from './problems.ts';

const SCOPES = ['intel'];

/** `/feeds`: lists that go out. Public ones are for everybody, others for tokens with the scope intel. */
export function feedsOutRoutes(
  engines: Pick<ApiEngines, 'exports' | 'config'>,
  authorize: Authorizer,
): readonly (readonly [string, Readonly<Record<string, WebHandler>>])[] {
  const handler = { GET: (request: WebRequest) => answerOf(engines, authorize, request) };
  return [
    ['/feeds', handler],
    ['/feeds/', handler],
  ];
}

/** Whether anybody may ask for this path, also without TLS. */
export function isPublicFeed({ exports }: Pick<ApiEngines, 'exports'>, path: string): boolean {
  if (path === '/feeds' || path === '/feeds/') return true;
  if (!path.startsWith('/feeds/')) return false;
  const found = feedPath(path);
  return found !== undefined && exports.find(found.name)?.public === true;
}

async function answerOf(
  engines: Pick<ApiEngines, 'exports' | 'config'>,
  authorize: Authorizer,
  request: WebRequest,
): Promise<WebAnswer> {
  const { exports } = engines;
  const hasCredentials = credentialsOf(request) !== undefined;
  const isOpen = isPublicFeed(engines, request.path);
  if (hasCredentials || !isOpen) {
    const who = await authorize(request, SCOPES);
    if ('answer' in who) return who.answer;
  }
  if (request.path === '/feeds' || request.path === '/feeds/') {
    const shown = exports.list().filter((each) => hasCredentials || each.public);
    return indexAnswer(request, shown);
  }
  const path = feedPath(request.path);
  if (path === undefined || exports.find(path.name) === undefined) return NO_SUCH_FEED;
  const query = feedQuery(request.query, engines.config.exports.pageLinesMax);
  if (typeof query === 'string') return badFeedQuery(query);
  const format = exportFormat(path.format);
  if (format === undefined) return NO_SUCH_FEED;
  if (query.group !== undefined && !format.groups.includes(query.group))
    return noForm(format.name, format.groups);
  if ((query.page !== undefined || query.part !== undefined) && !format.paged) return NOT_PAGED;
  try {
    return await fileAnswer(engines, { request, path, query, anonymous: !hasCredentials });
  } catch (error) {
    return errorAnswer(error);
  }
}

interface FileWork {
  readonly request: WebRequest;
  readonly path: FeedPath;
  readonly query: FeedQuery;
  readonly anonymous: boolean;
}

async function fileAnswer(
  { exports }: Pick<ApiEngines, 'exports'>,
  { request, path, query, anonymous }: FileWork,
): Promise<WebAnswer> {
  const isWhole = query.page === undefined && query.part === undefined && path.part === undefined;
  const packed = isWhole && takesGzip(request);
  const { name, format } = path;
  const opened = await exports.open(
    { name, format, group: query.group, anonymous },
    packed ? 'gzip' : undefined,
  );
  let isHandedOn = false;
  try {
    const answer = await preparedAnswer(opened, { request, path, query, anonymous }, packed);
    isHandedOn = answer.stream !== undefined && request.method !== 'HEAD';
    return answer;
  } finally {
    if (!isHandedOn) await opened.close();
  }
}

async function preparedAnswer(
  opened: OpenExport,
  { request, path, query, anonymous }: FileWork,
  packed: boolean,
): Promise<WebAnswer> {
  const { artifact, files } = opened;
  const ranges = await rangesOf(opened, path, query);
  if (ranges === undefined) return NO_SUCH_PART;
  const isGzip = packed && files.other !== undefined;
  const etag = `"${artifact.etag}${isGzip ? '-gzip' : ''}${variantOf(path, query)}"`;
  const fields = fieldsOf(opened, { etag, isGzip, anonymous });
  if (query.page !== undefined) fields.push(...nextPage(request, query.page, artifact.lines));
  if (isKnown(request, etag, artifact.changedAtMs)) return { status: 304, fields };
  const file = isGzip ? files.other : files.plain;
  const whole = isGzip ? [{ start: 0, end: artifact.gzipBytes }] : ranges;
  const length = whole.reduce((sum, { start, end }) => sum + end - start, 0);
  return {
    status: 200,
    type: path.part === 'hashes.csv' ? 'text/csv; charset=utf-8' : artifact.type,
    length,
    fields,
    stream: async (out) => {
      try {
        await sendRanges(file, whole, out);
      } finally {
        await opened.close();
      }
    },
  };
}

/** The bytes that a path and query ask for; `undefined`: there is no such part. */
async function rangesOf({ artifact, files }: OpenExport, path: FeedPath, { page, part }: FeedQuery) {
  const { headBytes, bytes, parts } = artifact;
  const head = { start: 0, end: headBytes };
  if (page !== undefined) return [head, await lineRange(files.plain, artifact, page.first, page.count)];
  const name = path.part ?? part;
  if (name === undefined) return [{ start: 0, end: bytes }];
  const found = parts.find((each) => each.name === name);
  if (found === undefined) {
    // A list that was never cut is one part.
    return part === '1' && parts.length === 0 ? [{ start: 0, end: bytes }] : undefined;
  }
  const range = { start: found.offset, end: found.offset + found.length };
  return path.part === undefined ? [head, range] : [range];
}

function variantOf(path: FeedPath, { page, part }: FeedQuery): string {
  if (page !== undefined) return `-${page.first}-${page.count}`;
  const name = path.part ?? part;
  return name === undefined ? '' : `-${name}`;
}

function fieldsOf(
  { artifact, isStale }: OpenExport,
  { etag, isGzip, anonymous }: { etag: string; isGzip: boolean; anonymous: boolean },
): [string, string][] {
  const { changedAtMs, entries, skipped, parts, format } = artifact;
  const left = skippedText(skipped);
  return [
    ['ETag', etag],
    ...(changedAtMs === 0
      ? []
      : [['Last-Modified', new Date(changedAtMs).toUTCString()] as [string, string]]),
    ['Vary', 'Accept-Encoding, Authorization'],
    // Whoever keeps it asks whether it is still the same.
    ['Cache-Control', anonymous ? 'public, no-cache' : 'private, no-cache'],
    ['Sallyport-Entries', String(entries)],
    ...(left === '' ? [] : [['Sallyport-Skipped', left] as [string, string]]),
    ...(parts.length === 0 || format === 'misp'
      ? []
      : [['Sallyport-Parts', String(parts.length)] as [string, string]]),
    ...(isGzip ? [['Content-Encoding', 'gzip'] as [string, string]] : []),
    ...(isStale ? [['Sallyport-Stale', 'true'] as [string, string]] : []),
  ];
}

/** RFC 8288: where the list goes on. */
function nextPage(
  request: WebRequest,
  { first, count }: { readonly first: number; readonly count: number },
  lines: number,
): [string, string][] {
  if (first + count >= lines) return [];
  const query = new URLSearchParams(request.query);
  query.set('offset', String(first + count));
  query.set('limit', String(count));
  return [['Link', `<${request.path}?${query.toString()}>; rel="next"`]];
}
