import { signal } from '@preact/signals';
import { ApiProblem, createClient, type Session } from '../../../client/index.ts';

export { ApiProblem } from '../../../client/index.ts';

/** Who is signed in; `undefined`: not known yet, `null`: nobody. */
export const session = signal<Session | null | undefined>(undefined);

/** The management API, with the cookie and the token of the session. Rejects with an `ApiProblem`, whatever went wrong. */
export const gateway = createClient({ csrf: () => session.value?.csrf, fetch: watchedFetch });

/** A page of a list. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly cursor?: string | undefined;
}

async function watchedFetch(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, cache: 'no-store' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiProblem({
      type: 'about:blank',
      status: 0,
      code: UNREACHABLE,
      title: 'The gateway does not answer',
    });
  }
  // Somebody else closed the session, or it ended: the password is asked for again.
  if (
    response.status === 401 &&
    session.value &&
    !(url instanceof Request ? url.url : url.toString()).endsWith('/api/v1/session')
  )
    session.value = null;
  return response;
}

/** Our code for no answer at all. */
export const UNREACHABLE = 'unreachable';

/** The path with its query, for what the client does not call: downloads and streams. */
export function pathOf(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((each): each is [string, string] => Boolean(each[1]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
