import type { WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import type { MaybePromise, Verdict } from '../../../kernel/index.ts';
import { type CanonicalUrl, canonicalUrl } from '../../../protocols/url/index.ts';
import type { ApiEngines } from '../context.ts';
import { type LookUp, mayAskOthers } from '../look-up.ts';
import { answerTo, baseOf, json, notFound, objectAnswer } from './answers.ts';
import { type AttributeOptions, attributesOf } from './attributes.ts';
import { vtError } from './errors.ts';
import { attributeOptions } from './objects.ts';
import { namedUrl, urlId, urlText } from './url-id.ts';

/** URLs: by name, by digest, and handed in. */
export class VtUrls {
  readonly #engines: ApiEngines;
  readonly #lookUp: LookUp;
  readonly #options: () => AttributeOptions;

  constructor(engines: ApiEngines, lookUp: LookUp) {
    this.#engines = engines;
    this.#lookUp = lookUp;
    const optionsOf = attributeOptions(engines, lookUp);
    this.#options = () => optionsOf('url');
  }

  /** `GET urls/ID`. */
  url(id: string, request: WebRequest): MaybePromise<WebAnswer> {
    const named = namedUrl(id, this.#engines.config.reputation.urlBytesMax);
    if (named === undefined) return notFound('URL', id);
    const base = baseOf(request);
    const mayAsk = mayAskOthers(request);
    if (named.kind === 'url') {
      return answerTo(this.#lookUp.url(named.url, mayAsk), (verdict) =>
        verdict.matches.length === 0 ? notFound('URL', id) : this.#object(named.url, verdict, base),
      );
    }
    return this.#urlOfDigest(named.digest).then(async (url) =>
      url === undefined ? notFound('URL', id) : this.#object(url, await this.#lookUp.url(url, mayAsk), base),
    );
  }

  /** `POST urls`: remembers the URL, so that it is known by its digest. Nothing is fetched. */
  async submit(request: WebRequest): Promise<WebAnswer> {
    const { config, fileReputation, clock } = this.#engines;
    const type = request.field('content-type') ?? '';
    const base = baseOf(request);
    const text = await urlOfForm(request.body, type);
    if (text === undefined) return vtError('BadRequestError', 'The form has no field url');
    const url = canonicalUrl(text, config.reputation.urlBytesMax);
    if (url === undefined) return vtError('InvalidArgumentError', 'Unable to canonicalize url');
    const id = urlId(url);
    try {
      await fileReputation.submit(id, urlText(url));
    } catch {
      return vtError('TransientError', 'The gateway cannot keep the URL now; try again in a moment');
    }
    const analysis = `u-${id}-${Math.floor(clock.now() / 1000)}`;
    return json({
      data: { type: 'analysis', id: analysis, links: { self: `${base}/analyses/${analysis}` } },
    });
  }

  /** `GET analyses/ID`. */
  async analysis(id: string, request: WebRequest): Promise<WebAnswer> {
    const base = baseOf(request);
    const mayAsk = mayAskOthers(request);
    const [, digest, time] = /^u-([0-9a-f]{64})-(\d{1,12})$/.exec(id) ?? [];
    const url = digest === undefined ? undefined : await this.#urlOfDigest(digest);
    if (url === undefined) return notFound('Analysis', id);
    const attributes = attributesOf(await this.#lookUp.url(url, mayAsk), this.#options());
    return json({
      meta: { url_info: { id: digest, url: urlText(url) } },
      data: {
        id,
        type: 'analysis',
        links: { self: `${base}/analyses/${id}`, item: `${base}/urls/${digest}` },
        attributes: {
          date: Number(time),
          // Lists answer at once: there is nothing to wait for.
          status: 'completed',
          stats: attributes['last_analysis_stats'],
          results: attributes['last_analysis_results'],
        },
      },
    });
  }

  #object(url: CanonicalUrl, verdict: Verdict, base: string): WebAnswer {
    const id = urlId(url);
    const text = urlText(url);
    const attributes = { ...attributesOf(verdict, this.#options()), url: text, last_final_url: text };
    return objectAnswer('url', id, `${base}/urls/${id}`, attributes);
  }

  /** The URL behind a SHA-256: handed in before, or an expression that the lists have. */
  async #urlOfDigest(digest: string): Promise<CanonicalUrl | undefined> {
    const { fileReputation, reader, config } = this.#engines;
    const submitted = await fileReputation.submitted(digest).catch(() => undefined);
    const found = submitted ?? reader.byPrefix(Buffer.from(digest, 'hex'))[0]?.expression;
    return found === undefined ? undefined : canonicalUrl(found, config.reputation.urlBytesMax);
  }
}

/** `url` of a form, in either of the encodings that clients use. */
async function urlOfForm(body: Uint8Array, type: string): Promise<string | undefined> {
  try {
    const headers = { 'Content-Type': type === '' ? 'application/x-www-form-urlencoded' : type };
    const form = await new Response(Buffer.from(body), { headers }).formData();
    const url = form.get('url');
    return typeof url === 'string' && url.trim() !== '' ? url.trim() : undefined;
  } catch {
    // TypeError: the body is no form.
    return undefined;
  }
}
