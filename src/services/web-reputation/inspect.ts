import type { InspectionConfig } from '../../engines/config/index.ts';
import type { Inspected, InspectionRefusal } from '../../engines/inspection/index.ts';
import { PREDICTION_FEED } from '../../engines/verdict/index.ts';
import {
  credentialsOf,
  jsonAnswer,
  problemAnswer,
  type WebAnswer,
  type WebRequest,
} from '../../engines/web/index.ts';
import type { MaybePromise, Verdict } from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { CountVerdict, VerdictAnswer, WebReputationEngines } from './context.ts';
import { reasonOf } from './verdict-json.ts';

/**
 * `POST /v1/inspect` with `{"url": "…", "html": "…"}`; without `html` the gateway fetches the page itself, where whoever asks
 * may have it do that. `mayFetch`: an answer is the refusal of a token that was shown.
 */
export function createInspect(
  engines: WebReputationEngines,
  count: CountVerdict,
  mayFetch: (request: WebRequest) => MaybePromise<{ readonly user: string } | { readonly answer: WebAnswer }>,
) {
  const { config, verdicts, inspection } = engines;
  const { urlBytesMax } = config.reputation;

  return async (request: WebRequest): Promise<WebAnswer | VerdictAnswer> => {
    const { body, source } = request;
    const asked = questionOf(body);
    if (asked === undefined) return QUESTION_UNREADABLE;
    const url = canonicalUrl(asked.url, urlBytesMax);
    if (url === undefined || !/^https?$/.test(url.scheme)) return URL_UNREADABLE;
    let hasToken = false;
    // Nobody is asked for a token: without one the address alone is judged, and the answer says why.
    const looksAtToken = asked.html === undefined && inspection.fetchTakesToken;
    if (looksAtToken && credentialsOf(request) !== undefined) {
      const known = await mayFetch(request);
      if ('answer' in known) return known.answer;
      hasToken = true;
    }
    await verdicts.prepare(url);
    const listed = verdicts.evaluateUrl(url);
    const found = await inspection.inspect({ url, text: asked.url, html: asked.html, source, hasToken });
    if ('refused' in found) return refusal(found, config.inspection);
    const answer = inspectedDocument(asked.url, listed, found);
    count(answer.verdict);
    return { ...jsonAnswer(answer), verdict: listed };
  };
}

interface Question {
  readonly url: string;
  readonly html: string | undefined;
}

function questionOf(body: Uint8Array): Question | undefined {
  try {
    const document: unknown = JSON.parse(
      Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'),
    );
    if (typeof document !== 'object' || document === null) return undefined;
    // The fields are looked at one by one.
    const { url, html } = document as { readonly url?: unknown; readonly html?: unknown };
    if (typeof url !== 'string' || url === '') return undefined;
    if (html !== undefined && typeof html !== 'string') return undefined;
    return { url, html };
  } catch {
    // SyntaxError is the only thing that JSON.parse throws.
    return undefined;
  }
}

/** A list decides where it knows the URL; else the page does. */
function inspectedDocument(text: string, listed: Verdict, found: Inspected) {
  const isListed = listed.matches.some(({ action, feed }) => action !== 'label' && feed !== PREDICTION_FEED);
  const signs = found.signs.map(({ code, text: why }) => `${code}: ${why}`);
  const listedCategories = listed.matches.map(({ category }) => category).filter(Boolean);
  const nothing = found.facts === undefined && found.signs.length === 0;
  return {
    url: text,
    verdict: isListed ? listed.verdict : nothing ? 'unknown' : found.verdict,
    score: isListed ? listed.score : nothing ? 50 : found.score,
    categories: isListed ? [...new Set(listedCategories)] : found.categories,
    reasons: [...(isListed ? listed.matches.map(reasonOf) : []), ...signs, ...fetchReasons(found)],
    address: found.site === undefined ? null : { verdict: found.site.verdict, score: found.site.score },
    page: pageOf(found),
  };
}

const FAILURES: Readonly<Record<string, string>> = {
  'port-not-allowed': 'pages are fetched from the ports of inspection.ports only',
  'destination-refused':
    'the gateway connects to no address of that kind for it: this machine, link-local and private networks (RFC 6890) only where egress.allowDestinations names them',
  'token-needed':
    'only the address was judged; to have the page fetched, show a token with the scope reputation (inspection.fetch: token), or send it as html',
  off: 'only pages that are handed in as html are judged (inspection.fetch: off)',
  unreachable: 'nothing answered there, or not in HTTP',
  timeout: 'it took longer than inspection.timeout',
  'too-many-redirects': 'more redirects than inspection.redirectsMax',
  'not-a-page': 'what is there is no HTML',
  'not-http': 'it leads to something that is not HTTP',
};

function fetchReasons({ fetch }: Inspected): readonly string[] {
  if (fetch?.kind !== 'failed') return [];
  return [`not-fetched: ${FAILURES[fetch.reason] ?? fetch.reason}`];
}

function pageOf({ facts, fetch }: Inspected) {
  if (facts === undefined) return null;
  const got =
    fetch?.kind === 'page'
      ? { url: fetch.url, status: fetch.status, cut: fetch.isCut, hops: fetch.hops }
      : {};
  return {
    ...got,
    title: facts.title,
    siteNames: facts.siteNames,
    forms: facts.forms.map(({ action, method, hasPassword, fields }) => ({
      action,
      method,
      password: hasPassword,
      fields,
    })),
    password: facts.hasPassword,
    frames: facts.frames.length,
    hiddenFrames: facts.hiddenFrames,
    redirects: facts.redirects,
    scripts: facts.scriptSigns,
    dataDocuments: facts.dataDocuments,
    links: facts.links,
    foreignLinks: facts.foreignLinks,
  };
}

const QUESTION_UNREADABLE = problemAnswer({
  status: 400,
  code: 'question-unreadable',
  title: 'The question cannot be read',
  detail: 'The body is no JSON object with a text `url`, or its `html` is no text.',
  hint: 'Send {"url": "https://example.com/"}, or with the page: {"url": "…", "html": "<html>…"}',
});

const URL_UNREADABLE = problemAnswer({
  status: 400,
  code: 'url-unreadable',
  title: 'The page cannot be inspected',
  detail: 'Its URL has no host, is longer than reputation.urlBytesMax, or is not of HTTP.',
  hint: 'Send a whole URL: https://example.com/login',
});

function refusal(
  { refused, waitMs }: InspectionRefusal,
  { fetchesMax, fetchesPerMinute }: InspectionConfig,
): WebAnswer {
  const fields = [['Retry-After', String(Math.ceil(waitMs / 1000))]] as const;
  if (refused === 'often') {
    return problemAnswer(
      {
        status: 429,
        code: 'inspection-often',
        title: 'Too many pages in a minute',
        detail: `An edge fetches at most ${fetchesPerMinute} pages a minute for one client (inspection.fetchesPerMinute).`,
        hint: 'Wait, or send the page itself as `html`.',
      },
      { fields },
    );
  }
  return problemAnswer(
    {
      status: 503,
      code: 'inspection-busy',
      title: 'Too many pages are being fetched',
      detail: `An edge fetches at most ${fetchesMax} pages at once (inspection.fetchesMax).`,
      hint: 'Ask again in a few seconds, or send the page itself as `html`.',
    },
    { fields },
  );
}
