import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import type { ManagementRoute } from './route.ts';

export const quarantineItemSchema = z
  .looseObject({
    id: z.uuid(),
    name: z.string(),
    sha256: z.string(),
    received: z
      .object({ coding: z.string(), sha256: z.string() })
      .optional()
      .describe('It came behind content codings, with this SHA-256; what is kept is what they hide'),
    bytes: z.int(),
    media: z.string().describe('Media type by content'),
    state: z.enum(['kept', 'released']),
    door: z.string(),
    source: z.string().describe('Address that it came from last'),
    user: z.string().optional(),
    rule: z.string().optional(),
    finding: z.object({ stage: z.string(), name: z.string(), path: z.string() }).optional(),
    keptAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    seen: z.int(),
  })
  .openapi('QuarantineItem');

const listSchema = z
  .object({ items: z.array(quarantineItemSchema) })
  .extend({ storedBytes: z.int().describe('On the disk, of all items') })
  .loose()
  .openapi('QuarantineList');

const query = z.object({
  state: z.enum(['kept', 'released']).optional(),
  source: z.string().max(64).optional(),
  user: z.string().max(256).optional(),
  before: z.string().max(64).optional().describe('Id: only items that came before this one, the next page'),
  limit: z
    .string()
    .regex(/^\d{1,4}$/)
    .optional()
    .describe('1 to 1000, default 100'),
});

const params = z.object({ id: z.string().min(4).max(64).describe('Id, the beginning of one, or SHA-256') });
const releaseBody = z.strictObject({ note: z.string().max(500).optional() });

/** The quarantine as resources: what the commands `quarantine` do. */
export const QUARANTINE_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'get',
    path: '/api/v1/quarantine',
    scopes: ['read'],
    summary: 'The files in the quarantine, newest first',
    query,
    success: { status: 200, schema: listSchema },
    run({ link }, { user, query: given }) {
      const options = Object.fromEntries(
        Object.entries(query.parse(given)).filter(([, value]) => value !== undefined),
      );
      return runCommand(link, 'quarantine list', { options }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/quarantine/{id}',
    scopes: ['read'],
    summary: 'One file in the quarantine',
    params,
    success: { status: 200, schema: quarantineItemSchema },
    run: ({ link }, { user, params: given }) =>
      runCommand(link, 'quarantine show', { words: { ITEM: params.parse(given).id } }, user),
  },
  {
    method: 'post',
    path: '/api/v1/quarantine/{id}/release',
    scopes: ['admin'],
    summary: 'Say that a file is good: its SHA-256 is allowed from now on',
    params,
    body: releaseBody,
    success: { status: 200, schema: quarantineItemSchema },
    run({ link }, { user, params: given, body }) {
      const { note } = releaseBody.parse(body);
      const options = note === undefined ? {} : { note };
      return runCommand(
        link,
        'quarantine release',
        { words: { ITEM: params.parse(given).id }, options },
        user,
      );
    },
  },
  {
    method: 'delete',
    path: '/api/v1/quarantine/{id}',
    scopes: ['admin'],
    summary: 'Remove a file from the quarantine for good',
    params,
    success: { status: 204 },
    async run({ link }, { user, params: given }) {
      await runCommand(link, 'quarantine purge', { rest: [params.parse(given).id] }, user);
    },
  },
];
