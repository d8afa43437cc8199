import { z } from '@hono/zod-openapi';
import { type DoorName, type Input, PORT_TABLE } from '../../kernel/index.ts';
import type { ApiEngines } from './context.ts';
import { runCommand } from './control.ts';
import { EXPORT_ROUTES } from './export-routes.ts';
import { FEED_ROUTES } from './feed-routes.ts';
import { POLICY_ROUTES } from './policy-routes.ts';
import { QUARANTINE_ROUTES } from './quarantine-routes.ts';
import {
  createdTokenSchema,
  explanationSchema,
  listSchema,
  nameParameter,
  portSchema,
  statusSchema,
  tokenBody,
} from './schemas.ts';

/** One operation of the management API: declared once, checked, documented and run from this. */
export interface ManagementRoute {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  readonly path: string;
  readonly scopes: readonly string[];
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly params?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly success: { readonly status: 200 | 201 | 202 | 204; readonly schema?: z.ZodType };
  run(engines: ApiEngines, input: RouteInput): Promise<unknown>;
}

export interface RouteInput {
  readonly user: string;
  readonly query: unknown;
  readonly params: unknown;
  readonly body: unknown;
}

const DOORS = [...new Set(PORT_TABLE.map((row) => row.door))] satisfies readonly DoorName[];

const explainQuery = z.object({
  url: z.string().min(1),
  user: z.string().min(1).optional(),
  source: z.string().min(1).optional().describe('Address of the client'),
  door: z.enum(DOORS).optional(),
});

export const MANAGEMENT_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'get',
    path: '/api/v1/explain',
    scopes: ['read'],
    summary: 'What would be decided about a URL, and every rule that was tried',
    query: explainQuery,
    success: { status: 200, schema: explanationSchema },
    async run(engines, { query }) {
      const { url, user, source, door } = explainQuery.parse(query);
      return engines.explain({
        url,
        ...(user === undefined ? {} : { user }),
        ...(source === undefined ? {} : { source }),
        ...(door === undefined ? {} : { door }),
      });
    },
  },
  listing('/api/v1/ports', 'The port table and what listens', 'show ports', z.array(portSchema)),
  listing('/api/v1/status', 'State and processes of the gateway', 'status', statusSchema),
  listing('/api/v1/feeds', 'The feeds with their counts and age', 'show feeds', listSchema),
  ...FEED_ROUTES,
  ...POLICY_ROUTES,
  ...EXPORT_ROUTES,
  ...QUARANTINE_ROUTES,
  listing('/api/v1/users', 'The accounts', 'user list', listSchema),
  listing('/api/v1/tokens', 'The tokens, without their secrets', 'token list', listSchema),
  {
    method: 'post',
    path: '/api/v1/tokens',
    scopes: ['admin'],
    summary: 'Make a token',
    body: tokenBody,
    success: { status: 201, schema: createdTokenSchema },
    run({ link }, { user, body }) {
      const { name, scopes, expires } = tokenBody.parse(body);
      const options = { name, scope: scopes, ...(expires === undefined ? {} : { expires }) };
      return runCommand(link, 'token create', { options }, user);
    },
  },
  {
    method: 'delete',
    path: '/api/v1/tokens/{name}',
    scopes: ['admin'],
    summary: 'Revoke a token',
    params: nameParameter,
    success: { status: 204 },
    async run({ link }, { user, params }) {
      const { name } = nameParameter.parse(params);
      await runCommand(link, 'token revoke', { words: { name } }, user);
    },
  },
];

/** A command that only reads, as a path. */
function listing(path: string, summary: string, words: string, schema: z.ZodType): ManagementRoute {
  const input: Partial<Input> = {};
  return {
    method: 'get',
    path,
    scopes: ['read'],
    summary,
    success: { status: 200, schema },
    run: ({ link }, { user }) => runCommand(link, words, input, user),
  };
}
