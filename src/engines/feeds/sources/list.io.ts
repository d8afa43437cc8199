import { renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { feedErrors } from '../errors.ts';
import { ENCODINGS, readBody, spoolBody, type Spooled } from '../http/spool.io.ts';
import { checksumIn, checkSignature, readPublicKey } from '../http/integrity.io.ts';
import type { Cursor, FetchContext, Fetched } from './source.ts';

export interface FetchedFile {
  readonly file: string;
  readonly cursor: Cursor;
  readonly wireBytes: number;
  readonly upstreamAtMs: number | undefined;
}

/** One list at one URL or path. */
export async function fetchList(context: FetchContext): Promise<Fetched> {
  const found = await fetchFile(context);
  if (found === 'unchanged') return { kind: 'unchanged', cursor: context.cursor ?? {}, wireBytes: 0 };
  const { file, cursor, wireBytes, upstreamAtMs } = found;
  if (isKnown(context, cursor)) return { kind: 'unchanged', cursor, wireBytes };
  return {
    kind: 'changed',
    file,
    format: context.feed.format,
    mode: 'replace',
    cursor,
    wireBytes,
    upstreamAtMs,
    notes: [],
    commit: () => {},
  };
}

/** The same bytes as last time, whatever the server says of them. */
export function isKnown({ cursor }: FetchContext, now: Cursor): boolean {
  return cursor !== undefined && now['sha256'] !== undefined && cursor['sha256'] === now['sha256'];
}

/** Fetches the file, or looks whether it changed; checks what vouches for it. */
export async function fetchFile(context: FetchContext): Promise<FetchedFile | 'unchanged'> {
  return context.url.startsWith('/') ? localFile(context) : remoteFile(context);
}

function localFile({ url, cursor }: FetchContext): FetchedFile | 'unchanged' {
  let changed: string;
  let mtimeMs: number;
  try {
    const stat = statSync(url);
    mtimeMs = stat.mtimeMs;
    changed = `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
    // Files in the folders of a UT1 directory may change without it: such a folder is always read.
    if (stat.isDirectory()) changed = '';
  } catch (cause) {
    const problem = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw feedErrors.FEEDS_FILE({ field: 'url', file: url, problem }, { cause });
  }
  if (changed !== '' && cursor?.['changed'] === changed) return 'unchanged';
  return { file: url, cursor: { changed }, wireBytes: 0, upstreamAtMs: Math.floor(mtimeMs) };
}

async function remoteFile(context: FetchContext): Promise<FetchedFile | 'unchanged'> {
  const { client, url, feed, cursor, limits, workDir } = context;
  const name = fileNameOf(url);
  // Checksums and signatures are of the file as it lies there, and a packed file must not be unpacked twice.
  const plain =
    feed.checksumUrl !== undefined ||
    feed.signatureUrl !== undefined ||
    /\.(?:gz|tgz|zip|bz2|xz)$/.test(name);
  const answer = await client.get({
    url,
    encodings: plain ? 'identity' : ENCODINGS,
    etag: cursor?.['etag'],
    lastModified: cursor?.['lastModified'],
  });
  if (answer.status === 304) {
    answer.response.destroy();
    if (cursor !== undefined) return 'unchanged';
    throw feedErrors.FEEDS_STATUS({
      url: answer.shown,
      status: 304,
      advice: 'It was not asked whether it changed',
    });
  }
  const { etag, 'last-modified': lastModified, 'content-length': length } = answer.response.headers;
  const total = length === undefined ? undefined : Number(length);
  const partial = join(workDir, 'download');
  const spooled = await spoolBody(answer, partial, limits, (bytes) =>
    context.progress('fetching', bytes, total),
  );
  if (spooled.bytes === 0) throw feedErrors.FEEDS_EMPTY({ url: answer.shown });
  await checkOrigin(context, partial, spooled, name);
  const file = join(workDir, name);
  renameSync(partial, file);
  const at = lastModified === undefined ? Number.NaN : Date.parse(lastModified);
  return {
    file,
    cursor: {
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
      sha256: spooled.sha256,
    },
    wireBytes: spooled.wireBytes,
    upstreamAtMs: Number.isNaN(at) ? undefined : at,
  };
}

async function checkOrigin(
  { client, feed, limits }: FetchContext,
  file: string,
  { sha256 }: Spooled,
  name: string,
): Promise<void> {
  const small = { ...limits, expandedBytesMax: limits.documentBytesMax };
  if (feed.checksumUrl !== undefined) {
    const answer = await client.get({ url: feed.checksumUrl });
    const wanted = checksumIn((await readBody(answer, small)).toString('utf8'), name);
    const reason =
      wanted === undefined
        ? `it has no SHA-256 for "${name}"`
        : wanted === sha256
          ? undefined
          : `it has ${wanted}, the list ${sha256}`;
    if (reason !== undefined) throw feedErrors.FEEDS_CHECKSUM({ url: answer.shown, reason });
  }
  if (feed.signatureUrl !== undefined && feed.publicKeyFile !== undefined) {
    const key = readPublicKey(feed.publicKeyFile);
    const answer = await client.get({ url: feed.signatureUrl });
    checkSignature(key, file, await readBody(answer, small));
  }
}

/** The importer tells formats by the name, too. */
export function fileNameOf(url: string): string {
  const last = basename(new URL(url).pathname).replaceAll(/[^\w.+-]/g, '-');
  return /^[.-]*$/.test(last) || last === 'download' ? 'list' : last.slice(-120);
}

/** A small JSON document of this machine or of a server. */
export async function getJson(
  { client, limits }: Pick<FetchContext, 'client' | 'limits'>,
  ask: Parameters<FetchContext['client']['get']>[0],
) {
  const answer = await client.get({ encodings: ENCODINGS, ...ask });
  if (answer.status === 304) {
    answer.response.destroy();
    return { answer, json: undefined, bytes: 0 };
  }
  const body = await readBody(answer, { ...limits, expandedBytesMax: limits.documentBytesMax });
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    return { answer, json, bytes: body.length };
  } catch (cause) {
    throw feedErrors.FEEDS_JSON({ url: answer.shown, reason: 'it cannot be parsed' }, { cause });
  }
}
