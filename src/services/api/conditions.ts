import { z } from '@hono/zod-openapi';
import { problemAnswer, type WebAnswer, type WebRequest } from '../../engines/web/index.ts';
import type { Caller } from './control.ts';
import type { ManagementRoute } from './route.ts';

/** Fields of a request that say under which conditions it is to be carried out. */

const KEY_CHARS_MAX = 255;
const TAGS_CHARS_MAX = 1024;

/** Who asks, with the conditions that the request brings; an answer when they are nothing for this path. */
export function callerOf(
  request: WebRequest,
  route: ManagementRoute,
  known: { readonly name: string; readonly session: string | undefined; readonly params: unknown },
): { readonly user: Caller } | { readonly answer: WebAnswer } {
  const user: Caller = {
    name: known.name,
    source: request.source,
    ...(known.session === undefined ? {} : { session: known.session }),
  };
  if (route.method === 'get') return { user };
  const tags = request.field('if-match');
  if (tags !== undefined) {
    if (route.entity === undefined || tags.length > TAGS_CHARS_MAX) return { answer: NO_TAG };
    return { user: { ...user, match: { ...route.entity(known.params), tags } } };
  }
  const once = request.field('idempotency-key');
  if (route.method !== 'post' || once === undefined) return { user };
  if (!/^[\x21-\x7e]+$/.test(once) || once.length > KEY_CHARS_MAX) return { answer: KEY_UNREADABLE };
  return { user: { ...user, once } };
}

/** For the documentation. */
export function descriptionOf({ scopes, description }: ManagementRoute): string {
  const who = scopes === 'anyone' ? 'Anybody in the internal networks' : `Scope: ${scopes.join(' or ')}`;
  return description === undefined ? who : `${who}. ${description}`;
}

export function headersOf({ method, entity, scopes }: ManagementRoute) {
  const fields = {
    ...(method === 'post' && scopes !== 'anyone'
      ? {
          'Idempotency-Key': z
            .string()
            .max(KEY_CHARS_MAX)
            .optional()
            .describe('The same request again with the same key gets the answer of the first'),
        }
      : {}),
    ...(method !== 'get' && entity !== undefined
      ? { 'If-Match': z.string().max(TAGS_CHARS_MAX).optional().describe('ETag of what was read') }
      : {}),
    ...(method === 'get' && entity !== undefined
      ? { 'If-None-Match': z.string().optional().describe('ETag of what is known') }
      : {}),
  };
  return Object.keys(fields).length === 0 ? {} : { headers: z.object(fields) };
}

/** Statuses of problems that a route may answer with. */
export function statusesOf(route: ManagementRoute): readonly number[] {
  const { method, params, entity, scopes } = route;
  return [
    400,
    ...(scopes === 'anyone' ? [] : [401, 403]),
    ...(params === undefined ? [] : [404]),
    ...(method === 'get' ? [] : [409, 413, 415]),
    ...(method !== 'get' && entity !== undefined ? [412] : []),
    ...(method === 'post' && scopes !== 'anyone' ? [422] : []),
    429,
    503,
  ];
}

const NO_TAG = problemAnswer({
  status: 412,
  code: 'no-entity-tag',
  title: 'This has no ETag to compare with',
  detail: 'The field If-Match is not for this path, or names too much.',
  hint: 'Send it without If-Match.',
});

const KEY_UNREADABLE = problemAnswer({
  status: 400,
  code: 'idempotency-key-unreadable',
  title: 'The Idempotency-Key cannot be read',
  detail: `It has 1 to ${KEY_CHARS_MAX} visible characters.`,
});
