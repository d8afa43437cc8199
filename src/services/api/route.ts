import type { z } from '@hono/zod-openapi';
import type { WebRequest } from '../../engines/web/index.ts';
import type { ApiEngines } from './context.ts';
import { type Caller, runCommand } from './control.ts';
import type { Entity } from './entity.ts';
import type { LiveRequest } from './live.ts';
import type { Reply } from './reply.ts';

/** One operation of the management API: declared once, checked, documented and run from this. */
export interface ManagementRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  /** Any of them is enough; `anyone`: from the internal networks, without credentials. */
  readonly scopes: readonly string[] | 'anyone';
  readonly summary: string;
  /** More for the documentation. */
  readonly description?: string;
  readonly query?: z.ZodObject;
  readonly params?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly success: { readonly status: 200 | 201 | 202 | 204; readonly schema?: z.ZodType };
  /** Instead of JSON: this media type, from `Reply.answer`. */
  readonly stream?: string;
  /** The thing behind the path: its ETag guards writes that come with If-Match. */
  readonly entity?: (params: unknown) => Entity;
  run(engines: ApiEngines, input: RouteInput): Promise<unknown>;
}

export interface RouteInput {
  readonly user: Caller;
  readonly query: unknown;
  readonly params: unknown;
  readonly body: unknown;
  readonly request: WebRequest;
  /** Answers with a stream of events, see `LiveStreams`. */
  live(poll: LiveRequest['poll']): Reply;
}

/** A command that only reads, as a path. */
export function listing(path: string, summary: string, words: string, schema: z.ZodType): ManagementRoute {
  return {
    method: 'get',
    path,
    scopes: ['read'],
    summary,
    success: { status: 200, schema },
    run: ({ link }, { user }) => runCommand(link, words, {}, user),
  };
}
