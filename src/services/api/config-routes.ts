import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { entityOf } from './entity.ts';
import type { ManagementRoute } from './route.ts';

const limit = z.coerce.number().int().min(1).max(500).optional().describe('Default: 50');
const cursor = z
  .string()
  .regex(/^\d{1,15}$/)
  .optional()
  .describe('Of the page before');
const number = z.string().regex(/^\d{1,9}$/);
const LIMIT = 50;

const differenceSchema = z
  .looseObject({
    op: z.enum(['add', 'remove', 'change']),
    path: z.string().describe('Steps through keys with dots: `users.alice.role`'),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .openapi('Difference');

const versionSchema = z
  .looseObject({
    number: z.int(),
    at: z.iso.datetime(),
    author: z.string(),
    summary: z.string(),
    diff: z.array(differenceSchema),
  })
  .openapi('ConfigVersion');

const wholeVersionSchema = versionSchema
  .extend({ document: z.looseObject({}).describe('Every section as it was, without secrets') })
  .openapi('WholeConfigVersion');

const appliedSchema = z
  .looseObject({
    version: z.int().nullable(),
    dryRun: z.boolean(),
    diff: z.array(differenceSchema),
    notes: z.array(z.string()).describe('What could not be done'),
  })
  .openapi('AppliedConfig');

const auditSchema = z
  .looseObject({
    id: z.int(),
    at: z.iso.datetime(),
    actor: z.string(),
    source: z.string(),
    action: z.string(),
    outcome: z.enum(['done', 'failed', 'refused']),
    details: z.looseObject({}),
  })
  .openapi('AuditEntry');

const page = (item: z.ZodType) =>
  z.object({ items: z.array(item), cursor: z.string().optional().describe('Absent: this is the last page') });

const versionsQuery = z.object({ limit, cursor });
const auditQuery = z.object({
  limit,
  cursor,
  actor: z.string().min(1).max(128).optional(),
  action: z.string().min(1).max(64).optional().describe('Whole, or a prefix that ends with a dot: `token.`'),
});
const diffQuery = z.object({ to: number.optional().describe('Default: the version before') });
const numberParameter = z.object({ number });
const rollbackBody = z.strictObject({ version: z.int().min(1).max(999_999_999) }).openapi('ConfigRollback');
const applyBody = z
  .strictObject({
    text: z
      .string()
      .min(1)
      .max(4_194_304)
      .describe('As `GET /api/v1/config/document` gives it, YAML or JSON'),
    dryRun: z.boolean().optional().describe('Only show what would change'),
  })
  .openapi('ConfigDocument');

/** A page of a command that lists newest first, one more than asked for tells whether there is a next one. */
function pageOf(rows: unknown, wanted: number, idOf: (row: object) => unknown) {
  const list = Array.isArray(rows) ? (rows as readonly object[]) : [];
  const items = list.slice(0, wanted);
  const last = items.at(-1);
  return { items, ...(list.length > wanted && last !== undefined ? { cursor: String(idOf(last)) } : {}) };
}

function paged(query: { readonly limit?: number | undefined; readonly cursor?: string | undefined }) {
  const wanted = query.limit ?? LIMIT;
  const before = query.cursor === undefined ? {} : { before: query.cursor };
  return { wanted, options: { limit: String(wanted + 1), ...before } };
}

/** The settings in force, the configuration in the store with its versions, and who changed what. */
export const CONFIG_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'get',
    path: '/api/v1/config',
    scopes: ['read'],
    summary:
      'The settings in force: sallyport.yaml with every default, lengths of time in ms, sizes in bytes',
    success: { status: 200, schema: z.looseObject({}) },
    // Secrets stand in files of their own; the settings name those files.
    run: ({ config }) => Promise.resolve(config),
  },
  {
    method: 'get',
    path: '/api/v1/config/document',
    scopes: ['read'],
    summary: 'What operators have configured, all sections, without secrets',
    success: { status: 200, schema: z.looseObject({}) },
    entity: () => entityOf('config export', {}),
    run: ({ link }, { user }) => runCommand(link, 'config export', {}, user),
  },
  {
    method: 'put',
    path: '/api/v1/config/document',
    scopes: ['admin'],
    summary: 'Make the configuration what a document says; sections that it lacks stay',
    body: applyBody,
    success: { status: 200, schema: appliedSchema },
    entity: () => entityOf('config export', {}),
    run({ link }, { user, body }) {
      const { text, dryRun = false } = applyBody.parse(body);
      const file = { word: 'file', name: 'document.yaml', text };
      return runCommand(link, 'config apply', { file, options: { 'dry-run': dryRun } }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/config/versions',
    scopes: ['read'],
    summary: 'The numbered versions of the configuration, newest first',
    query: versionsQuery,
    success: { status: 200, schema: page(versionSchema) },
    async run({ link }, { user, query }) {
      const { wanted, options } = paged(versionsQuery.parse(query));
      const rows = await runCommand(link, 'show config versions', { options }, user);
      return pageOf(rows, wanted, (row) => ('number' in row ? row.number : 0));
    },
  },
  {
    method: 'get',
    path: '/api/v1/config/versions/{number}',
    scopes: ['read'],
    summary: 'One version with its whole document',
    params: numberParameter,
    success: { status: 200, schema: wholeVersionSchema },
    run: ({ link }, { user, params }) =>
      runCommand(link, 'show config version', { words: numberParameter.parse(params) }, user),
  },
  {
    method: 'get',
    path: '/api/v1/config/versions/{number}/diff',
    scopes: ['read'],
    summary: 'What a version changed, or how it differs from another one',
    params: numberParameter,
    query: diffQuery,
    success: {
      status: 200,
      schema: z.object({ from: z.int(), to: z.int(), diff: z.array(differenceSchema) }),
    },
    run({ link }, { user, params, query }) {
      const { to } = diffQuery.parse(query);
      const words = numberParameter.parse(params);
      return runCommand(link, 'config diff', { words: { from: words.number, to } }, user);
    },
  },
  {
    method: 'post',
    path: '/api/v1/config/rollback',
    scopes: ['admin'],
    summary: 'Make the configuration what it was in an earlier version',
    body: rollbackBody,
    success: { status: 200, schema: appliedSchema },
    run: ({ link }, { user, body }) =>
      runCommand(
        link,
        'config rollback',
        { words: { version: String(rollbackBody.parse(body).version) } },
        user,
      ),
  },
  {
    method: 'get',
    path: '/api/v1/audit',
    scopes: ['read'],
    summary: 'Who changed what, newest first',
    query: auditQuery,
    success: { status: 200, schema: page(auditSchema) },
    async run({ link }, { user, query }) {
      const { actor, action, ...rest } = auditQuery.parse(query);
      const { wanted, options } = paged(rest);
      const filters = {
        ...(actor === undefined ? {} : { actor }),
        ...(action === undefined ? {} : { action }),
      };
      const rows = await runCommand(link, 'show audit', { options: { ...options, ...filters } }, user);
      return pageOf(rows, wanted, (row) => ('id' in row ? row.id : 0));
    },
  },
];
