import type { FeedInfo, StoredEntry } from '../../../engines/indicators/index.ts';
import type { IndicatorKind } from '../../../engines/indicators/index.ts';
import type { Match, Verdict } from '../../../kernel/index.ts';

export type VtType = 'file' | 'url' | 'domain' | 'ip_address';

/** Kinds of entries that can say something about an object: whose feeds count as engines. */
const KINDS: Readonly<Record<VtType, readonly IndicatorKind[]>> = {
  file: ['hash'],
  url: ['host', 'domain', 'url', 'address', 'network'],
  domain: ['host', 'domain', 'url'],
  ip_address: ['address', 'network', 'url'],
};

type Category = 'harmless' | 'malicious' | 'suspicious' | 'undetected';

interface EngineResult {
  readonly category: Category;
  readonly engine_name: string;
  readonly method: 'blacklist';
  readonly result: string;
}

export interface AttributeOptions {
  readonly type: VtType;
  readonly feeds: readonly FeedInfo[];
  readonly nowMs: number;
  describe(match: Match): StoredEntry | undefined;
}

/** More engines than any gateway has feeds. */
const RESULTS_MAX = 500;
/** From here on a list is sure enough of its entry, see the verdict. */
const SURE_FROM = 50;

/** What all objects have: each feed is an engine. */
export function attributesOf(verdict: Verdict, options: AttributeOptions): Readonly<Record<string, unknown>> {
  const { matches } = verdict;
  const results = resultsOf(verdict, options);
  const stats = { malicious: 0, suspicious: 0, undetected: 0, harmless: 0, timeout: 0 };
  for (const { category } of Object.values(results)) stats[category]++;
  const nowS = Math.floor(options.nowMs / 1000);
  const categories = Object.fromEntries(matches.map(({ feed, category }) => [feed, category]));
  return {
    last_analysis_stats: stats,
    last_analysis_results: results,
    last_analysis_date: nowS,
    ...datesOf(verdict, options),
    reputation: verdict.verdict === 'unknown' ? 0 : (50 - verdict.score) * 2,
    tags: [...new Set(matches.map(({ category }) => category))].filter((tag) => tag !== ''),
    ...(options.type === 'file' ? {} : { categories }),
    total_votes: { harmless: 0, malicious: 0 },
    sallyport_verdict: verdict.verdict,
    sallyport_score: verdict.score,
    sallyport_matches: matches,
  };
}

/** Everything that is known of a file by one hash. */
export function fileAttributes(
  hash: string,
  verdict: Verdict,
  describe: AttributeOptions['describe'],
): Readonly<Record<string, unknown>> {
  const name = { 32: 'md5', 40: 'sha1', 64: 'sha256' }[hash.length] ?? 'hash';
  const [first] = verdict.matches;
  const note = first?.action === 'allow' ? describe(first)?.note.split(', ', 1)[0] : undefined;
  return {
    [name]: hash,
    ...(note === undefined || note === '' ? {} : { meaningful_name: note, names: [note] }),
  };
}

function resultsOf(
  verdict: Verdict,
  { feeds, type }: AttributeOptions,
): Readonly<Record<string, EngineResult>> {
  const results: Record<string, EngineResult> = Object.create(null);
  for (const match of verdict.matches) results[match.feed] ??= resultOf(match, verdict);
  let count = Object.keys(results).length;
  for (const { name, kinds, action } of feeds) {
    if (count >= RESULTS_MAX) break;
    if (name in results || action === 'suppress' || !KINDS[type].some((kind) => kinds[kind] > 0)) continue;
    results[name] = engine(name, 'undetected', 'unrated');
    count++;
  }
  return results;
}

/** Clients add up who says malicious: an entry that the verdict overrules must not count. */
function resultOf({ feed, action, category, severity, confidence }: Match, verdict: Verdict): EngineResult {
  if (action === 'label') return engine(feed, 'undetected', category);
  if (action === 'allow') {
    return verdict.verdict === 'clean'
      ? engine(feed, 'harmless', 'clean')
      : engine(feed, 'undetected', 'unproven');
  }
  if (verdict.verdict === 'clean') return engine(feed, 'undetected', `overruled: ${category}`);
  const isWeak = severity === 'low' || confidence < SURE_FROM;
  return engine(feed, isWeak ? 'suspicious' : 'malicious', category);
}

function engine(engine_name: string, category: Category, result: string): EngineResult {
  return { category, engine_name, method: 'blacklist', result };
}

function datesOf({ matches }: Verdict, { type, nowMs, describe }: AttributeOptions): object {
  if (matches.length === 0) return {};
  const entries = matches.map((match) => ({ match, entry: describe(match) }));
  const first = Math.min(
    ...entries.map(({ match, entry }) => entry?.firstSeenS ?? Math.floor(Date.parse(match.addedAt) / 1000)),
  );
  const last = Math.max(
    ...entries.map(({ match, entry }) => entry?.lastSeenS ?? Math.floor(Date.parse(match.addedAt) / 1000)),
  );
  return type === 'domain' || type === 'ip_address'
    ? { last_modification_date: Math.floor(nowMs / 1000) }
    : { first_submission_date: first, last_submission_date: last };
}
