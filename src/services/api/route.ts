import type { z } from '@hono/zod-openapi';
import type { WebAnswer, WebRequest } from '../../engines/web/index.ts';
import type { Input } from '../../kernel/index.ts';
import type { ApiEngines } from './context.ts';
import { type Caller, runCommand } from './control.ts';
import type { LiveRequest } from './live.ts';

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

/** How a thing is read; writes compare the same. */
export interface Entity {
  readonly words: string;
  readonly input: Input;
  /** Members that change by themselves. */
  readonly omit: readonly string[];
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

/** A document with more than a document: what `run` gives when it has fields or an answer of its own. */
export class Reply {
  readonly document: unknown;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly answer: WebAnswer | undefined;

  constructor(
    document: unknown,
    { fields = [], answer }: { readonly fields?: Reply['fields']; readonly answer?: WebAnswer } = {},
  ) {
    this.document = document;
    this.fields = fields;
    this.answer = answer;
  }
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

export function entityOf(
  words: string,
  named: Readonly<Record<string, string>>,
  omit: readonly string[] = [],
): Entity {
  return { words, input: { words: named, rest: [], options: {} }, omit };
}
