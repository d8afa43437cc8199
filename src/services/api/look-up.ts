import { hashVerdictOf, PREDICTION_FEED, verdictOf } from '../../engines/verdict/index.ts';
import { LOOK_ASIDE_FIELD } from '../../engines/look-aside/index.ts';
import type { WebRequest } from '../../engines/web/index.ts';
import type { Match, MaybePromise, Verdict } from '../../kernel/index.ts';
import { type CanonicalUrl, canonicalUrl } from '../../protocols/url/index.ts';
import type { ApiEngines } from './context.ts';
import { createTexts, type Texts } from './texts.ts';

/**
 * What is known: from the lists at once, and from others where the lists know nothing and an upstream may be
 * asked. `mayAsk` is false for questions of another gateway, which asks others itself.
 */
export interface LookUp {
  file(hash: string, mayAsk: boolean): MaybePromise<Verdict>;
  url(url: CanonicalUrl, mayAsk: boolean): MaybePromise<Verdict>;
  host(host: string, mayAsk: boolean): MaybePromise<Verdict>;
  address(address: string, mayAsk: boolean): MaybePromise<Verdict>;
  email(address: string): Verdict;
  readonly texts: Texts;
}

export function createLookUp({ verdicts, opinion, lookAside, reader, clock, config }: ApiEngines): LookUp {
  const prepareHost = (host: string): Promise<void> | undefined => {
    const url = canonicalUrl(`http://${host}/`);
    return url === undefined ? undefined : verdicts.prepare(url);
  };
  return {
    file: (hash, mayAsk) =>
      completed(
        verdicts.evaluateHash(hash),
        mayAsk && lookAside.asks('file'),
        () => lookAside.file(hash),
        (matches) => hashVerdictOf(hash, matches),
      ),
    url: (url, mayAsk) =>
      judged(
        prepared(mayAsk ? verdicts.prepare(url) : undefined, () =>
          completed(verdicts.evaluateUrl(url), mayAsk && lookAside.asks('url'), () => lookAside.url(url)),
        ),
        (verdict) => opinion?.ofUrl(url, verdict) ?? verdict,
      ),
    host: (host, mayAsk) =>
      judged(
        prepared(mayAsk ? prepareHost(host) : undefined, () =>
          completed(verdicts.evaluateHost(host), mayAsk, () => lookAside.host(host)),
        ),
        (verdict) => opinion?.ofHost(host, verdict) ?? verdict,
      ),
    address: (address, mayAsk) =>
      completed(verdicts.evaluateAddress(address), mayAsk && lookAside.asks('ip'), () =>
        lookAside.address(address),
      ),
    email: (address) => verdicts.evaluateEmail(address),
    texts: createTexts({ reader, clock, perSecondMax: config.fileReputation.textsPerSecondMax }),
  };
}

/** Full hashes first: they are of lists that this gateway has, but for their last part. */
function prepared(
  asked: Promise<void> | undefined,
  look: () => MaybePromise<Verdict>,
): MaybePromise<Verdict> {
  return asked === undefined ? look() : asked.then(look);
}

/** Models are asked last: what an upstream knows is more than they guess. */
function judged(verdict: MaybePromise<Verdict>, judge: (verdict: Verdict) => Verdict): MaybePromise<Verdict> {
  return verdict instanceof Promise ? verdict.then(judge) : judge(verdict);
}

/** Valid while the request is answered. */
export function mayAskOthers(request: WebRequest): boolean {
  return request.field(LOOK_ASIDE_FIELD) === undefined;
}

function completed(
  own: Verdict,
  mayAsk: boolean,
  ask: () => MaybePromise<readonly Match[]>,
  judge: (matches: readonly Match[]) => Verdict = verdictOf,
): MaybePromise<Verdict> {
  // Labels say what a thing is, not whether it is bad.
  const isListed = own.matches.some(({ action, feed }) => action !== 'label' && feed !== PREDICTION_FEED);
  if (!mayAsk || isListed) return own;
  const joined = (found: readonly Match[]): Verdict =>
    found.length === 0 ? own : judge([...found, ...own.matches]);
  const found = ask();
  return found instanceof Promise ? found.then(joined) : joined(found);
}
