import { problemAnswer, type WebAnswer } from '../../../engines/web/index.ts';
import { EXPORT_FORMATS } from '../../../protocols/exports/index.ts';

const FORMATS = EXPORT_FORMATS.map(({ name }) => name).filter((name) => name !== 'misp');

export const NO_SUCH_FEED = problemAnswer({
  status: 404,
  code: 'feed-unknown',
  title: 'There is no such export',
  detail: 'No export has this name, or not in this format.',
  hint: `See /feeds for the names; formats are ${FORMATS.join(', ')} and misp/manifest.json.`,
});

export const NO_SUCH_PART = problemAnswer({
  status: 404,
  code: 'feed-part-unknown',
  title: 'The export has no such part',
  detail: 'The field Sallyport-Parts of its answers says how many there are.',
});

export function badFeedQuery(detail: string): WebAnswer {
  return problemAnswer({
    status: 400,
    code: 'feed-query',
    title: 'The export cannot be asked for like this',
    detail,
    hint: 'Parameters are kind, limit, offset and part, for example ?kind=ip&limit=1000',
  });
}

export function noForm(format: string, groups: readonly string[]): WebAnswer {
  return badFeedQuery(`${format} has no form for this kind; it has one for ${groups.join(', ')}.`);
}

export const NOT_PAGED = badFeedQuery('This format is one document and has no pages.');

export const NOT_ACCEPTABLE = problemAnswer({
  status: 406,
  code: 'not-acceptable',
  title: 'The index is not there in a form that the client takes',
  detail: 'It is text/html or application/json.',
});
