import { isTold, type Audience } from '../../engines/safe-browsing/index.ts';
import {
  jsonAnswer,
  problemAnswer,
  queryParameter,
  type WebAnswer,
  type WebRequest,
} from '../../engines/web/index.ts';
import type { MaybePromise, Verdict } from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { CountVerdict, VerdictAnswer, WebReputationEngines } from './context.ts';
import { type Detail, detailedVerdictJson, verdictJson } from './verdict-json.ts';

/** Answers one URL: `GET /v1/url?url=[&detail=true]` and `GET /v1/categories?url=`. */
export interface Queries {
  url(request: WebRequest, audience: Audience): MaybePromise<WebAnswer | VerdictAnswer>;
  categories(request: WebRequest): MaybePromise<WebAnswer | VerdictAnswer>;
}

export function createQueries(engines: WebReputationEngines, count: CountVerdict): Queries {
  const { config, verdicts, opinion, reader } = engines;
  const { urlBytesMax } = config.reputation;

  /** Waits only where others have to be asked. */
  const asked = (
    request: WebRequest,
    told: (text: string, verdict: Verdict) => VerdictAnswer,
  ): MaybePromise<WebAnswer | VerdictAnswer> => {
    const text = queryParameter(request.query, 'url');
    if (text === undefined || text === '') return URL_MISSING;
    if (Buffer.byteLength(text) > urlBytesMax) return urlTooLong(urlBytesMax);
    const url = canonicalUrl(text, urlBytesMax);
    if (url === undefined) return URL_UNREADABLE;
    const judged = (): VerdictAnswer => {
      const listed = verdicts.evaluateUrl(url);
      const verdict = opinion === undefined ? listed : opinion.ofUrl(url, listed);
      count(verdict.verdict);
      return told(text, verdict);
    };
    const waiting = verdicts.prepare(url);
    return waiting === undefined ? judged() : waiting.then(judged);
  };

  return {
    url: (request, audience) =>
      asked(request, (text, verdict) => {
        const isDetailed =
          request.query.includes('detail=') && queryParameter(request.query, 'detail') === 'true';
        const body = isDetailed
          ? detailedVerdictJson(text, verdict, detailsOf(verdict, audience))
          : verdictJson(text, verdict);
        return { status: 200, type: 'application/json', body, verdict };
      }),

    categories: (request) =>
      asked(request, (text, verdict) => ({
        ...jsonAnswer({ url: text, categories: categoriesOf(verdict) }),
        verdict,
      })),
  };

  /** What lists say besides is told as far as the audience may know it. */
  function detailsOf({ matches }: Verdict, audience: Audience): readonly (Detail | undefined)[] {
    return matches.map((match) => (isTold(audience, match.tlp) ? reader.describe(match) : undefined));
  }
}

/** Every category that a list has put the URL in, with the lists that do so. */
function categoriesOf({ matches }: Verdict) {
  const feeds = new Map<string, Set<string>>();
  for (const { category, feed } of matches) {
    if (category === '') continue;
    const known = feeds.get(category) ?? new Set<string>();
    feeds.set(category, known.add(feed));
  }
  return [...feeds].map(([category, names]) => ({ category, feeds: [...names] }));
}

const URL_MISSING = problemAnswer({
  status: 400,
  code: 'url-missing',
  title: 'The URL is missing',
  detail: 'The query has no parameter `url`, or it is empty or not decodable.',
  hint: 'Ask for /v1/url?url= with the URL percent-encoded.',
});

const URL_UNREADABLE = problemAnswer({
  status: 400,
  code: 'url-unreadable',
  title: 'The URL cannot be looked up',
  detail: 'It has no host name or address, or its port is none.',
  hint: 'Send a whole URL, percent-encoded: http%3A%2F%2Fexample.com%2F',
});

function urlTooLong(bytesMax: number): WebAnswer {
  return problemAnswer({
    status: 400,
    code: 'url-too-long',
    title: 'The URL is too long',
    detail: `At most ${bytesMax} bytes are looked up.`,
    hint: 'The bound is the setting reputation.urlBytesMax.',
  });
}
