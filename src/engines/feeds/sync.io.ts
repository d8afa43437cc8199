import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../kernel/index.ts';
import type { Egress, ParentSettings } from '../egress/index.ts';
import type { FeedsConfig } from '../config/index.ts';
import type { ImportReport } from '../indicators/index.ts';
import { feedErrors } from './errors.ts';
import { SECRET_MARK } from './fields.ts';
import { FeedClient } from './http/client.io.ts';
import type { FeedSecrets } from './secrets.io.ts';
import { limitsOf } from './settings.ts';
import { fetchList } from './sources/list.io.ts';
import { fetchMisp } from './sources/misp.io.ts';
import { fetchSafeBrowsing } from './sources/safe-browsing.io.ts';
import { fetchTaxii } from './sources/taxii.io.ts';
import type { Cursor, Fetched, Source } from './sources/source.ts';
import { fetchUt1 } from './sources/ut1.io.ts';
import type { Subscription } from './subscription.ts';

/** Which way out a feed takes. */
export type Route = 'egress' | 'direct' | ParentSettings;

export interface FetchOptions {
  readonly feed: Subscription;
  readonly secrets: FeedSecrets;
  readonly config: FeedsConfig;
  readonly lineBytesMax: number;
  readonly clock: Clock;
  readonly agentName: string;
  /** `DATA_DIR/feeds`. */
  readonly folder: string;
  readonly cursor: Cursor | undefined;
  readonly signal: AbortSignal;
  openEgress(route: Route): Egress;
  progress(step: string, done: number, total: number | undefined): void;
}

const SOURCES: Readonly<Record<Subscription['type'], Source>> = {
  list: fetchList,
  taxii: fetchTaxii,
  misp: fetchMisp,
  ut1: fetchUt1,
  yara: fetchList,
  'safe-browsing': fetchSafeBrowsing,
};

/** What became of what was fetched. */
export type TakenReport = Pick<ImportReport, 'entries' | 'rejected' | 'suppressed' | 'generation'>;

/** Fetches, imports with `take`, and keeps what an incremental source learned: in this order, or not at all. */
export async function fetchAndImport(
  options: FetchOptions,
  take: (fetched: Extract<Fetched, { kind: 'changed' }>) => Promise<TakenReport>,
): Promise<{ readonly fetched: Fetched; readonly report: TakenReport | undefined }> {
  const { feed, config, folder } = options;
  const workDir = join(folder, 'work', feed.name);
  const cacheDir = join(folder, 'cache', feed.name);
  rmSync(workDir, { recursive: true, force: true });
  for (const dir of [workDir, cacheDir]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const url = urlOf(feed, options.secrets);
  const egress = options.openEgress(routeOf(feed, options.secrets));
  // The import has its own time; only fetching is bounded here.
  const total = AbortSignal.timeout(config.totalMs);
  const client = openClient(options, url, egress, AbortSignal.any([total, options.signal]));
  try {
    let fetched: Fetched;
    try {
      fetched = await SOURCES[feed.type]({
        feed,
        url,
        client,
        workDir,
        cacheDir,
        cursor: options.cursor,
        limits: limitsOf(config, options.lineBytesMax),
        clock: options.clock,
        progress: options.progress,
      });
    } catch (error) {
      options.signal.throwIfAborted();
      if (!total.aborted) throw error;
      const details = { host: client.shown(url), phase: 'the whole fetch', setting: 'feeds.total' };
      throw feedErrors.FEEDS_TIMEOUT(details, { cause: error });
    }
    if (fetched.kind === 'unchanged') return { fetched, report: undefined };
    const report = await take(fetched);
    fetched.commit();
    return { fetched, report };
  } finally {
    client.close();
    egress.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** What decides about the content: when it changes, validators and cursors of before say nothing. */
export function fingerprintOf(feed: Subscription): string {
  const { everyMs, staleAfterMs, enabled, shrinkMaxPercent, perMinute, perDay, ...content } = feed;
  void [everyMs, staleAfterMs, enabled, shrinkMaxPercent, perMinute, perDay];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}

/** The URL with the secret in it, where auth is `url`. */
export function urlOf(feed: Subscription, { secret }: FeedSecrets): string {
  return feed.url.replaceAll(SECRET_MARK, encodeURIComponent(secret ?? ''));
}

/** Throws where a secret or a file that the feed signs in with is missing. */
export function openClient(
  {
    feed,
    secrets,
    config,
    clock,
    agentName,
  }: Pick<FetchOptions, 'feed' | 'secrets' | 'config' | 'clock' | 'agentName'>,
  url: string,
  egress: Egress,
  signal: AbortSignal,
): FeedClient {
  const secret = secrets.secret;
  if (feed.auth !== 'none' && secret === undefined) {
    throw feedErrors.FEEDS_SECRET_MISSING({ name: feed.name, auth: feed.auth });
  }
  return new FeedClient({
    egress,
    tls: {
      ca: fileOf('caFile', feed.caFile),
      cert: fileOf('certificateFile', feed.certificateFile),
      key: fileOf('keyFile', feed.keyFile),
    },
    credentials: { fields: fieldsOf(feed, secret ?? ''), secrets: secret === undefined ? [] : [secret] },
    origin: url.startsWith('/') ? '' : new URL(url).origin,
    allowPlainHttp: feed.allowPlainHttp,
    limits: config,
    clock,
    connectionsMax: config.eventFetchesMax,
    agentName,
    signal,
  });
}

function fieldsOf(feed: Subscription, secret: string): Readonly<Record<string, string>> {
  switch (feed.auth) {
    case 'basic':
      return { Authorization: `Basic ${Buffer.from(`${feed.user}:${secret}`).toString('base64')}` };
    case 'bearer':
      return { Authorization: `Bearer ${secret}` };
    case 'header':
      return { [feed.header]: secret };
    case 'none':
    case 'url':
      return {};
  }
}

export function routeOf({ parent, parentUser }: Subscription, { parentSecret }: FeedSecrets): Route {
  if (parent === 'egress' || parent === 'direct') return parent;
  const { hostname, port } = new URL(parent);
  const credentials = Buffer.from(`${parentUser ?? ''}:${parentSecret ?? ''}`).toString('base64');
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
    fields: parentUser === undefined ? '' : `Proxy-Authorization: Basic ${credentials}\r\n`,
    only: [],
  };
}

function fileOf(field: string, file: string | undefined): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    const problem = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw feedErrors.FEEDS_FILE({ field, file, problem }, { cause });
  }
}
