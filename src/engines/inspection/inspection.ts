import type { Clock, Counter, MetricDeclaration, Metrics } from '../../kernel/index.ts';
import { type CanonicalUrl, canonicalUrl, hostParts } from '../../protocols/url/index.ts';
import type { InspectionConfig } from '../config/index.ts';
import type { Egress } from '../egress/index.ts';
import {
  judgePage,
  type PageFacts,
  pageFacts,
  type PageSign,
  type PageVerdict,
  type SiteScore,
  type SitePredictor,
} from '../prediction/index.ts';
import { fetchPage, type PageFetch } from './fetch.io.ts';
import { SeenDomains } from './seen-domains.ts';
import { SourceRates } from './source-rates.ts';

export const inspectionMetrics: readonly MetricDeclaration[] = [
  {
    name: 'inspection_pages_total',
    type: 'counter',
    help: 'Pages inspected, by verdict',
    labels: ['verdict'],
  },
  {
    name: 'inspection_fetches_total',
    type: 'counter',
    help: 'Pages fetched for inspection, by result',
    labels: ['result'],
  },
];

export interface Inspected {
  readonly verdict: PageVerdict['verdict'];
  readonly score: number;
  readonly categories: readonly string[];
  readonly signs: readonly PageSign[];
  /** What the models say of the address alone. */
  readonly site: SiteScore | undefined;
  /** `undefined`: there was no page to look at. */
  readonly facts: PageFacts | undefined;
  /** How the page was got; `undefined`: it was handed in. */
  readonly fetch:
    | Exclude<PageFetch, { kind: 'page' }>
    | Omit<PageFetch & { kind: 'page' }, 'html'>
    | undefined;
}

export interface Inspection {
  /** Whether whoever asks for a page to be fetched has to show a token. */
  readonly fetchTakesToken: boolean;
  /** Judges the page at a URL. Without `html` the page is fetched where that is allowed. */
  inspect(question: InspectionQuestion): Promise<Inspected | InspectionRefusal>;
}

export interface InspectionQuestion {
  readonly url: CanonicalUrl;
  /** The URL as it was written. */
  readonly text: string;
  readonly html: string | undefined;
  /** Address of the client. */
  readonly source: string;
  /** The client has shown a token that is good for fetching. */
  readonly hasToken: boolean;
}

/** `busy`: an edge fetches no more at once; `often`: this source has had its share. */
export interface InspectionRefusal {
  readonly refused: 'busy' | 'often';
  readonly waitMs: number;
}

export interface InspectionOptions {
  readonly config: InspectionConfig;
  readonly sites: SitePredictor;
  readonly egress: Pick<Egress, 'tunnel'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export function createInspection(options: InspectionOptions): Inspection {
  const { config, sites, egress, metrics } = options;
  const seen = new SeenDomains(options.clock, config.domainsMax);
  const pages = (verdict: string): Counter => metrics.counter('inspection_pages_total', verdict);
  const rates = new SourceRates(options.clock, config.fetchesPerMinute);
  let fetching = 0;

  const judged = (place: string, html: string | undefined, extra: readonly PageSign[]) => {
    const url = canonicalUrl(place);
    const facts = html === undefined ? undefined : pageFacts(html.slice(0, config.pageBytesMax), place);
    const site = url === undefined ? undefined : sites.scoreUrl(url);
    const verdict = judgePage(
      facts ?? EMPTY_PAGE,
      {
        url: place,
        site,
        generated: url === undefined ? undefined : sites.scoreName(url.host),
        isPopular: url !== undefined && sites.isPopular(url),
        isNew: url !== undefined && seen.meet(hostParts(url.host).domain),
      },
      extra,
    );
    pages(verdict.verdict).add();
    return { ...verdict, site, facts };
  };

  const unfetched = (place: string, reason: 'off' | 'token-needed'): Inspected => {
    metrics.counter('inspection_fetches_total', reason).add();
    return { ...judged(place, undefined, []), fetch: { kind: 'failed', reason, hops: [] } };
  };

  return {
    fetchTakesToken: config.fetch === 'token',

    async inspect({ url, text, html, source, hasToken }) {
      const place = absolute(url, text);
      if (html !== undefined) return { ...judged(place, html, []), fetch: undefined };
      if (config.fetch === 'off') return unfetched(place, 'off');
      if (config.fetch === 'token' && !hasToken) return unfetched(place, 'token-needed');
      if (fetching >= config.fetchesMax) return { refused: 'busy', waitMs: BUSY_MS };
      const taken = rates.take(source);
      if (taken !== 'taken') return { refused: 'often', waitMs: taken };
      fetching++;
      try {
        const got = await fetchPage(egress, place, config);
        metrics.counter('inspection_fetches_total', got.kind === 'page' ? 'page' : got.reason).add();
        if (got.kind === 'failed') return { ...judged(place, undefined, hopSigns(got.hops)), fetch: got };
        const { html: page, ...told } = got;
        return { ...judged(got.url, page, [...hopSigns(got.hops), ...trustSigns(got)]), fetch: told };
      } finally {
        fetching--;
      }
    },
  };
}

/** A page takes about so long. */
const BUSY_MS = 2000;
const EMPTY_PAGE = pageFacts('', 'http://empty.invalid/');

/** The URL as it was written, with a scheme. */
function absolute(url: CanonicalUrl, text: string): string {
  const trimmed = text.trim();
  return URL.parse(trimmed)?.host ? trimmed : `${url.scheme}://${url.key}`;
}

/** Domains that redirects went through; a site that moves to its `www` is no chain. */
function hopSigns(hops: readonly string[]): readonly PageSign[] {
  const domains = new Set(hops.map((hop) => hostParts(canonicalUrl(hop)?.host ?? '').domain));
  if (domains.size < 3) return [];
  const text = `it was reached through ${domains.size - 1} other sites: ${[...domains].join(' → ')}`;
  return [{ code: 'redirect-chain', text, points: 15, category: 'redirect' }];
}

function trustSigns({ distrust }: PageFetch & { kind: 'page' }): readonly PageSign[] {
  if (distrust === undefined) return [];
  return [
    {
      code: 'certificate',
      text: `no browser would trust its certificate (${distrust})`,
      points: 15,
      category: 'phishing',
    },
  ];
}
