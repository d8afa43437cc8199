import { problemAnswer, type WebAnswer, type WebRequest } from '../../engines/web/index.ts';

/**
 * A page of another site can make a browser send the password that it knows. Browsers say so; what they do not say
 * it of is a program of somebody who may.
 */
export function crossSiteAnswer(request: WebRequest): WebAnswer | undefined {
  const site = request.field('sec-fetch-site');
  return site === undefined || site === 'same-origin' || site === 'none' ? undefined : CROSS_SITE;
}

const CROSS_SITE = problemAnswer({
  status: 403,
  code: 'cross-site',
  title: 'A page of another site may not do this',
  detail: 'The browser says that the request comes from another site.',
});
