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
  /** Judges the page at a URL. Without `html` the page is fetched where that is allowed; `busy`: too many are. */
  inspect(url: CanonicalUrl, text: string, html: string | undefined): Promise<Inspected | 'busy'>;
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

  return {
    async inspect(url, text, html) {
      const place = absolute(url, text);
      if (html !== undefined || !config.fetch) return { ...judged(place, html, []), fetch: undefined };
      if (fetching >= config.fetchesMax) return 'busy';
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
