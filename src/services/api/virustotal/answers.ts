import type { WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import type { MaybePromise, Verdict } from '../../../kernel/index.ts';
import type { VtType } from './attributes.ts';
import { vtError } from './errors.ts';

/** Longest text of a request that an error repeats. */
const SHOWN_CHARS_MAX = 200;

export function json(document: unknown): WebAnswer {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(document)}\n` };
}

export function objectAnswer(type: VtType, id: string, self: string, attributes: object): WebAnswer {
  return json({ data: { id, type, links: { self }, attributes } });
}

export function notFound(what: string, id: string): WebAnswer {
  return vtError('NotFoundError', `${what} "${shown(id)}" not found`);
}

export function shown(id: string): string {
  return decoded(id).slice(0, SHOWN_CHARS_MAX);
}

/** A segment of a path as text. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // URIError is the only thing that it throws.
    return text;
  }
}

/** Where the API is, as the client has called it. */
export function baseOf({ host, localAddress, encrypted, path }: WebRequest): string {
  const prefix = path.startsWith('/vt/') ? '/vt/api/v3' : '/api/v3';
  const name = host === '' ? localAddress : host;
  return `${encrypted ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}${prefix}`;
}

/** The answer to a verdict, now where it is here. */
export function answerTo(
  verdict: MaybePromise<Verdict>,
  answer: (verdict: Verdict) => MaybePromise<WebAnswer>,
): MaybePromise<WebAnswer> {
  return verdict instanceof Promise ? verdict.then(answer) : answer(verdict);
}
