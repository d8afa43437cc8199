import type { ExportDefinition } from '../../../engines/exports/index.ts';
import { jsonAnswer, type WebAnswer, type WebRequest } from '../../../engines/web/index.ts';
import { EXPORT_FORMATS } from '../../../protocols/exports/index.ts';
import { feedUrlPath } from './path.ts';
import { NOT_ACCEPTABLE } from './problems.ts';

/** `/feeds`: what there is, for people and for programs. */
export function indexAnswer(request: WebRequest, exports: readonly ExportDefinition[]): WebAnswer {
  const form = chosen(request.field('accept'));
  if (form === undefined) return NOT_ACCEPTABLE;
  const answer = form === 'html' ? htmlAnswer(exports) : jsonAnswer(exports.map(documentOf));
  return { ...answer, fields: [['Vary', 'Accept, Authorization']] };
}

function documentOf({ name, note, public: isPublic, filter }: ExportDefinition) {
  return {
    name,
    note,
    public: isPublic,
    action: filter.action,
    formats: EXPORT_FORMATS.map(({ name: format, about, type, groups }) => ({
      format,
      path: feedUrlPath(name, format),
      type,
      kinds: groups,
      about,
    })),
  };
}

/** By weight, JSON first where both weigh the same: browsers name HTML, programs mostly nothing. */
function chosen(accept: string | undefined): 'html' | 'json' | undefined {
  const weight = (type: string): number => {
    const ranges = (accept ?? '*/*').split(',').map((text) => {
      const [range = '', ...parameters] = text
        .toLowerCase()
        .split(';')
        .map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return { range, q: q === undefined ? 1 : Number(q.slice(2)) };
    });
    const names = [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*'];
    for (const name of names) {
      const found = ranges.find(({ range }) => range === name);
      if (found !== undefined) return found.q;
    }
    return 0;
  };
  const [html, json] = [weight('text/html'), weight('application/json')];
  if (!(html > 0) && !(json > 0)) return undefined;
  return html > json ? 'html' : 'json';
}

function htmlAnswer(exports: readonly ExportDefinition[]): WebAnswer {
  const rows = exports.map(
    ({ name, note, public: isPublic, filter }) =>
      `<tr><th scope="row">${escaped(name)}</th><td>${escaped(note)}</td><td>${escaped(filter.action)}</td>` +
      `<td>${isPublic ? 'public' : 'token'}</td><td>${links(name)}</td></tr>`,
  );
  const body =
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Feeds</title></head><body>\n' +
    '<h1>Feeds</h1>\n<p>Lists of this gateway for firewalls, resolvers and other products. ' +
    'What is not public takes a token with the scope intel, as Bearer, x-apikey or Basic password.</p>\n' +
    '<table><thead><tr><th>Name</th><th>What</th><th>Action</th><th>Access</th><th>Formats</th></tr></thead>\n' +
    `<tbody>\n${rows.join('\n')}\n</tbody></table>\n</body></html>\n`;
  return { status: 200, type: 'text/html; charset=utf-8', body };
}

function links(name: string): string {
  return EXPORT_FORMATS.map(
    ({ name: format, about }) =>
      `<a href="${escaped(feedUrlPath(name, format))}" title="${escaped(about)}">${escaped(format)}</a>`,
  ).join(' ');
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
